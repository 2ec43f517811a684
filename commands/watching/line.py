"""The view where there is no terminal: one line, for the log of a CI run."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from commands.watching import words
from commands.watching.state import Watched
from shared.shown import shown
from shared.status.standing import Unread

_LONGEST_PART: Final = 400
"""A reason of a thousand characters, as an alarm may give one, must not hide what stands after it."""


def line(watched: Watched, now: datetime) -> str:
    """Return everything in one line that begins with the time."""
    standing = watched.standing
    in_alarm = (
        []
        if isinstance(watched.alarms, Unread)
        else [one.name for one in watched.alarms if one.state.value == "ALARM"]
    )
    parts = [
        "deploy " + "; ".join(words.of_deploy(watched, now)),
        "weight " + ", ".join(words.of_weights(standing)),
        "switch " + ", ".join(words.of_switch(standing)),
        words.of_mute(standing),
        "".join(f"watch {far}" for far in words.of_watch(watched.watch)[:1]),
        words.of_line(standing),
        "share " + words.of_share(standing),
        *(f"{side} {words.of_side(watched, side)}" for side in ("old", "new")),
        "judge " + words.of_judge(standing),
        "alarms " + words.of_alarms(watched.alarms) + "".join(f", {name}" for name in in_alarm),
    ]
    said = (shown(part, _LONGEST_PART) for part in parts if part)
    return f"{now:%H:%M:%S} {watched.service}: " + " | ".join(said)


def says(watched: Watched) -> str:
    """Return what makes a line worth printing: the same text as long as nothing but time has passed."""
    deploy = watched.deploy
    of_deploy = (
        deploy.why
        if isinstance(deploy, Unread)
        else f"{deploy.status} {deploy.began} {deploy.step} {deploy.failure}"
    )
    standing = watched.standing
    alarms = (
        watched.alarms
        if isinstance(watched.alarms, Unread)
        else sorted(f"{one.name} {one.state.value}" for one in watched.alarms)
    )
    return f"{of_deploy} {words.of_weights(standing)} {words.of_switch(standing)} {alarms}" + (
        f" {words.of_judge(standing)[:4]} {words.of_mute(standing)} {words.of_watch(watched.watch)}"
        f" {words.of_line(standing)}"
    )
