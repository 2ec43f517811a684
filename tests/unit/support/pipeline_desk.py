"""A desk at which somebody plans and applies: a declaration, an assembly, and a cloud that agrees on 10 %."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from commands import apply as apply_command
from commands import comment as comment_command
from commands import plan as plan_command
from commands import promote as promote_command
from commands.pipeline import stock_cdk
from tests.unit.support.fake_cloud import NAME, ZONE, FakeCloud, fake_cloud
from tests.unit.support.fake_formation import ACCOUNT, FakeFormation, traffic

BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-us-east-1"
SAFETY: dict[str, Any] = {"Resources": {"Rollback": {"Type": "AWS::Lambda::Function"}}}


def assembly(folder: Path, templates: dict[str, dict[str, Any]]) -> Path:
    """Write an assembly of stacks in us-east-1, each of which depends on the one before; the manifest names
    the last one first."""
    folder.mkdir(parents=True, exist_ok=True)
    artifacts: dict[str, Any] = {}
    names = list(templates)
    for place, name in reversed(list(enumerate(names))):
        (folder / f"{name}.template.json").write_text(json.dumps(templates[name]), encoding="utf-8")
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/us-east-1",
            "dependencies": [f"{name}.assets", *names[:place]],
            "properties": {
                "templateFile": f"{name}.template.json",
                "stackTemplateAssetObjectUrl": "s3://cdk-hnb659fds-assets-${AWS::AccountId}-us-east-1/x.json",
            },
        }
        artifacts[f"{name}.assets"] = {"type": "cdk:asset-manifest"}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
    return folder


class Desk:
    """Everything at hand; `prepared` are the stacks for which cdk was asked."""

    def __init__(self, folder: Path, cloud: FakeCloud, context: dict[str, Any]) -> None:
        self.folder = folder
        self.cloud = cloud
        self.context = context
        self.prepared: list[str] = []
        self.plan_file = folder / "plan.json"
        self.formation = FakeFormation({"chatmrpt-safety": SAFETY, "chatmrpt-traffic": traffic(10)})
        cloud.formation = self.formation  # type: ignore[assignment]
        self.live(10)
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)

    def live(self, weight: int) -> None:
        """Let both doors hold `weight`."""
        self.cloud.front.code = f"percent('{weight}')"
        for kind in ("A", "AAAA"):
            self.cloud.weigh(kind, weight)

    def declare(self, weight: int, **changes: Any) -> Path:
        """Write the declaration."""
        service = self.context["cutover"]["chatmrpt"]
        service["new_weight"] = weight
        service["dns"] = {
            "hosted_zone_id": ZONE,
            "zone_name": "example.com",
            "record_name": NAME,
            "record": "alias",
            "ipv6": True,
        }
        service |= changes
        file = self.folder / "declaration.json"
        file.write_text(json.dumps(self.context["cutover"], indent=2), encoding="utf-8")
        return file

    def synthesise(
        self, weight: int, safety: dict[str, Any] = SAFETY, **more: Any
    ) -> dict[str, dict[str, Any]]:
        """Write the assembly that the commands are given, and return its templates."""
        templates = {"chatmrpt-safety": safety, "chatmrpt-traffic": traffic(weight, **more)}
        assembly(self.folder / "cdk.out", templates)
        return templates

    def prepare(self, stack: str, change_set: str, app: Path) -> None:
        """What `cdk deploy --method prepare-change-set` does."""
        self.prepared.append(stack)
        template = json.loads((app / f"{stack}.template.json").read_text(encoding="utf-8"))
        self.formation.prepare(stack, change_set, template)

    def client(self, service: str, region: str) -> Any:
        """Return a client, as the commands ask for it."""
        if service == "s3":
            return boto3.client("s3", region_name="us-east-1")
        return self.cloud.client(service, region)

    def plan(self, weight: int, *arguments: str, **more: Any) -> int:
        """Declare and synthesise `weight`, and plan."""
        file = self.declare(weight)
        self.synthesise(weight, **more)
        told = ["--declaration", str(file), "--app", str(self.folder / "cdk.out")]
        return plan_command.main([*told, "--output", str(self.plan_file), *arguments])

    def apply(self, *arguments: str) -> int:
        """Apply the plan."""
        file = self.folder / "declaration.json"
        return apply_command.main([str(self.plan_file), "--declaration", str(file), *arguments])

    def locks(self) -> list[str]:
        """Return the locks that are there."""
        held = boto3.client("s3", region_name="us-east-1").list_objects_v2(Bucket=BUCKET)
        return [each["Key"] for each in held.get("Contents", [])]


@contextmanager
def at_a_desk(
    folder: Path, context: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """Yield a desk whose commands see its cloud, know no CI, and never wait."""
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    with fake_cloud() as cloud:
        desk = Desk(folder, cloud, context)
        for command in (plan_command, apply_command, comment_command, promote_command):
            monkeypatch.setattr(command, "_client", desk.client)
        monkeypatch.setattr(stock_cdk, "prepare", desk.prepare)
        monkeypatch.setattr(plan_command.who, "commit", lambda: "c0ffee" * 6 + "c0ff")
        monkeypatch.setattr(apply_command.time, "sleep", lambda _: None)
        yield desk
