"""What the rehearsal concludes from what it sees: shares, health, diffs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.alarms import probes
from rehearsal.cdk import beyond_the_weights, weights_changed
from rehearsal.world.health_checkers import CHECKERS, HEALTHY_SHARE, Checker
from rehearsal.world.shares import Share


@pytest.mark.parametrize(
    ("declared", "new", "total", "right"),
    [
        (10, 40, 400, True),
        (10, 55, 400, True),
        (10, 104, 400, False),
        (50, 150, 400, False),
        (0, 0, 400, True),
        (0, 1, 400, False),
        (100, 400, 400, True),
        (100, 399, 400, False),
        (10, 0, 0, False),
    ],
)
def test_a_share_is_the_declared_one_within_sampling_error(
    declared: int, new: int, total: int, right: bool
) -> None:
    assert Share(declared, new, total).matches() is right


@given(
    seen=st.lists(st.booleans(), max_size=40),
    threshold=st.integers(1, 10),
)
def test_a_checker_turns_only_after_so_many_probes_in_a_row(
    seen: list[bool], threshold: int
) -> None:
    checker = Checker(threshold)
    for end in range(1, len(seen) + 1):
        before = checker.healthy
        checker.see(seen[end - 1])
        if checker.healthy != before:
            assert seen[:end][-threshold:] == [checker.healthy] * threshold


def test_more_than_18_percent_of_fifteen_checkers_are_three() -> None:
    assert CHECKERS == probes.CHECKERS
    assert 2 / CHECKERS <= HEALTHY_SHARE < 3 / CHECKERS


EDGE_DIFF = """
Stack chatmrpt-traffic (aws://000000000000/us-east-1)
Resources
[~] AWS::CloudFront::Function Edge/Router EdgeRouterF5980001
 └─ [~] FunctionCode
     └─ [~] .Fn::Sub:
         └─ @@ -3,6 +3,6 @@
            [ ]   {
            [ ]     "Service": "chatmrpt",
            [ ]     "SideHeader": "x-cutover-side",
            [-]     "NewWeight": "10"
            [+]     "NewWeight": "25"
            [ ]   }
            [ ] ]
[~] AWS::Route53::RecordSet Dns/NewA DnsNewA7FF36BB4
 └─ [~] Weight
     ├─ [-] 10
     └─ [+] 25
"""


def test_a_diff_of_weights_is_nothing_but_weights() -> None:
    assert beyond_the_weights(EDGE_DIFF) == []
    assert weights_changed(EDGE_DIFF) == 2


@pytest.mark.parametrize(
    "line",
    [
        "[-] AWS::CloudWatch::Alarm Edge/Alarm EdgeAlarm destroy",
        '            [+]     "Service": "other"',
        "     ├─ [-] old-name",
    ],
)
def test_anything_else_in_a_diff_is_noticed(line: str) -> None:
    assert len(beyond_the_weights(EDGE_DIFF + line)) == 1
