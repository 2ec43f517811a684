"""The view of `cutover watch`: what it says, and that it fits any window whatever anybody wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from commands.watching.line import line, says
from commands.watching.screen import screen
from commands.watching.state import Alarm, Watched
from shared.alarms.state import AlarmState
from shared.doors.mute import Mute
from shared.doors.switch import SwitchState
from shared.promotion.line import Line
from shared.status.standing import Unread
from shared.watch.hours import Watch
from tests.unit.support.statuses import DENIED, NOW, THROWN, dns, edge, standing
from tests.unit.support.watched_samples import ALARMS, DEPLOY, WATCHED, deploy, watched


def text(of: Watched, width: int = 40, height: int = 60) -> str:
    return "\n".join(each.text for each in screen(of, NOW, width, height))


def test_a_reason_however_long_hides_nothing_that_stands_after_it_in_a_line() -> None:
    thrown = replace(THROWN, reason="Threshold Crossed: " + "0.4819825581395348, " * 100)
    of = watched(
        standing=standing(doors=(edge(switch=thrown),)), deploy=deploy(failure="no " * 1000)
    )
    said = line(of, NOW)
    for part in (
        "| switch THROWN by",
        "| old 1,800/min",
        "| new 600/min",
        "| alarms 1 no data, 2 OK",
    ):
        assert part in said
    assert len(said) < 2000


def test_forty_columns_hold_it_all() -> None:
    assert text(WATCHED) == "\n".join(
        [
            "chatmrpt 03:12:41 UTC",
            "deploy   under way to 25 %, for 4 min 0",
            "         s",
            "         bake: at least 3 min 0 s of 5",
            "         min left",
            "weight   new 25 %: declared, deployed",
            "         and live",
            "switch   released",
            "share    new 25 % (24.2 to 25.8), 5 min",
            "         from 03:06",
            "old      1,800/min, 0.1 % 5xx, 123 ms",
            "new      600/min",
            "judge    PASS at 03:12",
            "alarms   1 no data, 2 OK",
            "  no data new-latency-p95",
            "  OK new-5xx-rate",
            "  OK old-5xx-rate (tells people)",
            "Ctrl-C ends this view, and nothing else.",
        ]
    )


def test_what_fails_comes_first_and_stands_out() -> None:
    fires = Alarm("chatmrpt-new-5xx-hard", AlarmState("ALARM", "12.4 > 5"), rolls_back=True)
    of = watched(
        deploy=deploy(step="put back", failure="Bake: the alarm fired"),
        standing=standing(doors=(edge(switch=THROWN), dns(switch=THROWN))),
        alarms=(*ALARMS, fires),
    )
    lines = screen(of, NOW, 120, 60)
    bad = [each.text for each in lines if each.stress == "bad"]
    assert bad == [
        "deploy   under way to 25 %, for 4 min 0 s",
        "         PUTS THE WEIGHTS BACK",
        "         failed: Bake: the alarm fired",
        "switch   THROWN by alarm:chatmrpt-new-5xx-hard: 12.4 is above 5",
        "  ALARM new-5xx-hard: 12.4 > 5",
    ]
    shown = [each.text for each in lines]
    assert shown.index("  ALARM new-5xx-hard: 12.4 > 5") < shown.index("  OK new-5xx-rate")


def test_what_cannot_be_read_is_said_and_hides_nothing_else() -> None:
    of = watched(deploy=DENIED, alarms=DENIED, sides=DENIED)
    shown = text(of, 200)
    assert shown.count("? (An error occurred (AccessDenied): you may not)") == 2
    assert "switch   released" in shown
    assert "old      ?" in shown


def test_doors_that_differ_are_named() -> None:
    doors = (edge(25), dns(10, 10, switch=SwitchState("thrown", "ada", "x")))
    shown = text(watched(standing=standing(doors=doors)), 80)
    assert "the edge function 25 %\n         the A record 10 %" in shown
    assert "switch   edge: released\n         dns: THROWN by ada: x" in shown


def test_a_sentinel_s_alarm_has_a_row_of_its_own() -> None:
    assert "sentinel" not in text(WATCHED)
    one = Alarm("chatmrpt-sentinel", AlarmState("OK"), rolls_back=True)
    assert "sentinel OK" in text(watched(alarms=(*ALARMS, one)))


def test_a_mute_is_told() -> None:
    mute = Mute(NOW + timedelta(minutes=5), "bob", "load test", NOW)
    assert "MUTED    alarms do not roll back until" in text(watched(standing=standing(mute=mute)))


def test_a_stopped_line_is_told_on_the_page_and_in_a_log() -> None:
    assert "LINE" not in text(WATCHED)
    stopped = watched(standing=standing(line=Line("stopped", "grace", "too hot", "today")))
    assert "LINE     the line is stopped by grace since today: too hot" in text(stopped, 100)
    assert "| the line is stopped by grace since today: too hot |" in line(stopped, NOW)
    assert says(stopped) != says(WATCHED)
    assert "LINE     the line: ?" in text(watched(standing=standing(line=DENIED)))


@pytest.mark.parametrize(
    ("step", "ago", "said"),
    [
        ("begins", 0, "begins"),
        ("gate", 30, "gate: is new ready?"),
        ("shift", 30, "the weights move"),
        ("bake", 299, "bake: at least 1 s of 5 min left"),
        ("bake", 300, "bake: its 5 min are over; it waits for the edge or for its last look"),
        ("clean up", 1, "cleans up; the weights have moved"),
    ],
)
def test_each_step_of_a_deploy_is_said(step: str, ago: int, said: str) -> None:
    of = watched(deploy=deploy(step=step, step_began=NOW - timedelta(seconds=ago)))
    assert f"         {said}\n" in text(of, 100)


def test_the_declared_bake_counts_where_the_events_do_not_tell() -> None:
    of = watched(deploy=deploy(bake_minutes=None), bake_minutes=9)
    assert "bake: at least 7 min 0 s of 9 min left" in text(of, 100)


def test_a_deploy_that_is_over_says_how_it_ended() -> None:
    over = deploy(status="UPDATE_ROLLBACK_COMPLETE", step="", failure="Gate: not ready")
    assert (
        "deploy   none under way: UPDATE_ROLLBACK_COMPLETE, 4 min 0 s ago\n"
        "         it failed: Gate: not ready\n"
    ) in text(watched(deploy=over), 100)


anything = st.text(
    st.characters(codec=None, exclude_categories=()) | st.sampled_from("\x1b\r\n\t\u202e世 x"),
    max_size=60,
)


@settings(max_examples=50)
@given(said=anything, width=st.integers(1, 100), height=st.integers(0, 40))
def test_it_fits_any_window_whatever_people_and_aws_wrote(
    said: str, width: int, height: int
) -> None:
    told = SwitchState("thrown", said, said)
    of = watched(
        deploy=replace(DEPLOY, status=said, failure=said),
        standing=standing(
            doors=(edge(switch=told),), mute=Mute(NOW, said, said, NOW), deployed=Unread(said)
        ),
        alarms=(Alarm(said, AlarmState("ALARM", said), rolls_back=True), *ALARMS),
    )
    lines = screen(of, NOW, width, height)
    assert len(lines) <= height
    for each in lines:
        assert cell_len(each.text) <= width
        assert each.text.isprintable()
    assert line(of, NOW).isprintable()


def test_a_line_is_news_when_something_but_time_has_changed() -> None:
    later = watched(standing=standing(at=NOW + timedelta(seconds=9)))
    assert says(later) == says(WATCHED)
    for changed in (
        watched(deploy=deploy(step="put back")),
        watched(standing=standing(doors=(edge(switch=THROWN),))),
        watched(alarms=ALARMS[:1]),
        watched(alarms=DENIED),
    ):
        assert says(changed) != says(WATCHED)


def test_a_line_says_it_all() -> None:
    assert line(WATCHED, NOW) == (
        "03:12:41 chatmrpt: deploy under way to 25 %, for 4 min 0 s; bake: at least 3 min 0 s of 5 min "
        "left | weight new 25 %: declared, deployed and live | switch released | share new 25 % (24.2 to "
        "25.8), 5 min from 03:06 | old 1,800/min, 0.1 % 5xx, 123 ms | new 600/min | judge PASS at 03:12 | "
        "alarms 1 no data, 2 OK"
    )


def test_groups_that_come_on_top_of_the_weight_stand_beside_the_share() -> None:
    seen = standing(doors=(edge(groups=("staff", "north")), dns()))
    assert "from 03:06, with the groups staff and north" in text(watched(standing=seen), width=100)


@pytest.mark.parametrize(
    ("watch", "said"),
    [
        (Watch(3, 24, NOW), "watch    3 of 24 h, until 25 Nov 03:12 UTC"),
        (Watch(24, 24, NOW), "watch    over: 24 of 24 h"),
        (Unread("no answer"), "watch    ? (no answer)"),
    ],
)
def test_how_far_the_watch_is_stands_below_the_switch(watch: Watch | Unread, said: str) -> None:
    assert said in [line.text for line in screen(watched(watch=watch), NOW, 80, 60)]
    assert not [line for line in screen(watched(), NOW, 80, 60) if line.text.startswith("watch ")]
