"""The variables that name both sides' load balancers, and say how often these are probed."""

from __future__ import annotations

from dataclasses import dataclass

from shared.metrics import SideMetrics
from shared.probes import Probes


@dataclass(frozen=True, kw_only=True)
class SideSettings:
    """The values of the CloudWatch dimensions LoadBalancer and TargetGroup of both sides, the region of one
    that is not in the service's, and the probes a minute to each of them, about and at most."""

    old_load_balancer: str
    old_target_group: str
    new_load_balancer: str
    new_target_group: str
    probes_a_minute: int
    most_probes_a_minute: int
    old_region: str = ""
    new_region: str = ""

    def sides(self, region: str) -> dict[str, SideMetrics]:
        """Return what each side's load balancer tells, old first; `region` is the service's."""
        old, new = self.old_region or region, self.new_region or region
        return {
            "old": SideMetrics(self.old_load_balancer, self.old_target_group, old),
            "new": SideMetrics(self.new_load_balancer, self.new_target_group, new),
        }

    @property
    def probes(self) -> Probes:
        """Probes a minute to each side, Route 53's and the sentinel's."""
        return Probes(self.probes_a_minute, self.most_probes_a_minute)
