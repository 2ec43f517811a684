"""The plots: everything within the drawing, no word upon another, and nothing where nothing was measured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.report import plots
from shared.readiness.checks.performance import judge
from shared.readiness.spec import Latency
from tests.unit.support import report_samples

WIDTHS = [940, 360]
FIGURES = report_samples.performance(old_ms=123, new_ms=201, slowdown_limit=75).figures


def _texts(svg: str) -> Iterator[tuple[str, float, float, float, float]]:
    """Yield each text with about where it stands: left, right, top, bottom."""
    pattern = r'<text class="([^"]*)" x="([-\d.]+)" y="([-\d.]+)" text-anchor="(\w+)">([^<]*)<'
    for kind, x, y, anchor, words in re.findall(pattern, svg):
        wide = len(words) * (7.6 if "path" in kind else 6.4)
        left = float(x) - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        yield words, left, left + wide, float(y) - 9, float(y) + 2


def _assert_readable(svg: str, width: int) -> None:
    texts = list(_texts(svg))
    for words, left, right, _, _ in texts:
        assert left >= -6, words
        assert right <= width + 6, words
    for one, other in combinations(texts, 2):
        apart = one[2] <= other[1] or other[2] <= one[1] or one[4] <= other[3] or other[4] <= one[3]
        assert apart, (one, other)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("limits", [(250, 250), (250, 260), (60, 400), (5000, 9000), (1, 20000)])
def test_no_word_stands_upon_another(width: int, limits: tuple[int, int]) -> None:
    given_limits = {"average_ms": limits[0], "p95_ms": limits[1], "slowdown_percent": 25}
    figures = {**FIGURES, "limits": given_limits}
    for plot in (plots.latency, plots.endpoints):
        _assert_readable(plot(figures, width, "x"), width)


@pytest.mark.parametrize("new_fails", [False, True])
def test_no_word_stands_upon_another_under_load(new_fails: bool) -> None:
    figures = report_samples.load(new_fails=new_fails).figures
    for side in ("old", "new"):
        _assert_readable(plots.load(figures, side, 460, "x"), 460)


def test_two_limits_that_are_the_same_are_one_line() -> None:
    assert plots.latency(FIGURES, 940, "x").count('class="limit"') == 1
    apart = {**FIGURES, "limits": {"average_ms": 200, "p95_ms": 250, "slowdown_percent": 25}}
    assert plots.latency(apart, 940, "x").count('class="limit"') == 2


def test_a_limit_far_beyond_the_times_is_told_and_leaves_them_their_room() -> None:
    far = {**FIGURES, "limits": {"average_ms": 9000, "p95_ms": 9000, "slowdown_percent": 25}}
    svg = plots.latency(far, 940, "x")
    assert "limit of mean and p95: 9,000 ms →" in svg
    assert 'class="limit"' not in svg
    assert ">300<" in svg


def test_a_side_that_was_stopped_is_drawn_no_further_than_it_came() -> None:
    figures = report_samples.load(new_fails=True).figures
    lines = {
        side: re.findall(
            rf'<polyline class="line {side}" points="([^"]*)"',
            plots.load(figures, side, 460, "x"),
        )
        for side in ("old", "new")
    }
    assert [len(line.split()) for line in lines["old"]] == [15, 15]
    assert [len(line.split()) for line in lines["new"]] == [7, 7]
    assert "stopped" in plots.load(figures, "new", 460, "x")
    assert "stopped" not in plots.load(figures, "old", 460, "x")


@pytest.mark.parametrize(
    "figures",
    [{}, {"sides": {}}, judge({}, {}, Latency(100, 250, 250, 25))[1]],
    ids=["none at all", "no side", "no answer"],
)
def test_nothing_is_drawn_where_nothing_was_measured(figures: dict[str, Any]) -> None:
    assert plots.latency(figures, 940, "x") == ""
    assert plots.endpoints(figures, 940, "x") == ""
    assert plots.load(figures, "old", 460, "x") == ""


def test_a_side_that_was_not_loaded_by_the_clock_is_left_out() -> None:
    figures = {
        "sides": {"old": report_samples.load().figures["sides"]["old"], "new": {"burst": {}}}
    }
    assert plots.load(figures, "old", 460, "x")
    assert plots.load(figures, "new", 460, "x") == ""


_times = st.lists(st.integers(1, 600_000).map(lambda n: n / 10), min_size=1, max_size=30)


@given(_times, _times, st.sampled_from(WIDTHS), st.integers(1, 60_000), st.integers(1, 60_000))
def test_whatever_was_measured_stays_within_the_drawing(
    old: list[float], new: list[float], width: int, average: int, p95: int
) -> None:
    pairs = min(len(old), len(new))
    latency = Latency(100, average, p95, 25)
    figures = judge({"/": old[:pairs]}, {"/": new[:pairs]}, latency)[1]
    for plot in (plots.latency, plots.endpoints):
        svg = plot(figures, width, "x")
        height = float(re.findall(r'viewBox="0 0 \d+ (\d+)"', svg)[0])
        assert "nan" not in svg
        assert "inf" not in svg
        for x in re.findall(r'\b(?:x|x1|x2|cx)="([-\d.]+)"', svg):
            assert 0 <= float(x) <= width
        for y in re.findall(r'\b(?:y|y1|y2|cy)="([-\d.]+)"', svg):
            assert -1 <= float(y) <= height
        for points in re.findall(r'points="([^"]*)"', svg):
            for point in points.split():
                x, y = map(float, point.split(","))
                assert 0 <= x <= width
                assert 0 <= y <= height


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_a_step_is_round_and_no_smaller_than_asked_for(value: float) -> None:
    step = plots.round_up(value)
    assert value * (1 - 1e-9) <= step <= value * 2.5 * (1 + 1e-9)
    assert f"{step:.0e}"[0] in "125"
