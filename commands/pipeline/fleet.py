"""Several services as one undertaking: how far each is, and whether it is its turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from commands.pipeline import change_sets
from commands.pipeline.errors import RefusedError
from commands.pipeline.standing import looked_at
from commands.pipeline.turns import Progress, Seen, waits
from cutover.declaration.fleet import Fleet
from cutover.declaration.promotion import HIGHEST
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.status.compare import SAME
from shared.status.look import ClientFor
from shared.status.standing import Standing, Unread


@dataclass(frozen=True)
class Undertaking:
    """What is declared of all services together, and every service, also those that a command leaves out."""

    fleet: Fleet
    cutovers: tuple[Cutover, ...]


def would_rise(cutover: Cutover, standing: Standing) -> bool:
    """Return whether new gets more when what is declared is deployed."""
    deployed = standing.deployed
    return isinstance(deployed, Unread) or cutover.service.new_weight > deployed.weight


def must_be_their_turn(
    undertaking: Undertaking,
    rising: Sequence[str],
    known: Mapping[str, Standing],
    client_for: ClientFor,
    now: datetime,
    then: str,
) -> None:
    """Do nothing where it is the turn of each of `rising`; `then` is the last sentence where it is not.

    Raises
    ------
    RefusedError
        With a sentence for each whose turn it is not.
    CouldNotTellError
        When CloudFormation does not say whether a service is deployed at all.
    """
    if not rising:
        return
    seen = far(undertaking.cutovers, known, client_for, now)
    told = waits(undertaking.fleet, seen, rising)
    if told:
        raise RefusedError(
            *(f"{name} must wait: {why}." for name, why in told.items()),
            f"cutover_fleet in cdk.json says who moves when. {then}",
        )


def far(
    cutovers: Iterable[Cutover],
    known: Mapping[str, Standing],
    client_for: ClientFor,
    now: datetime,
) -> dict[str, Seen]:
    """Return how far each of `cutovers` is; `known` are those that were looked at just now.

    Raises
    ------
    CouldNotTellError
        When CloudFormation does not say whether a service is deployed at all.
    """
    seen = {}
    for cutover in cutovers:
        standing = known.get(cutover.name)
        if standing is None:
            client = client_for("cloudformation", EDGE_REGION)
            if change_sets.held(client, Names(cutover.name).stack("traffic")) is None:
                seen[cutover.name] = Seen(Progress.NOT_BEGUN, "not deployed yet")
                continue
            standing, _ = looked_at(cutover, client_for, now)
        seen[cutover.name] = how_far(standing)
    return seen


def how_far(standing: Standing) -> Seen:
    """Return how far a service is, as it was seen.

    It has finished when CloudFormation's deploy to 100 has ended well, so that it has baked, every door holds
    100, and the switch is released. What cannot be read counts as on its way: it keeps its place, and nobody
    goes ahead because of it.
    """
    deployed = standing.deployed
    weights = [weight for door in standing.doors for weight in door.weights.values()]
    live = [weight for weight in weights if not isinstance(weight, Unread)]
    unread = len(live) < len(weights) or any(
        isinstance(one.switch, Unread) for one in standing.doors
    )
    if isinstance(deployed, Unread) or unread:
        return Seen(Progress.ON_ITS_WAY, "it cannot be read how it stands")
    everywhere = [deployed.weight, *live]
    if deployed.moving or deployed.failed:
        return Seen(Progress.ON_ITS_WAY, f"its stack is {deployed.status}")
    if max(everywhere) <= SAME:
        return Seen(Progress.NOT_BEGUN, "0 %")
    if standing.thrown:
        return Seen(Progress.ON_ITS_WAY, f"{deployed.weight} %, and its switch is thrown")
    finished = min(everywhere) >= HIGHEST - SAME
    return Seen(Progress.FINISHED if finished else Progress.ON_ITS_WAY, f"{deployed.weight} %")
