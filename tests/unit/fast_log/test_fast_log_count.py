"""The sums of a batch: by side and ten seconds, with every zero said."""

from __future__ import annotations

from fast_log.count import Batch, count
from tests.unit.support.edge_log_lines import FORM, NOW, OLD, line

PERIOD = 1_795_000_000


def counted(*lines: str, now: float = NOW) -> Batch:
    return count(lines, FORM, now=now, slow_seconds=1.0)


def test_each_side_s_requests_are_summed_in_their_own_ten_seconds() -> None:
    before = f"{PERIOD - 1}.250"
    batch = counted(
        line("a"),
        line("b", sc_status="500"),
        line("c", timestamp=before, sc_status="404"),
        line("d", viewer_request_log_data="old", r_host=OLD, time_to_first_byte="1.000"),
    )
    assert batch.sums == {
        ("EdgeRequests", "new", PERIOD): 2,
        ("EdgeErrors", "new", PERIOD): 1,
        ("EdgeSlow", "new", PERIOD): 0,
        ("Edge4xx", "new", PERIOD): 0,
        ("EdgeRequests", "old", PERIOD): 1,
        ("EdgeErrors", "old", PERIOD): 0,
        ("EdgeSlow", "old", PERIOD): 1,
        ("Edge4xx", "old", PERIOD): 0,
        ("EdgeRequests", "new", PERIOD - 10): 1,
        ("EdgeErrors", "new", PERIOD - 10): 0,
        ("EdgeSlow", "new", PERIOD - 10): 0,
        ("Edge4xx", "new", PERIOD - 10): 1,
        ("EdgeRequests", "old", PERIOD - 10): 0,
        ("EdgeErrors", "old", PERIOD - 10): 0,
        ("EdgeSlow", "old", PERIOD - 10): 0,
        ("Edge4xx", "old", PERIOD - 10): 0,
    }
    assert batch.records == {PERIOD: 3, PERIOD - 10: 1}


def test_a_side_that_nobody_asked_is_told_to_have_had_no_request_and_no_error() -> None:
    """At weight 100 old has no datapoint otherwise, and a rule over it would be missing."""
    batch = counted(line())
    assert batch.sums["EdgeRequests", "old", PERIOD] == 0
    assert batch.sums["EdgeErrors", "old", PERIOD] == 0


def test_where_only_testers_and_the_cache_were_at_work_no_side_is_told_of() -> None:
    batch = counted(
        line("a", viewer_request_log_data="pin-new"), line("b", x_edge_result_type="Hit")
    )
    assert batch.sums == {}
    assert batch.records == {PERIOD: 2}


def test_a_read_that_old_could_not_save_is_one_of_old_s_too() -> None:
    batch = counted(line(sc_status="503", sr_reason="Failover:503", r_host=OLD))
    for side in ("new", "old"):
        assert batch.sums["EdgeRequests", side, PERIOD] == 1
        assert batch.sums["EdgeErrors", side, PERIOD] == 1


def test_a_request_that_is_there_twice_counts_once() -> None:
    batch = counted(line("a", sc_status="500"), line("a", sc_status="500"), line("b"))
    assert batch.repeated == 1
    assert batch.sums["EdgeErrors", "new", PERIOD] == 1
    assert batch.sums["EdgeRequests", "new", PERIOD] == 2


def test_what_is_an_hour_late_counts_for_no_side_and_tells_how_late_it_is() -> None:
    batch = counted(*(line(str(n), sc_status="500") for n in range(5)), now=NOW + 3600)
    assert (batch.sums, batch.records, batch.late) == ({}, {}, 5)
    assert batch.age == 3602


def test_one_line_that_is_late_makes_the_others_no_older() -> None:
    late = line("late", timestamp=f"{NOW - 3000}")
    batch = counted(late, *(line(str(n)) for n in range(9)))
    assert (batch.late, batch.age) == (1, 2.0)


def test_a_clock_that_is_ahead_makes_no_line_younger_than_now() -> None:
    assert counted(line(timestamp=f"{NOW + 30}")).age == 0


def test_what_cannot_be_read_is_counted_and_stops_nothing() -> None:
    batch = counted("nonsense\n", line("a"), "a\tb\n")
    assert (batch.unread, batch.unread_why) == (2, "1 fields, and the log has 9")
    assert batch.sums["EdgeRequests", "new", PERIOD] == 1


def test_lines_without_a_side_are_counted() -> None:
    assert counted(line(viewer_request_log_data="-", sc_status="502")).sideless == 1


def test_nothing_at_all_has_no_age() -> None:
    assert counted().age is None


def test_a_group_s_viewer_is_one_of_new_s_and_is_counted_apart_where_there_are_groups() -> None:
    """They count for and against new as anybody does; the share without them must be the weight's."""
    lines = (
        line("a"),
        line("b", viewer_request_log_data="group-new", sc_status="500"),
        line("c", viewer_request_log_data="old", r_host=OLD),
    )
    batch = count(lines, FORM, now=NOW, slow_seconds=1.0, with_groups=True)

    assert batch.sums["EdgeRequests", "new", PERIOD] == 2
    assert batch.sums["EdgeErrors", "new", PERIOD] == 1
    assert batch.sums["EdgeGroupRequests", "new", PERIOD] == 1
    assert batch.sideless == batch.unread == 0
    # A zero is said too.
    none = count((line("a"),), FORM, now=NOW, slow_seconds=1.0, with_groups=True)
    assert none.sums["EdgeGroupRequests", "new", PERIOD] == 0
    # Where no group is declared any more, a late line of one counts as anybody's.
    late = counted(*lines)
    assert late.sums["EdgeRequests", "new", PERIOD] == 2
    assert "EdgeGroupRequests" not in {name for name, _, _ in late.sums}
