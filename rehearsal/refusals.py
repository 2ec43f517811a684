"""A new side that is not ready is refused by stock `cdk deploy`, with no weight moved."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rehearsal.cdk import CdkError
from rehearsal.declared import AVERAGE_MS, RECORD, SLOWER_MS
from rehearsal.pace import Pace
from rehearsal.releasing import alerting, until_quiet
from rehearsal.stage import Stage
from rehearsal.world.world import World, wait_until
from shared.readiness.http.fetch import USER_AGENT

_SENTENCE: Final = re.compile(r"((?:not ready|could not tell): .*?) The whole report")
_AT_ONCE: Final = 8
"""Of the ten that are sent at once: one may come late."""
_CROWDED_MS: Final = 150.0
_TRIES: Final = 3


@dataclass(frozen=True)
class Unready:
    """What is wrong with new, or with its door, and what the deploy must say of it at a pace."""

    what: str
    strike: Callable[[World, Pace], None]
    says: Callable[[Pace], str]


def _keep_out(world: World, _pace: Pace) -> None:
    """Let the door refuse what both sides answer."""
    world.edge.blocked_agent = USER_AGENT


UNREADY: Final = (
    Unready(
        "new differs in one endpoint",
        lambda world, _pace: world.new.differ("/system-health"),
        lambda _pace: "content-type is",
    ),
    Unready(
        "new fails at ten requests at once",
        lambda world, pace: world.new.crowd(_AT_ONCE, pace.roomier(_CROWDED_MS)),
        lambda _pace: "status 503",
    ),
    Unready(
        "new hangs", lambda world, _pace: world.new.hang(), lambda _pace: "no whole answer within"
    ),
    Unready(
        "new is slow",
        lambda world, pace: world.new.slow(pace.roomier(SLOWER_MS)),
        lambda pace: f"the limit is {pace.roomier(AVERAGE_MS):.0f} ms",
    ),
    Unready("the door keeps readiness out", _keep_out, lambda _pace: "through the door: status is"),
)


class RefusalError(Exception):
    """A deploy was not refused as it must be; the message says how."""


class Refusals:
    """Strikes new, deploys `app`, an assembly that raises the weight, and sees it refused.

    `tell` takes what is done beside it, in words.
    """

    def __init__(self, stage: Stage, app: Path, tell: Callable[[str], None]) -> None:
        self._stage = stage
        self._app = app
        self._tell = tell

    async def refuse(self, unready: Unready) -> str:
        """Strike new, deploy, heal new, and return what the deploy said.

        What a side that misbehaves shows of itself may fire an alarm where the machine is very slow: then the
        gate says that, and it is tried again once all is quiet.

        Raises
        ------
        RefusalError
            When the deploy went through, gave another reason, or moved a weight.
        """
        says, said = unready.says(self._stage.pace), ""
        for _ in range(_TRIES):
            await self.until_new_may_rise()
            said = await self._refused(unready)
            if says in said:
                found = _SENTENCE.search(said)
                return found[1] if found else said[-300:]
            if not await self._is_kept_from_rising():
                break
        raise RefusalError(f"{unready.what}, and the deploy failed otherwise: {said}")

    async def until_new_may_rise(self) -> None:
        """Wait until no alarm speaks against new, and release the switch where one has thrown it, as a person
        would."""
        if not await self._is_kept_from_rising():
            return
        self._tell("meanwhile an alarm on new has fired: release it when the alarm is OK")
        await until_quiet(self._stage)
        call = {"action": "release", "by": "the rehearsal", "reason": "new is well again"}
        await asyncio.to_thread(
            self._stage.cloud.client("lambda").invoke,
            FunctionName=f"{self._stage.cutover.name}-rollback:release",
            Payload=json.dumps(call),
        )
        await wait_until(
            lambda: not self._is_thrown(),
            seconds=self._stage.pace.longer(30),
            what="the release of the switch at the edge",
        )

    async def _refused(self, unready: Unready) -> str:
        before = await asyncio.to_thread(self._weights)
        unready.strike(self._stage.world, self._stage.pace)
        try:
            await self._stage.cdk.deploy_only(f"{self._stage.cutover.name}-traffic", app=self._app)
        except CdkError as error:
            # The CLI wraps what CloudFormation says.
            said = " ".join(str(error).split())
        else:
            raise RefusalError(f"{unready.what}, and the deploy went through")
        finally:
            await self._stage.world.new.heal()
            self._stage.world.edge.blocked_agent = ""
        after = await asyncio.to_thread(self._weights)
        if after != before:
            raise RefusalError(f"{unready.what}: refused, but weights are {after}")
        return said

    async def _is_kept_from_rising(self) -> bool:
        return self._is_thrown() or bool(await self._alerting())

    async def _alerting(self) -> list[str]:
        return await asyncio.to_thread(alerting, self._stage.cloud, self._stage.cutover)

    def _is_thrown(self) -> bool:
        return self._stage.world.switch == "thrown"

    def _weights(self) -> Any:
        """Return every weight as it is deployed: the records', and the code of the edge."""
        stage = self._stage
        dns = stage.cutover.service.dns
        assert dns is not None
        records = stage.cloud.client("route53").list_resource_record_sets(
            HostedZoneId=dns.hosted_zone_id
        )
        function = stage.cloud.client("cloudfront").get_function(
            Name=f"{stage.cutover.name}-router", Stage="LIVE"
        )
        weights = {
            (record["Type"], record["SetIdentifier"]): record["Weight"]
            for record in records["ResourceRecordSets"]
            if record["Name"].rstrip(".") == RECORD and "Weight" in record
        }
        return weights, function["FunctionCode"].read()
