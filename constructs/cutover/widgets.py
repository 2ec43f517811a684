"""Widgets of a dashboard as data, and the page they make: CloudWatch User Guide,
CloudWatch-Dashboard-Body-Structure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cutover.alarms.metric import Metric, MetricMath

_PAGE_WIDTH: Final = 24
_LIMIT_COLOUR: Final = "#d62728"


@dataclass(frozen=True)
class Widget:
    """One widget; a page is 24 units wide."""

    kind: str
    width: int
    height: int
    properties: dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A metric in a graph: as it is called there and in which colour, where CloudWatch is not to choose."""

    metric: Metric | MetricMath
    label: str | None = None
    colour: str | None = None

    def stated(self) -> list[list[Any]]:
        """Return it as the graph states it."""
        look = {"color": self.colour, "label": self.label}
        return self.metric.in_graph(**{key: value for key, value in look.items() if value})


def text(markdown: str, *, width: int, height: int) -> Widget:
    """Return a widget that shows `markdown`."""
    return Widget("text", width, height, {"markdown": markdown})


def custom(title: str, *, function_arn: str, width: int, height: int) -> Widget:
    """Return a widget that the function draws, anew with the page only: a zoom into a graph must not
    delete what a person is typing."""
    drawn = {"refresh": True, "resize": False, "timeRange": False}
    return Widget(
        "custom", width, height, {"endpoint": function_arn, "title": title, "updateOn": drawn}
    )


def alarm_states(title: str, arns: Sequence[str], *, width: int, height: int) -> Widget:
    """Return a widget with the state of each alarm."""
    return Widget("alarm", width, height, {"title": title, "alarms": list(arns)})


def alarm_graph(title: str, arn: str, *, region: str, width: int, height: int) -> Widget:
    """Return a graph, from 0 to 1, of what the alarm watches."""
    properties = _graph(title, region) | {"annotations": {"alarms": [arn]}} | _axis(highest=1)
    return Widget("metric", width, height, properties)


def graph(
    title: str,
    lines: Iterable[Line],
    *,
    region: str,
    width: int,
    height: int,
    highest: int | None = None,
    unit: str | None = None,
    limit: float | None = None,
) -> Widget:
    """Return a graph from zero to `highest`, or as high as it needs, with a line at `limit`."""
    properties = _graph(title, region)
    properties["metrics"] = [stated for line in lines for stated in line.stated()]
    if limit is not None:
        line = {
            "value": int(limit) if limit == int(limit) else limit,
            "color": _LIMIT_COLOUR,
            "label": "limit",
            "yAxis": "left",
        }
        properties["annotations"] = {"horizontal": [line]}
    return Widget("metric", width, height, properties | _axis(highest=highest, unit=unit))


def _graph(title: str, region: str) -> dict[str, Any]:
    return {"view": "timeSeries", "title": title, "region": region}


def _axis(*, highest: int | None = None, unit: str | None = None) -> dict[str, Any]:
    left = {"label": unit, "max": highest, "min": 0, "showUnits": False}
    return {"yAxis": {"left": {key: value for key, value in left.items() if value is not None}}}


def page(rows: Iterable[Sequence[Widget]], *, start: str) -> str:
    """Return the body of a dashboard that shows the time since `start` (like -PT3H); a row that is wider than
    the page goes on below."""
    return json.dumps(
        {"start": start, "widgets": list(_placed(rows))},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _placed(rows: Iterable[Sequence[Widget]]) -> Iterator[dict[str, Any]]:
    top = 0
    for row in rows:
        left = lowest = 0
        for widget in row:
            if left + widget.width > _PAGE_WIDTH:
                top, left, lowest = top + lowest, 0, 0
            yield {
                "type": widget.kind,
                "width": widget.width,
                "height": widget.height,
                "x": left,
                "y": top,
                "properties": widget.properties,
            }
            left += widget.width
            lowest = max(lowest, widget.height)
        top += lowest
