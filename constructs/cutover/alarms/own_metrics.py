"""The product's own metrics, namespace Cutover in us-east-1, and the health checks' beside them."""

from __future__ import annotations

from cutover.alarms.metric import Metric
from cutover.regions import EDGE_REGION

NAMESPACE = "Cutover"


def declared_weight(service: str, door: str) -> Metric:
    """Weight of new in percent that is deployed at `door` (edge or dns)."""
    return _own("DeclaredWeight", {"Service": service, "Door": door})


def switch_thrown(service: str, door: str) -> Metric:
    """1 while the switch of `door` is thrown, else 0; of the edge in the minutes in which it was read."""
    return _own("SwitchThrown", {"Service": service, "Door": door})


def doors_disagree(service: str) -> Metric:
    """1 while one door's switch is thrown and another's is not, else 0; in the minutes in which both were
    read."""
    return _own("DoorsDisagree", {"Service": service})


def judge_verdict(service: str) -> Metric:
    """What the judge says of new beside old: 0 PASS, 1 INCONCLUSIVE, 2 FAIL."""
    return _own("JudgeVerdict", {"Service": service})


def judge_fail(service: str) -> Metric:
    """1 where the judge says FAIL, else 0; always 0 in a dry run."""
    return _own("JudgeFail", {"Service": service})


def judge_share(service: str) -> Metric:
    """Share of the requests that new answers, in percent; published where the sides are in two regions, of
    which no graph can tell it."""
    return _own("JudgeShare", {"Service": service})


def _own(name: str, dimensions: dict[str, str]) -> Metric:
    return Metric(NAMESPACE, name, dimensions, "Maximum", EDGE_REGION)


def health_check_status(health_check_id: str) -> Metric:
    """1 while Route 53 considers the check healthy, else 0; not published while it is disabled.

    Source: Route 53 Developer Guide, monitoring-health-checks (metrics exist in us-east-1 only).
    """
    of = {"HealthCheckId": health_check_id}
    return Metric("AWS/Route53", "HealthCheckStatus", of, "Minimum", EDGE_REGION)
