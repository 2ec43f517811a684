"""A new environment that is not ready is refused by stock `cdk deploy`, with no weight moved."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.cdk import CdkError
from rehearsal.stage import RECORD, Stage
from rehearsal.world.environment import Environment

_SENTENCE: Final = re.compile(r"((?:not ready|could not tell): .*?) The whole report")


@dataclass(frozen=True)
class Unready:
    """What is wrong with new, and what the deploy must say of it."""

    what: str
    strike: Callable[[Environment], None]
    says: str
    seconds: int = 0
    """How many seconds of the minute must be left. New's alarms are live: its fault must make one bad minute
    of metrics and not two."""


UNREADY: Final = (
    Unready("differs in one endpoint", lambda new: new.differ("/system-health"), "content-type is"),
    Unready("fails at ten requests at once", lambda new: new.crowd(9), "status 503", 20),
    # Both make new slow on average, so they share a minute.
    Unready("hangs", lambda new: new.hang(), "no whole answer within", 42),
    Unready("is slow", lambda new: new.slow(200), "the limit is 250 ms"),
)


class RefusalError(Exception):
    """A deploy was not refused as it must be; the message says how."""


async def refuse(stage: Stage, unready: Unready, weight: int) -> str:
    """Strike new, deploy `weight`, heal new, and return what the deploy said.

    Raises
    ------
    RefusalError
        When the deploy went through, gave another reason, or moved a weight.
    """
    left = 60 - time.time() % 60
    if left < unready.seconds:
        await asyncio.sleep(left)
    before = _weights(stage)
    unready.strike(stage.world.new)
    try:
        await stage.cdk.run(
            *("deploy", f"{stage.cutover.name}-traffic", "--exclusively"),
            *("--require-approval", "never", "-c", f"new_weight={weight}"),
        )
    except CdkError as error:
        # The CLI wraps what CloudFormation says.
        said = " ".join(str(error).split())
    else:
        raise RefusalError(f"new {unready.what}, and the deploy went through")
    finally:
        await stage.world.new.heal()
    if unready.says not in said:
        raise RefusalError(f"new {unready.what}, and the deploy failed otherwise: {said}")
    if _weights(stage) != before:
        raise RefusalError(f"new {unready.what}: refused, but weights are {_weights(stage)}")
    found = _SENTENCE.search(said)
    return found[1] if found else said[-300:]


def _weights(stage: Stage) -> Any:
    """Return every weight as it is deployed: the records', and the code of the edge."""
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
