"""The person of the story: edits the declaration and runs `cutover`, with a terminal's environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cutover.paths import ROOT
from rehearsal.child import run_child
from rehearsal.cloud import local_dns, skewed_clock
from rehearsal.drill.declared import merged
from rehearsal.stage import PERSON_SITE, Stage
from rehearsal.world.world import ADDRESSES


class CommandError(Exception):
    """A command ended otherwise than it must; the message holds what it printed."""


class Person:
    """Somebody who leads the cutover of the stage's service.

    Parameters
    ----------
    clock : Path
        The file that tells the clocks (`skewed_clock.tell`).
    """

    def __init__(self, stage: Stage, folder: Path, clock: Path) -> None:
        self._stage = stage
        self._folder = folder
        self._dns = folder / "dns.json"
        self._declaration = Path(stage.environment["CUTOVER_DECLARATION"])
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_", "GIT"))}
        site = os.pathsep.join([str(PERSON_SITE), str(ROOT)])
        self._environment = (
            kept
            | stage.environment
            | {
                "PYTHONPATH": site,
                # It is a pipe that is read, and no terminal.
                "COLUMNS": "200",
                local_dns.VARIABLE: str(self._dns),
                skewed_clock.TOLD: str(clock),
                "SSL_CERT_FILE": str(stage.cloud.certificate.trusted),
                "REHEARSAL_NAMES": str(stage.cloud.names),
            }
        )

    def knows_the_zone(self) -> None:
        """Let the person's resolver find the zone's servers, which answer by now."""
        service = self._stage.cutover.service
        assert service.dns is not None
        zone = self._stage.cloud.client("route53").get_hosted_zone(Id=service.dns.hosted_zone_id)
        by_name = {
            side.load_balancer_dns_name: ADDRESSES[which] for which, side in service.sides.items()
        }
        local_dns.write(
            self._dns,
            port=self._stage.world.dns.port,
            servers=(name.rstrip(".") for name in zone["DelegationSet"]["NameServers"]),
            addresses=by_name,
        )

    def declare(self, **changes: Any) -> None:
        """Change the declaration, key by key all the way down; a key that becomes None goes."""
        held = json.loads(self._declaration.read_text(encoding="utf-8"))
        name = self._stage.cutover.name
        held[name] = _without_none(merged(held[name], changes))
        self._declaration.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")

    async def cutover(self, *arguments: str, ends_with: Collection[int] = (0,)) -> str:
        """Return what `cutover ARGUMENTS` printed.

        Raises
        ------
        CommandError
            When it ended with a code that is not in `ends_with`.
        """
        code, text = await run_child(
            *(str(Path(sys.executable).parent / "cutover"), *arguments),
            environment=self._environment,
        )
        if code not in ends_with:
            raise CommandError(f"cutover {' '.join(arguments)} ended with {code}:\n{text[-3000:]}")
        return text


def _without_none(held: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, Mapping) else value
        for key, value in held.items()
        if value is not None
    }
