"""What a function's environment tells it of the capacity that is reserved ahead of a rise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where new's load balancer is, and where it is held what is ours."""

    region: str
    load_balancer: str
    parameter: str

    @property
    def by_hand(self) -> str:
        """What a person types to take the reservation away."""
        return (
            f"aws elbv2 modify-capacity-reservation --region {self.region} --load-balancer-arn "
            f"{self.load_balancer} --reset-capacity-reservation, and aws ssm delete-parameter --region "
            f"us-east-1 --name {self.parameter}"
        )


@dataclass(frozen=True, kw_only=True)
class CapacitySettings:
    """The variables of the capacity; without the first there is none."""

    capacity_load_balancer_arn: str = ""
    capacity_parameter: str = ""

    def place(self) -> Place | None:
        """Return where it is, or None."""
        arn = self.capacity_load_balancer_arn
        return Place(arn.split(":")[3], arn, self.capacity_parameter) if arn else None
