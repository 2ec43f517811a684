"""One line of the edge's log: whose request it was, and whether that side failed it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fast_log.line import Line, UnreadError
from tests.unit.support.edge_log_lines import FORM, NEW, NOW, OLD, line


def read(**fields: str) -> Line:
    return FORM.read(line(**fields))


def test_a_good_answer_counts_for_the_side_that_the_edge_function_named() -> None:
    assert read() == Line("r1", NOW - 2, side="new", said=True, first_byte=0.12)
    assert read(viewer_request_log_data="old", r_host=OLD).side == "old"


@pytest.mark.parametrize("status", ["500", "502", "503", "504"])
def test_a_5xx_is_the_side_s_failure(status: str) -> None:
    found = read(sc_status=status)
    assert (found.side, found.failed, found.other_failed) == ("new", True, False)


def test_a_4xx_is_no_failure_and_is_told() -> None:
    found = read(sc_status="403")
    assert (found.failed, found.refused) == (False, True)


@pytest.mark.parametrize(
    "reason", ["Failover:500", "Failover:502", "failover%3A503", "Failover; 504", "Failover (500)"]
)
def test_a_read_that_old_saved_is_new_s_failure_however_the_reason_is_written(reason: str) -> None:
    found = read(sc_status="200", sr_reason=reason, r_host=OLD)
    assert (found.side, found.failed, found.other_failed) == ("new", True, False)


@pytest.mark.parametrize(
    ("reason", "host", "pattern", "failed"),
    [
        # A failover whose reason names no status: the host that answered tells.
        ("Failover", OLD, "*", True),
        ("Failover", OLD.upper(), "*", True),
        ("Failover", NEW, "*", False),
        # A file that one build lacks is no failure.
        ("Failover:404", OLD, "/static/*", False),
        ("Failover:403", OLD, "/static/*", False),
        ("Failover", OLD, "/static/*", False),
        ("Failover", OLD, "%2Fstatic%2F*", False),
        # Without a reason nobody was asked twice, whatever the host says.
        ("-", OLD, "*", False),
        ("", OLD, "*", False),
        ("Primary", OLD, "*", False),
    ],
)
def test_what_is_not_surely_a_failover_of_a_failure_is_none(
    reason: str, host: str, pattern: str, failed: bool
) -> None:
    found = read(sr_reason=reason, r_host=host, cache_behavior_path_pattern=pattern)
    assert found.failed is failed


def test_a_read_that_old_could_not_save_is_a_failure_of_both() -> None:
    found = read(sc_status="502", sr_reason="Failover:500", r_host=OLD)
    assert (found.side, found.failed, found.other_failed) == ("new", True, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"viewer_request_log_data": "pin-new", "sc_status": "500"},
        {"viewer_request_log_data": "pin-old"},
        {"x_edge_result_type": "Hit"},
        {"x_edge_result_type": "RefreshHit", "sc_status": "500"},
        {"x_edge_result_type": "OriginShieldHit"},
        {"sc_status": "000"},
        {"viewer_request_log_data": "-", "x_edge_result_type": "Redirect", "sc_status": "301"},
    ],
)
def test_testers_what_comes_from_the_cache_and_viewers_that_left_count_for_no_side(
    fields: dict[str, str],
) -> None:
    found = read(**fields)
    assert (found.side, found.said, found.failed) == ("", True, False)


def test_a_line_of_which_the_function_says_nothing_is_told_apart() -> None:
    found = read(viewer_request_log_data="-", sc_status="502", x_edge_result_type="Error")
    assert (found.side, found.said, found.failed) == ("", False, False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (line().replace("\t", "\t-\t", 1), "10 fields, and the log has 9"),
        (line().rpartition("\t")[0] + "\n", "8 fields"),
        ("", "1 fields"),
        (line(timestamp="-"), "timestamp is not a number"),
        (line(timestamp="nan"), "timestamp is not a number"),
        (line(timestamp="-5"), "timestamp is not a number"),
        (line(time_to_first_byte="GET"), "time-to-first-byte is not a number"),
        (line(sc_status="Miss"), "sc-status is not a status"),
        (line(viewer_request_log_data="Miss"), "names no side"),
        (line(viewer_request_log_data=NEW), "names no side"),
    ],
)
def test_what_does_not_fit_is_unread_and_never_good(text: str, why: str) -> None:
    with pytest.raises(UnreadError, match=why):
        FORM.read(text)


def test_an_answer_whose_first_byte_is_not_told_is_not_slow() -> None:
    assert read(time_to_first_byte="-").first_byte == 0


@given(st.text())
def test_no_text_is_more_than_unread(text: str) -> None:
    with pytest.raises(UnreadError):
        FORM.read(text)


@given(st.permutations(range(9)))
def test_fields_in_another_order_are_unread_or_of_no_side_or_failed(order: list[int]) -> None:
    """Should AWS write them in another order than it says, nothing bad may pass for good."""
    values = line(sc_status="500", x_edge_request_id="r1").rstrip("\n").split("\t")
    try:
        found = FORM.read("\t".join(values[at] for at in order))
    except UnreadError:
        return
    assert found.failed or not found.side


@pytest.mark.parametrize("said", ["group-old", "group-", "group-pin-new", "group-newer"])
def test_a_group_that_the_function_never_says_is_unread(said: str) -> None:
    with pytest.raises(UnreadError):
        FORM.read(line(viewer_request_log_data=said))
