"""While the name is adopted, Traffic lacks the records; `cutover adopt` makes what the template makes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from commands.records.record_set import canonical
from commands.records.wanted import NEW_CHECK, OLD_CHECK, import_mapping, wanted
from cutover.declaration.reading.schema_key import services_in
from cutover.declaration.service import Service
from cutover.paths import ROOT
from tests.template.templates import Templates, resources

DECLARED: dict[str, Any] = services_in(
    json.loads((ROOT / "examples" / "dns-door.json").read_text(encoding="utf-8"))
)
RECORD = "AWS::Route53::RecordSet"


@pytest.fixture(scope="session")
def adopting(synthesise: Callable[..., Templates]) -> Templates:
    declared = copy.deepcopy(DECLARED)
    for service in declared.values():
        service["dns"]["adopt"] = True
    return synthesise(cutover=declared)


def test_nothing_but_the_records_is_added_when_the_name_is_adopted(
    adopting: Templates, dns_doors: Templates
) -> None:
    """`cdk import` takes additions, and what it is told to pass over."""
    for stack in (name for name in dns_doors if name.endswith("-traffic")):
        before, after = adopting[stack]["Resources"], dns_doors[stack]["Resources"]
        added = {logical_id for logical_id in after if logical_id not in before}
        assert added == resources(dns_doors[stack], RECORD).keys()
        assert not before.keys() - after.keys()
        changed = {logical_id for logical_id in before if before[logical_id] != after[logical_id]}
        assert {before[one]["Type"] for one in changed} <= {"Custom::Bake", "AWS::IAM::Policy"}
        for one in changed:
            assert before[one]["Properties"] == after[one]["Properties"]


def test_safety_exports_to_the_records_before_they_are_there(
    adopting: Templates, dns_doors: Templates
) -> None:
    for stack in (name for name in dns_doors if name.endswith("-safety")):
        assert adopting[stack]["Outputs"] == dns_doors[stack]["Outputs"]


def test_nobody_looks_for_records_that_are_not_there_yet(adopting: Templates) -> None:
    functions = resources(adopting["shop-safety"], "AWS::Lambda::Function").values()
    (observer,) = (f for f in functions if f.get("FunctionName") == "shop-observer")
    assert "RECORD_NAME" not in observer["Environment"]["Variables"]


@pytest.mark.parametrize("name", list(DECLARED))
def test_what_is_adopted_is_what_the_template_makes(dns_doors: Templates, name: str) -> None:
    service = Service.model_validate(DECLARED[name])
    assert service.dns is not None
    made = resources(dns_doors[f"{name}-traffic"], RECORD)
    checks = resources(dns_doors[f"{name}-safety"], "AWS::Route53::HealthCheck")
    assert {OLD_CHECK, NEW_CHECK} <= checks.keys()
    mapping = import_mapping(service, service.dns)
    assert mapping == {
        logical_id: {key: record[key] for key in ("Name", "HostedZoneId", "Type", "SetIdentifier")}
        for logical_id, record in made.items()
    }
    adopted = {
        (r["Type"], r["SetIdentifier"]): canonical(r)
        for r in wanted(service, service.dns, old_check="old", new_check="new")
    }
    for record in copy.deepcopy(made).values():
        check = json.dumps(record.pop("HealthCheckId"))
        side = "old" if OLD_CHECK in check else "new"
        assert side == record["SetIdentifier"]
        del record["HostedZoneId"]
        listed = [{"Value": value} for value in record.pop("ResourceRecords", [])]
        as_api = canonical(record | {"ResourceRecords": listed, "HealthCheckId": side})
        assert as_api == adopted[record["Type"], record["SetIdentifier"]]
