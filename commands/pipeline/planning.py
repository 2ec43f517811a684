"""Makes a plan: a change set for each stack that differs, prepared and read back; nothing is executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from commands.pipeline import change_sets
from commands.pipeline.assembly import Stack
from commands.pipeline.change_sets import ChangeSet, Held
from commands.pipeline.errors import CouldNotTellError, PipelineError, RefusedError
from commands.pipeline.fingerprint import fingerprint
from commands.pipeline.fleet import Undertaking, must_be_their_turn, would_rise
from commands.pipeline.listener_priorities import priorities_for
from commands.pipeline.plan_file import Plan, PlannedService, PlannedStack, valid_for
from commands.pipeline.review import Review, review
from commands.pipeline.room import Room, room_for
from commands.pipeline.standing import must_agree, stopped
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.status.look import ClientFor

_EXECUTED_BY_ITSELF = (
    "UPDATE_COMPLETE",
    "CREATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
)


class Prepare(Protocol):
    """Makes a change set with the stock CDK."""

    def __call__(self, stack: str, change_set: str, app: Path) -> None:
        """Prepare `change_set` for `stack` of the assembly `app`."""


@dataclass(frozen=True)
class Made:
    """Who makes the plan, when, of which commit, how the change sets are called, and for how many hours it is
    good."""

    at: datetime
    by: str
    commit: str
    change_set: str
    hours: float


def stacks_for(cutover: Cutover, stacks: Sequence[Stack]) -> list[Stack]:
    """Return the stacks of one service.

    Raises
    ------
    CouldNotTellError
        When the assembly has none.
    """
    own = Names(cutover.name).stacks(cutover.service.regions)
    found = [stack for stack in stacks if stack.name in own]
    if not found:
        raise CouldNotTellError(
            f"{cutover.name}: the assembly has none of its stacks. Synthesise with the declaration that "
            "declares it."
        )
    return found


def make(
    cutovers: Sequence[Cutover],
    stacks: Sequence[Stack],
    app: Path,
    client_for: ClientFor,
    prepare: Prepare,
    made: Made,
    tell: Callable[[str], None],
    undertaking: Undertaking | None = None,
) -> Plan:
    """Return the plan. Where it cannot be made, no change set of it is left behind.

    `undertaking` is which services move at once, where that is declared.

    Raises
    ------
    RefusedError
        When a door was changed outside CloudFormation, a stack is not ready for a change set, it is not
        the turn of a service that would rise, or the account has no room for what is added, as where a
        listener's rule has the priority already.
    CouldNotTellError
        When something cannot be read, or CDK fails.
    """
    standings = {one.name: must_agree(one, client_for, made.at) for one in cutovers}

    def must_be_turn_of(rising: Sequence[str], then: str) -> None:
        if undertaking is not None:
            must_be_their_turn(undertaking, rising, standings, client_for, made.at, then)

    rising = [one.name for one in cutovers if would_rise(one, standings[one.name])]
    must_be_turn_of(rising, "Declare the earlier weight for who must wait, and plan again.")
    for said in dict.fromkeys(filter(None, map(stopped, standings.values()))):
        tell(f"{said} A plan that raises one can be made, and not applied.")
    own = {cutover.name: stacks_for(cutover, stacks) for cutover in cutovers}
    held = {
        stack.name: _ready(client_for("cloudformation", stack.region), stack)
        for each in own.values()
        for stack in each
    }
    joining = [name for name, each in own.items() if _reviewed(name, each, held).joins]
    must_be_turn_of(
        list(dict.fromkeys([*rising, *joining])),
        "Declare weight and groups as they were for who must wait, and plan again.",
    )
    _must_have_room([stack for each in own.values() for stack in each], held, client_for, tell)
    prepared: list[tuple[Stack, ChangeSet]] = []
    try:
        services = [
            _service(
                cutover, own[cutover.name], held, app, client_for, prepare, made, tell, prepared
            )
            for cutover in cutovers
        ]
    except PipelineError:
        for stack, one in prepared:
            change_sets.delete(client_for("cloudformation", stack.region), stack.name, one.id)
        raise
    return Plan(
        made=made.at,
        valid_until=valid_for(made.hours, made.at),
        by=made.by,
        commit=made.commit,
        services=tuple(service for service in services if service.stacks),
    )


def _reviewed(name: str, stacks: Sequence[Stack], held: Mapping[str, Held]) -> Review:
    """Return what changes as the templates tell it, before any change set."""
    return review(
        name, [(stack.name, held[stack.name].template, stack.template) for stack in stacks]
    )


def _service(
    cutover: Cutover,
    stacks: Sequence[Stack],
    held: Mapping[str, Held],
    app: Path,
    client_for: ClientFor,
    prepare: Prepare,
    made: Made,
    tell: Callable[[str], None],
    prepared: list[tuple[Stack, ChangeSet]],
) -> PlannedService:
    planned: list[PlannedStack] = []
    compared = []
    replacements: dict[tuple[str, str], str] = {}
    account = ""
    for stack in stacks:
        client = client_for("cloudformation", stack.region)
        there = held[stack.name]
        compared.append((stack.name, there.template, stack.template))
        if fingerprint(there.template) == fingerprint(stack.template):
            continue
        tell(f"{stack.name}: cdk prepares the change set {made.change_set}")
        prepare(stack.name, made.change_set, app)
        one = change_sets.change_set(client, stack.name, made.change_set)
        if one is None:
            raise CouldNotTellError(
                f"{stack.name}: the change set that cdk made is not there any more."
            )
        prepared.append((stack, one))
        if one.empty:
            change_sets.delete(client, stack.name, one.id)
            continue
        if one.status != "CREATE_COMPLETE":
            raise CouldNotTellError(f"{stack.name}: the change set is {one.status}: {one.reason}")
        if fingerprint(one.template) != fingerprint(stack.template):
            raise RefusedError(
                f"{stack.name}: the change set holds another template than the one that was synthesised. "
                "Somebody prepares one of the same name: plan again when that has ended."
            )
        replacements |= {(stack.name, id_): said for id_, said in one.replacements.items()}
        account = one.id.split(":")[4]
        planned.append(
            PlannedStack(
                stack=stack.name,
                region=stack.region,
                change_set=one.id,
                fingerprint=one.fingerprint,
                deployed=there.fingerprint,
                updated=there.updated.isoformat(),
            )
        )
    seen = review(cutover.name, compared, replacements)
    if seen.after is not None and seen.after != cutover.service.new_weight:
        raise RefusedError(
            f"{cutover.name}: the assembly holds {seen.after} % for new, and {cutover.source} declares "
            f"{cutover.service.new_weight} %. What was only tried with -c is not planned: declare it, and "
            "synthesise anew."
        )
    return PlannedService(
        name=cutover.name,
        declared=cutover.service.new_weight,
        bucket=_bucket(stacks, account),
        stacks=tuple(planned),
        review=seen,
    )


def _must_have_room(
    stacks: Sequence[Stack],
    held: Mapping[str, Held],
    client_for: ClientFor,
    tell: Callable[[str], None],
) -> None:
    changes = [(stack.region, held[stack.name].template, stack.template) for stack in stacks]
    found = [*room_for(changes, client_for), *priorities_for(changes, client_for)]
    beyond = [one.says for one in found if one.room in {Room.BEYOND, Room.TAKEN}]
    if beyond:
        raise RefusedError(*beyond)
    for one in found:
        if one.room is not Room.ENOUGH:
            tell(one.says)


def _ready(client: object, stack: Stack) -> Held:
    there = change_sets.held(client, stack.name)
    if there is None:
        raise RefusedError(
            f"The stack {stack.name} does not exist in {stack.region}. The first deploy is cdk deploy --all; "
            "what comes after it can be planned. A service that is deployed is planned alone with --service."
        )
    if there.status not in _EXECUTED_BY_ITSELF:
        raise RefusedError(
            f"The stack {stack.name} is {there.status}: wait until its deploy has ended, or finish it in "
            "CloudFormation, and plan again."
        )
    return there


def _bucket(stacks: Sequence[Stack], account: str) -> str:
    at_the_edge = next((stack for stack in stacks if stack.region == EDGE_REGION), stacks[0])
    return at_the_edge.bucket.replace("${AWS::AccountId}", account)
