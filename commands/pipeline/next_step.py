"""The next step of one service, by what is live."""

from __future__ import annotations

from commands.pipeline.errors import CouldNotTellError, RefusedError
from cutover.declaration.reading.context import Cutover
from shared.status.compare import SAME
from shared.status.standing import Standing, Unread


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
