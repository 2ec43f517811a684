"""Sets the stage: the embedded cloud, a hosted zone, the declaration of `cdk.json` with both doors, and
the world around it."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cutover.declaration.reading.context import Cutover, read_context
from cutover.paths import CDK_JSON, ROOT
from rehearsal.by_region import regions_of
from rehearsal.cdk import Cdk
from rehearsal.cloud.process import ACCOUNT, EmbeddedCloud
from rehearsal.declared import LATENCY_MS, ZONE, with_both_doors, with_room
from rehearsal.pace import FULL, Pace
from rehearsal.world.side import LocalSide
from rehearsal.world.world import MakeSide, World

PERSON_SITE: Final = ROOT / "rehearsal" / "cloud" / "person_site"
"""Where a tool of a person's finds the resolver of this stage."""
_BASE: Final = ROOT / ".rehearsal"
KEPT_LOG: Final = _BASE / "failed.log"
"""What the cloud printed in the last play that failed."""


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
    pace : Pace
        What this machine can hold.
    """

    cloud: EmbeddedCloud
    world: World
    cdk: Cdk
    cutover: Cutover
    environment: dict[str, str]
    pace: Pace = FULL

    async def bootstrap(self) -> None:
        """Run stock `cdk bootstrap` in us-east-1 and the load balancers' regions."""
        regions = regions_of(self.cutover.service)
        await self.cdk.bootstrap(*(f"aws://{ACCOUNT}/{region}" for region in regions))


Declare = Callable[[EmbeddedCloud, dict[str, Any]], dict[str, Any]]
"""Returns the declaration to play with, given the one with both doors."""


@contextlib.asynccontextmanager
async def set_stage(
    declare: Declare | None = None,
    *,
    cloud_environment: Mapping[str, str] | None = None,
    mean_latency_ms: Mapping[str, float] = LATENCY_MS,
    pace: Pace = FULL,
    side: MakeSide = LocalSide,
) -> AsyncIterator[Stage]:
    """Set the stage; everything on it is gone when the block is left. `side` makes both sides.

    Without `declare` limits are so far from what both sides do that no machine meets one by itself.
    """
    _BASE.mkdir(exist_ok=True)
    KEPT_LOG.unlink(missing_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=_BASE, prefix="run-") as named,
        EmbeddedCloud(Path(named) / "cloud", cloud_environment) as cloud,
        _kept_on_failure(cloud.log),
    ):
        folder = Path(named)
        declaration = folder / "declaration.json"
        zone = cloud.client("route53").create_hosted_zone(Name=ZONE, CallerReference="rehearsal")
        zone_id = zone["HostedZone"]["Id"].removeprefix("/hostedzone/")
        context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
        service = with_both_doors(context["cutover"]["chatmrpt"], zone_id, pace)
        service = with_room(service, pace) if declare is None else declare(cloud, service)
        declared = {"chatmrpt": service}
        declaration.write_text(json.dumps(declared, indent=2), encoding="utf-8")
        environment = cloud.environment() | {
            "CUTOVER_DECLARATION": str(declaration),
        }
        (cutover,) = read_context({"declaration": str(declaration)})
        async with World(cloud, cutover, mean_latency_ms, side) as world:
            yield Stage(cloud, world, Cdk(environment, folder), cutover, environment, pace)


@contextlib.contextmanager
def _kept_on_failure(log: Path) -> Iterator[None]:
    try:
        yield
    except Exception:
        shutil.copy(log, KEPT_LOG)
        raise
