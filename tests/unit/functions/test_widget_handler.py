"""The widget's function answers as CloudWatch asks: documentation, or a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.support.fake_cloud import LOAD_BALANCERS, NAME, ZONE, FakeCloud, fake_cloud
from tests.unit.support.fake_doors import always
from widget import handler as widget

ARN = "arn:aws:lambda:us-east-1:123456789012:function:chatmrpt-rollback"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCloud]:
    with fake_cloud() as cloud:
        monkeypatch.setattr(widget, "_client", cloud.client)
        for name, value in {
            "SERVICE": "chatmrpt",
            "SERVICE_REGION": "us-east-2",
            "TRAFFIC_STACK": "chatmrpt-traffic",
            "KVS_ARN": "arn",
            "SWITCH_HEALTH_CHECK_ID": "check-1",
            "ROUTER_FUNCTION_NAME": "chatmrpt-router",
            "HOSTED_ZONE_ID": ZONE,
            "RECORD_NAME": NAME,
            "LINE_PARAMETER": "/cutover/line",
            "PROBES_A_MINUTE": "270",
            "MOST_PROBES_A_MINUTE": "360",
            "ROLLBACK_FUNCTION_ARN": ARN,
            "WATCHED_DOORS": "edge,dns",
            "WATCH_HOURS": "24",
        }.items():
            monkeypatch.setenv(name, value)
        for side, (balancer, group) in LOAD_BALANCERS.items():
            monkeypatch.setenv(f"{side.upper()}_LOAD_BALANCER", balancer)
            monkeypatch.setenv(f"{side.upper()}_TARGET_GROUP", group)
        yield cloud


def called(**context: Any) -> str:
    return widget.handler({"widgetContext": {"theme": "light", **context}}, None)


def test_asked_to_describe_itself_it_answers_markdown_and_looks_at_nothing() -> None:
    assert widget.handler({"describe": True}, None).startswith("## Cutover")


def test_it_shows_what_is_there_and_the_button_to_roll_back(cloud: FakeCloud) -> None:
    html = called()
    assert "New gets 25 %. Deployed and live agree." in html
    assert f'endpoint="{ARN}:roll_back"' in html


def test_what_was_typed_stands_there_again(cloud: FakeCloud) -> None:
    assert 'name="by" value="ada"' in called(forms={"all": {"by": "ada"}})


def test_the_buttons_are_there_when_nothing_can_be_read(cloud: FakeCloud) -> None:
    cloud.store.faults = always("AccessDenied", 403)
    cloud.formation.faults = always("AccessDenied", 403)
    cloud.front.code = ""
    cloud.switch.faults = always("AccessDenied", 403)
    html = called(theme="dark")
    assert "Roll back now" in html
    assert "Release…" in html
    assert html.count("Cannot tell:") == 5


def test_a_call_without_a_dashboard_is_answered_too(cloud: FakeCloud) -> None:
    assert "New gets 25 %" in widget.handler({}, None)


def test_at_100_percent_it_says_how_far_the_watch_is(cloud: FakeCloud) -> None:
    assert "The watch" not in called()
    cloud.formation.weight = 100
    assert "everybody has been on new for 0 whole hours without a rollback, of 24" in called()
