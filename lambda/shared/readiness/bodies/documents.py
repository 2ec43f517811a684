"""Two JSON documents: where they differ, but for what is ignored.

A document of a mebibyte may be nested thousands deep or hold half a million members: nothing here recurses,
or keeps more than the way to where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any, Final

MISSING: Final = object()
"""Stands for what is not there at all."""

_Inner = Iterator[tuple[str, Any, Any]]


@dataclass(frozen=True)
class Unlike:
    """Where two documents differ.

    Attributes
    ----------
    path : tuple of str
        The steps to the first such place.
    old, new : Any
        The value there, or MISSING.
    more : int
        At how many further places they differ.
    """

    path: tuple[str, ...]
    old: Any
    new: Any
    more: int


def unlike(old: Any, new: Any, ignore: Sequence[str]) -> Unlike | None:
    """Return where they differ, or None when they do not.

    In `ignore`, steps are parted by dots: `*` is any one step, `**` any number of them. Lists are compared
    item by item.
    """
    ignored = _Ignored(ignore)
    first: Unlike | None = None
    count = 0
    path: list[str] = []
    root: _Inner = iter([("", old, new)])
    under_way: list[tuple[_Inner, _State | None]] = [(root, None)]
    while under_way:
        inner, state = under_way[-1]
        at = next(inner, None)
        if at is None:
            under_way.pop()
            if path:
                path.pop()
            continue
        key, before, after = at
        here = ignored.start if state is None else ignored.step(state, key)
        if here.ends:
            continue
        further = _inner(before, after)
        if further is not None:
            path.append(key)
            under_way.append((further, here))
        elif not _same(before, after):
            count += 1
            first = first or Unlike(tuple([*path, key][1:]), before, after, 0)
    return first and replace(first, more=count - 1)


def _inner(old: Any, new: Any) -> _Inner | None:
    """Return what is inside of both, side by side, or None when they must be compared themselves."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys([*old, *new])
        return ((key, old.get(key, MISSING), new.get(key, MISSING)) for key in keys)
    if isinstance(old, list) and isinstance(new, list):
        longer = max(len(old), len(new))
        return ((str(i), _item(old, i), _item(new, i)) for i in range(longer))
    return None


def _same(old: Any, new: Any) -> bool:
    # 1 and true are equal in Python, not in JSON.
    return bool(old == new) and isinstance(old, bool) is isinstance(new, bool)


def _item(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else MISSING


@dataclass(eq=False)
class _State:
    """How far each ignored path has come: the steps done of each, and whether one of them is done."""

    reached: frozenset[tuple[int, int]]
    ends: bool
    known: dict[str | None, _State] = field(default_factory=dict)


class _Ignored:
    """The ignored paths as one automaton, whose states are made as they are met: each step of a document
    costs one look-up, however many paths there are."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = [path.split(".") for path in paths]
        self._named = {step for path in self._paths for step in path}
        self._states: dict[frozenset[tuple[int, int]], _State] = {}
        self.start = self._state((i, 0) for i in range(len(paths)))

    def step(self, state: _State, key: str) -> _State:
        """Return the state after one more step."""
        name = key if key in self._named else None
        following = state.known.get(name)
        if following is None:
            following = self._state(self._moves(state, name))
            state.known[name] = following
        return following

    def _moves(self, state: _State, name: str | None) -> Iterator[tuple[int, int]]:
        for i, at in state.reached:
            step = self._paths[i][at]
            if step == "**":
                yield i, at
            elif step in {"*", name}:
                yield i, at + 1

    def _state(self, reached: Iterator[tuple[int, int]]) -> _State:
        """Return the state of `reached` and what lies behind each `**`, which may be no step at all."""
        opened = set[tuple[int, int]]()
        for i, at in reached:
            behind = takewhile(lambda step: step == "**", self._paths[i][at:])
            opened |= {(i, at + more) for more in range(1 + sum(1 for _ in behind))}
        ends = any(at == len(self._paths[i]) for i, at in opened)
        return self._states.setdefault(frozenset(opened), _State(frozenset(opened), ends))
