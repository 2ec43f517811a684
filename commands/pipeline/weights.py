"""Every weight that a template holds, and what is left of the template without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

GATE: Final = "Custom::WeightGate"
_BAKE: Final = "Custom::Bake"
_FUNCTION: Final = "AWS::CloudFront::Function"
_RECORD: Final = "AWS::Route53::RecordSet"
_TAKEN_OUT: Final = "(a weight)"


@dataclass(frozen=True)
class Holder:
    """What holds a number: a door's record or function, the gate, or the bake; `what` is which number, like
    `weight of new`."""

    where: str
    what: str


def weights(template: Mapping[str, Any]) -> dict[Holder, int]:
    """Return each weight, in percent of new or of old, and the minutes of the bake, by what holds it; doors
    first."""
    found = sorted(_found(template), key=lambda each: each[0])
    return {holder: number for _, holder, number in found}


def new_weight(template: Mapping[str, Any]) -> int | None:
    """Return the weight of new that the gate is given; None in a template without a gate."""
    return weights(template).get(Holder("the gate", "weight of new"))


def without_weights(resource: Mapping[str, Any]) -> Any:
    """Return a resource with its weights taken out: two that differ in nothing else are equal then."""
    properties = resource.get("Properties")
    if not isinstance(properties, dict):
        return resource
    kind = resource.get("Type")
    taken = dict(properties)
    for key in {GATE: ["NewWeight"], _BAKE: ["NewWeight", "BakeMinutes"], _RECORD: ["Weight"]}.get(
        str(kind), []
    ):
        if key in taken:
            taken[key] = _TAKEN_OUT
    if kind == _BAKE:
        # CloudFormation waits for the minutes of the bake and five more.
        taken.pop("ServiceTimeout", None)
    variables = _variables(resource)
    if "NewWeight" in variables:
        code = properties["FunctionCode"]["Fn::Sub"][0]
        taken["FunctionCode"] = {"Fn::Sub": [code, variables | {"NewWeight": _TAKEN_OUT}]}
    return {**resource, "Properties": taken}


def _found(template: Mapping[str, Any]) -> Iterator[tuple[tuple[int, str, str], Holder, int]]:
    for resource in template.get("Resources", {}).values():
        properties = resource.get("Properties", {})
        kind = resource.get("Type")
        if kind == _FUNCTION:
            yield from _one(0, "edge", "weight of new", _variables(resource).get("NewWeight"))
        elif kind == _RECORD and "SetIdentifier" in properties:
            where = f"dns, {properties.get('Type')}"
            what = f"weight of {properties['SetIdentifier']}"
            yield from _one(1, where, what, properties.get("Weight"))
        elif kind == GATE:
            yield from _one(2, "the gate", "weight of new", properties.get("NewWeight"))
        elif kind == _BAKE:
            yield from _one(3, "the bake", "weight of new", properties.get("NewWeight"))
            yield from _one(3, "the bake", "minutes", properties.get("BakeMinutes"))


def _one(
    order: int, where: str, what: str, number: Any
) -> Iterator[tuple[tuple[int, str, str], Holder, int]]:
    try:
        yield (order, where, what), Holder(where, what), int(number)
    except (TypeError, ValueError):
        return


def _variables(resource: Mapping[str, Any]) -> dict[str, Any]:
    code = resource.get("Properties", {}).get("FunctionCode")
    substituted = code.get("Fn::Sub") if isinstance(code, dict) else None
    if isinstance(substituted, list) and len(substituted) == 2 and isinstance(substituted[1], dict):  # noqa: PLR2004 - code and variables
        return substituted[1]
    return {}
