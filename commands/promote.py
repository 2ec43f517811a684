"""Declares the next step: finds the weight that is live, and puts the next one of `promotion.steps` into the
declaration, where only the number changes. It deploys nothing: open a pull request with it.

The exit code is 0 when the next step is declared (or there is none left), 1 when it is refused, and 2 when it
could not tell.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from commands.declared import declared_services
from commands.pipeline.errors import DONE, CouldNotTellError, PipelineError, RefusedError
from commands.pipeline.json_edit import write_number
from commands.pipeline.schedule import day_and_clock, rises
from commands.pipeline.standing import must_agree, must_be_logged_in
from commands.report.wording import plain
from commands.terminal import Parser, refuse, tell_reasons
from cutover.declaration.promotion import HIGHEST, Promotion
from cutover.declaration.reading.context import Cutover
from cutover.declaration.reading.errors import DeclarationError
from cutover.paths import CDK_JSON
from shared.aws import READS, clients
from shared.status.compare import SAME
from shared.status.standing import Standing, Unread

_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Look, declare the next step, show what is left, and return the exit code."""
    arguments = _parser().parse_args(given)
    now = datetime.now(UTC)
    try:
        file = arguments.declaration or os.environ.get("CUTOVER_DECLARATION") or None
        cutover = _one(declared_services(arguments.service, file))
        must_be_logged_in()
        live = live_weight(must_agree(cutover, _client, now))
        _show(cutover, live, now)
        if live >= HIGHEST:
            print(f"{cutover.name}: new has all traffic, and no step is left.")
            return DONE
        if arguments.show:
            return DONE
        step = next_step(cutover, live, arguments.to)
        if step != cutover.service.new_weight:
            _declare(cutover, file, step)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except PipelineError as error:
        return tell_reasons(error.code, *error.reasons)
    _say(cutover, live, step)
    return DONE


def live_weight(standing: Standing) -> float:
    """Return the weight of new in percent at every door.

    Raises
    ------
    RefusedError
        While the switch is thrown.
    CouldNotTellError
        When the doors differ, or none tells.
    """
    if standing.thrown:
        raise RefusedError(
            f"{standing.service}: the switch is thrown, and everybody is on old. Release it first, with a "
            "name and a reason; a rise would be refused until then."
        )
    live = [
        weight
        for door in standing.doors
        for weight in door.weights.values()
        if not isinstance(weight, Unread)
    ]
    if not live or max(live) - min(live) > SAME:
        raise CouldNotTellError(
            f"{standing.service}: it is not known what new gets: run cutover status."
        )
    return live[0]


def next_step(cutover: Cutover, live: float, asked: int | None) -> int:
    """Return the weight of the next step above `live`, in percent.

    Raises
    ------
    RefusedError
        When `asked` is another one, or another weight is declared already and not deployed.
    """
    step = next(one.weight for one in cutover.service.promotion.way if one.weight > live)
    declared = cutover.service.new_weight
    if asked is not None and asked != step:
        what = "skips it" if asked > step else "is not above what is live"
        raise RefusedError(
            f"{cutover.name}: new has {live:.3g} %, so the next step is {step} %, and {asked} % {what}. "
            "Nothing was changed."
        )
    if declared not in {step, round(live)}:
        raise RefusedError(
            f"{cutover.name}: new has {live:.3g} %, and {cutover.source} declares {declared} % already. "
            f"Deploy that, or declare {live:.3g} again. Nothing was changed."
        )
    return step


def _parser() -> Parser:
    parser = Parser(prog="cutover promote", description=__doc__)
    parser.add_argument("--service", metavar="NAME", help="which of the declared services")
    parser.add_argument(
        "--declaration", metavar="FILE", help="JSON file of the services, instead of cdk.json"
    )
    parser.add_argument(
        "--to", metavar="WEIGHT", type=int, help="refuse unless this is the next step"
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
        step.weight: ", ".join(
            group.name for group in promotion.groups if before < group.first_weight <= step.weight
        )
        for before, step in zip(
            [0, *(s.weight for s in promotion.way)], promotion.way, strict=False
        )
    }
    groups = ["groups that join"] if promotion.groups else []
    for column in ("step", "weight", *groups, "bake", "", "earliest"):
        table.add_column(column, no_wrap=True)
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
    console = Console()
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
