"""Whether old can take everybody: known to be down, or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.health import Health, judge
from rollback.metrics import Points, Series
from shared.probes import Probes

NOW = datetime(2026, 11, 24, 3, 12, 40, tzinfo=UTC)
MINUTE = NOW.replace(second=0)


def minutes(*values: float | None, late: int = 0) -> Points:
    """Return one datapoint a minute, the newest one minute ago; None where nothing is reported."""
    return [
        (MINUTE - timedelta(minutes=len(values) - position + late), value)
        for position, value in enumerate(values)
        if value is not None
    ]


@pytest.mark.parametrize(
    ("series", "why"),
    [
        ({"old_healthy": minutes(2, 0, 0)}, "no healthy target for two minutes"),
        ({"old_healthy": minutes(0, None, 0)}, "no healthy target for two minutes"),
        (
            {"old_requests": minutes(300, 30, 30), "old_target_errors": minutes(20, 25)},
            "75 % of its last 60 requests",
        ),
        # Without a healthy target the load balancer's own errors count, and no request does.
        (
            {"old_requests": minutes(0, 0), "old_balancer_errors": minutes(200, 200)},
            "100 % of its last 400 requests",
        ),
        (
            {
                "old_healthy": minutes(0, 0),
                "old_requests": minutes(0, 0),
                "old_balancer_errors": minutes(200, 200),
            },
            "100 % of its last 400 requests",
        ),
        # Its first bad seconds: a good minute, and one in which a third failed.
        (
            {
                "old_requests": minutes(540, 540),
                "old_balancer_errors": minutes(None, 180),
                "new_requests": minutes(60, 60),
            },
            "it fails more than new: 33 % of its 540 requests in the last minute ended in a 5xx, "
            "and 0 % of new's 60",
        ),
        (
            {
                "old_requests": minutes(300, 300),
                "old_target_errors": minutes(None, 150),
                "new_requests": minutes(300, 300),
                "new_target_errors": minutes(None, 60),
            },
            "and 20 % of new's 300",
        ),
    ],
)
def test_old_is_known_to_be_down(series: Series, why: str) -> None:
    assert why in judge(series, NOW).down


@pytest.mark.parametrize(
    "series",
    [
        {},
        {"old_healthy": []},
        {"old_healthy": minutes(0, 0, 1)},
        {"old_healthy": minutes(0, 1, 0)},
        {"old_healthy": minutes(0)},
        {"old_healthy": minutes(0, 0, late=6)},
        # Half of the requests, no more; and too few to tell.
        {"old_requests": minutes(20, 20), "old_target_errors": minutes(10, 10)},
        {"old_requests": minutes(9, 10), "old_target_errors": minutes(9, 10)},
        # No target counts as healthy, but the load balancer sends to all of them and they answer.
        {"old_healthy": minutes(0, 0), "old_requests": minutes(300, 300)},
        {"old_requests": minutes(300, 300), "old_target_errors": minutes(200, 200, late=6)},
        {"old_entry": minutes(0, 0)},
        # Both fail alike: old is no worse a place. Or old failed, and its newest minute is good.
        {
            "old_requests": minutes(300, 300),
            "old_target_errors": minutes(None, 90),
            "new_requests": minutes(300, 300),
            "new_target_errors": minutes(None, 60),
        },
        {"old_requests": minutes(300, 300), "old_target_errors": minutes(90, None)},
        {"old_requests": minutes(300, 300), "old_target_errors": minutes(None, 14)},
        {"old_requests": minutes(19, 19), "old_target_errors": minutes(None, 8)},
        # Of the newest minute only new has reported.
        {
            "old_requests": minutes(300, None),
            "old_target_errors": minutes(100, None),
            "new_requests": minutes(300, 300),
        },
    ],
)
def test_old_is_not_known_to_be_down(series: Series) -> None:
    assert judge(series, NOW).down == ""


def test_it_says_what_it_knows_and_no_more() -> None:
    health = judge(
        {
            "old_healthy": minutes(2, 2),
            "old_unhealthy": minutes(0, 1),
            "old_requests": minutes(310, 310),
            "old_target_errors": minutes(None, 31),
            "old_latency": minutes(0.1, 0.123),
            "old_entry": minutes(1, 1),
            "new_requests": minutes(280, 300),
        },
        NOW,
    )
    assert str(health) == (
        "old: 2 healthy targets, 1 unhealthy, 310 requests/min, 5 % 5xx, 123 ms on average, "
        "Route 53 finds it healthy; it takes on 290 requests/min more"
    )
    assert str(judge({}, NOW)) == "old: its health is not known"
    assert str(judge({"old_healthy": minutes(1)}, NOW)) == "old: 1 healthy target"
    assert judge({"old_requests": minutes(310)}, NOW).requests == 310


@pytest.mark.parametrize(
    ("old", "new", "warned"),
    [(100, 200, False), (100, 201, True), (None, 20, True), (None, 19, False), (0, None, False)],
)
def test_much_more_than_old_lately_carried_is_warned_about(
    old: float | None, new: float | None, warned: bool
) -> None:
    assert bool(Health(requests=old, new_requests=new).warnings) == warned


NAMES = ("healthy", "requests", "target_errors", "balancer_errors")
VALUES = st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=5)


@given(st.fixed_dictionaries({f"old_{name}": VALUES for name in NAMES}))
def test_old_with_a_healthy_target_and_fewer_errors_than_successes_is_never_down(
    drawn: dict[str, list[float | None]],
) -> None:
    series = {id_: minutes(*values) for id_, values in drawn.items()}
    health = judge(series, NOW)
    if (health.healthy or 0) >= 1 and (health.errors_percent or 0) <= 50:
        assert not health.down


PROBED = Probes(90, 120)


def test_users_are_told_of_without_the_probes_and_errors_are_theirs() -> None:
    health = judge(
        {
            "old_requests": minutes(144, 144),
            "old_target_errors": minutes(None, 27),
            "new_requests": minutes(96, 96),
        },
        NOW,
        PROBED,
    )
    assert str(health) == "old: 54 requests/min, 25 % 5xx; it takes on 6 requests/min more"


def test_a_side_that_only_probes_ask_has_no_requests() -> None:
    only = {f"{side}_requests": minutes(90, 87) for side in ("old", "new")}
    assert str(judge(only, NOW, PROBED)) == (
        "old: 0 requests/min, 0 % 5xx; it takes on 0 requests/min more"
    )


def test_old_that_lately_served_probes_only_is_warned_about() -> None:
    series = {"old_requests": minutes(90, 90), "new_requests": minutes(150, 150)}
    (warning,) = judge(series, NOW, PROBED).warnings
    assert "old lately served 0 requests/min and takes on 60 more" in warning


def test_old_s_failing_probes_are_no_worse_than_what_new_does_to_its_users() -> None:
    # One probe of ten fails on old, which nobody asks; on new every fourth user's request fails, and these
    # are few beside the probes.
    series = {
        "old_requests": minutes(90, 90),
        "old_target_errors": minutes(None, 9),
        "new_requests": minutes(110, 110),
        "new_target_errors": minutes(None, 5),
    }
    assert "fails more than new" in judge(series, NOW).down
    assert judge(series, NOW, PROBED).down == ""


@given(
    st.fixed_dictionaries({f"{side}_{name}": VALUES for side in ("old", "new") for name in NAMES}),
    st.integers(0, 500),
)
def test_probes_never_make_old_look_down_and_no_figure_is_out_of_range(
    drawn: dict[str, list[float | None]], probes: int
) -> None:
    series = {id_: minutes(*values) for id_, values in drawn.items()}
    health = judge(series, NOW, Probes(probes, probes))
    if health.down:
        assert judge(series, NOW).down
    assert health.errors_percent is None or 0 <= health.errors_percent <= 100
    assert min(health.requests or 0, health.new_requests or 0) >= 0


def seconds(*ago: int) -> Points:
    """Return a datapoint of ten seconds, so long ago, each 1."""
    return [(NOW - timedelta(seconds=one), 1.0) for one in sorted(ago, reverse=True)]


def test_old_that_answers_the_sentinel_nothing_is_down_before_its_minute_is_over() -> None:
    well = {"old_healthy": minutes(2, 2), "old_requests": minutes(300, 300)}
    assert not judge(well, NOW).down
    health = judge(well | {"old_probe_down": seconds(5, 15)}, NOW)
    assert "none of its endpoints gave the sentinel a right answer" in health.down


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # It said so a while ago, and has not since.
        (seconds(45, 55), []),
        # Of both at once: one of the two is not so.
        (seconds(5), seconds(15)),
        ([], seconds(5)),
        ([(NOW - timedelta(seconds=5), 0.0)], []),
    ],
)
def test_what_the_sentinel_does_not_say_plainly_and_now_holds_no_rollback_back(
    old: Points, new: Points
) -> None:
    assert not judge({"old_probe_down": old, "new_probe_down": new}, NOW).down
