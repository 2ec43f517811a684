"""Facts for the documents, without a run: nothing known, all known, and what hostile people typed.

`python -m tests.unit.support.paper_samples known build/sample` writes them to look at.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands.documents import PAPERS, write
from commands.leftovers.own_cost import OwnCost, Part
from commands.papers.facts import Facts
from cutover.declaration.reading.context import read_context
from cutover.paths import CDK_JSON
from tests.unit.support.report_samples import HOSTILE, ready
from tests.unit.support.watched_samples import WATCHED

AT = datetime(2026, 11, 24, 3, 12, 41, tzinfo=UTC)
COST = OwnCost(
    (Part("the observer", 1.15), Part("2 secrets", 0.8)),
    ("logs",),
    datetime(2026, 11, 3, tzinfo=UTC),
)


def declared(**changed: Any) -> Any:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    context["cutover"]["chatmrpt"] |= changed
    (cutover,) = read_context(context)
    return cutover


def unknown() -> Facts:
    """Nothing but the declaration."""
    return Facts(declared(), AT, no_report="no readiness report is there", no_live="not asked for")


def known() -> Facts:
    """A team that has done its work, at 25 %."""
    report = replace(ready(), started="2026-11-24T01:10:00+00:00", service="chatmrpt").to_dict()
    cutover = declared(
        new_weight=25,
        notify=["on-call@example.com", "slack:T07EA123LEP/C07EZ1ABC23"],
        edge={
            "domain_names": ["chat.example.com"],
            "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
        },
        promotion={
            "max_step_percent": 25,
            "time_zone": "America/New_York",
            "window": {"start": "02:00", "end": "06:00"},
        },
        readiness={
            "slowdown_percent": 80,
            "attestations": [
                {"what": "backups of old verified", "by": "Ada", "on": "2026-11-20"},
                {"what": "queue workers drained on both sides", "by": "Grace", "on": "2026-11-21"},
                {"what": "team briefed", "by": "Ada", "on": "2026-11-23"},
                {"what": "users told"},
            ],
        },
    )
    return Facts(cutover, AT, report=report, live=WATCHED, cost=COST)


def hostile() -> Facts:
    """Names and reasons that mean to break out."""
    text = HOSTILE.replace("\x1b", "").replace("\u202e", "").replace("\udc80", "")
    cutover = declared(
        readiness={"attestations": [{"what": text[:90], "by": text[:90], "on": "2026-11-20"}]},
        rollback={"point_of_no_return": {"reason": text, "by": text[:90], "on": "2026-11-20"}},
    )
    report = replace(ready(), started=HOSTILE, service="chatmrpt").to_dict()
    report["said"] = report["verdict"] = HOSTILE
    report["checks"][0]["findings"][0] |= {"said": HOSTILE, "verdict": "FAIL"}
    cost = replace(COST, unread=(HOSTILE,))
    return Facts(cutover, AT, report=report, live=WATCHED, cost=cost)


if __name__ == "__main__":
    facts = {"unknown": unknown, "known": known, "hostile": hostile}[sys.argv[1]]()
    for file in write([make(facts) for make in PAPERS], Path(sys.argv[2])):
        print(file)
