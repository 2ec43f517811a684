"""Whoever disagrees is named once, by how much and with what to do; whoever cannot be read is named too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.doors.mute import Mute
from shared.doors.switch import SwitchState
from shared.probes import Probes
from shared.promotion.line import Line
from shared.status.compare import compare, headline
from shared.status.finding import Finding, Kind, gravest
from shared.status.standing import Standing
from tests.unit.support.statuses import (
    AGREEING,
    DENIED,
    NOW,
    RELEASED,
    THROWN,
    deployed,
    dns,
    edge,
    requests,
    standing,
)

WEIGHTS = st.integers(0, 100)


def says(of: Standing, kind: Kind, **how: Any) -> list[str]:
    return [finding.says for finding in compare(of, **how) if finding.kind is kind]


def test_where_all_agree_there_is_nothing_to_say_and_that_is_said() -> None:
    assert compare(AGREEING) == []
    assert headline(AGREEING, []) == "New gets 25 %. Declared, deployed and live agree."
    assert headline(standing(declared=None), []) == "New gets 25 %. Deployed and live agree."


@given(declared=WEIGHTS, held=WEIGHTS, live=WEIGHTS)
def test_no_disagreement_if_and_only_if_the_three_are_equal(
    declared: int, held: int, live: int
) -> None:
    of = standing(
        declared=declared,
        deployed=deployed(held),
        doors=(edge(live),),
        requests=requests(0, 0),
    )
    grave = gravest(compare(of))
    assert (grave is Kind.NOTE) == (declared == held == live)
    assert grave is not Kind.UNREAD
    assert len(says(of, Kind.DISAGREES)) == (declared != held) + (held != live)


@given(declared=WEIGHTS, held=WEIGHTS, live=WEIGHTS)
def test_before_a_promotion_only_what_is_live_must_be_what_is_deployed(
    declared: int, held: int, live: int
) -> None:
    of = standing(
        declared=declared,
        deployed=deployed(held),
        doors=(edge(live),),
        requests=requests(0, 0),
    )
    found = compare(of, before_promotion=True)
    assert (gravest(found) is Kind.DISAGREES) == (held != live)
    assert any("promotion moves" in finding.says for finding in found) == (declared != held)


@given(
    weights=st.lists(WEIGHTS, min_size=3, max_size=3),
    readable=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_each_holder_that_differs_from_what_is_deployed_is_named_once_and_the_unread_once(
    weights: list[int], readable: list[bool]
) -> None:
    held = [w if known else DENIED for w, known in zip(weights, readable, strict=True)]
    of = standing(doors=(edge(held[0]), dns(held[1], held[2])), requests=requests(0, 0))
    named = ("edge function", "A record", "AAAA record")
    for name, weight, known in zip(named, weights, readable, strict=True):
        differs = [s for s in says(of, Kind.DISAGREES) if s.startswith(f"The {name} sends")]
        unread = [s for s in says(of, Kind.UNREAD) if f"in the {name} cannot be read" in s]
        assert len(differs) == (known and weight != 25)
        assert len(unread) == (not known)


def test_a_disagreement_says_who_by_how_much_and_what_to_do() -> None:
    (said,) = says(standing(declared=40), Kind.DISAGREES)
    assert said == (
        "git declares 40 % for new, but CloudFormation holds 25 %: 15 points apart. "
        "Deploy what is declared, or declare 25."
    )
    (said,) = says(standing(doors=(edge(40), dns())), Kind.DISAGREES)
    assert said.startswith(
        "The edge function sends 40 % to new, but CloudFormation holds 25 %: 15 points apart."
    )
    assert "deploy another weight and then this one" in said


def test_one_point_is_one() -> None:
    (said,) = says(standing(declared=26), Kind.DISAGREES)
    assert ": 1 point apart." in said
    (said,) = says(standing(doors=(edge(26), dns())), Kind.DISAGREES)
    assert ": 1 point apart." in said


def test_where_cloudformation_cannot_be_read_live_is_held_against_git() -> None:
    of = standing(deployed=DENIED, declared=40)
    assert len(says(of, Kind.DISAGREES)) == 3
    assert all("but git declares 40 %" in said for said in says(of, Kind.DISAGREES))


@pytest.mark.parametrize("how", [{"before_promotion": True}, {}])
def test_where_only_live_is_known_the_doors_are_held_against_each_other(
    how: dict[str, bool],
) -> None:
    of = standing(
        deployed=DENIED, declared=40 if how else None, doors=(edge(25), dns(a=10, aaaa=25))
    )
    (said,) = says(of, Kind.DISAGREES, **how)
    assert said.startswith("The A record sends 10 % to new, but the edge function holds 25 %")


def test_a_deploy_under_way_cannot_be_told_and_its_differences_are_no_disagreement() -> None:
    of = standing(
        declared=50, deployed=deployed(50, "UPDATE_IN_PROGRESS"), doors=(edge(50), dns(25, 50))
    )
    assert gravest(compare(of)) is Kind.UNREAD
    (said,) = says(of, Kind.UNREAD)
    assert "UPDATE_IN_PROGRESS" in said
    assert any(said.startswith("The A record sends 25 %") for said in says(of, Kind.NOTE))


def test_cleaning_up_moves_no_weight() -> None:
    of = standing(deployed=deployed(25, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"))
    assert compare(of) == []


@pytest.mark.parametrize(
    "status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "ROLLBACK_COMPLETE", "CREATE_FAILED"]
)
def test_a_stack_left_half_way_is_a_disagreement(status: str) -> None:
    (said,) = says(standing(deployed=deployed(25, status)), Kind.DISAGREES)
    assert f"chatmrpt-traffic is {status}" in said


def test_a_deploy_that_was_put_back_is_told() -> None:
    of = standing(deployed=deployed(25, "UPDATE_ROLLBACK_COMPLETE"))
    assert gravest(compare(of)) is Kind.NOTE
    (said,) = says(of, Kind.NOTE)
    assert "failed and CloudFormation put everything back" in said


def test_doors_whose_switches_differ_disagree() -> None:
    of = standing(doors=(edge(switch=THROWN), dns()), requests=requests(0, 0))
    (said,) = says(of, Kind.DISAGREES)
    assert said.startswith("The switch is thrown at the edge door and released at the dns door.")
    assert headline(of, compare(of)) == "New gets 0 to 25 %, by door. 1 disagreement."


def test_a_thrown_switch_is_told_with_who_and_why_and_is_no_disagreement() -> None:
    of = standing(
        doors=(edge(switch=THROWN), dns(switch=SwitchState("thrown"))), requests=requests(9000, 0)
    )
    assert [finding.kind for finding in compare(of)] == [Kind.NOTE]
    (said,) = says(of, Kind.NOTE)
    assert "By alarm:chatmrpt-new-5xx-hard, 2026-11-24 02:00:00 UTC: 12.4 is above 5." in said
    assert headline(of, compare(of)).startswith("All viewers go to old: the switch is thrown.")


def test_a_record_without_the_switch_s_health_check_disagrees() -> None:
    (said,) = says(standing(doors=(edge(), dns(unguarded=("A record",)))), Kind.DISAGREES)
    assert "New's A record" in said


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"deployed": DENIED}, "What CloudFormation holds"),
        ({"doors": (edge(switch=DENIED), dns())}, "The switch of the edge door"),
        ({"doors": (edge(), dns(switch=DENIED))}, "The switch of the dns door"),
        ({"mute": DENIED}, "Whether alarms are muted"),
        ({"requests": DENIED}, "The load balancers' request counts"),
        ({"judged": DENIED}, "The judge's verdict"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(changed: dict[str, Any], named: str) -> None:
    of = standing(**changed)
    assert compare(of) == [Finding(Kind.UNREAD, f"{named} cannot be read: {DENIED.why}.")]
    assert headline(of, compare(of)).endswith("Not everything could be read.")


def test_the_gravest_comes_first() -> None:
    mute = Mute(NOW + timedelta(minutes=40), "bob", "load test", NOW)
    found = compare(standing(declared=40, mute=mute, judged=DENIED))
    assert [finding.kind for finding in found] == [Kind.DISAGREES, Kind.UNREAD, Kind.NOTE]
    assert found[2].says.endswith("2026-11-24 03:52 UTC, by bob: load test.")


def test_too_much_at_the_edge_alone_is_a_disagreement_and_at_the_dns_door_a_hint() -> None:
    much = requests(5000, 5000)
    (said,) = says(standing(doors=(edge(),), requests=much), Kind.DISAGREES)
    assert said.startswith("New served about 50 % (49 to 51) of the users' requests of 5 minutes")
    assert "past the edge door" in said
    with_dns = standing(requests=much)
    assert gravest(compare(with_dns)) is Kind.NOTE
    (hint,) = says(with_dns, Kind.NOTE)
    assert "few large resolvers" in hint


def test_too_little_is_a_hint_for_people_may_go_past_every_door() -> None:
    of = standing(doors=(edge(),), requests=requests(10_000, 0))
    (hint,) = says(of, Kind.NOTE)
    assert "25 % is expected at least" in hint


def test_while_thrown_new_is_expected_to_serve_nothing() -> None:
    of = standing(doors=(edge(switch=THROWN),), requests=requests(7500, 2500))
    (said,) = says(of, Kind.DISAGREES)
    assert "0 % is expected at most" in said


def test_health_checks_alone_are_no_traffic() -> None:
    of = standing(
        doors=(edge(switch=THROWN),), requests=requests(1800, 1500), probes=Probes(250, 300)
    )
    assert says(of, Kind.DISAGREES) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"deployed": deployed(ago=300)},
        {"doors": (edge(switch=SwitchState("released", "ada", "", "2026-11-24T03:05:00+00:00")),)},
    ],
)
def test_a_share_from_before_the_last_change_says_nothing(changed: dict[str, Any]) -> None:
    of = standing(**({"doors": (edge(),), "requests": requests(5000, 5000)} | changed))
    assert compare(of) == []


@given(old=st.integers(0, 3000), new=st.integers(0, 3000), weight=WEIGHTS)
def test_a_share_within_ten_points_of_the_weight_is_never_named(
    old: int, new: int, weight: int
) -> None:
    total = old + new
    if total == 0 or abs(100 * new / total - weight) > 10:
        return
    of = standing(
        declared=weight,
        deployed=deployed(weight),
        doors=(edge(float(weight), RELEASED),),
        requests=requests(old, new),
    )
    assert compare(of) == []


def test_a_stopped_line_is_a_note_and_so_is_one_that_cannot_be_read() -> None:
    stopped = standing(line=Line("stopped", "grace", "the certificate expires.", "today"))
    (note,) = compare(stopped, before_promotion=True)
    assert note == Finding(
        Kind.NOTE,
        "The line is stopped by grace since today: the certificate expires. No weight rises in this account "
        "until a person starts it: cutover line start 'WHY'.",
    )
    (unread,) = compare(standing(line=DENIED))
    assert unread.kind is Kind.NOTE
    assert unread.says.startswith("Whether the line is stopped cannot be read here: An error")


def test_a_group_comes_on_top_of_the_weight_and_is_no_disagreement() -> None:
    """Half of all requests on new at 25 %: people past the door, or a group; nobody can tell."""
    half = requests(6000, 6000)
    assert len(says(standing(doors=(edge(),), requests=half), Kind.DISAGREES)) == 1

    grouped = standing(doors=(edge(groups=("staff", "north")),), requests=half)
    assert compare(grouped) == []
    assert headline(grouped, []) == (
        "New gets 25 %, and the groups staff and north as well. Declared, deployed and live agree."
    )


def test_with_a_group_too_little_on_new_is_still_told() -> None:
    of = standing(doors=(edge(50, groups=("staff",)),), declared=50, deployed=deployed(50))
    assert any(
        "is expected at least" in said
        for said in says(replace(of, requests=requests(9900, 100)), Kind.NOTE)
    )


def test_while_the_switch_is_thrown_no_group_explains_requests_on_new() -> None:
    of = standing(doors=(edge(switch=THROWN, groups=("staff",)),), requests=requests(6000, 6000))
    assert of.groups == ()
    assert any("0 % is expected at most" in said for said in says(of, Kind.DISAGREES))
    assert headline(of, []).startswith("All viewers go to old: the switch is thrown.")


def test_groups_that_cannot_be_read_are_named_and_hide_nothing() -> None:
    of = standing(doors=(edge(groups=DENIED),))
    assert says(of, Kind.UNREAD) == [
        "Which groups the edge door lets in cannot be read: An error occurred (AccessDenied): you may not."
    ]
