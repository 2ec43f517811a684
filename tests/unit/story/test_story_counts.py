"""Which failures a healthy side could have spared, and what is counted of an act."""

from __future__ import annotations

import pytest

from rehearsal.outage import Outage
from rehearsal.story.counts import Act, by_own_name, could_be_spared, met, rows
from rehearsal.world.stream import Seen

FAULT = Outage(struck=100.0, thrown=108.0, turned=120.0, healed=200.0)


def failed(began: float, side: str = "", method: str = "GET") -> Seen:
    return Seen(at=began + 0.1, side=side, failure="500", began=began, method=method)


@pytest.mark.parametrize(
    ("door", "one", "spared"),
    [
        ("edge", failed(105, method="POST"), False),
        ("edge", failed(105), True),
        ("edge", failed(109, method="POST"), True),
        ("edge", failed(90, method="POST"), True),
        ("edge", failed(201, method="POST"), True),
        ("dns", failed(105, "new"), False),
        ("dns", failed(119, "new", "POST"), False),
        ("dns", failed(121, "new"), True),
        ("dns", failed(105, "old"), True),
        ("dns", failed(105), True),
    ],
)
def test_only_what_nobody_repeats_could_not_be_spared(door: str, one: Seen, spared: bool) -> None:
    assert could_be_spared(door, [one], FAULT) == ([one] if spared else [])
    assert could_be_spared(door, [one], None) == [one]


def test_what_went_well_is_no_failure() -> None:
    assert could_be_spared("edge", [Seen(105.1, "new", began=105.0)], FAULT) == []


def test_those_who_use_old_s_own_name_are_counted_by_where_they_were_sent() -> None:
    act = Act("last users", "sent on", began=100.0, ended=130.0, weight=100)
    seen = [
        Seen(99.9, "old", began=99.0, asked=("old",)),
        Seen(101.0, "new", began=100.0, asked=("old", "new")),
        Seen(101.0, "old", began=100.5, method="POST", asked=("old",)),
        Seen(102.0, "", "sent in circles", began=101.0, asked=("old",) * 6),
        Seen(103.0, "new", began=102.0, asked=("new",)),
        Seen(104.0, "", "ConnectionError", began=103.0),
    ]
    assert by_own_name(seen, act).to_dict() == {"asked": 3, "sent_on": 2, "lost": 2}


def test_an_act_counts_those_who_were_answered_in_it() -> None:
    act = Act("fault", "new answers 500", began=100.0, ended=130.0, weight=0)
    seen = [
        Seen(99.9, "old", began=99.0),
        Seen(101.0, "new", began=99.8),
        Seen(129.9, "old", began=129.0),
        failed(105, "new"),
        failed(106),
        Seen(130.1, "new", began=129.9),
    ]
    found = met("dns", seen, act, FAULT)
    assert found.to_dict() == {
        "requests": 4,
        "new": 1,
        "failed": 2,
        "avoidable": 1,
        "unanswered": 1,
    }
    assert met("edge", seen, act, FAULT).unanswered == 0


def test_each_act_is_a_line_with_both_doors() -> None:
    act = Act("1 %", "promoted", began=0.0, ended=10.0, weight=1)
    seen = {"edge": [Seen(1.0, "new", began=0.5)], "dns": [], "own name": []}
    (line,) = rows([act], seen, None)
    assert (line["act"], line["seconds"], line["weight"]) == ("1 %", 10.0, 1)
    assert (line["edge"]["new"], line["dns"]["requests"]) == (1, 0)
