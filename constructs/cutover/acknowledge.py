"""Says why a rule does not apply to a construct, beside the construct itself."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, rules: dict[str, str]) -> None:
    """Suppress each rule of `rules`, an id to a reason, on `construct`."""
    if not rules:
        return
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=rule, reason=reason) for rule, reason in rules.items())
    )
