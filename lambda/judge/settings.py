"""What the judge's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.side_settings import SideSettings


@dataclass(frozen=True, kw_only=True)
class Settings(SideSettings):
    """The judge's variables, each by its name in capitals.

    Attributes
    ----------
    groups_from_weight : int
        The least weight of new, in percent, at which a group is on new before everybody; 0: there is none.
    fast_log_function : str
        The function that counts the edge's real-time log; empty: there is no log.
    """

    service: str
    metric_namespace: str
    metrics_region: str
    doors: tuple[str, ...]
    lookback_minutes: int
    minimum_requests: int
    false_alarms_per_watch: float
    slowdown_percent: float
    more_4xx_points: float
    more_3xx_points: float
    dry_run: bool
    groups_from_weight: int = 0
    fast_log_function: str = ""
