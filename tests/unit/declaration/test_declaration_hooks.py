"""promotion.hooks: what may be called, and for how long it is waited for."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from bake.verdict import PATIENCE_SECONDS
from cutover.declaration.hooks import AFTER_SECONDS
from cutover.declaration.reading.context import read_context
from cutover.declaration.reading.errors import DeclarationError
from cutover.declaration.service import READINESS_SECONDS
from cutover.functions.gate import GATE_SECONDS
from cutover.paths import CDK_JSON
from cutover.promotion.bake import MARGIN_MINUTES
from gate.handler import ANSWER_SECONDS

CONTEXT: dict[str, Any] = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
FUNCTION = "arn:aws:lambda:us-east-2:123456789012:function:scale-new"
DOCUMENT = "arn:aws:ssm:us-east-2:123456789012:document/ScaleNew"
ROLE = "arn:aws:iam::123456789012:role/ops/scale-new"


def read(hooks: dict[str, Any], **readiness: Any) -> Any:
    context = copy.deepcopy(CONTEXT)
    context["cutover"]["chatmrpt"].update({"promotion": {"hooks": hooks}, "readiness": readiness})
    (cutover,) = read_context(context)
    return cutover.service.promotion.hooks


def refusal(hooks: dict[str, Any], **readiness: Any) -> str:
    with pytest.raises(DeclarationError) as refused:
        read(hooks, **readiness)
    (reason,) = refused.value.reasons
    assert reason.isprintable()
    return reason


@pytest.mark.parametrize(
    "hook",
    [
        {"call": FUNCTION},
        {"call": f"{FUNCTION}:live", "timeout_seconds": 600},
        {"call": f"{FUNCTION}:$LATEST"},
        {"call": DOCUMENT, "role": ROLE},
        {"call": f"{DOCUMENT}:12", "role": ROLE},
    ],
)
def test_a_function_and_a_document_can_be_called(hook: dict[str, Any]) -> None:
    assert read({"before": hook}).before.call == hook["call"]


@pytest.mark.parametrize(
    "call",
    [
        *("scale-new", "", "arn:aws:lambda:us-east-2:123456789012:function:", f"{FUNCTION}:*"),
        *("arn:aws:lambda:us-east-2:123456789012:function:*", f"{FUNCTION}\n", f"{FUNCTION}:a:b"),
        *("arn:aws:ssm:us-east-1::document/AWS-StartEC2Instance", f"{DOCUMENT}:$LATEST"),
        *("arn:aws:sqs:us-east-2:123456789012:q", "arn:aws:ssm:us-east-2:123456789012:document/*"),
    ],
)
def test_a_name_a_star_and_another_thing_are_no_hook(call: str) -> None:
    said = refusal({"before": {"call": call}})
    assert "promotion.hooks.before.call" in said
    assert "is neither a function nor a document. It must be: " in said
    assert "whole ARN of what is called" in said


def test_a_document_needs_a_role_and_a_function_must_not_have_one() -> None:
    assert "calls a document and has no role" in refusal({"before": {"call": DOCUMENT}})
    assert "has its own, so leave it out" in refusal({"after": {"call": FUNCTION, "role": ROLE}})


@pytest.mark.parametrize("role", ["scale-new", "arn:aws:iam::123456789012:role/*", "*"])
def test_a_role_is_one_role(role: str) -> None:
    assert "promotion.hooks.before.role is " in refusal(
        {"before": {"call": DOCUMENT, "role": role}}
    )


def test_an_after_hook_ends_before_cloudformation_gives_up() -> None:
    assert read({"after": {"call": FUNCTION, "timeout_seconds": AFTER_SECONDS}})
    said = refusal({"after": {"call": FUNCTION, "timeout_seconds": AFTER_SECONDS + 1}})
    assert "at most 120, or CloudFormation gives up" in said
    assert PATIENCE_SECONDS + AFTER_SECONDS < 60 * MARGIN_MINUTES


def test_the_gates_time_holds_a_hook_and_readiness() -> None:
    assert READINESS_SECONDS + ANSWER_SECONDS < GATE_SECONDS
    before = {"before": {"call": FUNCTION, "timeout_seconds": 600}}
    assert read(before)
    long = {"loop_seconds": 300.0, "samples": 100}
    assert read({}, **long)
    said = refusal(before, **long)
    took = re.search(r"takes ([0-9]+) s.*the gate has 250 s, and its before hook", said)
    assert took
    assert int(took[1]) > 250
    assert "promotion.hooks.before.timeout_seconds" in said


def test_the_wait_for_capacity_comes_off_the_gates_time_too() -> None:
    context = copy.deepcopy(CONTEXT)
    service = context["cutover"]["chatmrpt"]
    service["readiness"] = {"loop_seconds": 300.0, "samples": 100}
    service["promotion"] = {"capacity": {}}
    assert read_context(context)
    service["promotion"] = {"capacity": {"wait_seconds": 600}}
    with pytest.raises(DeclarationError) as refused:
        read_context(context)
    (reason,) = refused.value.reasons
    assert "the gate has 250 s, and its wait for capacity takes some of them" in reason
    assert reason.endswith("or promotion.capacity.wait_seconds.")
    service["promotion"]["hooks"] = {"before": {"call": FUNCTION, "timeout_seconds": 200}}
    with pytest.raises(DeclarationError) as refused:
        read_context(context)
    assert "50 s, and its before hook and its wait for capacity take some" in str(refused.value)


@pytest.mark.parametrize(
    ("capacity", "key"),
    [
        ({"headroom_percent": -1}, "headroom_percent"),
        ({"headroom_percent": 12.5}, "headroom_percent"),
        ({"lookback_days": 15}, "lookback_days"),
        ({"wait_seconds": 0}, "wait_seconds"),
        ({"units": 100}, "units"),
    ],
)
def test_a_wrong_capacity_is_refused_by_its_key(capacity: dict[str, Any], key: str) -> None:
    context = copy.deepcopy(CONTEXT)
    context["cutover"]["chatmrpt"]["promotion"] = {"capacity": capacity}
    with pytest.raises(DeclarationError) as refused:
        read_context(context)
    assert f"promotion.capacity.{key}" in refused.value.reasons[0]
