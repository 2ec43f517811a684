"""Words and figures for people, and what a server said, made harmless."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shared.shown import spelt

UNKNOWN: Final = "\N{EN DASH}"
_MINUS: Final = "\N{MINUS SIGN}"
_TENTHS_BELOW: Final = 10


def plain(text: str, most: int = 600) -> str:
    """Return `text` cut to `most` characters, with every character that cannot be seen spelt out.

    What a server sent may hold terminal codes, marks that turn the direction of writing, and half
    characters that no file can be written with.
    """
    cut = text[:most]
    seen = "".join(map(spelt, cut))
    return f"{seen}… ({len(text) - most} more characters)" if len(text) > most else seen


def milliseconds(value: float | None) -> str:
    """Return a time, like `123 ms`, `7.9 ms` or `2,562 ms`; a dash where it is not known."""
    if value is None:
        return UNKNOWN
    return f"{value:,.1f} ms" if abs(value) < _TENTHS_BELOW else f"{value:,.0f} ms"


def percent(value: float | None) -> str:
    """Return a signed share, like `+63 %`; a dash where it is not known."""
    return UNKNOWN if value is None else f"{value:+,.0f} %".replace("-", _MINUS)


def interval(low: float | None, high: float | None) -> str:
    """Return the bounds of an estimate in its own unit, like `118 to 128` or `118 or more`."""
    bounds = [bound for bound in (low, high) if bound is not None]
    if not bounds:
        return ""
    places = 0 if max(map(abs, bounds)) >= _TENTHS_BELOW else 1
    shown = [f"{bound:,.{places}f}".replace("-", _MINUS) for bound in bounds]
    if high is None:
        return f"{shown[0]} or more"
    return f"up to {shown[0]}" if low is None else f"{shown[0]} to {shown[1]}"


def estimate(found: Sequence[float | None] | None) -> str:
    """Return an estimate in milliseconds with its bounds, like `123 ms (118 to 128)`."""
    if not found or found[0] is None:
        return UNKNOWN
    between = interval(found[1], found[2])
    return milliseconds(found[0]) + (f" ({between})" if between else "")


def duration(seconds: float) -> str:
    """Return a time that people wait, like `0.4 s`, `38 s` or `2 min 5 s`."""
    if seconds < _TENTHS_BELOW:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"  # noqa: PLR2004


def count(number: int, one: str, many: str = "") -> str:
    """Return `1 finding`, `2 findings`, `1,200 findings`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
