"""What this product has reserved, so that it never lowers what a person reserved.

A load balancer does not say who asked for its reservation. So a parameter of SSM in us-east-1 is written
before AWS is asked, and is deleted when everything is released: no parameter, nothing of ours.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from shared.doors.patience import DoorError, patiently
from shared.shown import NAME, shown

_ABSENT: Final = "ParameterNotFound"
_LONGEST: Final = 4096
"""A standard parameter holds 4 KB (Systems Manager API reference, PutParameter)."""


@dataclass(frozen=True)
class Ours:
    """What the gate asked for.

    Attributes
    ----------
    load_balancer : str
        Its whole ARN.
    asked : tuple of int
        LCU that were asked for, the newest last: the reservation is ours while it is one of them.
    before : int
        LCU that a person had reserved before; 0: nobody. A release goes back to it.
    at : str
        When it was last asked for or used by a rise, ISO 8601 in UTC.
    weight : int
        The weight of new for which it is, in percent.
    used : bool
        Whether viewers have reached new since.
    """

    load_balancer: str
    asked: tuple[int, ...]
    before: int
    at: str
    weight: int
    used: bool = False

    def owns(self, units: int) -> bool:
        """Return whether a reservation of `units` LCU is what was asked for here."""
        return units in self.asked

    @property
    def since(self) -> datetime:
        """When it was last asked for."""
        return datetime.fromisoformat(self.at)

    def written(self) -> str:
        """Return it as the parameter holds it."""
        return json.dumps(asdict(self))


def parse(text: str) -> Ours:
    """Return what the parameter holds.

    Raises
    ------
    DoorError
        When it cannot be understood: then nobody knows what is ours.
    """
    try:
        held = json.loads(text[:_LONGEST])
        found = Ours(
            str(held["load_balancer"]),
            tuple(int(units) for units in held["asked"]),
            int(held["before"]),
            str(held["at"]),
            int(held["weight"]),
            held["used"] is True,
        )
        aware = found.since.tzinfo is not None
    except (ValueError, KeyError, TypeError, RecursionError):
        aware = False
    if not aware:
        raise DoorError(
            f"the parameter of the reservation holds {shown(text, NAME)!r}, which is not understood: look at "
            "the load balancer's reservation, and delete the parameter when it is as you want it"
        )
    return found


def read(client: Any, parameter: str) -> Ours | None:
    """Return what is ours, or None.

    Raises
    ------
    DoorError
        When SSM does not answer, does not let it be read, or holds what is not understood.
    """
    try:
        answer = patiently(lambda: client.get_parameter(Name=parameter))
    except DoorError as error:
        if error.code == _ABSENT:
            return None
        raise
    return parse(str(answer["Parameter"]["Value"]))


def write(client: Any, parameter: str, ours: Ours) -> None:
    """Hold it.

    Raises
    ------
    DoorError
        When SSM does not take it.
    """
    patiently(
        lambda: client.put_parameter(
            Name=parameter, Value=ours.written(), Type="String", Overwrite=True
        )
    )


def forget(client: Any, parameter: str) -> None:
    """Hold nothing any more.

    Raises
    ------
    DoorError
        When SSM does not delete it.
    """
    try:
        patiently(lambda: client.delete_parameter(Name=parameter))
    except DoorError as error:
        if error.code != _ABSENT:
            raise
