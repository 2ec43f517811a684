"""The readiness report that an earlier run left, read back."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from commands.files import json_in, named

REPORT: Final = Path("build/readiness/report.json")
"""Where `cutover readiness` puts its latest report."""


def named_report(text: str) -> Path:
    """Return the path of the readiness report that `text` names, for an option.

    Whoever names a file wants what it says: only where nobody named one is it done without a report.

    Raises
    ------
    argparse.ArgumentTypeError
        When it is not there, cannot be read, or holds no readiness report.
    """
    file = named(text)
    must = "It must be: a readiness report, as cutover readiness writes it"
    try:
        held = json_in(file)
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"{text} cannot be read: {error.strerror or error}. {must}"
        ) from error
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be read: {error}. {must}") from error
    if not is_report(held):
        raise argparse.ArgumentTypeError(f"{text} is none, or a part of it is damaged. {must}")
    return file


@dataclass(frozen=True)
class ReadReport:
    """A report, or why there is none."""

    report: Mapping[str, Any] | None = None
    why: str = field(default="")


def read_report(file: Path, service: str) -> ReadReport:
    """Return the readiness report that `file` holds, if it is one of `service`."""
    try:
        held = json_in(file)
    except FileNotFoundError:
        return ReadReport(why="no readiness report is there: run cutover readiness")
    except (OSError, ValueError) as error:
        return ReadReport(why=f"{file} cannot be read: {error}")
    if not is_report(held):
        return ReadReport(why=f"{file} is no readiness report, or a part of it is damaged")
    if held["service"] != service:
        return ReadReport(why=f"{file} is of {held['service']}: run cutover readiness")
    return ReadReport(held)


def is_report(held: Any) -> bool:
    """Return whether all that the documents tell of it is there, in its form (docs/readiness-report.md)."""
    texts = ("service", "started", "verdict", "said")
    if not isinstance(held, dict) or not all(isinstance(held.get(key), str) for key in texts):
        return False
    checks = held.get("checks", [])
    return isinstance(checks, list) and all(map(_is_check, checks))


def _is_check(held: Any) -> bool:
    if not isinstance(held, dict) or not all(
        isinstance(held.get(key), str) for key in ("name", "verdict")
    ):
        return False
    findings, figures = held.get("findings", []), held.get("figures", {})
    if not isinstance(findings, list) or not all(isinstance(one, dict) for one in findings):
        return False
    sides = figures.get("sides", {}) if isinstance(figures, dict) else None
    return isinstance(sides, dict) and all(map(_is_measured, sides.values()))


def _is_measured(side: Any) -> bool:
    mean = side.get("mean") if isinstance(side, dict) else None
    return isinstance(side, dict) and (mean is None or _is_estimate(mean))


def _is_estimate(held: Any) -> bool:
    parts = 3
    return (
        isinstance(held, list)
        and len(held) == parts
        and all(one is None or type(one) in {int, float} for one in held)
    )
