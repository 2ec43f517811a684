"""What holds state keeps its logical id: with another one it is another resource, a switch that nobody has
thrown, a front door of another name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.template.templates import Templates, resources

KINDS = (
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::KeyValueStore",
    "AWS::CloudWatch::Dashboard",
    "AWS::Kinesis::Stream",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::Route53::HealthCheck",
    "AWS::Route53::RecordSet",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
)
# A new service's ids are added by hand; those that stand there never change.
FROZEN = json.loads(Path(__file__).with_name("stateful_logical_ids.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "declaration",
    [
        *("cdk.json", "examples/dns-door.json", "examples/two-regions.json"),
        "examples/last-users.json",
        "tests/template/declarations/fast-log.json",
    ],
)
def test_what_holds_state_keeps_its_logical_id(
    synthesise: Callable[..., Templates], declaration: str
) -> None:
    templates = synthesise(**({} if declaration == "cdk.json" else {"declaration": declaration}))
    ids = {
        stack: {
            kind: sorted(found) for kind in KINDS if (found := resources(templates[stack], kind))
        }
        for stack in templates
    }
    assert ids == FROZEN[declaration]
