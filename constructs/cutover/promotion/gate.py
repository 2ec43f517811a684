"""The gate: a custom resource that every weight waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import CustomResource, Duration, Fn
from constructs import Construct

from cutover.alarms.alarm import AlarmName
from cutover.declaration.promotion import Promotion
from cutover.declaration.reading.context import Cutover, Override
from cutover.functions.gate import GATE_SECONDS
from cutover.naming import Names
from cutover.promotion.decommission_properties import decommission_properties
from cutover.promotion.groups_property import groups_property
from cutover.promotion.readiness_properties import camel_case, readiness_properties
from cutover.regions import EDGE_REGION

_ANSWERED_WITHIN: Final = Duration.seconds(GATE_SECONDS + 10)
"""The function answers within its own time, or never."""


class Gate(Construct):
    """Defines the custom resource; a construct that holds a weight must depend on it.

    A lower weight always passes at once, and so does a deploy that changes no weight. A rise waits until both
    sides have been found ready, and so does a group that joins at the weight that there is. When it is
    refused, CloudFormation stops before any weight has moved.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        cutover: Cutover,
        alarms: Sequence[AlarmName],
    ) -> None:
        super().__init__(scope, construct_id)
        service = cutover.service
        CustomResource(
            self,
            "Default",
            resource_type="Custom::WeightGate",
            service_token=Fn.sub(
                f"arn:${{AWS::Partition}}:lambda:{EDGE_REGION}:${{AWS::AccountId}}"
                f":function:{names.function('gate')}"
            ),
            service_timeout=_ANSWERED_WITHIN,
            properties={
                "NewWeight": service.new_weight,
                "Promotion": _promotion(service.promotion),
                "Alarms": [{"Region": alarm.region, "Name": alarm.name} for alarm in alarms],
                "Readiness": readiness_properties(cutover.name, service),
                **groups_property(service.promotion.groups),
                **_decommission(cutover),
                **_override(cutover.override),
            },
        )


def _promotion(promotion: Promotion) -> dict[str, Any]:
    window = promotion.window
    return {
        "MaxStepPercent": promotion.max_step_percent,
        "TimeZone": promotion.time_zone,
        "Window": "" if window is None else f"{window.start}-{window.end}",
        "Freezes": [camel_case(freeze) for freeze in promotion.freezes],
    }


def _decommission(cutover: Cutover) -> dict[str, Any]:
    if cutover.service.phase != "decommission":
        return {}
    return {"Decommission": decommission_properties(cutover.service)}


def _override(override: Override | None) -> dict[str, Any]:
    if override is None:
        return {}
    return {"Override": {"By": override.by, "Reason": override.reason}}
