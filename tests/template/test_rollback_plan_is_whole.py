"""The rollback plan names everything that takes the traffic back, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from commands.papers.takes_back import takes_back
from cutover.declaration.reading.context import Cutover, cdk_json_context, read_context
from cutover.naming import Names
from tests.template.templates import Templates, resources


def rolls_back(templates: Templates, names: Names) -> Iterator[str]:
    """Yield each alarm whose topic rolls back, without the service's name."""
    acting = {names.alarms_topic, names.environment_alarms_topic}
    own = {name: held for name, held in templates.items() if name.startswith(f"{names.service}-")}
    topics = {
        (stack, id_): topic["TopicName"]
        for stack, template in own.items()
        for id_, topic in resources(template, "AWS::SNS::Topic").items()
    }
    exported = {
        output["Export"]["Name"]: topics.get((stack, output["Value"].get("Ref", "")), "")
        for stack, template in own.items()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }
    for stack, template in own.items():
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values():
            told = {
                exported[action["Fn::ImportValue"]]
                if "Fn::ImportValue" in action
                else topics[stack, action["Ref"]]
                for action in alarm["AlarmActions"]
            }
            if told & acting:
                yield alarm["AlarmName"].removeprefix(f"{names.service}-")


def stands_for(name: str, alarm: str) -> bool:
    return alarm.startswith(name) if name.endswith("-") else alarm == name


def declared(file: str | None) -> list[Cutover]:
    return read_context(cdk_json_context() if file is None else {"declaration": file})


@pytest.mark.parametrize(
    ("fixture", "file"),
    [
        ("chatmrpt", None),
        ("dns_doors", "examples/dns-door.json"),
        ("fast_log", "tests/template/declarations/fast-log.json"),
        ("two_regions", "examples/two-regions.json"),
    ],
)
def test_every_alarm_that_rolls_back_is_named(
    request: pytest.FixtureRequest, fixture: str, file: str | None
) -> None:
    templates: Templates = request.getfixturevalue(fixture)
    for cutover in declared(file):
        alarms = list(rolls_back(templates, Names(cutover.name)))
        named = [name for one in takes_back(cutover.service) for name in one.alarms]
        assert len(alarms) > 10
        assert [one for one in alarms if not any(stands_for(name, one) for name in named)] == []
        assert [name for name in named if not any(stands_for(name, one) for one in alarms)] == []
