"""Somebody with a shell and the stock CDK CLI, on the embedded cloud."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cutover.paths import CDK_JSON, ROOT
from rehearsal.cloud.process import EmbeddedCloud
from rehearsal.declared import readiness, with_room
from rehearsal.pace import FULL
from rehearsal.world.viewers import Resolvers
from rehearsal.world.world import World
from tests.end_to_end.surroundings import Surroundings


@dataclass
class Operator:
    """Somebody with a shell, the embedded cloud's credentials, and a declaration of both doors."""

    cloud: EmbeddedCloud
    folder: Path
    zone_id: str
    around: Surroundings | None = None
    taken_away: set[str] = field(default_factory=set)
    """The actions that a test took away from a role for a while."""

    def cdk(self, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_"))}
        binaries = str(Path(sys.executable).parent)
        is_told = {"--app", "--output"} & set(arguments)
        # With it the CLI takes no stack by name.
        everything = {} if arguments[0] == "import" else {"CDK_ALL": "true"}
        output = () if is_told else ("--output", str(self.folder / "cdk.out"))
        return subprocess.run(
            ["cdk", *arguments, *output, "--no-color"],
            cwd=cwd,
            env=kept
            | self.cloud.environment()
            | everything
            | {
                "CUTOVER_DECLARATION": str(self.folder / "declaration.json"),
                "PATH": os.pathsep.join([binaries, kept["PATH"]]),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def status(self) -> subprocess.CompletedProcess[str]:
        """Ask `cutover status` in another process, which knows only what a person exports."""
        return self.cutover("status", "--json")

    def cutover(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the console script in another process, which knows only what a person exports."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_", "GIT"))}
        told = {"CUTOVER_DECLARATION": str(self.folder / "declaration.json")}
        return subprocess.run(
            [str(Path(sys.executable).parent / "cutover"), *arguments],
            cwd=ROOT,
            env=kept | self.cloud.environment() | told,
            capture_output=True,
            text=True,
            check=False,
        )

    def declare(self, **changes: Any) -> None:
        context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
        service = context["cutover"]["chatmrpt"]
        service["dns"] = {
            "hosted_zone_id": self.zone_id,
            "zone_name": "example.test",
            "record_name": "app.example.test",
            "record": "alias",
            "ipv6": True,
        }
        service["readiness"] = readiness(FULL)
        service["promotion"] = {"bake_minutes": 0}
        service["rollback"] = {"cool_down_seconds": 0}
        service = with_room(service, FULL) | changes
        text = json.dumps({"chatmrpt": service})
        (self.folder / "declaration.json").write_text(text, encoding="utf-8")

    def at(self, weight: int) -> tuple[str, ...]:
        """Return the arguments for what is declared, at `weight`: its assembly, synthesised once."""
        declared = (self.folder / "declaration.json").read_bytes()
        folder = self.folder / f"at-{weight}-{hashlib.sha256(declared).hexdigest()[:8]}"
        if (folder / "manifest.json").exists():
            return ("--app", str(folder))
        return ("--output", str(folder), "-c", f"new_weight={weight}")

    def deployed(self) -> tuple[str, ...]:
        """Return the arguments for the assembly that the first deploy left behind."""
        return ("--app", str(self.folder / "cdk.out"))

    def deploy(self, weight: int) -> subprocess.CompletedProcess[str]:
        return self.cdk("deploy", "--require-approval", "never", *self.at(weight))

    def weights(self) -> dict[tuple[str, str], int]:
        records = self.cloud.client("route53").list_resource_record_sets(HostedZoneId=self.zone_id)
        return {
            (record["Type"], record["SetIdentifier"]): record["Weight"]
            for record in records["ResourceRecordSets"]
            if "Weight" in record
        }

    def edge_weight(self) -> str:
        function = self.cloud.client("cloudfront").get_function(
            Name="chatmrpt-router", Stage="LIVE"
        )
        code: str = function["FunctionCode"].read().decode()
        return code.split("percent('")[1].split("'", maxsplit=1)[0]

    def lead_to_old_by_simple_records(self) -> None:
        """Let the name be as most names are before a cutover, in one batch."""
        client = self.cloud.client("route53")
        held = client.list_resource_record_sets(HostedZoneId=self.zone_id)["ResourceRecordSets"]
        weighted = [record for record in held if "Weight" in record]
        simple = [
            {"Name": record["Name"], "Type": record["Type"], "AliasTarget": record["AliasTarget"]}
            for record in weighted
            if record["SetIdentifier"] == "old"
        ]
        changes = [{"Action": "DELETE", "ResourceRecordSet": record} for record in weighted]
        changes += [{"Action": "CREATE", "ResourceRecordSet": record} for record in simple]
        client.change_resource_record_sets(
            HostedZoneId=self.zone_id, ChangeBatch={"Changes": changes}
        )

    def ask_all_the_while(self) -> Resolvers:
        """Ask the local DNS server for the name until the stream is stopped."""
        assert self.around is not None
        made: list[Resolvers] = []

        async def start(world: World) -> None:
            made.append(Resolvers(world.dns.port, "app.example.test", a_second=5.0))
            await made[0].start()

        self.around.tell(start)
        return made[0]

    def served(self) -> list[str]:
        """Return who serves a viewer at the edge door and a question at the dns door: anybody, or nobody."""
        cloudfront, route53 = self.cloud.client("cloudfront"), self.cloud.client("route53")
        distributions = cloudfront.list_distributions()["DistributionList"].get("Items", [])
        checks = {check["Id"] for check in route53.list_health_checks()["HealthChecks"]}
        records = route53.list_resource_record_sets(HostedZoneId=self.zone_id)
        carried = {r["HealthCheckId"] for r in records["ResourceRecordSets"] if "Weight" in r}
        stores = cloudfront.list_key_value_stores()["KeyValueStoreList"]["Items"]
        return [
            *(distribution["Id"] for distribution in distributions),
            *(store["Name"] for store in stores),
            *sorted(carried & checks),
        ]

    def ask(self, *, alias: str | None = None, **request: str) -> dict[str, Any]:
        """Call the rollback function by its action's alias, or by another; empty: without one."""
        called = request["action"] if alias is None else alias
        answer = self.cloud.client("lambda").invoke(
            FunctionName=f"chatmrpt-rollback:{called}".rstrip(":"), Payload=json.dumps(request)
        )
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        return said

    def statuses(self) -> dict[tuple[str, str], str]:
        """Return the status of each of our stacks that is there, by region and name."""
        found = {}
        for region in ("us-east-1", "us-east-2"):
            stacks = self.cloud.client("cloudformation", region).describe_stacks()["Stacks"]
            for stack in stacks:
                if stack["StackName"].startswith("chatmrpt-"):
                    found[region, stack["StackName"]] = stack["StackStatus"]
        return found

    def is_quiet(self) -> bool:
        """Whether no alarm on new is in ALARM, for the gate lets no weight rise meanwhile."""
        alarms = self.cloud.client("cloudwatch", "us-east-2").describe_alarms(
            AlarmNamePrefix="chatmrpt-new", StateValue="ALARM"
        )
        return not alarms["MetricAlarms"]

    def new_fails(self) -> None:
        """Let new fail in the minute that is over and in this one: at the turn of a minute the first alone is
        not looked at any more."""
        this = time.time() // 60 * 60
        dimensions = [
            {
                "Name": "TargetGroup",
                "Value": "targetgroup/chatmrpt-staging-targets/6d0ecf831eec9f09",
            },
            {"Name": "LoadBalancer", "Value": "app/chatmrpt-staging-alb/f23b1d1b4a2c7e90"},
        ]
        self.cloud.client("cloudwatch", "us-east-2").put_metric_data(
            Namespace="AWS/ApplicationELB",
            MetricData=[
                {"MetricName": name, "Dimensions": dimensions, "Timestamp": minute, "Value": value}
                for name, value in (("RequestCount", 400), ("HTTPCode_Target_5XX_Count", 200))
                for minute in (this - 60, this)
            ],
        )

    def states(self) -> dict[str, str]:
        doors = self.ask(action="status")["doors"]
        return {door: said["state"] for door, said in doors.items()}


def until(condition: Callable[[], bool], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.5)
