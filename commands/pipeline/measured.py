"""What the gate found when it last measured both sides: a metric, which whoever looks may read already."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from commands.pipeline.review import Review
from commands.pipeline.sentence import VERDICTS, Readiness, readiness_in, sentence
from commands.readiness_report import REPORT
from cutover.declaration.reading.context import Cutover
from cutover.regions import EDGE_REGION
from shared.metrics import READINESS, own
from shared.status.look import VERDICTS as VALUES
from shared.status.look import ClientFor, LookError, known, metric_data
from shared.status.standing import Unread

_DAYS: Final = 14
"""CloudWatch keeps datapoints of a minute for 15 days (CloudWatch User Guide, cloudwatch_concepts)."""


def measured(client_for: ClientFor, service: str, now: datetime) -> Readiness | Unread | None:
    """Return what the gate measured last, why that cannot be read, or None where there is nothing of the last
    two weeks."""
    return known(lambda: _latest(client_for, service, now))


def reported() -> Readiness | None:
    """Return what this machine's latest readiness report says; None where there is none that can be read."""
    return readiness_in(REPORT)


def said_in(
    review: Review,
    cutover: Cutover,
    report: Readiness | None,
    client_for: ClientFor,
    now: datetime,
) -> str:
    """Return the change in one sentence, with the newer of a readiness `report` and of what the gate measured
    last."""
    gate = measured(client_for, cutover.name, now) if review.rises else None
    return sentence(review, cutover.service.promotion, now, *newest(cutover.name, report, gate))


def newest(
    service: str, report: Readiness | None, gate: Readiness | Unread | None
) -> tuple[Readiness | None, str]:
    """Return the newer of this machine's `report` and of the gate's, and what to say where there is none."""
    found = [one for one in (report, gate) if isinstance(one, Readiness) and one.service == service]
    if found:
        return max(found, key=lambda one: one.at), ""
    if isinstance(gate, Unread):
        return None, "readiness cannot be read"
    return None, f"readiness not measured in the last {_DAYS} days"


def _latest(client_for: ClientFor, service: str, now: datetime) -> Readiness | None:
    since = now.replace(second=0, microsecond=0) - timedelta(days=_DAYS)
    client = client_for("cloudwatch", EDGE_REGION)
    asked = [own(READINESS, service).query("readiness")]
    points = dict(zip(*metric_data(client, asked, since, now)["readiness"], strict=True))
    if not points:
        return None
    at = max(points)
    if points[at] not in VALUES:
        raise LookError(f"{READINESS} is {points[at]:g}, which is not a verdict")
    return Readiness(service, VERDICTS[VALUES[points[at]]], at)
