"""One snapshot a stack, for a reviewer to read. `pytest tests/template --snapshot-update` renews them."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.template.templates import Templates

STACKS = [
    *(f"chatmrpt-{role}" for role in ("safety", "environment", "traffic", "observability")),
    "shop-traffic",
    "reports-traffic",
    "news-traffic",
    "club-traffic",
    "desk-environment",
    "desk-environment-eu-central-1",
    "desk-observability",
]


def readable(template: dict[str, Any]) -> dict[str, Any]:
    """Leave out what no reviewer reads: CDK's own bookkeeping, asset hashes, the function's code."""
    shown = copy.deepcopy(template)
    shown.pop("Parameters", None)
    shown.pop("Rules", None)
    for resource in shown["Resources"].values():
        resource.pop("Metadata", None)
        code = resource.get("Properties", {}).get("FunctionCode")
        if code is not None:
            code["Fn::Sub"][0] = "lambda/edge/router.js"
    return _without_hashes(shown)


def _without_hashes(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_hashes(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_hashes(inner) for inner in value]
    if isinstance(value, str):
        return re.sub(r"[0-9a-f]{64}", "ASSET", value)
    return value


@pytest.mark.parametrize("stack", STACKS)
def test_the_stack_is_as_it_was_reviewed(
    chatmrpt: Templates,
    dns_doors: Templates,
    fast_log: Templates,
    groups: Templates,
    two_regions: Templates,
    stack: str,
    snapshot: SnapshotAssertion,
) -> None:
    templates = chatmrpt | dns_doors | fast_log | groups | two_regions
    template = readable(templates[stack])
    assert template == snapshot.use_extension(JSONSnapshotExtension)
