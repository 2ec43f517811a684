"""Declares the next step: finds the weight that is live, and puts the next one of `promotion.steps` into the
declaration, where only the number changes. It deploys nothing: open a pull request with it.

With --all it does so for every service whose turn it is, and says of each other one why it waits.

The exit code is 0 when the next step is declared (or there is none left), 1 when it is refused, and 2 when it
could not tell.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from commands.capacity import said_of_step
from commands.declared import declaration_file, declared_services, takes_declaration
from commands.numbers import whole
from commands.pipeline.declared_fleet import declared_undertaking
from commands.pipeline.errors import (
    DONE,
    REFUSED,
    CouldNotTellError,
    PipelineError,
    RefusedError,
)
from commands.pipeline.fleet import Undertaking, must_be_their_turn
from commands.pipeline.json_edit import write_number
from commands.pipeline.many import Turn, turns, unlimited
from commands.pipeline.next_step import live_weight, next_step
from commands.pipeline.schedule import day_and_clock, rises
from commands.pipeline.standing import must_agree, must_be_logged_in, stopped
from commands.report.wording import plain
from commands.terminal import Parser, page, refuse, tell_reasons
from cutover.declaration.promotion import HIGHEST, Promotion
from cutover.declaration.reading.context import Cutover
from cutover.declaration.reading.errors import DeclarationError
from cutover.paths import CDK_JSON
from shared.aws import READS, clients

_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Look, declare the next step, show what is left, and return the exit code."""
    arguments = _parser().parse_args(given)
    now = datetime.now(UTC)
    try:
        file = declaration_file(arguments.declaration)
        undertaking = declared_undertaking(file)
        if arguments.all:
            if arguments.service is not None or arguments.to is not None:
                return refuse(
                    "--all is about every service: give neither --service nor --to with it"
                )
            must_be_logged_in()
            everybody = tuple(declared_services(None, file))
            return _all(undertaking or unlimited(everybody), file, now, show=arguments.show)
        cutover = _one(declared_services(arguments.service, file))
        must_be_logged_in()
        return _promote(cutover, undertaking, file, now, arguments)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except PipelineError as error:
        return tell_reasons(error.code, *error.reasons)


def _promote(
    cutover: Cutover,
    undertaking: Undertaking | None,
    file: str | None,
    now: datetime,
    arguments: argparse.Namespace,
) -> int:
    standing = must_agree(cutover, _client, now)
    live = live_weight(standing)
    _show(cutover, live, now)
    if live >= HIGHEST:
        print(f"{cutover.name}: new has all traffic, and no step is left.")
        return DONE
    halt = stopped(standing)
    if arguments.show:
        upcoming = next(one.weight for one in cutover.service.promotion.way if one.weight > live)
        _say_capacity(cutover, upcoming, now)
        print(plain(halt), end="\n" if halt else "")
        return DONE
    if halt:
        raise RefusedError(f"{halt} Nothing was changed.")
    step = next_step(cutover, live, arguments.to)
    if undertaking is not None:
        known = {cutover.name: standing}
        must_be_their_turn(undertaking, [cutover.name], known, _client, now, "Nothing was changed.")
    if step != cutover.service.new_weight:
        _declare(cutover, file, step)
    _say(cutover, live, step)
    _say_capacity(cutover, step, now)
    return DONE


def _all(undertaking: Undertaking, file: str | None, now: datetime, *, show: bool) -> int:
    found = turns(undertaking, _client, now)
    goes = [turn for turn in found if turn.goes]
    pending = [turn for turn in goes if turn.step == turn.cutover.service.new_weight]
    for turn in goes:
        if not show and turn.step is not None and turn not in pending:
            _declare(turn.cutover, file, turn.step)
    console = page()
    console.print(_table(found, declared="is next" if show else "is declared now"))
    halt = next((turn.halted for turn in found if turn.halted), "")
    if all(turn.finished for turn in found):
        print("New has all traffic of every service, and no step is left.")
        return DONE
    if show:
        print(plain(halt), end="\n" if halt else "")
        return DONE
    if halt:
        return tell_reasons(REFUSED, f"{halt} Nothing was changed.")
    if goes:
        source = goes[0].cutover.source
        print(
            f"Open a pull request with {source}; every service keeps what it has until that is deployed."
        )
        return DONE
    reasons = [f"{turn.cutover.name}: {turn.why}" for turn in found if turn.code]
    code = max(turn.code for turn in found)
    return tell_reasons(code or REFUSED, *reasons, "No service may rise. Nothing was changed.")


def _table(found: Sequence[Turn], *, declared: str) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for column in ("wave", "service", "new has", "then"):
        table.add_column(column, no_wrap=True)
    table.add_column("", overflow="fold")
    for turn in found:
        pending = turn.step == turn.cutover.service.new_weight
        goes = "is declared already: deploy it" if pending else declared
        table.add_row(
            f"{turn.wave}",
            turn.cutover.name,
            Text(plain(turn.has)),
            f"{turn.step} %" if turn.goes else "",
            Text(plain(goes if turn.goes else turn.why)),
        )
    return table


def _parser() -> Parser:
    parser = Parser(prog="cutover promote", description=__doc__)
    takes_declaration(parser)
    parser.add_argument(
        "--to", metavar="WEIGHT", type=whole(0, 100), help="refuse unless this is the next step"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="the next step of every service whose turn it is (cutover_fleet in cdk.json)",
    )
    parser.add_argument("--show", action="store_true", help="show what is left, and change nothing")
    return parser


def _one(cutovers: Sequence[Cutover]) -> Cutover:
    if len(cutovers) > 1:
        names = ", ".join(cutover.name for cutover in cutovers)
        raise CouldNotTellError(
            f"{len(cutovers)} services are declared: say which one with --service NAME. Declared: {names}."
        )
    return cutovers[0]


def _declare(cutover: Cutover, file: str | None, step: int) -> None:
    if file is None:
        write_number(CDK_JSON, ["context", "cutover", cutover.name, "new_weight"], step)
    else:
        write_number(Path(file), [cutover.name, "new_weight"], step)


def _show(cutover: Cutover, live: float, now: datetime) -> None:
    promotion = cutover.service.promotion
    earliest = {rise.step.weight: rise.earliest for rise in rises(promotion, live, now)}
    upcoming = next(iter(earliest), None)
    table = Table(box=SIMPLE_HEAD)
    joining = {
        step.weight: ", ".join(group.name for group in promotion.joining(before, step.weight))
        for before, step in zip(
            [0, *(s.weight for s in promotion.way)], promotion.way, strict=False
        )
    }
    groups = ["groups that join"] if promotion.groups else []
    for column in ("step", "weight", *groups, "bake", "", "earliest"):
        # In a narrow window names of groups take more lines, and no number is cut.
        table.add_column(column, no_wrap=column not in groups, overflow="fold")
    for number, step in enumerate(promotion.way, 1):
        to_come = step.weight in earliest
        at = earliest.get(step.weight)
        never = "never: frozen" if to_come else ""
        table.add_row(
            f"{number} of {len(promotion.way)}",
            f"{step.weight} %",
            *([joining[step.weight]] if groups else []),
            f"{promotion.bake_minutes_at(step.weight)} min",
            "next" if step.weight == upcoming else ("" if to_come else "done"),
            never if at is None else day_and_clock(promotion, at),
        )
    console = page()
    console.print(f"{cutover.name}: new has {live:.3g} %", highlight=False, markup=False)
    console.print(table)
    console.print(_rules(promotion), highlight=False, markup=False, soft_wrap=True)


def _rules(promotion: Promotion) -> str:
    window = promotion.window
    hours = "at any hour" if window is None else f"from {window.start} to {window.end}"
    return plain(
        f"A weight may rise {hours}, {promotion.time_zone}, by at most {promotion.max_step_percent} points. "
        "Each time is the earliest: the gate takes some minutes before it, and people may take longer."
        + (" Groups come on top of the weight, at the edge door only." if promotion.groups else "")
    )


def _say_capacity(cutover: Cutover, step: int, now: datetime) -> None:
    said = said_of_step(cutover, step, _client, now)
    if said is not None:
        print(plain(said))


def _say(cutover: Cutover, live: float, step: int) -> None:
    name, before = cutover.name, cutover.service.new_weight
    if before == step:
        print(
            f"{name}: the next step, {step} %, is declared already in {cutover.source}. Deploy it."
        )
        return
    print(
        f"{name}: {cutover.source} declares {step} % now, instead of {before}. Open a pull request with it; "
        f"new keeps {live:.3g} % until that is deployed."
    )
