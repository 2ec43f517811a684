"""A service whose name has a simple record, and everything outside that `cutover adopt` meets."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commands import adopt
from commands.records.dns_question import Answer, Server, SilentError
from commands.records.wanted import NEW_CHECK, OLD_CHECK
from commands.records.watched_exchange import World
from shared.status.standing import Unread
from tests.unit.support.declarations import SHOP
from tests.unit.support.fake_doors import refusal
from tests.unit.support.fake_zone import FakeZone

OLD, NEW = (SHOP[side]["load_balancer_dns_name"] for side in ("old", "new"))
ELB_ZONE = "Z32O12XQLNTSW2"
NOW = datetime(2026, 11, 24, 3, 12, 41, tzinfo=UTC)


class FakeStacks:
    """CloudFormation: Safety and Traffic of the service, and who holds which record."""

    def __init__(self) -> None:
        self.weight = 0
        self.status = "UPDATE_COMPLETE"
        self.checks = {OLD_CHECK: "check-old", NEW_CHECK: "check-new"}
        self.holders: dict[str, str] = {}
        self.denied = False
        self.held_type: object = "A"

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        return {"Stacks": [{"StackStatus": self.status, "CreationTime": NOW}]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        if not StackName.startswith("shop-"):
            record = {"Type": "AWS::Route53::RecordSet", "Properties": {"Type": self.held_type}}
            return {"TemplateBody": json.dumps({"Resources": {"Record": record}})}
        gate = {"Type": "Custom::WeightGate", "Properties": {"NewWeight": self.weight}}
        return {"TemplateBody": {"Resources": {"Gate": gate}}}

    def describe_stack_resources(
        self,
        *,
        StackName: str = "",  # noqa: N803
        PhysicalResourceId: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        if self.denied:
            raise refusal("AccessDenied", 403)
        if StackName:
            return {
                "StackResources": [
                    {"LogicalResourceId": logical, "PhysicalResourceId": physical}
                    for logical, physical in self.checks.items()
                ]
            }
        if PhysicalResourceId not in self.holders:
            raise refusal("ValidationError")
        stack = self.holders[PhysicalResourceId]
        return held(stack, PhysicalResourceId)


class AdoptionRig:
    """Calls the command; nothing in it takes time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: Any, folder: Path) -> None:
        self.declared = copy.deepcopy(SHOP)
        self.declared["dns"] |= {"ipv6": False, "adopt": True}
        self.zone = FakeZone("example.com", self.alias())
        self.stacks = FakeStacks()
        self.addresses = {OLD: {"A": "192.0.2.1"}, NEW: {"A": "192.0.2.2"}}
        self.delegated: frozenset[str] | Unread = frozenset(self.zone.servers)
        self.now = NOW
        self.silent = False
        self.slept = 0.0
        self.folder = folder
        self._capsys = capsys
        self._answers = self.zone.answers(self.addresses)
        monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
        monkeypatch.setattr(adopt.boto3.Session, "get_credentials", lambda _: object())
        monkeypatch.setattr(
            adopt,
            "_world",
            World(
                client_for=self._client,
                ask=self._ask,
                resolve=lambda name, kind: frozenset(
                    filter(None, [self.addresses[name].get(kind)])
                ),
                servers_of=lambda names: [(name, 53) for name in names],
                delegated_to=lambda _: self.delegated,
                now=lambda: self.now,
                sleep=self._sleep,
                clock=lambda: self.slept,
            ),
        )

    @staticmethod
    def alias(kind: str = "A", to: str = f"dualstack.{OLD}.") -> dict[str, Any]:
        target = {"DNSName": to, "HostedZoneId": ELB_ZONE, "EvaluateTargetHealth": True}
        return {"Name": "example.com.", "Type": kind, "AliasTarget": target}

    @staticmethod
    def record(kind: str, *values: str, ttl: int = 60, **more: Any) -> dict[str, Any]:
        listed = [{"Value": value} for value in values]
        return {"Name": "example.com.", "Type": kind, "TTL": ttl, "ResourceRecords": listed} | more

    def run(self, *arguments: str) -> tuple[int, str]:
        """Return the exit code, and everything that was printed."""
        file = self.folder / "declared.json"
        file.write_text(json.dumps({"shop": self.declared}), encoding="utf-8")
        given = ["--declaration", str(file), "--folder", str(self.folder), *arguments]
        code = adopt.main(given)
        printed = self._capsys.readouterr()
        return code, printed.out + printed.err

    def confirm(self, *arguments: str) -> tuple[int, str]:
        """Plan, and carry out the plan that was shown."""
        code, out = self.run(*arguments)
        assert code == 0, out
        return self.run(*arguments, "--yes", out.rsplit("--yes ", 1)[1].split()[0])

    @staticmethod
    def world() -> World:
        """Return what the command meets outside."""
        return adopt._world

    def later(self, **ahead: int) -> None:
        self.now += timedelta(**ahead)

    def _client(self, service: str, region: str) -> Any:
        if service == "route53":
            return self.zone
        assert service == "cloudformation"
        # A stack of the other region is not found in us-east-1.
        return self.stacks if region == "us-east-1" else _Elsewhere(self.stacks)

    def _ask(self, server: Server, name: str, kind: str) -> Answer:
        if self.silent:
            raise SilentError("nobody there")
        return self._answers(server, name, kind)

    def _sleep(self, seconds: float) -> None:
        self.slept += seconds


class _Elsewhere:
    def __init__(self, stacks: FakeStacks) -> None:
        self._stacks = stacks

    def describe_stack_resources(self, *, PhysicalResourceId: str) -> dict[str, Any]:  # noqa: N803
        stack = self._stacks.holders.get(f"elsewhere:{PhysicalResourceId}")
        if stack is None:
            raise refusal("ValidationError")
        return held(stack, PhysicalResourceId)

    def get_template(self, **asked: str) -> dict[str, Any]:
        return self._stacks.get_template(**asked)


def held(stack: str, physical_id: str) -> dict[str, Any]:
    """Return what CloudFormation says of a record set of a stack."""
    resource = {
        "StackName": stack,
        "PhysicalResourceId": physical_id,
        "LogicalResourceId": "Record",
        "ResourceType": "AWS::Route53::RecordSet",
    }
    return {"StackResources": [resource]}
