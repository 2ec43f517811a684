"""When `cutover watch --until done` ends, and with which exit code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from commands.exit_codes import COULD_NOT_TELL, DONE, REFUSED
from commands.watching.state import Watched
from shared.status.standing import Unread

WAITS: Final = timedelta(minutes=2)
"""How long it waits for a deploy to begin, or for what cannot be read."""

WELL, BADLY = DONE, REFUSED


@dataclass(frozen=True)
class Ending:
    """An exit code, and the sentence for it."""

    code: int
    says: str


def ending(watched: Watched, waited: timedelta, *, seen_moving: bool) -> Ending | None:
    """Return how it ended, or None while it has not.

    Parameters
    ----------
    watched : Watched
        What is known now.
    waited : timedelta
        Since the watching began, or since what was needed could last be read.
    seen_moving : bool
        Whether a deploy was seen under way.
    """
    deploy, deployed = watched.deploy, watched.standing.deployed
    needed = [deploy, deployed, *(door.switch for door in watched.standing.doors)]
    unread = next((one for one in needed if isinstance(one, Unread)), None)
    if unread is not None or isinstance(deploy, Unread) or isinstance(deployed, Unread):
        why = "" if unread is None else unread.why
        return Ending(COULD_NOT_TELL, f"It cannot be told: {why}") if waited >= WAITS else None
    if deploy.under_way or (not seen_moving and waited < WAITS):
        return None
    begun = "" if seen_moving else f"No deploy began within {WAITS.seconds // 60} minutes. "
    if watched.standing.thrown:
        return Ending(BADLY, f"{begun}The switch is thrown: viewers go to old.")
    if "ROLLBACK" in deploy.status or deploy.status.endswith("_FAILED"):
        why = f" {deploy.failure}" if deploy.failure else ""
        return Ending(BADLY, f"{begun}The deploy ended {deploy.status}.{why}")
    if deployed.weight != watched.declared:
        return Ending(
            BADLY,
            f"{begun}CloudFormation holds {deployed.weight} % for new, and {watched.declared} % is declared.",
        )
    return Ending(WELL, f"{begun}Done: new gets {deployed.weight} %, and the switch is released.")
