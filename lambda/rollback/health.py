"""Whether old can take all traffic, as far as its metrics show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rollback.metrics import Points, Series
from shared.probes import NO_PROBES, Probes

RECENT: Final = timedelta(minutes=5)
"""Older datapoints tell nothing about now."""

_PROBED: Final = timedelta(seconds=40)
"""What the sentinel says is repeated each ten seconds, and its datapoints bear the beginning of theirs."""

_MINUTES: Final = 2
_ENOUGH_REQUESTS: Final = 20
_MOST: Final = 0.5
_MUCH_MORE: Final = 2
_FAILING_PERCENT: Final = 5.0


@dataclass(frozen=True)
class Health:
    """What is known about old and about the traffic that it would take on; None where it is not known.

    Attributes
    ----------
    healthy, unhealthy : int or None
        Targets, in the latest reported minute.
    requests, new_requests : float or None
        Requests of users a minute, old's and new's, about, over the last two reported minutes.
    errors_percent : float or None
        Share of these requests of old's that ended in a 5xx, at most: each error counts as a user's.
    latency_ms : float or None
        Average response time, in the latest reported minute.
    entry_healthy : bool or None
        What Route 53 says of old's first endpoint.
    down : str
        Why old is known to be down; empty where it is up, or not known.
    """

    healthy: int | None = None
    unhealthy: int | None = None
    requests: float | None = None
    errors_percent: float | None = None
    latency_ms: float | None = None
    entry_healthy: bool | None = None
    new_requests: float | None = None
    down: str = ""

    def __str__(self) -> str:
        """Say it in one line, as the announcement does."""
        known = []
        if self.healthy is not None:
            known.append(f"{self.healthy} healthy target{'' if self.healthy == 1 else 's'}")
        if self.unhealthy:
            known.append(f"{self.unhealthy} unhealthy")
        if self.requests is not None:
            known.append(f"{self.requests:.0f} requests/min")
        if self.errors_percent is not None:
            known.append(f"{self.errors_percent:.3g} % 5xx")
        if self.latency_ms is not None:
            known.append(f"{self.latency_ms:.0f} ms on average")
        if self.entry_healthy is not None:
            known.append(f"Route 53 finds it {'healthy' if self.entry_healthy else 'unhealthy'}")
        said = f"old: {', '.join(known) or 'its health is not known'}"
        if self.new_requests is not None:
            said += f"; it takes on {self.new_requests:.0f} requests/min more"
        return said

    def to_dict(self) -> dict[str, object]:
        """Return it as `status` and the evidence show it."""
        return {key: value for key, value in vars(self).items() if value not in (None, "")} | {
            "said": str(self)
        }

    @property
    def warnings(self) -> list[str]:
        """What a person should check when old serves everybody."""
        found = []
        if self.down:
            found.append(f"old is down: {self.down}")
        new, old = self.new_requests, self.requests
        if new is not None and new >= _ENOUGH_REQUESTS and new > _MUCH_MORE * (old or 0):
            found.append(
                f"old lately served {old or 0:.0f} requests/min and takes on {new:.0f} more: "
                "check that it scales"
            )
        return found


def judge(series: Series, now: datetime, probes: Probes = NO_PROBES) -> Health:
    """Return what `series` (metrics.py names them) tells about old at `now`.

    Old is known to be down where it had no healthy target in the last two reported minutes, or most
    of at least 20 requests in them ended in a 5xx; or where it fails more than new: in the newest
    reported minute 5 % of its requests and twice new's share, which is what an alarm at the edge shows
    in old's first bad seconds; or where the sentinel says so, and does not say so of new. A load balancer
    without a healthy target sends to all of them (Elastic Load Balancing User Guide,
    target-group-health-checks): old that evidently answers so is not down.

    `probes` of the requests are nobody's. What is shown leaves them out. Whether old is down is told with
    them, because a probe that old answers shows that it answers; only new's share of errors, beside which
    old's must be twice as high, is that of users' requests. So probes never make old look down.
    """
    recent = {
        id_: [point for point in points if point[0] > now - RECENT]
        for id_, points in series.items()
    }
    requests, errors, minutes = _traffic(recent, "old")
    new_requests, _, new_minutes = _traffic(recent, "new")
    # A request that finds no target counts as an error of the load balancer, not as a request.
    asked = max(requests, errors) if minutes else None
    share = None if not asked else errors / asked
    proven = share is not None and asked is not None and asked >= _ENOUGH_REQUESTS
    healthy = recent.get("old_healthy", [])
    down = ""
    if proven and share is not None and share > _MOST:
        down = f"{100 * share:.0f} % of its last {asked:.0f} requests ended in a 5xx"
    elif (
        len(healthy) >= _MINUTES
        and not any(value for _, value in healthy[-_MINUTES:])
        and not proven
    ):
        down = "it has had no healthy target for two minutes"
    else:
        down = _unanswered(recent, now) or _fails_more(recent, probes)
    users = None if asked is None else probes.users(asked, minutes)
    latency = _latest(recent, "old_latency")
    entry = _latest(recent, "old_entry")
    return Health(
        healthy=_whole(_latest(recent, "old_healthy")),
        unhealthy=_whole(_latest(recent, "old_unhealthy")),
        requests=None if users is None else users / minutes,
        errors_percent=None if not asked or users is None else _percent(errors, users),
        latency_ms=None if latency is None else 1000 * latency,
        entry_healthy=None if entry is None else entry >= 1,
        new_requests=probes.users(new_requests, new_minutes) / new_minutes if new_minutes else None,
        down=down,
    )


def _unanswered(series: Series, now: datetime) -> str:
    """Return that old answers the sentinel nothing while new does, or nothing: not either where both are said
    to be down."""

    def is_down(side: str) -> bool:
        points = series.get(f"{side}_probe_down", [])
        return any(at > now - _PROBED and value >= 1 for at, value in points)

    if not is_down("old") or is_down("new"):
        return ""
    return (
        "in the last seconds none of its endpoints gave the sentinel a right answer, and new's did"
    )


def _fails_more(series: Series, probes: Probes) -> str:
    """Return how old fails more than new in the newest minute, where both have reported it, or nothing."""
    old, new = (_by_minute(series, side) for side in ("old", "new"))
    newest = max([*old, *new], default=None)
    if newest is None or newest not in old or newest not in new:
        return ""
    (asked, failed), (new_asked, new_failed) = old[newest], new[newest]
    if asked < _ENOUGH_REQUESTS or not new_asked:
        return ""
    share, new_share = 100 * failed / asked, _percent(new_failed, probes.users(new_asked))
    if share < _FAILING_PERCENT or share <= _MUCH_MORE * new_share:
        return ""
    return (
        f"it fails more than new: {share:.0f} % of its {asked:.0f} requests in the last minute ended in a "
        f"5xx, and {new_share:.0f} % of new's {max(new_failed, probes.users(new_asked)):.0f}"
    )


def _percent(failed: float, users: float) -> float:
    """Return how many percent of the users' requests failed, at most, each error counted as one of these."""
    return 100 * (failed / max(failed, users)) if failed else 0.0


def _by_minute(series: Series, side: str) -> dict[datetime, tuple[float, float]]:
    """Return how many requests a side was asked and how many of them it failed, by minute."""
    requests = dict(series.get(f"{side}_requests", []))
    failed: dict[datetime, float] = {}
    for id_ in ("target_errors", "balancer_errors"):
        for at, value in series.get(f"{side}_{id_}", []):
            failed[at] = failed.get(at, 0.0) + value
    return {
        # A request that finds no target counts as an error of the load balancer, not as a request.
        at: (max(requests.get(at, 0.0), failed.get(at, 0.0)), failed.get(at, 0.0))
        for at in {*requests, *failed}
    }


def _traffic(series: Series, side: str) -> tuple[float, float, int]:
    """Return the requests and the 5xx of the last reported minutes, and how many these are: two at
    most."""
    counted = [series.get(f"{side}_{id_}", []) for id_ in ("target_errors", "balancer_errors")]
    requests = series.get(f"{side}_requests", [])
    minutes = sorted({at for points in (requests, *counted) for at, _ in points})[-_MINUTES:]
    errors = sum(_within(points, minutes) for points in counted)
    return _within(requests, minutes), errors, len(minutes)


def _within(points: Points, minutes: list[datetime]) -> float:
    return sum(value for at, value in points if at in minutes)


def _latest(series: Series, id_: str) -> float | None:
    points = series.get(id_, [])
    return points[-1][1] if points else None


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
