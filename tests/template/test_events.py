"""Each function may send its own events, as ours, to one bus, and nothing else."""

from __future__ import annotations

from typing import Any, Final

from tests.template.templates import Templates, resources
from tests.unit.rollback.test_rollback_events import TYPES

SENT_BY: Final = {
    "Gate": {"Gate Refused", "Gate Overridden"},
    "Bake": {"Weight Shifted", "Bake Passed", "Bake Failed", "Hook Failed"},
    "Rollback": {
        *("Rolled Back", "Rollback Failed", "Released", "Release Failed", "Person Called"),
        *("Alarm Muted", "Alarm Stood Down", "Muted", "Unmuted"),
    },
}


def statements(template: Any) -> dict[str, dict[str, Any]]:
    """Return each role's statement that lets it send events, by the beginning of the policy's logical id."""
    found = {}
    for logical_id, policy in resources(template, "AWS::IAM::Policy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            if "events:PutEvents" in statement["Action"]:
                found[logical_id.partition("Role")[0]] = statement
    return found


def test_each_function_may_send_its_own_events_and_no_others(fast_log: Templates) -> None:
    found = statements(fast_log["news-safety"])
    assert found.keys() == SENT_BY.keys()
    for name, statement in found.items():
        condition = statement["Condition"]
        assert condition.keys() == {"StringEquals"}
        assert condition["StringEquals"]["events:source"] == "cutover"
        assert set(condition["StringEquals"]["events:detail-type"]) == SENT_BY[name]
        assert statement["Action"] == "events:PutEvents"
        assert ":event-bus/default" in str(statement["Resource"])
        assert "*" not in str(statement["Resource"])


def test_every_event_may_be_sent_by_somebody() -> None:
    assert set().union(*SENT_BY.values()) == TYPES
