"""What must hold after every drill: `cdk diff` is empty, and the next weight change does what it says."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from rehearsal.by_region import in_alarm
from rehearsal.cdk import CdkError, beyond_the_weights, weights_changed
from rehearsal.drill.drill import Playing
from rehearsal.world.world import wait_until

WATCHED_SECONDS: Final = 12.0
"""How long the shares are counted."""
_FROM_NOTHING: Final = 10
_AGAINST_NEW: Final = ("-new-", "-edge-", "-judge-fail")
_QUIET_SECONDS: Final = 200.0
_IN_FORCE_SECONDS: Final = 90.0
_SAID_LENGTH: Final = 600


class Afterwards:
    """Looks at what a drill has left behind, once everything is well again."""

    def __init__(self, play: Playing) -> None:
        self._play = play

    async def diff(self, weight: int) -> str:
        """Return what `cdk diff` shows for what was deployed last, an override included, which is in the
        template for the reviewer; empty: nothing."""
        self._play.tell(f"cdk diff -c new_weight={weight}")
        try:
            diff = await self._play.stage.cdk.diff(
                f"new_weight={weight}", *self._play.deployed_with
            )
        except CdkError as error:
            return " ".join(str(error).split())[-_SAID_LENGTH:]
        other = beyond_the_weights(diff)
        changed = weights_changed(diff)
        return "; ".join(other[:3]) or (f"{changed} weights differ" if changed else "")

    async def next_change(self, weight: int) -> str:
        """Deploy half of `weight` (from 0: a tenth of all), release what is thrown, count who serves, and
        return what was otherwise than declared; empty: nothing."""
        following = weight // 2 if weight else _FROM_NOTHING
        try:
            await self._move_to(following, rises=following > weight)
        except (CdkError, TimeoutError) as error:
            return " ".join(str(error).split())[-_SAID_LENGTH:]
        # What was asked for before the weight was in force still ends.
        await asyncio.sleep(2)
        since = time.time()
        self._play.tell(f"counting who serves at weight {following}")
        await asyncio.sleep(WATCHED_SECONDS)
        shares, failed = self._play.counted({"edge": following, "dns": following}, since)
        said = [
            f"at the {door} door new serves {share}, declared {following} %"
            for door, share in shares.items()
            if not share.matches()
        ]
        said += [f"at the {door} door {n} requests failed" for door, n in failed.items() if n]
        return "; ".join(said)

    async def _move_to(self, weight: int, *, rises: bool) -> None:
        play = self._play
        if rises:
            # The gate refuses a rise while an alarm is in ALARM or the switch is thrown.
            await self._until_quiet()
            await self._release()
        play.tell(f"cdk deploy -c new_weight={weight}")
        await play.stage.cdk.deploy(f"new_weight={weight}")
        await self._until_well()
        await self._release()
        await wait_until(
            lambda: (
                set(play.doors.states().values()) == {"released"}
                and set(play.weights().values()) == {weight}
            ),
            seconds=_IN_FORCE_SECONDS,
            what=f"weight {weight} to be in force, and the switch released, at both doors",
        )

    async def _release(self) -> None:
        if "thrown" in self._play.doors.states().values():
            answer = await self._play.ask_rollback(action="release", by="the drill", reason="fixed")
            self._play.note("person", f"released: {answer.get('doors') or answer}")

    async def _until_well(self) -> None:
        world = self._play.world
        self._play.tell("waiting until both sides count as healthy")
        route53 = self._play.cloud.client("route53")
        checks = (await asyncio.to_thread(route53.list_health_checks))["HealthChecks"]
        endpoints = [
            check["Id"]
            for check in checks
            if "FullyQualifiedDomainName" in check["HealthCheckConfig"]
        ]
        await wait_until(
            lambda: (
                all(map(world.checkers.is_healthy, endpoints))
                and all(world.balancer(side).healthy for side in ("old", "new"))
            ),
            seconds=_IN_FORCE_SECONDS,
            what="both sides to count as healthy",
        )

    async def _until_quiet(self) -> None:
        self._play.tell("waiting until no alarm speaks against new")
        alerting: list[str] = []
        end = time.time() + _QUIET_SECONDS
        while time.time() < end:
            alerting = [name for name in await self._alerting() if "-old-" not in name]
            if not any(word in name for name in alerting for word in _AGAINST_NEW):
                return
            await asyncio.sleep(2)
        raise TimeoutError(f"after {_QUIET_SECONDS:.0f} s still in ALARM: {', '.join(alerting)}")

    async def _alerting(self) -> list[str]:
        service = self._play.stage.cutover.service
        return await asyncio.to_thread(lambda: list(in_alarm(self._play.cloud.client, service)))
