"""The state of named alarms, metric and composite, in several regions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from botocore.exceptions import BotoCoreError, ClientError

from shared.alarms.description import BATCH, described
from shared.shown import shown

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

# PARTIAL_DATA still is a judgement; it is met with Metrics Insights only.
_NOT_EVALUATED: Final = frozenset({"EVALUATION_ERROR", "EVALUATION_FAILURE"})

Value = Literal["OK", "ALARM", "INSUFFICIENT_DATA", "MISSING", "UNREADABLE"]


_REASON: Final = 1200
"""CloudWatch's own have 1,023 characters at most (CloudWatch API reference, MetricAlarm)."""


@dataclass(frozen=True, order=True)
class AlarmRef:
    """Where an alarm is found."""

    region: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.region})"


@dataclass(frozen=True)
class AlarmState:
    """What an alarm says.

    Attributes
    ----------
    value : str
        CloudWatch's OK, ALARM or INSUFFICIENT_DATA; `MISSING`: there is no alarm of this name;
        `UNREADABLE`: CloudWatch did not answer, or says that it does not evaluate the alarm, so the
        state is not known.
    reason : str
        Why, in CloudWatch's words.
    changed : datetime or None
        When the value last became another one, where CloudWatch tells.
    """

    value: Value
    reason: str = ""
    changed: datetime | None = None

    def __post_init__(self) -> None:
        # Whoever may set an alarm's state may write anything as its reason.
        object.__setattr__(self, "reason", shown(self.reason, _REASON))


def alarm_states(
    alarms: Sequence[AlarmRef], client_for: Callable[[str], CloudWatchClient]
) -> dict[AlarmRef, AlarmState]:
    """Return the state of each of `alarms`; `client_for` gives the client of a region.

    An error raises nothing: the alarms that it hides are `UNREADABLE`, so that one region's outage
    never hides another region's ALARM.
    """
    names: defaultdict[str, list[str]] = defaultdict(list)
    for alarm in alarms:
        names[alarm.region].append(alarm.name)
    states: dict[AlarmRef, AlarmState] = {}
    for region, of_region in names.items():
        for start in range(0, len(of_region), BATCH):
            batch = of_region[start : start + BATCH]
            try:
                descriptions = described(client_for(region), batch)
                found = {name: state_of(alarm) for name, alarm in descriptions.items()}
            except (ClientError, BotoCoreError) as error:
                found = dict.fromkeys(batch, AlarmState("UNREADABLE", str(error)))
            for name in batch:
                states[AlarmRef(region, name)] = found.get(name, AlarmState("MISSING"))
    return states


def state_of(alarm: Mapping[str, Any]) -> AlarmState:
    """Return what an alarm says, as CloudWatch describes it."""
    reason = alarm.get("StateReason", "")
    evaluation = alarm.get("EvaluationState", "")
    # An ALARM counts even if CloudWatch has had trouble since.
    if evaluation in _NOT_EVALUATED and alarm["StateValue"] != "ALARM":
        return AlarmState("UNREADABLE", f"CloudWatch does not evaluate it: {evaluation}; {reason}")
    value = cast(Value, alarm["StateValue"])
    return AlarmState(value, reason, alarm.get("StateTransitionedTimestamp"))
