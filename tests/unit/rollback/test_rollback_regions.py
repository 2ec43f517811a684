"""Sides in two regions: the rollback function asks each region for what stands there, and one region's
silence hides nothing of the other's."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from rollback import settings
from tests.unit.support.rollback_rig import SNS_ALARM, STARTED, Rig


def asked_of(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, tuple[str, set[str]]]:
    """Return of each call its region and the ids that it asks for."""
    asked: dict[str, tuple[str, set[str]]] = {}

    class CloudWatch:
        def __init__(self, region: str) -> None:
            self.region = region

        def get_metric_data(self, **query: Any) -> dict[str, Any]:
            ids = {one["Id"] for one in query["MetricDataQueries"]}
            asked[name] = (self.region, ids)
            return {"MetricDataResults": []}

    class Store:
        name = "edge"

        def __init__(self, *_: Any) -> None: ...

    monkeypatch.setattr(settings, "client", lambda _service, region=None: CloudWatch(region))
    monkeypatch.setattr("shared.doors.door.EdgeDoor", Store)
    told = settings.Settings(
        service="desk",
        kvs_arn="arn",
        announcements_topic_arn="arn",
        service_region="eu-west-1",
        old_load_balancer="app/old/1",
        old_target_group="targetgroup/old/1",
        new_load_balancer="app/new/1",
        new_target_group="targetgroup/new/1",
        **variables,
    )
    for name, call in told.metrics(STARTED).items():  # noqa: B007 - the fake reads it
        call()
    return asked


def test_each_region_is_asked_for_its_side_and_old_s_for_the_sentinel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = asked_of(monkeypatch, new_region="eu-central-1")
    assert {what: region for what, (region, _) in asked.items()} == {
        "old's load balancer's metrics": "eu-west-1",
        "new's load balancer's metrics": "eu-central-1",
        "us-east-1's metrics": "us-east-1",
    }
    old, new, _ = (ids for _, ids in asked.values())
    assert {"old_probe_down", "new_probe_down"} <= old
    assert {id_ for id_ in old if id_.startswith("new_")} == {"new_probe_down"}
    assert new
    assert all(id_.startswith("new_") for id_ in new)


def test_in_one_region_it_is_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asked_of(monkeypatch)
    assert {what: region for what, (region, _) in asked.items()} == {
        "load balancers' metrics": "eu-west-1",
        "us-east-1's metrics": "us-east-1",
    }


def test_a_region_that_is_gone_does_not_hold_a_rollback_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """New's whole region is down, and with it all that CloudWatch tells of new."""
    rig = Rig(monkeypatch)
    monkeypatch.setenv("NEW_REGION", "eu-central-1")
    rig.old_is(healthy=2)
    plain = settings.client

    class Gone:
        def get_metric_data(self, **_: Any) -> dict[str, Any]:
            raise EndpointConnectionError(endpoint_url="https://monitoring.eu-central-1")

    def client(service: str, region: str | None = None) -> Any:
        return Gone() if region == "eu-central-1" else plain(service, region)

    monkeypatch.setattr(settings, "client", client)
    rig.call(SNS_ALARM)
    assert rig.both == ("thrown", "thrown")
    (bundle,) = rig.s3.objects.values()
    assert "new's load balancer's metrics" in bundle["not_read_in_time"]
    assert bundle["old"]["healthy"] == 2
