"""Shows a stack's events until CloudFormation has ended, however that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final

from commands.pipeline.errors import StillUnderWayError
from shared.doors.patience import DoorError, patiently

LOOK_EVERY_SECONDS: Final = 3.0
TELL_EVERY_SECONDS: Final = 60.0
_BEGINS: Final = frozenset({"UPDATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "IMPORT_IN_PROGRESS"})
_WELL: Final = frozenset({"UPDATE_COMPLETE", "CREATE_COMPLETE", "IMPORT_COMPLETE"})
_EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId"}
)


@dataclass(frozen=True)
class Ended:
    """How it ended: the stack's status, and the reasons of what failed, first things first."""

    status: str
    reasons: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether everything is as the change set says."""
        return self.status in _WELL


@dataclass
class Follower:
    """Follows one stack.

    Parameters
    ----------
    client : object
        boto3 client of CloudFormation.
    stack : str
    tell : callable
        Gets each line for people.
    clock, sleep : callable
        Seconds that only rise, and a pause.
    """

    client: Any
    stack: str
    tell: Callable[[str], None]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    _seen: set[str] = field(default_factory=set)
    _running: dict[str, str] = field(default_factory=dict)
    _reasons: list[str] = field(default_factory=list)

    def remember(self) -> None:
        """Take every event up to now for an earlier one.

        Raises
        ------
        DoorError
            When they cannot be read.
        """
        self._seen |= {event["EventId"] for event in self._page()["StackEvents"]}

    def until_ended(self) -> Ended:
        """Return how the present operation ended, and tell of each event on the way.

        Raises
        ------
        StillUnderWayError
            When CloudFormation can no longer be asked.
        """
        began = told = self.clock()
        while True:
            try:
                for event in self._new():
                    told = self.clock()
                    ended = self._event(event)
                    if ended is not None:
                        return ended
            except DoorError as error:
                why = "the credentials have run out" if error.code in _EXPIRED else str(error)
                raise StillUnderWayError(
                    f"{self.stack}: {why}. CloudFormation goes on without us: run the same cutover apply "
                    "again to follow it to its end."
                ) from error
            if self.clock() - told >= TELL_EVERY_SECONDS:
                told = self.clock()
                minutes = int((told - began) // 60)
                waits = ", ".join(self._running.values()) or "nothing that it tells of"
                self.tell(f"{self.stack}: after {minutes} min CloudFormation works on {waits}")
            self.sleep(LOOK_EVERY_SECONDS)

    def _new(self) -> list[Mapping[str, Any]]:
        """Return the events of the present operation that were not told yet, the oldest first."""
        found: list[Mapping[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = self._page(**after)
            for event in page["StackEvents"]:  # the newest first
                if event["EventId"] in self._seen:
                    return self._in_order(found)
                found.append(event)
                if self._is_stack(event) and event["ResourceStatus"] in _BEGINS:
                    return self._in_order(found)
            if not page.get("NextToken"):
                return self._in_order(found)
            after = {"NextToken": page["NextToken"]}

    def _in_order(self, found: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        self._seen |= {event["EventId"] for event in found}
        return found[::-1]

    def _page(self, **after: str) -> Any:
        return patiently(
            lambda: self.client.describe_stack_events(StackName=self.stack, **after),
            sleep=self.sleep,
        )

    def _event(self, event: Mapping[str, Any]) -> Ended | None:
        status, logical_id = event["ResourceStatus"], event["LogicalResourceId"]
        reason = event.get("ResourceStatusReason", "")
        at = event["Timestamp"].astimezone(UTC)
        said = f"{at:%H:%M:%S} {status} {event['ResourceType']} {logical_id}"
        if status.endswith("_FAILED") and reason:
            said += f": {reason}"
            if "cancelled" not in reason:
                self._reasons.append(f"{logical_id}: {reason}")
        self.tell(said)
        if not self._is_stack(event):
            if status.endswith("_IN_PROGRESS"):
                self._running[logical_id] = logical_id
            else:
                self._running.pop(logical_id, None)
            return None
        if status.endswith("_IN_PROGRESS"):
            return None
        return Ended(status, tuple(self._reasons))

    def _is_stack(self, event: Mapping[str, Any]) -> bool:
        return bool(event.get("PhysicalResourceId") == event.get("StackId"))
