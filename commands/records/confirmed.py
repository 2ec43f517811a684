"""Shows an exchange of records to a person, and carries it out once its hash is confirmed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError

from commands.declared import UsageError
from commands.exit_codes import COULD_NOT_TELL, DONE, REFUSED
from commands.files import json_in, named
from commands.records.exchange import Exchange, ExchangeError
from commands.records.record_set import said
from commands.records.watched_exchange import Done, NotDoneError
from commands.terminal import refuse, tell
from cutover.declaration.reading.errors import DeclarationError
from shared.doors.patience import DoorError
from shared.shown import shown

_HASH_SHOWN: Final = 40


def takes_confirmation(parser: argparse.ArgumentParser, folder: Path, holds: str) -> None:
    """Let a command be told what was confirmed, and the folder that `holds` what it keeps, by service."""
    parser.add_argument("--yes", metavar="HASH", help="carry out the plan that showed this hash")
    parser.add_argument(
        "--folder",
        type=named,
        default=folder,
        metavar="DIR",
        help=f"where {holds} kept, {folder}; a folder for each service",
    )


def ended(run: Callable[[], int]) -> int:
    """Return the exit code of `run`, and say why where it did not come to one."""
    try:
        return run()
    except DeclarationError as error:
        return refuse(*error.reasons)
    except (NotDoneError, ExchangeError) as error:
        tell(f"refused: {error}")
        return REFUSED
    except (UsageError, DoorError, BotoCoreError, OSError) as error:
        return refuse(str(error))


class Confirmed:
    """One call of a command that a person confirms with `--yes HASH`.

    Parameters
    ----------
    command : str
        As it is typed, without --yes.
    name : str
        The name whose records are exchanged.
    """

    def __init__(self, command: str, name: str, confirmed: str | None) -> None:
        self._command = command
        self._name = name
        self._confirmed = confirmed

    def show(self, exchange: Exchange) -> None:
        """Print what the batch takes away and brings."""
        tell(f"{self._name} in the hosted zone {exchange.zone_id}, in one change batch:")
        for change in exchange.changes:
            sign = "-" if change["Action"] == "DELETE" else "+"
            tell(f"  {sign} {said(change['ResourceRecordSet'])}")

    def held_back(self, exchange: Exchange, option: str) -> int | None:
        """Return None where this very exchange was confirmed. Else say how to confirm it, and return what the
        command ends with: DONE where nothing was confirmed, REFUSED where another plan was."""
        if self._confirmed == exchange.hash:
            return None
        again = f"{self._command}{option} --yes {exchange.hash}"
        if self._confirmed is None:
            tell(f"Nothing was changed. To do it: {again}")
            return DONE
        tell(
            f"refused: this is not the plan that showed {shown(self._confirmed, _HASH_SHOWN)}: "
            "something changed since, or the plan was another. Nothing was changed. Look at it again, "
            f"then: {again}"
        )
        return REFUSED

    def carry_out(self, make: Callable[[], Done], side: str, then: str) -> int:
        """Make the exchange, and tell what the servers answered meanwhile: all must lead to `side`."""
        try:
            done = make()
        except DoorError as error:
            if error.code != "InvalidChangeBatch":
                raise
            tell(f"refused: {error}.")
            return REFUSED
        tell(_watched(done, side))
        if done.taken_back:
            tell("It was taken back in one batch: the name is as it was. Nothing else was changed.")
            return REFUSED
        if not done.in_sync:
            tell(
                "Route 53 did not say within two minutes that all its servers have it. The batch was "
                "accepted: call this again to see the records."
            )
            return COULD_NOT_TELL
        tell(then)
        return DONE


def keep(file: Path, exchange: Exchange, at: datetime) -> None:
    """Write down `exchange`, so that it can be taken back."""
    write(file, {"at": at.isoformat(timespec="seconds"), **exchange.to_dict()})


def kept(file: Path) -> Exchange | None:
    """Return the exchange that `file` holds; None where there is no file.

    Raises
    ------
    ExchangeError
        When it holds something else.
    """
    if not file.is_file():
        return None
    try:
        return Exchange.from_dict(json_in(file))
    except (ValueError, ExchangeError) as error:
        raise ExchangeError(f"{file} cannot be read: {error}. Nothing was changed") from error


def write(file: Path, held: Any) -> None:
    """Write `held` as JSON, and make the folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")


def _watched(done: Done, side: str) -> str:
    seen = done.watched
    silent = f", {seen.silent} without an answer" if seen.silent else ""
    asked = f"{seen.asked} questions to {len(seen.by_server)} of the name's own servers{silent}"
    if not seen.wrong_count:
        return f"{asked}: every answer led to {side}, before, meanwhile and afterwards."
    first = "; ".join(seen.wrong[:3])
    return f"{asked}: {seen.wrong_count} answers were wrong. The first: {first}."
