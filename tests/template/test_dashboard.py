"""The dashboard: every widget names its region, and no weight stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.template.templates import Templates, resources


def widgets(template: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the widgets; what CloudFormation fills in later shows as its reference."""
    (dashboard,) = resources(template, "AWS::CloudWatch::Dashboard").values()
    body = dashboard["DashboardBody"]
    parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
    text = "".join(part if isinstance(part, str) else "REFERENCE" for part in parts)
    found: list[dict[str, Any]] = json.loads(text)["widgets"]
    return found


def titled(template: dict[str, Any], title: str) -> dict[str, Any]:
    (found,) = [w for w in widgets(template) if w["properties"].get("title") == title]
    properties: dict[str, Any] = found["properties"]
    return properties


def test_every_graph_names_its_region(chatmrpt: Templates, dns_doors: Templates) -> None:
    for name, region in (("chatmrpt", "us-east-2"), ("shop", "eu-west-1")):
        graphs = [
            w["properties"]
            for w in widgets((chatmrpt | dns_doors)[f"{name}-observability"])
            if w["type"] == "metric"
        ]
        assert {graph["region"] for graph in graphs} == {region, "us-east-1"}


def test_the_widget_stands_first_and_is_not_drawn_anew_while_somebody_types(
    chatmrpt: Templates,
) -> None:
    first = widgets(chatmrpt["chatmrpt-observability"])[0]
    assert (first["type"], first["x"], first["y"], first["width"]) == ("custom", 0, 0, 24)
    properties = first["properties"]
    assert properties["endpoint"].endswith(":function:chatmrpt-widget")
    assert properties["updateOn"] == {"refresh": True, "resize": False, "timeRange": False}


def test_the_judge_s_verdict_stands_beside_the_switch(chatmrpt: Templates) -> None:
    graph = titled(chatmrpt["chatmrpt-observability"], "Judge (0: pass, 1: cannot tell, 2: fail)")
    assert graph["metrics"][0][:4] == ["Cutover", "JudgeVerdict", "Service", "chatmrpt"]


def test_no_weight_stands_on_it(synthesise: Callable[..., Templates]) -> None:
    one, other = (
        synthesise(new_weight=weight)["chatmrpt-observability"] for weight in ("10", "25")
    )
    assert one == other


def test_both_sides_share_one_axis_in_their_own_colours(chatmrpt: Templates) -> None:
    template = chatmrpt["chatmrpt-observability"]
    for title in (
        "Users' requests a minute (without health checks)",
        "2xx, % of users' requests",
        "3xx, % of users' requests",
        "4xx, % of users' requests",
        "5xx, % of users' requests",
        "Latency, average (s)",
        "Latency, p95 (s)",
    ):
        graph = titled(template, title)
        shown = [m[-1] for m in graph["metrics"] if m[-1].get("visible", True) is True]
        assert [(m["label"], m["color"]) for m in shown] == [
            ("old", "#1f77b4"),
            ("new", "#ff7f0e"),
        ]
        assert all(m.get("yAxis", "left") == "left" for m in shown)


def test_the_limit_stands_in_the_latency_graph(chatmrpt: Templates) -> None:
    graph = titled(chatmrpt["chatmrpt-observability"], "Latency, p95 (s)")
    assert graph["annotations"]["horizontal"][0]["value"] == 0.25


def test_the_declared_weight_stands_beside_the_share_that_is_served(
    dns_doors: Templates,
) -> None:
    graph = titled(
        dns_doors["reports-observability"], "Declared weight of new, and the share it serves"
    )
    labels = [m[-1].get("label") for m in graph["metrics"] if m[-1].get("visible", True) is True]
    assert labels == [
        "served by new %",
        "declared at the edge door %",
        "declared at the dns door %",
    ]


def test_every_alarm_is_on_it(chatmrpt: Templates) -> None:
    shown = {
        arn.rsplit(":", 1)[1]
        for widget in widgets(chatmrpt["chatmrpt-observability"])
        if widget["type"] == "alarm"
        for arn in widget["properties"]["alarms"]
    }
    there = {
        alarm["AlarmName"]
        for template in chatmrpt.values()
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
    }
    assert shown == there
    assert len(there) == 31
