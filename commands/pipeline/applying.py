"""Executes the reviewed change sets, or none: everything is checked again before the first, and each again
before its own turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

from commands.pipeline import change_sets
from commands.pipeline.errors import CouldNotTellError, RefusedError, StillUnderWayError
from commands.pipeline.fleet import Undertaking, must_be_their_turn
from commands.pipeline.following import Ended, Follower
from commands.pipeline.lock import Holder, Lock
from commands.pipeline.plan_file import Plan, PlannedService, PlannedStack
from commands.pipeline.standing import must_agree, stopped
from cutover.declaration.reading.context import Cutover
from cutover.regions import EDGE_REGION
from shared.doors.patience import DoorError
from shared.status.look import ClientFor
from shared.status.standing import Standing

_PLAN_AGAIN: Final = "Nothing was executed. Plan again, and have that reviewed."


class State(Enum):
    """How far one change set is."""

    READY = auto()
    RUNNING = auto()
    DONE = auto()


@dataclass(frozen=True)
class Around:
    """What an apply needs of the world.

    Attributes
    ----------
    client_for : callable
        A boto3 client by service and region.
    by : str
        Who applies.
    now, clock, sleep : callable
        The time with a time zone; seconds that only rise; a pause.
    tell : callable
        Gets each line for people.
    """

    client_for: ClientFor
    by: str
    now: Callable[[], datetime]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    tell: Callable[[str], None]


def apply(
    plan: Plan,
    cutovers: Mapping[str, Cutover],
    around: Around,
    undertaking: Undertaking | None = None,
) -> None:
    """Execute the plan.

    Parameters
    ----------
    plan : Plan
    cutovers : mapping
        What is declared here and now, by the name of the service.
    around : Around
    undertaking : Undertaking, optional
        Which services move at once, where that is declared.

    Raises
    ------
    RefusedError
        When it is stale, was changed, somebody else deployed, a door was changed by hand, or CloudFormation
        ended otherwise than well.
    CouldNotTellError
        When something could not be read.
    StillUnderWayError
        When CloudFormation goes on and can no longer be followed.
    """
    _still_valid(plan, cutovers, around.now())
    with ExitStack() as locks:
        for service in plan.services:
            _take(locks, plan, service, around)
        # All of them before the first: one that cannot go on must not leave others half-way.
        standings: dict[str, Standing] = {}
        for service in plan.services:
            states = [_check(stack, around) for stack in service.stacks]
            if all(state is State.READY for state in states):
                standing = must_agree(cutovers[service.name], around.client_for, around.now())
                if service.review.rises and stopped(standing):
                    raise RefusedError(f"{service.name}: {stopped(standing)} Nothing was executed.")
                standings[service.name] = standing
        if undertaking is not None:
            rising = [
                one.name for one in plan.services if one.review.rises and one.name in standings
            ]
            must_be_their_turn(
                undertaking, rising, standings, around.client_for, around.now(), _PLAN_AGAIN
            )
        for service in plan.services:
            for stack in service.stacks:
                _carry_out(plan, stack, around)


def _still_valid(plan: Plan, cutovers: Mapping[str, Cutover], now: datetime) -> None:
    if now > plan.valid_until:
        raise RefusedError(
            f"The plan of {plan.made:%Y-%m-%d %H:%M} UTC was valid until "
            f"{plan.valid_until:%Y-%m-%d %H:%M} UTC. {_PLAN_AGAIN}"
        )
    for service in plan.services:
        cutover = cutovers.get(service.name)
        if cutover is None:
            raise RefusedError(
                f"{service.name} is in the plan, but not declared here: check out the commit that was planned"
                f"{_of(plan)}. Nothing was executed."
            )
        if cutover.service.new_weight != service.declared:
            raise RefusedError(
                f"{service.name}: the plan was made for new_weight {service.declared}, and "
                f"{cutover.service.new_weight} is declared here: check out the commit that was planned"
                f"{_of(plan)}, or plan again. Nothing was executed."
            )


def _of(plan: Plan) -> str:
    return f" ({plan.commit[:12]})" if plan.commit else ""


def _take(locks: ExitStack, plan: Plan, service: PlannedService, around: Around) -> None:
    client = around.client_for("s3", EDGE_REGION)
    lock = Lock(client, service.bucket, service.name, Holder(around.by, plan.id), around.now)
    lock.take()

    def give_back(_kind: object, error: object, _traceback: object) -> bool:
        # While CloudFormation still works nobody else may begin; whoever goes on has the same plan.
        if not isinstance(error, StillUnderWayError | KeyboardInterrupt):
            why = lock.release()
            if why:
                around.tell(why)
        return False

    locks.push(give_back)


def _check(planned: PlannedStack, around: Around) -> State:
    client = around.client_for("cloudformation", planned.region)
    one = change_sets.change_set(client, planned.stack, planned.change_set)
    there = change_sets.held(client, planned.stack)
    if there is None:
        raise RefusedError(f"The stack {planned.stack} is not there any more. {_PLAN_AGAIN}")
    if one is not None and one.fingerprint != planned.fingerprint:
        raise RefusedError(
            f"{planned.stack}: the change set is not what was reviewed: its fingerprint is "
            f"{one.fingerprint[:12]}, and the plan says {planned.fingerprint[:12]}. {_PLAN_AGAIN}"
        )
    if one is not None and one.execution == "EXECUTE_IN_PROGRESS":
        return State.RUNNING
    if one is not None and one.execution == "EXECUTE_COMPLETE":
        return State.DONE
    if one is not None and one.execution == "EXECUTE_FAILED":
        raise RefusedError(
            f"{planned.stack}: this change set was executed and failed; the stack is {there.status}. "
            "Plan again when what it failed on is mended."
        )
    if there.fingerprint != planned.deployed or there.updated.isoformat() != planned.updated:
        raise RefusedError(
            f"{planned.stack}: somebody else deployed at {there.updated:%Y-%m-%d %H:%M:%S} UTC, after this "
            f"was planned. {_PLAN_AGAIN}"
        )
    if one is None:
        raise RefusedError(
            f"{planned.stack}: the change set that was reviewed is not there any more: somebody planned or "
            f"deployed after it. {_PLAN_AGAIN}"
        )
    if one.execution != "AVAILABLE":
        raise RefusedError(
            f"{planned.stack}: the change set that was reviewed is {one.execution}"
            f"{f' ({one.reason})' if one.reason else ''}. {_PLAN_AGAIN}"
        )
    if there.status.endswith("_IN_PROGRESS"):
        raise RefusedError(
            f"{planned.stack} is {there.status}: a deploy is under way. {_PLAN_AGAIN}"
        )
    return State.READY


def _carry_out(plan: Plan, planned: PlannedStack, around: Around) -> None:
    client: Any = around.client_for("cloudformation", planned.region)
    state = _check(planned, around)
    if state is State.DONE:
        around.tell(f"{planned.stack}: this change set has been executed already")
        return
    follower = Follower(client, planned.stack, around.tell, around.clock, around.sleep)
    if state is State.READY:
        around.tell(
            f"{planned.stack}: the reviewed change set {planned.fingerprint[:12]} is executed"
        )
        try:
            follower.remember()
            change_sets.execute(
                client, planned.stack, planned.change_set, f"cutover-{plan.id[:32]}"
            )
        except DoorError as error:
            raise CouldNotTellError(
                f"{planned.stack}: the change set was not executed: {error}."
            ) from error
    else:
        around.tell(f"{planned.stack}: this change set is being executed already; following it")
    ended = follower.until_ended()
    if not ended.well:
        raise RefusedError(*_failed(planned, ended))


def _failed(planned: PlannedStack, ended: Ended) -> Sequence[str]:
    reasons = ended.reasons or ("CloudFormation gives no reason.",)
    after = (
        "Every weight is as it was before."
        if ended.status == "UPDATE_ROLLBACK_COMPLETE"
        else "It is not known which weight it holds: finish it in CloudFormation, then run cutover status."
    )
    return (f"{planned.stack} ended as {ended.status}. {after}", *reasons)
