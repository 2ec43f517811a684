"""Old leaves the doors only when the evidence says so; at deploy, by the gate."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate import handler as gate
from shared.decommission import look as looking
from shared.decommission.evidence import (
    Evidence,
    missing,
    users_a_day,
)
from shared.decommission.rules import Rules
from shared.readiness.spec import Attestation
from shared.watch.hours import HOUR, hours_at_full_weight
from tests.unit.support.gate_rig import THROWN, Rig

UNTIL = datetime(2026, 11, 24, 3, tzinfo=UTC)
TODAY = date(2026, 11, 24)
PROBES = 90.0 * 60
RULES = Rules(
    region="us-east-2",
    load_balancer="app/old/0123456789abcdef",
    doors=("edge", "dns"),
    watch_hours=24,
    quiet_days=3,
    residual_requests_a_day=500,
    most_probes_a_minute=120,
    attestations=(Attestation("backups of old verified", 14, "ada", "2026-11-20"),),
)
HOURS = [UNTIL - HOUR * back for back in range(72, 0, -1)]


def evidence(**changed: Any) -> Evidence:
    """Return three days in which nobody asked old, changed as a test says."""
    held = {
        "until": UNTIL,
        "weight": {door: dict.fromkeys(HOURS, 100.0) for door in RULES.doors},
        "thrown": {door: dict.fromkeys(HOURS, 0.0) for door in RULES.doors},
        "requests": dict.fromkeys(HOURS, PROBES),
        "others": {},
    }
    return Evidence(**(held | changed))


def requests(**users: float) -> dict[datetime, float]:
    """Return old's requests, with so many of users in the hour of that number."""
    found = dict.fromkeys(HOURS, PROBES)
    for hour, count in users.items():
        found[HOURS[int(hour.removeprefix("h"))]] += count
    return found


def test_with_all_of_it_nothing_is_missing() -> None:
    assert missing(evidence(), RULES, TODAY) == []
    assert hours_at_full_weight(evidence()) == 72


def test_users_of_old_are_told_by_day_and_health_checkers_are_not_among_them() -> None:
    seen = evidence(requests=requests(h10=400, h11=90, h30=501), others={HOURS[50]: 700.0})
    assert [round(users) for _, users in users_a_day(seen, RULES)] == [490, 501, 700]
    (said,) = missing(seen, RULES, TODAY)
    assert "about 700 requests, probes taken off" in said
    assert "on 2 of 3 days more than decommission.residual_requests_a_day (500)" in said


def test_more_than_there_can_be_of_health_checkers_are_users_however_evenly_they_ask() -> None:
    seen = evidence(requests=dict.fromkeys(HOURS, 120 * 60 + 100.0))
    assert [round(users) for _, users in users_a_day(seen, RULES)] == [2400] * 3


@given(
    probes=st.floats(0, 120 * 60),
    users=st.dictionaries(st.integers(0, 71), st.floats(0, 1e6), max_size=60),
)
def test_at_most_the_health_checkers_are_taken_off_in_an_hour(
    probes: float, users: dict[int, float]
) -> None:
    found = dict.fromkeys(HOURS, probes)
    for hour, count in users.items():
        found[HOURS[hour]] += count
    by_day = users_a_day(evidence(requests=found), RULES)
    for (day, seen), at in zip(by_day, range(0, 72, 24), strict=True):
        assert day == HOURS[at]
        total = sum(found[hour] for hour in HOURS[at : at + 24])
        assert total - 24 * 120 * 60 - 1e-3 <= seen <= total + 1e-3
    if len(users) < 7:
        # Fewer than a tenth of the hours had users: all of them are seen.
        expected = sum(users.values())
        assert sum(seen for _, seen in by_day) == pytest.approx(expected, abs=1e-2, rel=1e-6)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"weight": {"edge": dict.fromkeys(HOURS, 100.0) | {HOURS[1]: 50.0}}},
            "the edge door has sent everybody to new since 2026-11-21 05:00 UTC only, and 72 whole hours",
        ),
        (
            {"weight": {"dns": dict.fromkeys(HOURS[1:], 100.0)}},
            "it is not known what the dns door sent to new in 1 hour (2026-11-21 03:00 UTC)",
        ),
        (
            {"thrown": {"edge": dict.fromkeys(HOURS, 0.0) | {HOURS[60]: 1.0}}},
            "the switch of the edge door was thrown in 1 hour (2026-11-23 15:00 UTC)",
        ),
        (
            {"thrown": {"edge": dict.fromkeys(HOURS[5:], 0.0)}},
            "it is not known whether the edge door was rolled back in 5 hours",
        ),
        (
            {"requests": dict.fromkeys(HOURS[:-1], PROBES)},
            "old's load balancer published no RequestCount in 1 hour (2026-11-24 02:00 UTC)",
        ),
        ({"requests": {}}, "published no RequestCount in 72 hours"),
    ],
)
def test_what_is_missing_is_told_with_its_hours(changed: dict[str, Any], said: str) -> None:
    (sentence,) = missing(evidence(**changed), RULES, TODAY)
    assert said in sentence


@pytest.mark.parametrize(
    ("by", "on", "said"),
    [("", "", "nobody vouches for"), ("ada", "2026-11-01", "that held until 2026-11-15")],
)
def test_backups_that_nobody_vouches_for_are_missing(by: str, on: str, said: str) -> None:
    attested = Attestation("backups of old verified", 14, by, on)
    rules = Rules(**{**vars(RULES), "attestations": (attested,)})
    (sentence,) = missing(evidence(), rules, TODAY)
    assert said in sentence


@given(
    below=st.dictionaries(st.integers(0, 71), st.floats(0, 99.9), max_size=5),
    thrown=st.sets(st.integers(0, 71), max_size=5),
)
def test_the_watch_counts_whole_hours_without_a_gap(
    below: dict[int, float], thrown: set[int]
) -> None:
    seen = evidence(
        weight={"edge": {h: below.get(i, 100.0) for i, h in enumerate(HOURS)}},
        thrown={"edge": {h: float(i in thrown) for i, h in enumerate(HOURS)}},
    )
    last = max([*below, *thrown], default=-1)
    assert hours_at_full_weight(seen) == 71 - last
    assert bool(missing(seen, RULES, TODAY)) is bool(below or thrown)


class FakeCloudWatch:
    """Returns the hours of what it holds, by metric and door, page by page."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], dict[datetime, float]] = {}
        self.asked: list[Any] = []

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        results = []
        for query in asked["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            door = next((d["Value"] for d in metric["Dimensions"] if d["Name"] == "Door"), "")
            found = self.held.get((metric["MetricName"], door), {})
            wanted = sorted(h for h in found if asked["StartTime"] <= h < asked["EndTime"])
            half = wanted[::2] if "NextToken" not in asked else wanted[1::2]
            # As boto3 may give them, without a time zone: UTC.
            results.append(
                {
                    "Id": query["Id"],
                    "Timestamps": [h.replace(tzinfo=None) for h in half],
                    "Values": [found[h] for h in half],
                }
            )
        more = {} if "NextToken" in asked else {"NextToken": "2"}
        return {"MetricDataResults": results, **more}


def quiet_days() -> FakeCloudWatch:
    held = FakeCloudWatch()
    for door in RULES.doors:
        held.held["DeclaredWeight", door] = dict.fromkeys(HOURS, 100.0)
        held.held["SwitchThrown", door] = dict.fromkeys(HOURS, 0.0)
    held.held["RequestCount", ""] = dict.fromkeys(HOURS, PROBES)
    return held


def test_the_evidence_is_read_by_the_hour_to_the_last_page_and_the_four_counts_are_added() -> None:
    held = quiet_days()
    for name in ("HTTP_Redirect_Count", "HTTP_Fixed_Response_Count", "HTTPCode_ELB_4XX_Count"):
        held.held[name, ""] = {HOURS[-1]: 7.0}
    seen = looking.look(
        lambda _: held, "chatmrpt", RULES, UNTIL + timedelta(minutes=12, seconds=41)
    )
    assert seen == evidence(others={HOURS[-1]: 21.0})
    for asked in held.asked:
        assert {q["MetricStat"]["Period"] for q in asked["MetricDataQueries"]} == {3600}
    statistics = {
        q["MetricStat"]["Metric"]["MetricName"]: q["MetricStat"]["Stat"]
        for asked in held.asked
        for q in asked["MetricDataQueries"]
    }
    assert statistics["DeclaredWeight"] == "Minimum"
    assert statistics["SwitchThrown"] == "Maximum"
    assert statistics["RequestCount"] == "Sum"


def test_an_hour_whose_metrics_may_still_come_does_not_count() -> None:
    seen = looking.look(lambda _: quiet_days(), "chatmrpt", RULES, UNTIL + timedelta(minutes=4))
    assert seen.until == UNTIL - HOUR


DECOMMISSION = {
    "Region": "us-east-2",
    "LoadBalancer": "app/old/0123456789abcdef",
    "Doors": ["edge", "dns"],
    "WatchHours": "24",
    "QuietDays": "3",
    "ResidualRequestsADay": "500",
    "MostProbesAMinute": "120",
    "Attestations": [
        {"What": "backups of old verified", "By": "ada", "On": "2026-11-20", "ValidDays": "14"}
    ],
}


@pytest.fixture
def held(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> FakeCloudWatch:
    held = quiet_days()

    class At(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> At:
            return cls.fromtimestamp((UNTIL + timedelta(minutes=12)).timestamp(), tz)

    monkeypatch.setattr(gate, "datetime", At)
    rig.alarms.get_metric_data = held.get_metric_data  # type: ignore[attr-defined]
    return held


def test_old_leaves_when_the_evidence_says_so(rig: Rig, held: FakeCloudWatch) -> None:
    assert rig.ask(100, 100, Decommission=DECOMMISSION) == ("SUCCESS", "")
    assert rig.runs == 0


def test_old_stays_with_everything_that_is_missing(rig: Rig, held: FakeCloudWatch) -> None:
    held.held["DeclaredWeight", "dns"][HOURS[3]] = 50.0
    held.held["RequestCount", ""][HOURS[5]] += 9000
    override = {"By": "ada", "Reason": "we are in a hurry"}
    status, reason = rig.ask(
        100,
        100,
        Decommission=DECOMMISSION | {"Attestations": [{"What": "backups", "ValidDays": "14"}]},
        Override=override,
    )
    assert status == "FAILED"
    assert reason.startswith("old may not leave the doors yet, and no door was changed: ")
    for said in ("the dns door", "about 9,000 requests", "nobody vouches for 'backups'"):
        assert said in reason
    assert "cutover decommission shows all of it" in reason
    assert rig.sns.published == []


def test_old_stays_while_the_switch_is_thrown_or_an_alarm_fires(
    rig: Rig, held: FakeCloudWatch
) -> None:
    rig.store.items["switch"] = THROWN
    status, reason = rig.ask(100, 100, Decommission=DECOMMISSION)
    assert status == "FAILED"
    assert "everybody is on old" in reason
    rig.store.items["switch"] = json.dumps({"state": "released"})
    rig.alarms.state = "ALARM"
    status, reason = rig.ask(100, 100, Decommission=DECOMMISSION)
    assert status == "FAILED"
    assert "is in ALARM already" in reason


@pytest.mark.parametrize("before", [None, 0, 50])
def test_old_never_leaves_in_the_deploy_that_moves_the_weight(
    rig: Rig, held: FakeCloudWatch, before: int | None
) -> None:
    status, reason = rig.ask(before, 100, Decommission=DECOMMISSION)
    assert status == "FAILED"
    assert "deploy 100 first" in reason


def test_once_it_has_left_nobody_asks_again(rig: Rig) -> None:
    assert rig.ask(100, 100, was=DECOMMISSION, Decommission=DECOMMISSION) == ("SUCCESS", "")


def test_old_returns_at_100_and_gets_viewers_afterwards(rig: Rig) -> None:
    assert rig.ask(100, 100, was=DECOMMISSION) == ("SUCCESS", "")
    status, reason = rig.ask(100, 50, was=DECOMMISSION)
    assert status == "FAILED"
    assert "deploy phase cutover at new_weight 100, then 50" in reason


def test_cloudformation_that_puts_old_back_is_never_stopped(rig: Rig) -> None:
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert rig.ask(50, 100, Decommission=DECOMMISSION) == ("SUCCESS", "")
    assert rig.ask(100, 50, was=DECOMMISSION) == ("SUCCESS", "")
