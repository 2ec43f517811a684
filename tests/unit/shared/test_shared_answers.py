"""The judge's figures on classes of answers read as a sentence."""

from __future__ import annotations

import pytest

from shared.answers import said_of
from shared.status.facts import facts
from shared.status.standing import Judged
from tests.unit.support.statuses import NOW, standing


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({}, ""),
        ({"2xx": 5.0}, ""),
        ({"4xx": 19.84}, "new answers 4xx 19.8 percentage points more often than old"),
        (
            {"3xx": -7.0, "4xx": 0.04},
            "new answers 4xx as often as old, 3xx 7.0 percentage points less often than old",
        ),
    ],
)
def test_it_says_which_class_differs_and_by_how_much(points: dict[str, float], said: str) -> None:
    assert said_of(points) == said


def test_status_says_it_beside_the_verdict() -> None:
    line = facts(standing(judged=Judged("FAIL", NOW, {"4xx": 19.8})))["judge"]
    assert line.startswith("FAIL at ")
    assert "UTC: new answers 4xx 19.8 percentage points more often than old; its reasons" in line
    assert "UTC; its reasons" in facts(standing(judged=Judged("PASS", NOW)))["judge"]
