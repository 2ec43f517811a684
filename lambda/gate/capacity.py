"""Reserves new's load balancer capacity ahead of a rise, and waits until it is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from shared.capacity import ours as held
from shared.capacity.ours import Ours
from shared.capacity.reservation import Reservation, look, reserve
from shared.capacity.settings import CapacitySettings, Place
from shared.capacity.units import (
    LEAST,
    MOST,
    QUOTA_CODE,
    QUOTA_NAME,
    needed,
    peak_of,
    said_of_need,
)
from shared.capacity.used import used
from shared.doors.patience import TRANSIENT, DoorError, patiently
from shared.metrics import SideMetrics
from shared.promotion.change import Change
from shared.shown import shown

LOOK_EVERY_SECONDS: Final = 10.0
SETTLES_SECONDS: Final = 2.0
"""Before the first look: no document says that it sees the request before it, and it may tell of an earlier
one that failed."""

LATER: Final = frozenset({"CapacityReservationPending", *TRANSIENT})
"""AWS is still at an earlier request, or throttles: the same may be asked again (Elastic Load Balancing API
reference, ModifyCapacityReservation)."""
_SERVER_ERROR: Final = 500
_NO_ROOM: Final = "InsufficientCapacity"
_QUOTA: Final = "CapacityUnitsLimitExceeded"


@dataclass(frozen=True, kw_only=True)
class AheadSettings(CapacitySettings):
    """What the gate is told of it; of the sides only their load balancers count."""

    capacity_old: str = ""
    capacity_headroom_percent: int = 0
    capacity_lookback_days: int = 0
    capacity_wait_seconds: int = 0


@dataclass(frozen=True)
class Ahead:
    """How the capacity of one service is reserved.

    Attributes
    ----------
    sides : mapping
        What each side's load balancer tells, and where.
    headroom_percent, days : int
        How much on top, and of how many days the highest load.
    seconds : int
        How long the rise waits for AWS.
    """

    place: Place
    sides: Mapping[str, SideMetrics]
    headroom_percent: int
    days: int
    seconds: int

    def against(
        self,
        change: Change,
        now: datetime,
        *,
        client_for: Callable[..., Any],
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> str:
        """Return why the rise must wait, or nothing when new has the capacity for it.

        `client_for` is a boto3 client by service and region; `tell` is told what was done.
        """
        ssm = client_for("ssm")
        try:
            ours = held.read(ssm, self.place.parameter)
            if ours is not None and ours.load_balancer != self.place.load_balancer:
                return (
                    f"{ours.asked[-1]} LCU are still reserved on {ours.load_balancer}, which is new's load "
                    "balancer no more. Take that away first: "
                    + replace(
                        self.place,
                        load_balancer=ours.load_balancer,
                        region=ours.load_balancer.split(":")[3],
                    ).by_hand
                )
            found = used(client_for, self.sides, now, self.days)
            peak = peak_of(found["old"], found["new"])
            if peak is None:
                return (
                    f"neither load balancer told PeakLCUs or ConsumedLCUs in {self.days} days, so it is not "
                    "known how much new needs. Look whether old.load_balancer is the one that serves"
                )
            units = needed(peak, change.after, self.headroom_percent)
            need = said_of_need(peak, change.after, self.headroom_percent)
            if units < LEAST:
                tell(f"no capacity is reserved: new needs {need}, and the least is {LEAST}")
                return ""
            asking = _Asking(self, ssm, client_for("elbv2", self.place.region), tell, clock, sleep)
            return asking.against(change, now, units, need, ours)
        except (DoorError, ClientError, BotoCoreError) as error:
            return shown(f"{error}").rstrip(".")


class _Asking:
    """One request to AWS, and the wait for it."""

    def __init__(
        self,
        ahead: Ahead,
        ssm: Any,
        elbv2: Any,
        tell: Callable[[str], None],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._ahead, self._ssm, self._elbv2, self._tell = ahead, ssm, elbv2, tell
        self._clock, self._sleep = clock, sleep
        self._ends = clock() + ahead.seconds
        self._arn = ahead.place.load_balancer
        # Whether an answer was lost: it may have been a yes, so what is held must stay.
        self._unclear = False

    def against(
        self, change: Change, now: datetime, units: int, need: str, ours: Ours | None
    ) -> str:
        seen = patiently(lambda: look(self._elbv2, self._arn), sleep=self._sleep)
        mine = ours if ours is not None and ours.owns(seen.units) else None
        if seen.units >= units and not (seen.failed and mine):
            self._tell(f"the capacity is reserved already: {seen}; new needs {need}")
            if mine is not None:
                # It counts anew, so that nobody takes it away as one that is not used.
                kept = replace(mine, at=now.isoformat(timespec="seconds"), weight=change.after)
                held.write(self._ssm, self._ahead.place.parameter, kept)
            return self._wait(seen.units, need)
        wanted = max(units, seen.units)
        asked = Ours(
            self._arn,
            tuple(dict.fromkeys([*(mine.asked if mine else ()), wanted])),
            # What a person has is not ours, and a release goes back to it.
            mine.before if mine else seen.units,
            now.isoformat(timespec="seconds"),
            change.after,
        )
        # Held first: a reservation that nobody knows to be ours would be paid for ever.
        held.write(self._ssm, self._ahead.place.parameter, asked)
        why = self._ask(wanted, need)
        if why:
            if not self._unclear:
                self._hold_as_before(ours)
            return why
        self._tell(f"asked for {need}; before, {seen}")
        self._sleep(SETTLES_SECONDS)
        return self._wait(wanted, need)

    def _ask(self, units: int, need: str) -> str:
        while True:
            try:
                reserve(self._elbv2, self._arn, units)
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
                if code == _QUOTA:
                    on_one = f". One load balancer has {MOST:,} at most" if units > MOST else ""
                    return (
                        f"new needs {need}, and the account may not reserve so much. Ask AWS for at least "
                        f"{units} of the quota '{QUOTA_NAME}' ({QUOTA_CODE}) in "
                        f"{self._ahead.place.region}: that takes days{on_one}"
                    )
                if code == _NO_ROOM:
                    return (
                        f"new needs {need}, and AWS has not so much there now. Deploy again later"
                    )
                self._unclear = self._unclear or status >= _SERVER_ERROR
                if code not in LATER and status < _SERVER_ERROR:
                    return shown(f"new needs {need}, and AWS does not take that: {error}")
                if self._over():
                    return (
                        f"new needs {need}, and AWS is still at an earlier request, or throttles ({code}). "
                        "Deploy again later"
                    )
            except BotoCoreError as error:
                self._unclear = True
                if self._over():
                    return shown(f"new needs {need}, and AWS cannot be asked: {error}")
            else:
                return ""
            self._sleep(LOOK_EVERY_SECONDS)

    def _hold_as_before(self, ours: Ours | None) -> None:
        parameter = self._ahead.place.parameter
        try:
            if ours is None:
                held.forget(self._ssm, parameter)
            else:
                held.write(self._ssm, parameter, ours)
        except DoorError as error:
            # What releases finds out that nothing was reserved.
            self._tell(f"the parameter {parameter} says that it was reserved: {error}")

    def _wait(self, units: int, need: str) -> str:
        while True:
            seen = self._look()
            if seen is not None:
                if seen.units >= units and seen.ready:
                    self._tell(f"the capacity is there: {seen}")
                    return ""
                if seen.failed and not seen.under_way:
                    return (
                        f"new needs {need}, and AWS could not reserve it: "
                        f"{', '.join(map(str, seen.failed))}. Deploy again later"
                    )
            if self._over():
                so_far = "AWS does not say how far it is" if seen is None else f"{seen}"
                return (
                    f"the capacity is on its way: new needs {need}, and after {self._ahead.seconds} s "
                    f"{so_far}. Most reservations take minutes, some hours. Deploy again later; it is "
                    "kept, and paid meanwhile"
                )
            self._sleep(LOOK_EVERY_SECONDS)

    def _look(self) -> Reservation | None:
        try:
            return look(self._elbv2, self._arn)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code not in LATER and status < _SERVER_ERROR:
                raise
        except BotoCoreError:
            pass
        return None

    def _over(self) -> bool:
        return self._clock() + LOOK_EVERY_SECONDS > self._ends
