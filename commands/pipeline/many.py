"""The next step of every service whose turn it is, and why the others wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from commands.exit_codes import REFUSED
from commands.pipeline import change_sets
from commands.pipeline.errors import PipelineError
from commands.pipeline.fleet import Undertaking, far
from commands.pipeline.next_step import live_weight, next_step
from commands.pipeline.standing import must_agree, stopped
from commands.pipeline.turns import Progress, Seen, waits
from cutover.declaration.fleet import Fleet
from cutover.declaration.promotion import HIGHEST
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.status.look import ClientFor
from shared.status.standing import Standing


@dataclass(frozen=True)
class Turn:
    """What comes next for one service.

    Attributes
    ----------
    has : str
        What new has, like `10 %`, and what there is to say of that.
    step : int or None
        Weight of the next step in percent, where there is one.
    why : str
        Why it does not rise now; empty where it does.
    code : int
        The exit code where it does not rise because it cannot; 0 where it only waits, or has finished.
    halted : str
        That the line is stopped, where it is.
    """

    cutover: Cutover
    wave: int
    has: str
    finished: bool
    step: int | None = None
    why: str = ""
    code: int = 0
    halted: str = ""

    @property
    def goes(self) -> bool:
        """Whether it rises now."""
        return self.step is not None and not self.why


def unlimited(cutovers: tuple[Cutover, ...]) -> Undertaking:
    """Return an undertaking without an order, in which everybody may move."""
    return Undertaking(Fleet(at_once=max(1, min(100, len(cutovers)))), cutovers)


def turns(undertaking: Undertaking, client_for: ClientFor, now: datetime) -> list[Turn]:
    """Return what comes next for each service, wave by wave.

    Raises
    ------
    CouldNotTellError
        When CloudFormation does not say whether a service is deployed at all.
    """
    fleet = undertaking.fleet
    order = sorted(undertaking.cutovers, key=lambda one: fleet.wave_of(one.name))
    standings: dict[str, Standing] = {}
    steps: dict[str, int] = {}
    cannot: dict[str, PipelineError] = {}
    halted: dict[str, str] = {}
    for cutover in order:
        client = client_for("cloudformation", EDGE_REGION)
        if change_sets.held(client, Names(cutover.name).stack("traffic")) is None:
            continue
        try:
            standing = standings[cutover.name] = must_agree(cutover, client_for, now)
            halted[cutover.name] = stopped(standing)
            live = live_weight(standing)
            if live < HIGHEST:
                steps[cutover.name] = next_step(cutover, live, None)
        except PipelineError as error:
            cannot[cutover.name] = error
    seen = far(undertaking.cutovers, standings, client_for, now)
    declared = {one.name: one.service.new_weight for one in order}
    # What is declared and not deployed yet goes before what would be declared now.
    rising = (
        [] if any(halted.values()) else sorted(steps, key=lambda one: steps[one] != declared[one])
    )
    told = waits(fleet, seen, rising)
    return [
        _turn(
            cutover,
            fleet.wave_of(cutover.name),
            seen[cutover.name],
            steps.get(cutover.name),
            cannot.get(cutover.name),
            told.get(cutover.name, ""),
            halted.get(cutover.name, ""),
        )
        for cutover in order
    ]


def _turn(
    cutover: Cutover,
    wave: int,
    seen: Seen,
    step: int | None,
    cannot: PipelineError | None,
    waits_for: str,
    halted: str,
) -> Turn:
    finished = seen.progress is Progress.FINISHED
    why, code = waits_for, 0
    if cannot is not None:
        own = f"{cutover.name}: "
        why, code = " ".join(said.removeprefix(own) for said in cannot.reasons), cannot.code
    elif finished:
        why = "finished"
    elif step is None:
        why, code = "deploy it first: cdk deploy --all", REFUSED
    elif halted:
        why = "the line is stopped"
    return Turn(cutover, wave, seen.how, finished, step, why, code, halted)
