"""A load balancer whose capacity is reserved, what is held of it, and what it used, as fakes by one clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.cloud.reserved_capacity import RefusedError, Reservations
from tests.unit.support.fake_doors import refusal

NEW = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/desk-2/3d4e5f6071829304"
PARAMETER = "/cutover/desk/capacity"
NOW = datetime(2026, 11, 24, 3, 0, 30, tzinfo=UTC)


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    @property
    def now(self) -> datetime:
        """The time of day."""
        return NOW + timedelta(seconds=self.seconds)


class FakeBalancers:
    """elbv2, as far as reservations go. `faults` are raised, one a call, before anything happens; `lost`
    answers are carried out and never arrive."""

    def __init__(self, time: Time) -> None:
        self.reservations = Reservations(clock=time, quota=10_000)
        self.faults: list[ClientError | BotoCoreError] = []
        self.lost: list[BotoCoreError] = []
        self.asked: list[int] = []

    def describe_capacity_reservation(self, *, LoadBalancerArn: str) -> dict[str, Any]:  # noqa: N803
        return self.reservations.describe(LoadBalancerArn)

    def modify_capacity_reservation(
        self,
        *,
        LoadBalancerArn: str,  # noqa: N803
        MinimumLoadBalancerCapacity: Mapping[str, int] | None = None,  # noqa: N803
        ResetCapacityReservation: bool = False,  # noqa: N803
    ) -> dict[str, Any]:
        if self.faults:
            raise self.faults.pop(0)
        units = (
            0 if ResetCapacityReservation else (MinimumLoadBalancerCapacity or {})["CapacityUnits"]
        )
        self.asked.append(units)
        try:
            answer = self.reservations.modify(LoadBalancerArn, units)
        except RefusedError as error:
            raise refusal(error.code, error.status) from error
        if self.lost:
            raise self.lost.pop(0)
        return answer

    def holds(self, load_balancer: str = NEW) -> int:
        """Return what is reserved."""
        found = self.reservations.describe(load_balancer)
        return int(found.get("MinimumLoadBalancerCapacity", {}).get("CapacityUnits", 0))


class FakeParameters:
    """SSM's parameters."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.faults: list[ClientError] = []

    def _fault(self) -> None:
        if self.faults:
            raise self.faults.pop(0)

    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803
        self._fault()
        if Name not in self.values:
            raise refusal("ParameterNotFound")
        return {"Parameter": {"Name": Name, "Value": self.values[Name]}}

    def put_parameter(self, *, Name: str, Value: str, Type: str, Overwrite: bool) -> None:  # noqa: N803
        assert (Type, Overwrite) == ("String", True)
        self._fault()
        self.values[Name] = Value

    def delete_parameter(self, *, Name: str) -> None:  # noqa: N803
        self._fault()
        if Name not in self.values:
            raise refusal("ParameterNotFound")
        del self.values[Name]


class FakeMetrics:
    """CloudWatch: values by metric's name and by the value of one of its dimensions, newest first, `page` at
    a time."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], dict[datetime, float]] = {}
        self.page = 100_000
        self.calls: list[dict[str, Any]] = []

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        self.calls.append(asked)
        begin = int(asked.get("NextToken", 0))
        results, more = [], False
        for query in asked["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            found = self._of(metric, query["MetricStat"]["Period"])
            inside = sorted(
                ((at, v) for at, v in found.items() if asked["StartTime"] <= at < asked["EndTime"]),
                reverse=True,
            )
            here = inside[begin : begin + self.page]
            more = more or begin + self.page < len(inside)
            results.append(
                {
                    "Id": query["Id"],
                    "Timestamps": [at for at, _ in here],
                    "Values": [value for _, value in here],
                }
            )
        token = {"NextToken": str(begin + self.page)} if more else {}
        return {"MetricDataResults": results, **token}

    def _of(self, metric: Mapping[str, Any], period: int) -> dict[datetime, float]:
        dimensions = [one["Value"] for one in metric["Dimensions"]]
        for value in dimensions:
            found = self.values.get((f"{metric['MetricName']}/{period}", value))
            if found is None:
                found = self.values.get((metric["MetricName"], value))
            if found is not None:
                return found
        return {}
