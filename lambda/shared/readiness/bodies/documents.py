"""Two JSON documents: where they differ, but for what is ignored and for the order of lists that have none.

A document of a mebibyte may be nested thousands deep or hold half a million members: nothing here recurses,
or keeps more than the way to where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import count, repeat, takewhile
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


def unlike(
    old: Any, new: Any, ignore: Sequence[str], unordered: Sequence[str] = ()
) -> Unlike | None:
    """Return where they differ, or None when they do not.

    In `ignore` and `unordered`, steps are parted by dots: `*` is any one step, `**` any number of them, and
    `.` alone is the document itself. Lists are compared item by item; those in `unordered` without their
    order: what both hold is the same wherever it stands, and the rest is compared as it comes.
    """
    rules = _Rules(_Paths(ignore), _Paths(unordered))
    first: Unlike | None = None
    count = 0
    path: list[str] = []
    root: _Inner = iter([("", old, new)])
    under_way: list[tuple[_Inner, _At | None]] = [(root, None)]
    while under_way:
        inner, state = under_way[-1]
        at = next(inner, None)
        if at is None:
            under_way.pop()
            if path:
                path.pop()
            continue
        key, before, after = at
        here = rules.start if state is None else rules.step(state, key)
        if here.is_ignored:
            continue
        further = rules.paired(before, after, here) or _inner(before, after)
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
    """How far each path has come: the steps done of each, and whether one of them is done."""

    reached: frozenset[tuple[int, int]]
    ends: bool
    known: dict[str | None, _State] = field(default_factory=dict)


class _Paths:
    """Paths as one automaton, whose states are made as they are met: each step of a document costs one
    look-up, however many paths there are."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = [[] if path == "." else path.split(".") for path in paths]
        self._named = {step for path in self._paths for step in path}
        self._states: dict[frozenset[tuple[int, int]], _State] = {}
        self.start = self._state((i, 0) for i in range(len(paths)))

    def step(self, state: _State, key: str | None) -> _State:
        """Return the state after one more step; None is an item of a list without an order."""
        name = key if key in self._named else None
        following = state.known.get(name)
        if following is None:
            following = self._state(self._moves(state, name))
            state.known[name] = following
        return following

    def _moves(self, state: _State, name: str | None) -> Iterator[tuple[int, int]]:
        for i, at in state.reached:
            if at == len(self._paths[i]):
                continue
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


@dataclass(frozen=True, slots=True)
class _At:
    """How far the ignored paths and those of lists without an order have come at one place."""

    ignored: _State
    unordered: _State

    @property
    def is_ignored(self) -> bool:
        """Whether this place is ignored."""
        return self.ignored.ends

    @property
    def has_no_order(self) -> bool:
        """Whether a list here has no order."""
        return self.unordered.ends


class _Rules:
    """What is ignored, which lists have no order, and what each part of such a list amounts to."""

    def __init__(self, ignored: _Paths, unordered: _Paths) -> None:
        self._ignored = ignored
        self._unordered = unordered
        self.start = _At(ignored.start, unordered.start)
        self._places: dict[tuple[_State, _State], _At] = {}
        self._known: dict[tuple[int, _At], bytes] = {}

    def step(self, at: _At, key: str | None) -> _At:
        """Return what holds one step further."""
        after = (
            self._ignored.step(at.ignored, key),
            self._unordered.step(at.unordered, key),
        )
        found = self._places.get(after)
        if found is None:
            found = self._places[after] = _At(*after)
        return found

    def paired(self, old: Any, new: Any, at: _At) -> _Inner | None:
        """Return the items that only one of two lists without an order holds, side by side; None for anything
        else."""
        if not (at.has_no_order and isinstance(old, list) and isinstance(new, list)):
            return None
        item = self.step(at, None)
        if item.is_ignored:
            return iter(())
        of_new: dict[bytes, list[int]] = {}
        for i, value in enumerate(new):
            of_new.setdefault(self._digest(value, item), []).append(i)
        before: list[int] = []
        for i, value in enumerate(old):
            same = of_new.get(self._digest(value, item))
            if same:
                same.pop()
            else:
                before.append(i)
        after = sorted(i for several in of_new.values() for i in several)
        longer = max(len(before), len(after))
        return (
            (
                str(before[i] if i < len(before) else after[i]),
                old[before[i]] if i < len(before) else MISSING,
                new[after[i]] if i < len(after) else MISSING,
            )
            for i in range(longer)
        )

    def _digest(self, value: Any, at: _At) -> bytes:
        """Return what is the same for two values that do not differ. It does not recurse, and keeps what it
        has found of lists and objects, so that lists in lists cost no more than the document is long."""
        made: list[bytes] = []
        todo: list[tuple[Any, _At, int]] = [(value, at, -1)]
        while todo:
            one, here, begun = todo.pop()
            if not isinstance(one, dict | list):
                made.append(_leaf(one))
                continue
            key = (id(one), here)
            if key in self._known:
                made.append(self._known[key])
            elif begun < 0:
                todo.append((one, here, len(made)))
                todo.extend((inner, there, -1) for _, inner, there in self._members(one, here))
            else:
                # The last that was put off is done first.
                inner_digests = made[begun:][::-1]
                del made[begun:]
                self._known[key] = self._whole(one, here, inner_digests)
                made.append(self._known[key])
        return made[0]

    def _members(self, value: Any, at: _At) -> Iterator[tuple[str, Any, _At]]:
        if isinstance(value, dict):
            steps = ((key, value[key], self.step(at, key)) for key in sorted(value))
        else:
            names = repeat(None) if at.has_no_order else map(str, count())
            steps = (
                ("", one, self.step(at, name)) for name, one in zip(names, value, strict=False)
            )
        return (step for step in steps if not step[2].is_ignored)

    def _whole(self, value: Any, at: _At, inner: list[bytes]) -> bytes:
        hashed = blake2b(b"{" if isinstance(value, dict) else b"[", digest_size=16)
        if isinstance(value, list) and at.has_no_order:
            inner = sorted(inner)
        for (key, _, _), digest in zip(self._members(value, at), inner, strict=True):
            hashed.update(_text(key) + digest)
        return hashed.digest()


def _leaf(value: Any) -> bytes:
    if isinstance(value, str):
        return blake2b(b'"' + value.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    # 1 and 1.0 are the same number, 1 and true are not.
    kind = "b" if isinstance(value, bool) or value is None else "n"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return blake2b(f"{kind}{value!r}".encode(), digest_size=16).digest()


def _text(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
