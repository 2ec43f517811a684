"""Sets the stage: the embedded cloud, a hosted zone, the declaration of `cdk.json` with both doors, and
the world around it."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cutover.context import Cutover, read_context
from rehearsal.cdk import ROOT, Cdk
from rehearsal.cloud.process import ACCOUNT, EDGE_REGION, EmbeddedCloud
from rehearsal.world.world import World

ZONE: Final = "rehearsal.test"
RECORD: Final = f"chatmrpt.{ZONE}"


@dataclass(frozen=True)
class Stage:
    """What a rehearsal plays on.

    Attributes
    ----------
    cloud, world, cdk
        The embedded cloud, its surroundings, the CLI that speaks to it.
    cutover : Cutover
        The declaration of `cdk.json`, with the dns door added.
    environment : dict of str
        What a person exports to deploy here by hand.
    """

    cloud: EmbeddedCloud
    world: World
    cdk: Cdk
    cutover: Cutover
    environment: dict[str, str]

    async def bootstrap(self) -> None:
        """Run stock `cdk bootstrap` in both regions."""
        regions = dict.fromkeys([EDGE_REGION, self.cutover.service.region])
        await self.cdk.run("bootstrap", *(f"aws://{ACCOUNT}/{region}" for region in regions))


@contextlib.asynccontextmanager
async def set_stage() -> AsyncIterator[Stage]:
    """Set the stage; everything on it is gone when the block is left."""
    base = ROOT / ".rehearsal"
    base.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=base, prefix="run-") as named,
        EmbeddedCloud(Path(named) / "cloud") as cloud,
    ):
        folder = Path(named)
        declaration = folder / "declaration.json"
        declaration.write_text(json.dumps(_with_dns(cloud), indent=2), encoding="utf-8")
        environment = cloud.environment() | {
            "CUTOVER_DECLARATION": str(declaration),
            "CDK_ALL": "true",
        }
        (cutover,) = read_context({"declaration": str(declaration)})
        async with World(cloud, cutover) as world:
            yield Stage(cloud, world, Cdk(environment, folder), cutover, environment)


def _with_dns(cloud: EmbeddedCloud) -> dict[str, object]:
    zone = cloud.client("route53").create_hosted_zone(Name=ZONE, CallerReference="rehearsal")
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    declared: dict[str, object] = {
        "chatmrpt": context["cutover"]["chatmrpt"]
        | {
            "dns": {
                "hosted_zone_id": zone["HostedZone"]["Id"].removeprefix("/hostedzone/"),
                "zone_name": ZONE,
                "record_name": RECORD,
                "record": "alias",
                "ipv6": True,
            }
        }
    }
    return declared
