"""The embedded cloud answers percentile ranks as CloudWatch documents them."""

from __future__ import annotations

import pytest
from ministack.services import cloudwatch

from rehearsal.cloud.taught.percentile_ranks import percentile_rank, teach

SAMPLES = [(0.1, 6.0), (0.2, 3.0), (5.0, 1.0)]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [("", "0.2", 90), ("0.1", "0.2", 30), ("0.1", "", 40), ("", "0.05", 0), ("", "", 100)],
)
def test_the_lower_bound_is_excluded_and_the_upper_one_included(
    low: str, high: str, expected: float
) -> None:
    assert percentile_rank(SAMPLES, low, high) == pytest.approx(expected)


def test_ministack_is_taught_them_and_keeps_what_it_knew(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [{"Value": value, "Count": count} for value, count in SAMPLES]
    stats = {"Average": 0.62}
    monkeypatch.setattr(cloudwatch, "_stat_value", cloudwatch._stat_value)
    teach()
    assert cloudwatch._stat_value(stats, "PR(:0.20000)", points) == pytest.approx(90)
    assert cloudwatch._stat_value(stats, "Average", points) == pytest.approx(0.62)
    assert cloudwatch._stat_value(stats, "p50", points) == pytest.approx(0.1)
    assert cloudwatch._stat_value(stats, "PR(:1)", []) is None
