"""Takes away what the gate reserved, and nothing that a person reserved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from shared.capacity import ours as held
from shared.capacity.ours import Ours
from shared.capacity.reservation import look, reserve
from shared.capacity.settings import Place
from shared.doors.patience import TRANSIENT
from shared.shown import shown

ASKING: Final = timedelta(minutes=15)
"""So long the gate may still be asking for what it holds already: it runs for 900 s at most."""

_LATER: Final = frozenset({"CapacityReservationPending", *TRANSIENT})
_NO_MORE_TODAY: Final = "CapacityDecreaseRequestLimitExceeded"
"""It can be lowered twice a day (Elastic Load Balancing User Guide, request-capacity-unit-reservation)."""


class ReleaseError(Exception):
    """It could not be taken away; the message says why, and what a person does."""


def release(elbv2: Any, ssm: Any, place: Place, ours: Ours, now: datetime) -> str:
    """Take away what `ours` says, and return what was done, or nothing while AWS is still at an earlier
    request.

    Where a person had reserved something before, that is what it goes back to. Where a person changed it
    since, it stays as it is.

    Raises
    ------
    ReleaseError
        When AWS refuses.
    DoorError
        When SSM does not forget it; what AWS was asked stays done.
    """
    try:
        seen = look(elbv2, ours.load_balancer)
        if not ours.owns(seen.units):
            if now - ours.since < ASKING:
                return ""
            held.forget(ssm, place.parameter)
            return _not_ours(ours, seen.units)
        if seen.under_way:
            return ""
        reserve(elbv2, ours.load_balancer, ours.before)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _LATER:
            return ""
        raise ReleaseError(_failed(place, ours, code, error)) from error
    except BotoCoreError as error:
        raise ReleaseError(_failed(place, ours, "", error)) from error
    held.forget(ssm, place.parameter)
    if ours.before:
        return f"the reservation is back at the {ours.before} LCU that it had before, from {seen.units}"
    return f"the reservation of {seen.units} LCU is released"


def _not_ours(ours: Ours, units: int) -> str:
    if units == ours.before:
        return f"of {ours.asked[-1]} LCU nothing is reserved any more"
    return (
        f"somebody changed the reservation of {ours.asked[-1]} LCU to {units}: it stays so, and is that "
        "person's to release"
    )


def _failed(place: Place, ours: Ours, code: str, error: Exception) -> str:
    why = shown(f"{error}").rstrip(".")
    if code == _NO_MORE_TODAY:
        why = "AWS lowers it twice a day, and did so today"
    return (
        f"the reservation of {ours.asked[-1]} LCU on new is NOT RELEASED: {why}. It is paid by the hour. It "
        f"is tried again each minute. By hand: {place.by_hand}"
    )
