"""Sets the stage: the embedded cloud, a hosted zone, the declaration of `cdk.json` with both doors, and
the world around it."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cutover.declaration.context import Cutover, read_context
from cutover.paths import CDK_JSON, ROOT
from rehearsal.cdk import Cdk
from rehearsal.cloud.process import ACCOUNT, EDGE_REGION, EmbeddedCloud
from rehearsal.world.world import MEAN_LATENCY_MS, World

SHORT_READINESS: Final = {
    "samples": 40,
    "loop_seconds": 0.5,
    "ramp_seconds": 0.5,
    "hold_seconds": 1.5,
    "timeout_seconds": 2,
}
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


Declare = Callable[[EmbeddedCloud, dict[str, Any]], dict[str, Any]]
"""Returns the declaration to play with, given the one with both doors."""


@contextlib.asynccontextmanager
async def set_stage(
    declare: Declare | None = None,
    *,
    cloud_environment: Mapping[str, str] | None = None,
    mean_latency_ms: Mapping[str, float] = MEAN_LATENCY_MS,
) -> AsyncIterator[Stage]:
    """Set the stage; everything on it is gone when the block is left."""
    base = ROOT / ".rehearsal"
    base.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=base, prefix="run-") as named,
        EmbeddedCloud(Path(named) / "cloud", cloud_environment) as cloud,
    ):
        folder = Path(named)
        declaration = folder / "declaration.json"
        declared = _with_dns(cloud)
        if declare is not None:
            declared = {name: declare(cloud, service) for name, service in declared.items()}
        declaration.write_text(json.dumps(declared, indent=2), encoding="utf-8")
        environment = cloud.environment() | {
            "CUTOVER_DECLARATION": str(declaration),
            "CDK_ALL": "true",
        }
        (cutover,) = read_context({"declaration": str(declaration)})
        async with World(cloud, cutover, mean_latency_ms) as world:
            yield Stage(cloud, world, Cdk(environment, folder), cutover, environment)


def _with_dns(cloud: EmbeddedCloud) -> dict[str, dict[str, Any]]:
    zone = cloud.client("route53").create_hosted_zone(Name=ZONE, CallerReference="rehearsal")
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    chatmrpt = context["cutover"]["chatmrpt"]
    # A rehearsal is played at any hour, by nobody in particular, and in minutes.
    readiness = chatmrpt["readiness"] | SHORT_READINESS
    readiness["attestations"] = [
        attested | {"by": "the rehearsal", "on": datetime.now(UTC).date().isoformat()}
        for attested in readiness["attestations"]
    ]
    promotion = {key: kept for key, kept in chatmrpt["promotion"].items() if key != "window"}
    declared: dict[str, dict[str, Any]] = {
        "chatmrpt": chatmrpt
        | {
            "readiness": readiness,
            "promotion": promotion | {"bake_minutes": 0},
            "dns": {
                "hosted_zone_id": zone["HostedZone"]["Id"].removeprefix("/hostedzone/"),
                "zone_name": ZONE,
                "record_name": RECORD,
                "record": "alias",
                "ipv6": True,
            },
        }
    }
    return declared
