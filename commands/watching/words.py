"""What is shown, in words: the same on the screen and in a line of a CI log."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from commands.watching.state import Alarm, Deploy, Minute, Watched
from shared.doors.switch import SwitchState
from shared.inference.share import served
from shared.promotion.groups import said_of
from shared.promotion.line import said as said_of_line
from shared.status.facts import UNKNOWN
from shared.status.standing import Standing, Unread
from shared.watch.hours import Watch

WORST_FIRST: Final = ("ALARM", "UNREADABLE", "MISSING", "INSUFFICIENT_DATA", "OK")
_STATE: Final = {"INSUFFICIENT_DATA": "no data", "UNREADABLE": "?"}
_STEPS: Final = {
    "begins": "begins",
    "gate": "gate: is new ready?",
    "shift": "the weights move",
    "put back": "PUTS THE WEIGHTS BACK",
    "clean up": "cleans up; the weights have moved",
}


def of_deploy(watched: Watched, now: datetime) -> list[str]:
    """Return what the deploy does, one thought an entry."""
    deploy = watched.deploy
    if isinstance(deploy, Unread):
        return [f"{UNKNOWN} ({deploy.why})"]
    if not deploy.step:
        return [
            f"none under way: {deploy.status}, {lasted(now - deploy.changed)} ago",
            *([f"it failed: {deploy.failure}"] if deploy.failure else []),
        ]
    to = "" if deploy.weight is None else f" to {deploy.weight} %"
    return [
        f"under way{to}, for {lasted(now - deploy.began)}",
        of_bake(watched, deploy, now) if deploy.step == "bake" else _STEPS[deploy.step],
        *([f"failed: {deploy.failure}"] if deploy.failure else []),
    ]


def of_bake(watched: Watched, deploy: Deploy, now: datetime) -> str:
    """Return how long the bake lasts. It begins once the edge has the weight everywhere, which only the
    function knows: so this is the least."""
    minutes = watched.bake_minutes if deploy.bake_minutes is None else deploy.bake_minutes
    left = timedelta(minutes=minutes) - (now - deploy.step_began)
    if left > timedelta(0):
        return f"bake: at least {lasted(left)} of {minutes} min left"
    return f"bake: its {minutes} min are over; it waits for the edge or for its last look"


def of_weights(standing: Standing) -> list[str]:
    """Return each weight that differs from the others once; one for all where they agree."""
    live = {holder: weight for door in standing.doors for holder, weight in door.weights.items()}
    deployed = standing.deployed
    told = {
        "declared": standing.declared,
        "deployed": deployed if isinstance(deployed, Unread) else deployed.weight,
        **live,
    }
    if all(not isinstance(weight, Unread) for weight in told.values()) and (
        len({float(weight) for weight in told.values() if isinstance(weight, int | float)}) == 1
    ):
        return [f"new {standing.declared} %: declared, deployed and live"]
    return [f"{holder} {_percent(weight)}" for holder, weight in told.items()]


def of_switch(standing: Standing) -> list[str]:
    """Return the switch of each door; one for all where they agree."""
    said = {door.name: _switch(door.switch) for door in standing.doors}
    if len(set(said.values())) == 1:
        return [next(iter(said.values()))]
    return [f"{door}: {what}" for door, what in said.items()]


def of_share(standing: Standing) -> str:
    """Return new's share of the users' requests."""
    counted = standing.requests
    if isinstance(counted, Unread):
        return UNKNOWN
    share = served(counted.old, counted.new, counted.minutes, standing.probes)
    if share is None:
        return f"no users' requests in {counted.minutes} min"
    groups = f", with {said_of(standing.groups)}" if standing.groups else ""
    return (
        f"new {share.estimate:.3g} % ({share.low:.3g} to {share.high:.3g}), {counted.minutes} min "
        f"from {counted.since:%H:%M}{groups}"
    )


def of_side(watched: Watched, side: str) -> str:
    """Return a side's latest minute."""
    if isinstance(watched.sides, Unread):
        return UNKNOWN
    minute = watched.sides.get(side)
    return "no requests for 5 min" if minute is None else _minute(minute)


def of_judge(standing: Standing) -> str:
    """Return the judge's verdict."""
    judged = standing.judged
    if isinstance(judged, Unread):
        return UNKNOWN
    return "no verdict" if judged is None else f"{judged.verdict} at {judged.at:%H:%M}"


def of_mute(standing: Standing) -> str:
    """Return whether alarms roll back."""
    mute = standing.mute
    if mute is None:
        return ""
    if isinstance(mute, Unread):
        return UNKNOWN
    return f"alarms do not roll back until {mute.until:%H:%M}, by {mute.by}: {mute.reason}"


def of_watch(watch: Watch | Unread | None) -> list[str]:
    """Return how far the watch after 100 % is; nothing where there is none."""
    if watch is None:
        return []
    if isinstance(watch, Unread):
        return [f"{UNKNOWN} ({watch.why})"]
    far = f"{watch.hours} of {watch.asked} h"
    return [
        f"over: {far}" if watch.over else f"{far}, until {watch.ends:%d %b %H:%M} UTC",
        *([f"broken before: {watch.broken}"] if watch.broken else []),
    ]


def of_line(standing: Standing) -> str:
    """Return that no weight may rise anywhere, or nothing."""
    line = standing.line
    return f"the line: {UNKNOWN}" if isinstance(line, Unread) else said_of_line(line)


def of_alarms(alarms: tuple[Alarm, ...] | Unread) -> str:
    """Return how many alarms are in which state."""
    if isinstance(alarms, Unread):
        return f"{UNKNOWN} ({alarms.why})"
    if not alarms:
        return "none: deploy Environment and Safety"
    counted = Counter(alarm.state.value for alarm in alarms)
    return ", ".join(f"{counted[s]} {_STATE.get(s, s)}" for s in WORST_FIRST if counted[s])


def of_sentinel(alarms: tuple[Alarm, ...] | Unread) -> str:
    """Return the state of the sentinel's alarm; nothing where there is none."""
    if isinstance(alarms, Unread):
        return ""
    return ", ".join(_state(alarm) for alarm in alarms if "sentinel" in alarm.name)


def of_alarm(alarm: Alarm, service: str) -> str:
    """Return one alarm, like `ALARM new-5xx-rate: why`."""
    name = alarm.name.removeprefix(f"{service}-")
    why = f": {alarm.state.reason}" if alarm.state.value == "ALARM" else ""
    return f"{_state(alarm)} {name}{'' if alarm.rolls_back else ' (tells people)'}{why}"


def lasted(time: timedelta) -> str:
    """Return a time like `45 s`, `3 min 5 s`, `2 h 10 min` or `3 d`; never less than nothing."""
    seconds = max(0, int(time.total_seconds()))
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes_left = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min {seconds} s"
    return f"{hours} h {minutes_left} min" if hours < 48 else f"{hours // 24} d"  # noqa: PLR2004


def _minute(minute: Minute) -> str:
    errors = "" if minute.errors_percent is None else f", {minute.errors_percent:.2g} % 5xx"
    latency = "" if minute.latency_ms is None else f", {minute.latency_ms:,.0f} ms"
    return f"{minute.requests:,.0f}/min{errors}{latency}"


def _state(alarm: Alarm) -> str:
    return _STATE.get(alarm.state.value, alarm.state.value)


def _percent(weight: float | int | Unread | None) -> str:
    if weight is None:
        return "-"
    return UNKNOWN if isinstance(weight, Unread) else f"{weight:.3g} %"


def _switch(switch: SwitchState | Unread) -> str:
    if isinstance(switch, Unread):
        return UNKNOWN
    if not switch.thrown:
        return "released"
    told = [f"by {switch.by}" if switch.by else "", switch.reason]
    return ": ".join(filter(None, [" ".join(["THROWN", *told[:1]]).strip(), told[1]]))
