"""What a function's template tells it is what its settings model reads: nothing missing, nothing unread."""

from __future__ import annotations

import importlib
from dataclasses import MISSING, fields
from itertools import product
from typing import Any

import pytest

from bake.settings import Settings as BakeSettings
from cutover.functions.grants import Grant, together, told
from shared.settings import read
from tests.template.templates import Templates, resources

OF_NEWS = [("fast_log", "news"), ("gate", "news"), ("bake", "news"), ("capacity", "news")]
FUNCTIONS = ("bake", "gate", "judge", "observer", "pin", "rollback", "sentinel", "widget")
ELSEWHERE = {
    # The bake needs nothing but the doors.
    "bake": BakeSettings,
}


def model_of(function: str) -> type:
    if function in ELSEWHERE:
        return ELSEWHERE[function]
    model: type = importlib.import_module(f"{function}.settings").Settings
    return model


def variables(templates: Templates, service: str, function: str) -> dict[str, str]:
    name = f"{service}-{function.replace('_', '-')}"
    (found,) = (
        properties["Environment"]["Variables"]
        for role in ("safety", "environment", "traffic")
        for properties in resources(
            templates[f"{service}-{role}"], "AWS::Lambda::Function"
        ).values()
        if properties.get("FunctionName") == name
    )
    return {name: value if isinstance(value, str) else f"{value}" for name, value in found.items()}


@pytest.mark.parametrize(
    ("function", "service"),
    [*product(FUNCTIONS, ["chatmrpt", "shop", "reports", "desk"]), *OF_NEWS],
)
def test_a_function_is_told_all_that_it_reads_and_nothing_else(
    chatmrpt: Templates,
    dns_doors: Templates,
    fast_log: Templates,
    two_regions: Templates,
    function: str,
    service: str,
) -> None:
    told_ = variables(chatmrpt | dns_doors | fast_log | two_regions, service, function)
    model = model_of(function)
    assert read(model, told_)
    known = {field.name.upper(): field.default for field in fields(model)}
    assert set(told_) - set(known) == set()
    assert {name for name, default in known.items() if default is MISSING} - set(told_) == set()


def test_a_variable_that_no_door_brings_is_not_there(dns_doors: Templates) -> None:
    """shop has no edge door, so nobody is told of an edge function."""
    assert "ROUTER_FUNCTION_NAME" not in variables(dns_doors, "shop", "observer")
    assert "ROUTER_FUNCTION_NAME" in variables(dns_doors, "reports", "observer")


def test_grants_together_keep_every_variable_right_and_reason() -> None:
    one: Any = object()
    both = together(
        [Grant({"A": "1"}, (one,), {"rule": "This."}), Grant(acknowledged={"rule": "That."})]
    )
    assert (both.environment, both.statements) == ({"A": "1"}, (one,))
    assert both.acknowledged == {"rule": "This. That."}
    assert together([told(A="1"), told(B="2")]).environment == {"A": "1", "B": "2"}
