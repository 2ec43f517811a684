"""Reports as a run would make them, without a run: one ready, one not, one that could not tell, one hostile.

`python -m tests.unit.support.report_samples ready build/sample` writes one to look at.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.inference.verdict import Verdict
from shared.readiness.checks.performance import judge
from shared.readiness.finding import Check, Finding, Report, check
from shared.readiness.spec import Latency

OLD = "http://chatmrpt-alb-319454030.us-east-2.elb.amazonaws.com:80"
NEW = "http://chatmrpt-staging-alb-752380251.us-east-2.elb.amazonaws.com:80"
PATHS = ("/ping", "/", "/system-health")
HOSTILE = "<script>alert('x')</script>\"|`@team \x1b[31m\u202e\udc80 https://evil.example"


def ready() -> Report:
    """Old at 123 ms, new at 201 ms, one difference waived."""
    waived = Finding(
        "parity:/:header:cache-control",
        Verdict.FAIL,
        "/: cache-control is max-age=60 on old and max-age=300, public on new",
        old="max-age=60",
        new="max-age=300, public",
        waivable=True,
        waived="by Ada until 2026-12-31: the CDN in front of new wants it public",
    )
    return _report(
        check(
            "parity",
            [
                Finding("parity:/ping", Verdict.PASS, "/ping: the same on both sides"),
                waived,
                Finding("parity:/system-health", Verdict.PASS, "/system-health: the same"),
            ],
            endpoints=list(PATHS),
        ),
        Check("tls", skipped="both sides are reached by plain HTTP"),
        performance(old_ms=123, new_ms=201, slowdown_limit=75),
        load(),
        Check("configuration", skipped="there are no AWS credentials here"),
        people(),
        check(
            "waivers",
            [
                Finding(
                    "waiver:parity:/:header:cache-control",
                    Verdict.PASS,
                    "Ada's waiver of parity:/:header:cache-control holds until 2026-12-31: "
                    "the CDN in front of new wants it public",
                ),
                Finding(
                    "waiver:parity:/ping:header:vary",
                    Verdict.PASS,
                    "Grace's waiver of parity:/ping:header:vary expired on 2026-11-01: "
                    "the difference counts",
                ),
            ],
        ),
    )


def not_ready() -> Report:
    """New differs, is slow, and fails under load; nobody has verified the backups."""
    csp = "default-src 'self'; script-src 'self' https://static.example; object-src 'none'"
    differing = [
        ("/:header:content-security-policy", csp, csp.replace(" https://static.example", "")),
        ("/:cookie:session", "httponly; path=/; samesite=lax; secure", "path=/"),
        ("/:body", "<h1>Welcome to ChatMRPT</h1><p>Ask…", "<h1>Welcome to ChatMRPT (staging)</h1>"),
        ("/system-health:content-type", "application/json", "text/html;charset=utf-8"),
    ]
    parity = [
        Finding("parity:/ping:new", Verdict.FAIL, "/ping on new: status 503, but must be 200"),
        *(
            Finding(
                f"parity:{name}",
                Verdict.FAIL,
                f"{name.split(':')[0]}: {name.split(':', 1)[1]} is {old} on old and {new} on new",
                old=old,
                new=new,
                waivable=True,
            )
            for name, old, new in differing
        ),
    ]
    configuration = check(
        "configuration",
        [
            Finding(
                "configuration:idle-timeout",
                Verdict.FAIL,
                "the idle timeout is 120 s on old and 60 s on new",
                old="120 s",
                new="60 s",
                waivable=True,
            ),
            Finding("configuration:target-health", Verdict.PASS, "2 of 2 targets are healthy"),
        ],
    )
    return _report(
        check("parity", parity, endpoints=list(PATHS)),
        Check("tls", skipped="both sides are reached by plain HTTP"),
        performance(old_ms=123, new_ms=262, slowdown_limit=25),
        load(new_fails=True),
        configuration,
        people(verified=False),
    )


def could_not_tell() -> Report:
    """So few samples that nothing can be said."""
    few = performance(old_ms=123, new_ms=201, slowdown_limit=75, samples=8)
    return _report(check("parity", [], endpoints=[]), few)


def hostile() -> Report:
    """A server that sends what would be code, terminal codes or mentions if anybody believed it."""
    return _report(
        check(
            "parity",
            [
                Finding(
                    f"parity:/{HOSTILE}:body",
                    Verdict.FAIL,
                    f"/: the bodies differ: {HOSTILE}",
                    old=HOSTILE,
                    new=HOSTILE * 200,
                    waivable=True,
                ),
                Finding("parity:/:new", Verdict.FAIL, HOSTILE, waived=f"by {HOSTILE}"),
            ],
        ),
        performance(old_ms=123, new_ms=201, slowdown_limit=75, paths=(f"/{HOSTILE}",)),
        Check("configuration", skipped=HOSTILE),
    )


def performance(
    *,
    old_ms: float,
    new_ms: float,
    slowdown_limit: float,
    samples: int = 100,
    paths: Sequence[str] = PATHS,
) -> Check:
    """A check of performance, judged as a run's, of times drawn the same way every time."""
    chance = random.Random(3)
    old: dict[str, list[float]] = {}
    new: dict[str, list[float]] = {}
    for side, mean in ((old, old_ms), (new, new_ms)):
        for path, share in zip(paths, (0.85, 1.07, 1.08), strict=False):
            drawn = (chance.lognormvariate(-0.005, 0.1) for _ in range(samples))
            side[path] = [mean * share * one for one in drawn]
    findings, figures = judge(old, new, Latency(samples, 250, 250, slowdown_limit))
    said = f"new answered all {samples * len(paths)} requests"
    answered = Finding("performance:new:answered", Verdict.PASS, said)
    return check("performance", [answered, *findings], warm_up=3 * len(paths), **figures)


def load(*, new_fails: bool = False) -> Check:
    """A check of load; where new fails, it stalls from 60 requests a second on until ten have failed."""
    chance = random.Random(5)
    stalls_at = 60.0 if new_fails else 1e9
    sides = {
        "old": _loaded(chance, 118.0, stalls_at=1e9),
        "new": _loaded(chance, 190.0, stalls_at=stalls_at),
    }
    source = "84.2 requests/s, the third busiest of the last 15 minutes in CloudWatch"
    findings = [
        Finding(f"load:{side}:open", *_told(side, sides[side]["open"])) for side in ("old", "new")
    ]
    return check(
        "load",
        findings,
        at_once=10,
        rate=84.2,
        rate_source=f"84.2 a second: {source}",
        sides=sides,
    )


def _told(side: str, run: dict[str, Any]) -> tuple[Verdict, str]:
    if run["failed"]:
        said = (
            f"{run['failed']} of {run['sent']} requests on the way to 84.2 a second failed on {side}, "
            "the first /: no whole answer within 10.0 s: nothing came"
        )
        return Verdict.FAIL, said
    return Verdict.PASS, f"{side} answered all {run['sent']} requests on the way to 84.2 a second"


def people(*, verified: bool = True) -> Check:
    """Attestations: the team is briefed; the backups are verified, or not."""
    backups = Finding(
        "attestation:backups are verified",
        Verdict.PASS if verified else Verdict.FAIL,
        "backups are verified: Grace on 2026-11-20, good until 2026-11-27"
        if verified
        else "nobody vouches for: backups are verified (fill in by and on)",
    )
    briefed = "the team is briefed: Ada on 2026-11-23, good until 2026-11-30"
    return check(
        "attestations",
        [backups, Finding("attestation:the team is briefed", Verdict.PASS, briefed)],
    )


def _report(*checks: Check) -> Report:
    return Report("chatmrpt", OLD, NEW, "2026-11-24T02:10:07Z", 71.4, checks)


def _loaded(chance: random.Random, base_ms: float, *, stalls_at: float) -> dict[str, Any]:
    points: list[dict[str, Any]] = []
    failed = 0
    for second in range(15):
        due = min(84.2, 16.84 * (second + 0.5))
        is_stalled, is_stopped = due > stalls_at, failed >= 10
        fails = min(10 - failed, 4) if is_stalled else 0
        failed += fails
        slow = base_ms * (1 + due / 800) * chance.uniform(0.96, 1.04)
        slow *= chance.uniform(4, 9) if is_stalled else 1
        answered = due - fails - (chance.uniform(15, 30) if is_stalled else 0.0)
        points.append(
            {
                "at_s": float(second),
                "due_rate": round(due, 3),
                "answered_rate": 0.0 if is_stopped else round(answered, 3),
                "failed": fails,
                "p50_ms": None if is_stopped else round(slow, 3),
                "p95_ms": None if is_stopped else round(slow * chance.uniform(1.25, 1.45), 3),
            }
        )
    slowest = max(point["p95_ms"] or 0.0 for point in points)
    sent = round(sum(point["answered_rate"] + point["failed"] for point in points))
    return {
        "burst": {"sent": 10, "failed": 0, "slowest_ms": round(base_ms * 1.6, 3)},
        "closed": {
            "concurrency": 10,
            "seconds": 5.0,
            "requests": round(5000 / base_ms * 10),
            "failed": 0,
            "rate": round(10_000 / base_ms, 3),
            "p50_ms": round(base_ms * 1.02, 3),
            "p95_ms": round(base_ms * 1.3, 3),
        },
        "open": {
            "sent": sent,
            "failed": failed,
            "seconds": 15.2,
            "rate": None if failed else 84.2,
            "p50_ms": round(base_ms * 1.1, 3),
            "p95_ms": slowest,
            "p99_ms": round(slowest * 1.1, 3),
            "points": points,
        },
    }


if __name__ == "__main__":
    from commands.report.files import write

    kind, folder = sys.argv[1:]
    write({"ready": ready, "not_ready": not_ready}[kind](), Path(folder))
