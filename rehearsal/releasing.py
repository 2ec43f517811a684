"""What a person does about the switch: asks the rollback function, and releases new when all is quiet."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from cutover.declaration.reading.context import Cutover
from rehearsal.by_region import in_alarm
from rehearsal.cloud.process import EmbeddedCloud
from rehearsal.stage import Stage
from rehearsal.world.world import wait_until

_QUIET_SECONDS: Final = 300.0
"""An alarm looks back three minutes, and then a metric may be a minute late."""
_WAIT_SECONDS: Final = 120.0
_TRIES: Final = 4
_PASSES: Final = ("could not tell", "is in ALARM already", "is thrown by alarm")
"""Refusals of the gate that say nothing of what is deployed: it could not measure on a busy machine, or an
alarm still tells of a fault that is over."""

Tell = Callable[[str], None]


class CallError(Exception):
    """The rollback function did not do what it was asked for; the message says what it answered."""


async def call(stage: Stage, action: str, reason: str) -> None:
    """Ask the rollback function for `action`, release or roll_back.

    Raises
    ------
    CallError
        When it does not do it.
    """
    asked = {"action": action, "by": "the rehearsal", "reason": reason}
    answer: Any = await asyncio.to_thread(
        stage.cloud.client("lambda").invoke,
        FunctionName=f"{stage.cutover.name}-rollback:{action}",
        Payload=json.dumps(asked),
    )
    said = json.loads(answer["Payload"].read())
    if "error" in said or "errorMessage" in said:
        raise CallError(f"{action} failed: {said}")


async def until_quiet(stage: Stage, tell: Tell = lambda _: None) -> None:
    """Wait until no alarm speaks against new.

    Raises
    ------
    TimeoutError
        When one still does after five minutes.
    """
    end = time.monotonic() + stage.pace.longer(_QUIET_SECONDS)
    while at := await asyncio.to_thread(alerting, stage.cloud, stage.cutover):
        tell(f"waiting until it is OK: {at[0]}")
        if time.monotonic() > end:
            raise TimeoutError(f"still in ALARM: {', '.join(at)}")
        await asyncio.sleep(1)


async def release(stage: Stage, tell: Tell) -> None:
    """Release the switch when no alarm speaks against new, and wait until both doors lead there again.

    Raises
    ------
    CallError, TimeoutError
        When that does not come to pass.
    """
    await until_quiet(stage, tell)
    await call(stage, "release", "new is well again")
    world, seconds = stage.world, stage.pace.longer(_WAIT_SECONDS)
    for condition, what in (
        (lambda: world.switch == "released", "the release"),
        (lambda: world.leads_to_new, "the dns door to turn back"),
    ):
        tell(f"waiting for {what}")
        await wait_until(condition, seconds=seconds, what=what)


async def until_it_passes(
    attempt: Callable[[], Awaitable[object]],
    fails_with: type[Exception],
    released: Callable[[], Awaitable[None]],
    tell: Tell,
) -> None:
    """Attempt a deploy; again, once new is `released`, where the gate refuses for what will pass."""
    for tried in range(1, _TRIES + 1):
        try:
            await attempt()
        except fails_with as error:
            # The CLI breaks lines where it likes.
            said = " ".join(str(error).split())
            if tried == _TRIES or not any(one in said for one in _PASSES):
                raise
            tell("the gate refuses for what will pass: again when all is quiet")
            await released()
        else:
            return


def alerting(cloud: EmbeddedCloud, cutover: Cutover) -> list[str]:
    """Return the alarms in ALARM that keep new from rising."""
    on_new = tuple(f"{cutover.name}-{what}" for what in ("new", "edge", "judge-fail"))
    return [name for name in in_alarm(cloud.client, cutover.service) if name.startswith(on_new)]
