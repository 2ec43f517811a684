"""One snapshot a stack, for a reviewer to read. `pytest tests/template --snapshot-update` renews them."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.template.templates import Templates, resources

STACKS = [
    *(f"chatmrpt-{role}" for role in ("safety", "environment", "traffic", "observability")),
    "shop-traffic",
    "reports-traffic",
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
    chatmrpt: Templates, dns_doors: Templates, stack: str, snapshot: SnapshotAssertion
) -> None:
    template = readable((chatmrpt | dns_doors)[stack])
    assert template == snapshot.use_extension(JSONSnapshotExtension)


def test_what_holds_state_keeps_its_logical_id(chatmrpt: Templates, dns_doors: Templates) -> None:
    """A new logical id is a new resource: a switch that nobody has thrown, another front door."""
    kinds = {
        "AWS::CloudFront::KeyValueStore",
        "AWS::CloudFront::Distribution",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::SQS::Queue",
        "AWS::SNS::Topic",
        "AWS::Route53::RecordSet",
    }
    templates = chatmrpt | dns_doors
    kept = {
        stack: sorted(id_ for kind in kinds for id_ in resources(templates[stack], kind))
        for stack in ("chatmrpt-safety", "chatmrpt-traffic", "reports-traffic", "shop-traffic")
    }
    switches = sorted(
        id_
        for id_, check in resources(
            dns_doors["reports-safety"], "AWS::Route53::HealthCheck"
        ).items()
        if check["HealthCheckConfig"]["Type"] == "CALCULATED"
    )
    assert kept == KEPT
    assert switches == ["DnsSwitch", "DnsSwitchOldAlwaysHealthy712AA41B"]


KEPT = {
    "chatmrpt-safety": [
        "Alarms04B5A0BF",
        "AnnouncementsFFD7F852",
        "EdgeSwitch7D4DB084",
        "Evidence4CC26D68",
        "OriginHeader66CE7EDF",
        "PinKey36208CEC",
        "RollbackDeadLettersF2F0EA43",
    ],
    "chatmrpt-traffic": ["Edge", "EdgeAccessLogsC159D9EF"],
    "reports-traffic": [
        "DnsNewCNAME9E540040",
        "DnsOldCNAME1D7449D5",
        "Edge",
        "EdgeAccessLogsC159D9EF",
    ],
    "shop-traffic": [
        "DnsNewA7FF36BB4",
        "DnsNewAAAA62F08C2E",
        "DnsOldA9B28702D",
        "DnsOldAAAA22C1B355",
    ],
}
