"""What must be shown before old leaves the doors, as the gate is given it by CloudFormation."""

from __future__ import annotations

from dataclasses import dataclass

from shared.readiness.spec import Attestation


@dataclass(frozen=True)
class Rules:
    """The declared rules.

    Attributes
    ----------
    region, load_balancer : str
        Where old's load balancer is, and its CloudWatch dimension LoadBalancer.
    doors : tuple of str
        edge, dns or both.
    watch_hours : int
        Hours that everybody must have been on new.
    quiet_days : int
        Days in which nearly nobody may have asked old.
    residual_requests_a_day : int
        How many may.
    most_probes_a_minute : int
        Route 53's, at most.
    attestations : tuple of Attestation
    """

    region: str
    load_balancer: str
    doors: tuple[str, ...]
    watch_hours: int
    quiet_days: int
    residual_requests_a_day: int
    most_probes_a_minute: int
    attestations: tuple[Attestation, ...] = ()
