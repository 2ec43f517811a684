"""What a change does to one service, for whoever reviews it: weights, anything else, what it destroys."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from commands.pipeline.weights import GATE, new_weight, weights, without_weights
from shared.promotion.change import HIGHEST
from shared.promotion.groups import Group, joining, parse_groups

Template = Mapping[str, Any]

_RETAINS: Final = ("Retain", "RetainExceptOnCreate")


@dataclass(frozen=True)
class Row:
    """One number before and after; None where it is not there."""

    where: str
    what: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Changed:
    """One resource that changes otherwise than by a weight.

    Attributes
    ----------
    how : str
        added, changed, left behind, replaced, perhaps replaced, or deleted.
    """

    stack: str
    logical_id: str
    type: str
    how: str

    @property
    def destroys(self) -> bool:
        """Whether what is there now is gone afterwards."""
        return self.how in {"deleted", "replaced", "perhaps replaced"}


@dataclass(frozen=True)
class Review:
    """What a change does to one service.

    Attributes
    ----------
    before, after : int or None
        Weight of new in percent, as the gate is given it.
    rows : tuple of Row
        The numbers that change.
    others : tuple of Changed
        Every other change, what destroys first.
    joins, leaves : tuple of str
        Groups that come to new, or leave it, beside the weight.
    override : str
        Who skips the rules and why; empty when nobody does.
    diffs : mapping
        By stack, what changes in its template, line by line.
    """

    service: str
    before: int | None
    after: int | None
    rows: tuple[Row, ...] = ()
    others: tuple[Changed, ...] = ()
    joins: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    override: str = ""
    diffs: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not self.diffs

    @property
    def rises(self) -> bool:
        """Whether new gets more, by weight or a group; a stack that is made begins at 0, as for the gate."""
        return self.after is not None and (self.after > (self.before or 0) or bool(self.joins))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> Review:
        """Return what `to_dict` gave.

        Raises
        ------
        TypeError, KeyError
            When it is something else.
        """
        return cls(
            **{
                **held,
                "rows": tuple(Row(**row) for row in held["rows"]),
                "others": tuple(Changed(**other) for other in held["others"]),
                # A plan that an earlier version wrote has none.
                "joins": tuple(held.get("joins", ())),
                "leaves": tuple(held.get("leaves", ())),
            }
        )


def review(
    service: str,
    stacks: Iterable[tuple[str, Template, Template]],
    replacements: Mapping[tuple[str, str], str] | None = None,
) -> Review:
    """Return what changes.

    Parameters
    ----------
    stacks : iterable
        Name, template before and template after of each stack of the service; an empty template before a
        stack is made.
    replacements : mapping, optional
        What CloudFormation says of a replacement (True or Conditional), by stack and logical id. A template
        does not tell: without a change set it is not known.
    """
    before = after = None
    rows: list[Row] = []
    others: list[Changed] = []
    diffs: dict[str, str] = {}
    override = ""
    joins: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    for stack, old, new in stacks:
        before = _either(new_weight(old), before)
        after = _either(new_weight(new), after)
        override = _override(new) or override
        joins, leaves = joins or _joining(old, new), leaves or _joining(new, old)
        if old == new:
            continue
        rows += _rows(old, new)
        others += _others(stack, old, new, replacements or {})
        diffs[stack] = _diff(old, new)
    others.sort(key=lambda other: (not other.destroys, other.stack, other.logical_id))
    return Review(
        service=service,
        before=before,
        after=after,
        rows=tuple(rows),
        others=tuple(others),
        joins=joins,
        leaves=leaves,
        override=override,
        diffs=diffs,
    )


def _either(found: int | None, earlier: int | None) -> int | None:
    return earlier if found is None else found


def _rows(old: Template, new: Template) -> Iterator[Row]:
    had, has = weights(old), weights(new)
    for holder in dict.fromkeys([*had, *has]):
        before, after = had.get(holder), has.get(holder)
        if before != after:
            yield Row(holder.where, holder.what, before, after)


def _others(
    stack: str, old: Template, new: Template, replacements: Mapping[tuple[str, str], str]
) -> Iterator[Changed]:
    had, has = old.get("Resources", {}), new.get("Resources", {})
    for logical_id in dict.fromkeys([*had, *has]):
        was, becomes = had.get(logical_id), has.get(logical_id)
        said = replacements.get((stack, logical_id), "")
        if becomes is None:
            kept = was.get("DeletionPolicy") in _RETAINS
            how, kind = "left behind" if kept else "deleted", was["Type"]
        elif was is None:
            how, kind = "added", becomes["Type"]
        elif was["Type"] != becomes["Type"] or said == "True":
            how, kind = "replaced", becomes["Type"]
        elif said == "Conditional":
            how, kind = "perhaps replaced", becomes["Type"]
        elif without_weights(was) != without_weights(becomes):
            how, kind = "changed", becomes["Type"]
        else:
            continue
        yield Changed(stack, logical_id, kind, how)
    for part in dict.fromkeys([*old, *new]):
        if part != "Resources" and old.get(part) != new.get(part) and old:
            yield Changed(stack, part, "(no resource)", "changed")


def _joining(before: Template, after: Template) -> tuple[str, ...]:
    """Return the groups that are on new with `after` and were not with `before`."""
    weight_before, weight_after = new_weight(before) or 0, new_weight(after) or 0
    if weight_before == HIGHEST:
        return ()
    return joining(_groups(before), weight_before, _groups(after), weight_after)


def _groups(template: Template) -> tuple[Group, ...]:
    for resource in template.get("Resources", {}).values():
        if resource.get("Type") == GATE:
            try:
                return parse_groups(resource.get("Properties", {}))
            except (KeyError, TypeError, ValueError):
                # The template was not made by this app: its diff shows what it holds.
                return ()
    return ()


def _override(template: Template) -> str:
    for resource in template.get("Resources", {}).values():
        said = resource.get("Properties", {}).get("Override")
        if resource.get("Type") == GATE and isinstance(said, dict):
            return f"{said.get('By')}: {said.get('Reason')}"
    return ""


def _diff(old: Template, new: Template) -> str:
    return "\n".join(
        difflib.unified_diff(_lines(old), _lines(new), "before", "after", lineterm="", n=3)
    )


def _lines(template: Template) -> list[str]:
    # Code is a text of many lines in one: a person reads it line by line.
    text = json.dumps(template, indent=2, sort_keys=True, ensure_ascii=False)
    return text.replace("\\n", "\\n\n").splitlines()
