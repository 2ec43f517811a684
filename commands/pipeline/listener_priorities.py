"""Whether the rules that a deploy adds to a listener find their priorities free.

A listener has no two rules with the same priority (Elastic Load Balancing API reference, CreateRule,
PriorityInUse): CloudFormation would find out half way, and undo what it had done.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from typing import Any, Final

from botocore.exceptions import BotoCoreError

from commands.pipeline.room import Found, Room
from cutover.declaration.last_users import PRIORITIES
from cutover.quotas import Template
from shared.doors.patience import DoorError, patiently
from shared.shown import shown
from shared.status.look import ClientFor

_TYPE: Final = "AWS::ElasticLoadBalancingV2::ListenerRule"
_HIGHEST: Final = 50_000
"""Elastic Load Balancing API reference, CreateRule, Priority."""
_MOST_PAGES: Final = 60
_TOLD: Final = 5


def priorities_for(
    stacks: Iterable[tuple[str, Template, Template]], client_for: ClientFor
) -> list[Found]:
    """Return a sentence for each listener on which a priority is taken, or which could not be read.

    Parameters
    ----------
    stacks : iterable
        Region, deployed template and new template of each stack; an empty one where it is not deployed.
    client_for : callable
        A boto3 client by service and region.
    """
    found: list[Found] = []
    for region, old, new in stacks:
        held = _priorities(old)
        for listener, wanted in _priorities(new).items():
            # What the stack holds is a rule of its own.
            added = wanted - held.get(listener, frozenset())
            if added:
                found += _judged(
                    listener, added, held.get(listener, frozenset()), client_for, region
                )
    return found


def _judged(
    listener: str,
    added: frozenset[int],
    held: frozenset[int],
    client_for: ClientFor,
    region: str,
) -> list[Found]:
    where = f"the listener {listener.rpartition('listener/')[2]}"
    try:
        taken = _taken(client_for("elbv2", region), listener) - held
    except (DoorError, BotoCoreError) as error:
        return [
            Found(
                Room.UNKNOWN,
                f"{where}: NOT MEASURED: whether the priorities of its new rules are free "
                f"({shown(str(error)).rstrip('.')}).",
            )
        ]
    clash = sorted(added & taken)
    if not clash:
        return []
    which = ", ".join(map(str, clash[:_TOLD])) + (" and more" if len(clash) > _TOLD else "")
    return [
        Found(
            Room.TAKEN,
            f"{where} has a rule of somebody else's at priority {which}, where this deploy would make one. "
            f"CloudFormation would fail half way and undo what it had done. {_instead(taken)}",
        )
    ]


def _instead(taken: Collection[int]) -> str:
    """Return what to declare: after the rules that are there, or else in the last gap that is wide enough."""
    after = max(taken) + 1
    if after + PRIORITIES - 1 <= _HIGHEST:
        return (
            f"Declare last_users.priority {after}: it and the {PRIORITIES - 1} after it are free."
        )
    edges = sorted({0, *taken, _HIGHEST + 1})
    # A load balancer takes far too few rules to leave no gap of this size (load-balancer-limits).
    first = max(
        end - PRIORITIES for start, end in itertools.pairwise(edges) if end - start > PRIORITIES
    )
    return (
        f"Declare last_users.priority {first}: it and the {PRIORITIES - 1} after it are free. The rules that "
        "stand after them are then passed over for whoever asks old by its own name."
    )


def _priorities(template: Template) -> dict[str, frozenset[int]]:
    """Return the priorities that a template's rules take, by listener."""
    found: dict[str, frozenset[int]] = {}
    for resource in template.get("Resources", {}).values():
        if resource.get("Type") == _TYPE:
            said = resource["Properties"]
            listener = said["ListenerArn"]
            found[listener] = found.get(listener, frozenset()) | {int(said["Priority"])}
    return found


def _taken(elbv2: Any, listener: str) -> frozenset[int]:
    """Return the priorities of the rules that a listener has."""
    found: set[int] = set()
    page: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        answer = patiently(lambda page=page: elbv2.describe_rules(ListenerArn=listener, **page))  # type: ignore[misc]
        found |= {int(rule["Priority"]) for rule in answer["Rules"] if rule["Priority"].isdigit()}
        if not answer.get("NextMarker"):
            return frozenset(found)
        page = {"Marker": answer["NextMarker"]}
    raise DoorError(f"describe_rules has more than {_MOST_PAGES} pages")
