"""The variables that name both sides' load balancers."""

from __future__ import annotations

from dataclasses import dataclass

from shared.metrics import SideMetrics


@dataclass(frozen=True, kw_only=True)
class SideSettings:
    """The values of the CloudWatch dimensions LoadBalancer and TargetGroup of both sides."""

    old_load_balancer: str
    old_target_group: str
    new_load_balancer: str
    new_target_group: str

    @property
    def sides(self) -> dict[str, SideMetrics]:
        """What each side's load balancer tells, old first."""
        return {
            "old": SideMetrics(self.old_load_balancer, self.old_target_group),
            "new": SideMetrics(self.new_load_balancer, self.new_target_group),
        }
