"""A service without old, at its last day, and everything outside that `cutover dismantle` meets."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands import dismantle
from commands.records.dns_question import Answer, Server
from commands.records.wanted import NEW_CHECK, OLD_CHECK
from commands.records.watched_exchange import World
from shared.status.standing import Unread
from tests.unit.support.declarations import SHOP
from tests.unit.support.fake_doors import refusal
from tests.unit.support.fake_zone import FakeZone

OLD, NEW = (SHOP[side]["load_balancer_dns_name"] for side in ("old", "new"))
ELB_ZONE = "Z32O12XQLNTSW2"
NOW = datetime(2026, 12, 24, 3, 12, 41, tzinfo=UTC)
DISTRIBUTION = "E2EXAMPLE"
DOMAIN = "d111111abcdef8.cloudfront.net"


class DismantleRig:
    """Calls the command; nothing in it takes time."""

    def __init__(self, capsys: Any, folder: Path) -> None:
        self.declared = copy.deepcopy(SHOP)
        self.declared |= {
            "new_weight": 100,
            "phase": "decommission",
            "rollback": {
                "point_of_no_return": {"reason": "old is off", "by": "ada", "on": "2026-12-01"}
            },
        }
        self.declared["dns"] |= {"ipv6": False}
        self.zone = FakeZone("example.com", *self.weighted())
        self.formation = FakeFormation()
        self.cloudfront = FakeCloudFront()
        self.requests: float = 0.0
        self.denied: set[str] = set()
        self.thrown = False
        self.addresses = {
            OLD: {"A": "192.0.2.1"},
            NEW: {"A": "192.0.2.2"},
            DOMAIN: {"A": "198.51.100.7"},
        }
        self.delegated: frozenset[str] | Unread = frozenset(self.zone.servers)
        self.folder = folder
        self.slept = 0.0
        self.others: dict[str, Any] = {}
        self._capsys = capsys
        self.world = World(
            client_for=self._client,
            ask=self._ask,
            resolve=lambda name, kind: frozenset(
                filter(None, [self.addresses.get(name, {}).get(kind)])
            ),
            servers_of=lambda names: [(name, 53) for name in names],
            delegated_to=lambda _: self.delegated,
            now=lambda: NOW,
            sleep=self._sleep,
            clock=lambda: self.slept,
        )

    @staticmethod
    def weighted(old: str = NEW, **more: Any) -> list[dict[str, Any]]:
        """Return the two records as the phase decommission has them."""
        return [
            {
                "Name": "example.com.",
                "Type": "A",
                "SetIdentifier": which,
                "Weight": weight,
                "HealthCheckId": f"check-{which}",
                "AliasTarget": {
                    "DNSName": f"dualstack.{to}.",
                    "HostedZoneId": ELB_ZONE_OF[to],
                    "EvaluateTargetHealth": which == "new",
                },
            }
            | more
            for which, weight, to in (("old", 0, old), ("new", 100, NEW))
        ]

    def run(self, *arguments: str) -> tuple[int, str]:
        """Return the exit code, and everything that was printed."""
        file = self.folder / "declared.json"
        file.write_text(json.dumps({"shop": self.declared}), encoding="utf-8")
        given = ["--declaration", str(file), "--folder", str(self.folder), *arguments]
        code = dismantle.main(given, self.world)
        printed = self._capsys.readouterr()
        return code, printed.out + printed.err

    def confirm(self, *arguments: str) -> tuple[int, str]:
        """Plan, and carry out the plan that was shown."""
        code, out = self.run(*arguments)
        assert code == 0, out
        return self.run(*arguments, "--yes", out.rsplit("--yes ", 1)[1].split()[0])

    def with_edge(self, **edge: Any) -> None:
        self.declared["edge"] = edge
        self.formation.stacks["shop-traffic"]["distribution"] = True

    def get_health_check(self, *, HealthCheckId: str) -> dict[str, Any]:  # noqa: N803
        if HealthCheckId != "check-new":
            raise refusal("NoSuchHealthCheck", 404)
        config = {"Disabled": self.thrown, "Inverted": self.thrown}
        return {"HealthCheck": {"HealthCheckVersion": 1, "HealthCheckConfig": config}}

    def get_metric_data(self, **_: Any) -> dict[str, Any]:
        if "cloudwatch" in self.denied:
            raise refusal("AccessDenied", 403)
        values = [self.requests] if self.requests else []
        return {"MetricDataResults": [{"Id": "requests", "Timestamps": [], "Values": values}]}

    def _client(self, service: str, region: str) -> Any:
        if service in self.others:
            return self.others[service]
        if service == "route53":
            return _Route53(self)
        if service == "cloudwatch":
            return self
        if service == "cloudfront":
            return self.cloudfront
        assert service == "cloudformation"
        self.formation.region = region
        return self.formation

    def _ask(self, server: Server, name: str, kind: str) -> Answer:
        return self.zone.answers(self.addresses)(server, name, kind)

    def _sleep(self, seconds: float) -> None:
        self.slept += seconds


ELB_ZONE_OF = {OLD: ELB_ZONE, NEW: ELB_ZONE}


class _Route53:
    """The zone, and the health check that is the switch."""

    def __init__(self, rig: DismantleRig) -> None:
        self._rig = rig

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rig if name == "get_health_check" else self._rig.zone, name)


class FakeFormation:
    """The four stacks; what is taken out of `stacks` does not stand."""

    def __init__(self) -> None:
        self.region = ""
        self.weight = 100
        self.without_old = True
        self.status = "UPDATE_COMPLETE"
        self.denied = False
        self.owner = "shop-traffic"
        self.stacks: dict[str, dict[str, Any]] = {
            f"shop-{role}": {"protected": True}
            for role in ("safety", "environment", "traffic", "observability")
        }
        self.deleted: dict[str, list[tuple[str, str]]] = {}

    def _stands(self, name: str) -> dict[str, Any]:
        if self.denied:
            raise refusal("AccessDenied", 403)
        region = "eu-west-1" if name.endswith("environment") else "us-east-1"
        if name not in self.stacks or region != self.region:
            raise refusal("ValidationError")
        return self.stacks[name]

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        protected = self._stands(StackName)["protected"]
        stack = {"StackStatus": self.status, "CreationTime": NOW}
        return {"Stacks": [stack | {"EnableTerminationProtection": protected}]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        held = self._stands(StackName)
        gate: dict[str, Any] = {"NewWeight": self.weight}
        if self.without_old:
            gate["Decommission"] = {}
        resources = {"Gate": {"Type": "Custom::WeightGate", "Properties": gate}}
        if held.get("distribution"):
            resources["Edge"] = {"Type": "AWS::CloudFront::Distribution", "Properties": {}}
        return {"TemplateBody": {"Resources": resources}}

    def describe_stack_resources(
        self,
        *,
        StackName: str = "",  # noqa: N803
        PhysicalResourceId: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        if PhysicalResourceId:
            if PhysicalResourceId != "example.com" or not self.owner:
                raise refusal("ValidationError")
            record = {
                "StackName": self.owner,
                "LogicalResourceId": "Record",
                "PhysicalResourceId": "example.com",
                "ResourceType": "AWS::Route53::RecordSet",
            }
            return {"StackResources": [record]}
        held = self._stands(StackName)
        ids = {OLD_CHECK: "check-old", NEW_CHECK: "check-new"}
        if held.get("distribution"):
            ids["Edge"] = DISTRIBUTION
        return {
            "StackResources": [
                {"LogicalResourceId": logical, "PhysicalResourceId": physical}
                for logical, physical in ids.items()
            ]
        }

    def list_stacks(self, *, StackStatusFilter: list[str], NextToken: str = "") -> dict[str, Any]:  # noqa: N803
        assert StackStatusFilter == ["DELETE_COMPLETE"]
        if not NextToken:
            return {"StackSummaries": [], "NextToken": "more"}
        return {
            "StackSummaries": [
                {"StackName": name, "StackId": f"arn:{name}"}
                for name in self.deleted
                if name.endswith("environment") == (self.region == "eu-west-1")
            ]
        }

    def describe_stack_events(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        kept = self.deleted[StackName.removeprefix("arn:")]
        return {
            "StackEvents": [
                {"ResourceStatus": status, "ResourceType": kind, "PhysicalResourceId": name}
                for kind, name in kept
                for status in ("CREATE_COMPLETE", "DELETE_SKIPPED")
            ]
            + [
                {
                    "ResourceStatus": "DELETE_COMPLETE",
                    "ResourceType": "AWS::SNS::Topic",
                    "PhysicalResourceId": "gone",
                }
            ]
        }


class FakeCloudFront:
    """One distribution."""

    def __init__(self) -> None:
        self.aliases: list[str] = []
        self.gone = False

    def get_distribution(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        if self.gone or Id != DISTRIBUTION:
            raise refusal("NoSuchDistribution", 404)
        config = {"Aliases": {"Items": self.aliases} if self.aliases else {}, "Enabled": True}
        return {"Distribution": {"DomainName": DOMAIN, "DistributionConfig": config}}
