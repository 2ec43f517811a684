"""The embedded cloud imports record sets, refuses what CloudFormation refuses, and takes new outputs."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import ministack.services.cloudformation as formation
import pytest
from ministack.services import route53
from ministack.services.cloudformation import changesets, handlers, provisioners

from rehearsal.cloud.taught import imports, outputs

ZONE = "Z0123456789ABCDEFGHIJ"
BASE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}


def record(which: str, **attributes: Any) -> dict[str, Any]:
    properties = {
        "HostedZoneId": ZONE,
        "Name": "app.example.test.",
        "Type": "A",
        "SetIdentifier": which,
        "Weight": 100 if which == "old" else 0,
        "TTL": "60",
        "ResourceRecords": ["192.0.2.1"],
    }
    made = {"Type": "AWS::Route53::RecordSet", "DeletionPolicy": "Retain", "Properties": properties}
    return made | attributes


OLD, NEW = record("old"), record("new")


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    monkeypatch.setattr(changesets, "_IMPORT_LOOKUPS", dict(changesets._IMPORT_LOOKUPS))
    for taught in ("_import_owner", "_import_change"):
        monkeypatch.setattr(changesets, taught, getattr(changesets, taught))
    monkeypatch.setattr(provisioners, "_RESOURCE_HANDLERS", dict(provisioners._RESOURCE_HANDLERS))
    monkeypatch.setattr(changesets, "_RESOURCE_HANDLERS", provisioners._RESOURCE_HANDLERS)
    monkeypatch.setattr(handlers, "_ACTION_HANDLERS", dict(handlers._ACTION_HANDLERS))
    monkeypatch.setattr(formation, "_ACTION_HANDLERS", handlers._ACTION_HANDLERS)
    imports.teach()
    records = [
        {"Name": "app.example.test.", "Type": "A", "SetIdentifier": which, "Weight": weight}
        for which, weight in (("old", 100), ("new", 0))
    ]
    route53._zones[ZONE] = {"id": ZONE}
    route53._records[ZONE] = records
    yield records
    formation._stacks.clear()
    formation._change_sets.clear()
    route53._records.pop(ZONE, None)
    route53._zones.pop(ZONE, None)


async def call(action: str, **asked: str) -> str:
    """Return what CloudFormation answers, errors too."""
    body = urlencode({"Action": action, **asked}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    _, _, answered = await formation.handle_request("POST", "/", headers, body, {})
    return answered.decode() if isinstance(answered, bytes) else str(answered)


def template(**resources: Any) -> str:
    return json.dumps({"Resources": {"Base": BASE, **resources}})


def to_import(**resources: dict[str, Any]) -> dict[str, str]:
    """Return ResourcesToImport as the API spells it: an identifier for each logical id."""
    asked = {}
    for at, (logical_id, identifier) in enumerate(resources.items(), 1):
        member = f"ResourcesToImport.member.{at}"
        asked[f"{member}.ResourceType"] = "AWS::Route53::RecordSet"
        asked[f"{member}.LogicalResourceId"] = logical_id
        for number, (key, value) in enumerate(identifier.items(), 1):
            asked[f"{member}.ResourceIdentifier.entry.{number}.key"] = key
            asked[f"{member}.ResourceIdentifier.entry.{number}.value"] = value
    return asked


def identified(which: str, name: str = "app.example.test.", **more: str) -> dict[str, str]:
    return {"Name": name, "HostedZoneId": ZONE, "Type": "A", "SetIdentifier": which} | more


BOTH = {"DnsOldA": identified("old"), "DnsNewA": identified("new")}


async def importing(body: str, asked: dict[str, dict[str, str]], stack: str = "S-traffic") -> str:
    """Return why the change set was refused or failed, or the status after it was executed."""
    if formation._stacks.get(stack) is None:
        await call("CreateStack", StackName=stack, TemplateBody=template())
        await settled(stack)
    said = await call(
        "CreateChangeSet",
        StackName=stack,
        ChangeSetName=f"import-{len(formation._change_sets)}",
        ChangeSetType="IMPORT",
        TemplateBody=body,
        **to_import(**asked),
    )
    if "<Message>" in said:
        return re.search("<Message>(.*?)</Message>", said, re.S)[1]  # type: ignore[index]
    (made,) = (c for i, c in formation._change_sets.items() if i in said)
    if made["ExecutionStatus"] != "AVAILABLE":
        return f"{made['Status']}: {made['StatusReason']}"
    await call("ExecuteChangeSet", ChangeSetName=made["ChangeSetId"])
    return await settled(stack)


async def settled(stack: str) -> str:
    """Let MiniStack finish what it began, and return the stack's status."""
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
    status: str = formation._stacks[stack]["StackStatus"]
    return status


def test_records_that_are_there_are_taken_over_untouched(zone: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(zone)

    async def play() -> None:
        assert await importing(template(DnsOldA=OLD, DnsNewA=NEW), BOTH) == "IMPORT_COMPLETE"
        held = await call("DescribeStackResources", PhysicalResourceId="app.example.test.")
        assert held.count("<StackName>S-traffic</StackName>") == 3, held
        assert "does not exist" in await call("DescribeStackResources", PhysicalResourceId="other")
        # From then on they are changed as any other.
        heavier = {**NEW, "Properties": NEW["Properties"] | {"Weight": 10}}
        body = template(DnsOldA=OLD, DnsNewA=heavier)
        await call("UpdateStack", StackName="S-traffic", TemplateBody=body)
        assert await settled("S-traffic") == "UPDATE_COMPLETE"

    asyncio.run(play())
    after = {r["SetIdentifier"]: r["Weight"] for r in route53._records[ZONE]}
    assert (after["old"], after["new"]) == (100, 10)
    assert before == zone


@pytest.mark.parametrize(
    ("resources", "asked", "refusal"),
    [
        ({"DnsOldA": {**OLD, "DeletionPolicy": None}, "DnsNewA": NEW}, BOTH, "DeletionPolicy"),
        ({"DnsOldA": OLD}, BOTH, r"\[DnsNewA\] provided in ResourceToImport do not exist"),
        ({"DnsOldA": OLD, "DnsNewA": NEW, "Other": BASE}, BOTH, r"\[Other\] is missing"),
        (
            {"DnsOldA": OLD, "DnsNewA": NEW, "Base": {**BASE, "Properties": {"A": "b"}}},
            BOTH,
            r"modified resources \[Base\]",
        ),
        (
            {"DnsOldA": OLD},
            {"DnsOldA": {"Name": "app.example.test."}},
            r"Expected \[Name, HostedZoneId, Type, SetIdentifier\]",
        ),
        (
            {"DnsOldA": OLD},
            {"DnsOldA": identified("other")},
            "FAILED: Resource of type 'AWS::Route53::RecordSet' with identifier "
            rf"'app.example.test.\|{ZONE}\|A\|other' was not found",
        ),
    ],
)
@pytest.mark.usefixtures("zone")
def test_what_cloudformation_refuses_is_refused(
    resources: dict[str, Any], asked: dict[str, dict[str, str]], refusal: str
) -> None:
    without = {
        logical_id: {key: value for key, value in resource.items() if value is not None}
        for logical_id, resource in resources.items()
    }
    said = asyncio.run(importing(template(**without), asked))
    assert re.search(refusal, said), said


@pytest.mark.usefixtures("zone")
def test_a_record_is_held_by_one_stack_and_imported_once() -> None:
    async def play() -> tuple[str, str]:
        body = template(DnsOldA=OLD, DnsNewA=NEW)
        assert await importing(body, BOTH) == "IMPORT_COMPLETE"
        elsewhere = await importing(body, BOTH, "other-stack")
        return elsewhere, await importing(body, BOTH)

    elsewhere, again = asyncio.run(play())
    assert re.match(
        rf"FAILED: app.example.test.\|{ZONE}\|A\|old already exists in stack .*S-traffic", elsewhere
    )
    assert "at least one new resource to import" in again


@pytest.mark.usefixtures("zone")
def test_a_name_is_the_same_with_and_without_its_dot() -> None:
    asked = {"DnsOldA": identified("old", "app.example.test")}
    assert asyncio.run(importing(template(DnsOldA=OLD), asked)) == "IMPORT_COMPLETE"


@pytest.mark.usefixtures("zone")
def test_a_change_of_outputs_alone_is_deployed_and_none_at_all_is_not() -> None:
    outputs.teach()
    told = {"Name": {"Value": "app.example.test"}}

    async def changed(body: str, name: str) -> str:
        asked = {"StackName": "S-traffic", "ChangeSetName": name, "TemplateBody": body}
        await call("CreateChangeSet", **asked)
        (made,) = (c for c in formation._change_sets.values() if c["ChangeSetName"] == name)
        if made["ExecutionStatus"] != "AVAILABLE":
            return str(made["Status"])
        await call("ExecuteChangeSet", ChangeSetName=made["ChangeSetId"])
        return await settled("S-traffic")

    async def play() -> None:
        await call("CreateStack", StackName="S-traffic", TemplateBody=template())
        await settled("S-traffic")
        with_output = json.dumps(json.loads(template()) | {"Outputs": told})
        assert await changed(with_output, "one") == "UPDATE_COMPLETE"
        assert "app.example.test" in await call("DescribeStacks", StackName="S-traffic")
        assert await changed(with_output, "two") == "FAILED"

    asyncio.run(play())
