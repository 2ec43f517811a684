"""What every report says about a run, in whatever format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from commands.report.wording import UNKNOWN, count, milliseconds, plain
from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, Report
from shared.readiness.spec import SIDES

HEADLINE: Final = {
    Verdict.PASS: "Ready",
    Verdict.FAIL: "Not ready",
    Verdict.INCONCLUSIVE: "Could not tell",
}
VERDICT: Final = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.INCONCLUSIVE: "could not tell",
    None: "not run",
}
MEASURED: Final = frozenset({"performance", "load"})
"""The checks that end in figures; the others end in differences."""
LOAD_HEAD: Final = (
    "load",
    "side",
    "requests",
    "failed",
    "a second",
    "p50",
    "p95",
    "p99",
    "slowest",
)
"""What `load_rows` yields."""
LATENCY_ESTIMATES: Final = ("mean", "p50", "p95", "p99")
LATENCY_HEAD: Final = ("requests", "failed", *LATENCY_ESTIMATES)
"""What `latency_rows` yields beside the side."""
_READ_FIRST: Final = (
    "parity",
    "journeys",
    "session",
    "assets",
    "tls",
    "performance",
    "load",
    "configuration",
    "door",
    "discovery",
    "attestations",
    "waivers",
)


def in_order(checks: Iterable[Check]) -> list[Check]:
    """Return the checks in the order in which people read them, not the one in which they ran."""
    place = {name: i for i, name in enumerate(_READ_FIRST)}
    return sorted(checks, key=lambda check: place.get(check.name, len(place)))


def headline(report: Report) -> str:
    """Return, in one short sentence, what keeps it from being ready."""
    against = report.against()
    if against:
        first = plain(against[0].said, 240)
        more = count(len(against) - 1, "more finding is below", "more findings are below")
        return f"{first}; and {more}." if len(against) > 1 else f"{first}."
    if report.verdict is not Verdict.PASS:
        return "Nothing was checked."
    # Discovery finds what is to be checked: without it nothing is left unchecked.
    skipped = [c.name for c in in_order(report.checks) if c.skipped and c.name != "discovery"]
    not_made = f" Not checked: {', '.join(skipped)}." if skipped else ""
    return f"Nothing that was checked keeps {plain(report.service)} from moving.{not_made}"


def summary(check: Check) -> str:
    """Return the result of a check in a few words."""
    if check.skipped:
        return check.skipped
    if check.name == "waivers":
        return f"{len(check.findings)} declared"
    waived = sum(1 for f in check.findings if is_waived(f))
    counted = [f.counts for f in check.findings]
    numbers = {word: counted.count(verdict) for verdict, word in VERDICT.items() if verdict}
    numbers[VERDICT[Verdict.PASS]] -= waived
    numbers["waived"] = waived
    return ", ".join(f"{n} {word}" for word, n in numbers.items() if n) or "nothing found"


def is_waived(finding: Finding) -> bool:
    """Return whether only a waiver keeps it from counting."""
    return bool(finding.waived) and finding.verdict is not Verdict.PASS


def differences(checks: Iterable[Check]) -> list[Finding]:
    """Return the findings that show both sides, unlike each other, of checks that do not end in figures."""
    found = [f for check in checks if check.name not in MEASURED for f in check.findings]
    return [f for f in found if (f.old or f.new) and f.verdict is not Verdict.PASS]


Estimate = Sequence[float | None] | None
"""A figure in ms with both ends of its interval; None where it was not measured."""


def latency_rows(
    figures: Mapping[str, Any],
) -> Iterator[tuple[str, tuple[str, str], list[Estimate]]]:
    """Yield each side that was measured, how many requests were sent and failed, and the estimates."""
    for side in SIDES:
        one = figures.get("sides", {}).get(side)
        if one:
            counts = (f"{one['count']:,}", f"{one['failed']:,}")
            yield side, counts, [one.get(key) for key in LATENCY_ESTIMATES]


def load_rows(figures: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield what was sent, to which side, and the figures that came of it."""
    for key, sent in (("burst", "sent"), ("closed", "requests"), ("open", "sent")):
        for side in SIDES:
            run = (figures.get("sides", {}).get(side) or {}).get(key)
            if run:
                rate = UNKNOWN if run.get("rate") is None else f"{run['rate']:,.0f}"
                times = [run.get(k) for k in ("p50_ms", "p95_ms", "p99_ms", "slowest_ms")]
                counts = [f"{run[sent]:,}", f"{run['failed']:,}", rate]
                yield [_sent(key, run), side, *counts, *map(milliseconds, times)]


def _sent(key: str, run: Mapping[str, Any]) -> str:
    if key == "burst":
        return f"{run['sent']} at once"
    if key == "closed":
        return f"{run['concurrency']} in a loop, {run['seconds']:.0f} s"
    return f"by the clock, {run['seconds']:.0f} s"


def measured(checks: Sequence[Check]) -> list[str]:
    """Return how it was measured, a paragraph for each check that was made and needs one."""
    made = {check.name: check.figures for check in checks if not check.skipped}
    told = (
        ("parity", _parity),
        ("journeys", _journeys),
        ("assets", _assets),
        ("performance", _performance),
        ("load", _load),
    )
    return [tell(made[name]) for name, tell in told if name in made]


def _parity(_: Mapping[str, Any]) -> str:
    return (
        "Parity: each endpoint was requested on both sides at once. Redirects were followed as long as they "
        "stay on the side. A CORS preflight was sent as from a foreign site. Cookies are compared by their "
        "attributes, never by their values. A difference counts until it is fixed or waived."
    )


def _journeys(_: Mapping[str, Any]) -> str:
    return (
        "Journeys: each was made on old, then on new, by one viewer with cookies of its own. Redirects were "
        "followed as a browser follows them. Values that were carried, and secrets, are shown by their names."
    )


def _assets(figures: Mapping[str, Any]) -> str:
    asked, files = (figures.get(key, 0) for key in ("asked", "files"))
    return (
        f"Assets: {asked:,} of {count(files, 'file')} that HTML pages name were asked for on both sides, by "
        "HEAD and, where that failed, by GET. Scripts were not run."
    )


def _performance(figures: Mapping[str, Any]) -> str:
    warm_up = figures.get("warm_up")
    warmed = f"after {count(warm_up, 'request')} to warm up each side, " if warm_up else ""
    return (
        f"Performance: {warmed}requests went to both sides in turn, so that drift affects both alike. "
        "A time runs from sending to the last byte. Each endpoint counts the same. Brackets hold 95 % "
        "intervals: of means and their ratio by Student's t, of a percentile by order statistics, which "
        "assume no distribution. A limit is kept when the whole interval is within it, and broken when the "
        "whole interval is above it. In between, it is not known."
    )


def _load(figures: Mapping[str, Any]) -> str:
    at_once, rate = figures.get("at_once"), figures.get("rate")
    held = f" and held at {rate:,.0f} a second" if rate else " and held"
    source = figures.get("rate_source")
    return (
        f"Load: {count(at_once, 'request') if at_once else 'requests'} at once, then as many in a loop, "
        "each sent when the one before is answered, then by the clock, at a rate that rises evenly"
        f"{held}. By the clock, a time runs from when a request was due, so that a server that stalls "
        "cannot hide it. No request may fail on either side, because a rollback needs old. After ten "
        f"failures no more is sent.{f' The rate: {source}.' if source else ''}"
    )
