"""The observer is called each minute, and at once when the rollback function has written the switch."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from shared import events
from tests.template.templates import Templates, resources

WRITES = {
    events.ROLLED_BACK,
    events.ROLLBACK_FAILED,
    events.RELEASED,
    events.RELEASE_FAILED,
}


def rule_of(templates: Templates, service: str) -> dict[str, Any]:
    (found,) = (
        one
        for one in resources(templates[f"{service}-safety"], "AWS::Events::Rule").values()
        if one["Name"] == f"{service}-observer-switch"
    )
    return found


def test_what_the_rollback_function_sends_when_it_has_written_the_switch_calls_the_observer(
    chatmrpt: Templates,
) -> None:
    rule = rule_of(chatmrpt, "chatmrpt")
    pattern = rule["EventPattern"]
    assert set(pattern["detail-type"]) == WRITES
    for kind in WRITES:
        sent = events.entry(kind, "chatmrpt", datetime.now(UTC), "says")
        assert sent["Source"] in pattern["source"]
        assert json.loads(sent["Detail"])["service"] in pattern["detail"]["service"]
    # The default bus, to which they are sent.
    assert "EventBusName" not in rule
    (target,) = rule["Targets"]
    function = target["Arn"]["Fn::GetAtt"][0]
    found = chatmrpt["chatmrpt-safety"]["Resources"]
    assert found[function]["Properties"]["FunctionName"] == "chatmrpt-observer"
    callers = [
        one["SourceArn"]["Fn::GetAtt"][0]
        for one in resources(chatmrpt["chatmrpt-safety"], "AWS::Lambda::Permission").values()
        if one["FunctionName"] == target["Arn"]
    ]
    names = {found[caller]["Properties"]["Name"] for caller in callers}
    assert names == {"chatmrpt-observer", "chatmrpt-observer-switch"}


def test_another_service_s_rollback_calls_no_observer_but_its_own(dns_doors: Templates) -> None:
    for service in ("shop", "reports"):
        assert rule_of(dns_doors, service)["EventPattern"]["detail"] == {"service": [service]}


def test_the_dashboard_says_how_often_the_edge_s_switch_is_read(
    chatmrpt: Templates, dns_doors: Templates
) -> None:
    said = "read each 10 min while 0"
    assert said in json.dumps(chatmrpt["chatmrpt-observability"])
    assert said not in json.dumps(dns_doors["shop-observability"])
