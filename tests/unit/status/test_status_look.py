"""Everything is looked at, at once, and what cannot be read hides nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.doors.mute import Mute
from shared.doors.switch import SwitchState
from shared.metrics import SideMetrics
from shared.probes import NO_PROBES, Probes
from shared.settings import SettingsError, read
from shared.status.compare import compare
from shared.status.facts import facts
from shared.status.look import look
from shared.status.standing import Door, Judged, Requests, Standing, Unread
from shared.status.subject import Subject, SubjectSettings
from tests.unit.support.fake_cloud import LOAD_BALANCERS, NAME, NOW, ZONE, FakeCloud, fake_cloud
from tests.unit.support.fake_doors import always, refusal


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with fake_cloud() as cloud:
        yield cloud


def subject(cloud: FakeCloud) -> Subject:
    return Subject(
        service="chatmrpt",
        traffic_stack="chatmrpt-traffic",
        store_arn="arn",
        switch_check_id="check-1",
        router="chatmrpt-router",
        hosted_zone_id=ZONE,
        record_name=NAME,
        sides={side: SideMetrics(*names, "us-east-2") for side, names in LOAD_BALANCERS.items()},
        probes=NO_PROBES,
        line_parameter="/cutover/line",
    )


def seen(cloud: FakeCloud, of: Subject | None = None) -> Standing:
    return look(of or subject(cloud), cloud.client, NOW, declared=25)


def unread(value: object) -> str:
    assert isinstance(value, Unread)
    return value.why


def test_each_side_s_requests_are_counted_where_it_is(cloud: FakeCloud) -> None:
    sides = {
        side: SideMetrics(*names, region)
        for (side, names), region in zip(
            LOAD_BALANCERS.items(), ("us-east-2", "eu-west-1"), strict=True
        )
    }
    balancer, group = LOAD_BALANCERS["new"]
    dimensions = {"LoadBalancer": balancer, "TargetGroup": group}
    cloud.count("old", 750, 2)
    cloud.count("new", 1, 2)
    cloud.put("eu-west-1", "AWS/ApplicationELB", "RequestCount", dimensions, 250, 2)
    requests = seen(cloud, replace(subject(cloud), sides=sides)).requests
    assert not isinstance(requests, Unread)
    assert (requests.old, requests.new) == (750, 250)


def test_a_service_that_agrees_is_seen_to_agree(cloud: FakeCloud) -> None:
    for side, count in (("old", 750), ("new", 250)):
        for minutes_ago in (1, 2, 6, 7):
            cloud.count(side, count, minutes_ago)
    cloud.judge(0, 3)
    standing = seen(cloud)
    assert compare(standing) == []
    assert standing.doors == (
        Door("edge", {"the edge function": 25}, SwitchState("released")),
        Door("dns", {"the A record": 25, "the AAAA record": 25}, SwitchState("released")),
    )
    # The minute before this one may not be published yet, and the seventh is too old.
    since = NOW.replace(second=0) - timedelta(minutes=6)
    assert standing.requests == Requests(1500, 500, since, 5)
    assert standing.judged == Judged("PASS", NOW.replace(second=0) - timedelta(minutes=3))


def test_the_latest_verdict_counts_and_an_old_one_is_none(cloud: FakeCloud) -> None:
    cloud.judge(0, 20)
    assert seen(cloud).judged is None
    cloud.judge(2, 5)
    cloud.judge(1, 4)
    assert seen(cloud).judged == Judged(
        "INCONCLUSIVE", NOW.replace(second=0) - timedelta(minutes=4)
    )
    cloud.judge_more("4xx", 19.8, 4)
    cloud.judge_more("3xx", 7.0, 5)
    latest = seen(cloud).judged
    assert isinstance(latest, Judged)
    assert latest.more == {"4xx": 19.8}
    cloud.judge(7, 1)
    assert unread(seen(cloud).judged) == "JudgeVerdict is 7, which is not a verdict"


def test_the_template_may_come_as_text_and_the_weight_too(cloud: FakeCloud) -> None:
    cloud.formation.as_text, cloud.formation.weight = True, "25"
    assert compare(seen(cloud)) == []


@pytest.mark.parametrize("weight", [None, "many"])
def test_a_template_that_states_no_weight_cannot_be_told(cloud: FakeCloud, weight: object) -> None:
    cloud.formation.weight = weight
    assert "states no weight" in unread(seen(cloud).deployed)


def test_who_threw_the_switch_and_the_mute_come_from_the_store(cloud: FakeCloud) -> None:
    mute = Mute(NOW + timedelta(minutes=5), "bob", "load test", NOW - timedelta(minutes=5))
    cloud.store.items = {
        "switch": '{"state":"thrown","by":"ada","reason":"broken"}',
        "mute": mute.to_value(),
    }
    standing = seen(cloud)
    assert standing.doors[0].switch == SwitchState("thrown", "ada", "broken")
    assert isinstance(standing.mute, Mute)
    assert standing.mute.by == "bob"
    assert standing.thrown


def test_records_changed_by_hand_are_seen_by_type_with_their_health_check(
    cloud: FakeCloud,
) -> None:
    cloud.weigh("AAAA", 60, check="another")
    dns = seen(cloud).doors[1]
    assert dns.weights == {"the A record": 25, "the AAAA record": 60}
    assert dns.unguarded == ("AAAA record",)


def test_records_that_tell_no_weight_are_named(cloud: FakeCloud) -> None:
    dns = seen(cloud, replace(subject(cloud), record_name="other.example.com")).doors[1]
    assert "no weighted records" in unread(dns.weights["the records"])


def test_each_thing_that_cannot_be_read_is_named_and_the_rest_is_seen(cloud: FakeCloud) -> None:
    cloud.formation.faults = always("AccessDenied", 403)
    cloud.store.faults = always("AccessDenied", 403)
    cloud.front.code = "nothing"
    standing = seen(cloud)
    assert "AccessDenied" in unread(standing.deployed)
    assert "AccessDenied" in unread(standing.doors[0].switch)
    assert "AccessDenied" in unread(standing.mute)
    assert "states no weight" in unread(standing.doors[0].weights["the edge function"])
    assert standing.doors[1].weights == {"the A record": 25, "the AAAA record": 25}
    assert len(compare(standing)) == 4


def test_a_throttle_is_asked_again(cloud: FakeCloud) -> None:
    cloud.formation.faults = [refusal("Throttling")]
    cloud.store.faults = [refusal("ThrottlingException")]
    assert compare(seen(cloud)) == []


def test_ids_that_nobody_could_tell_are_named_as_the_door_s(cloud: FakeCloud) -> None:
    of = replace(subject(cloud), store_arn=Unread("no access"), switch_check_id=None)
    edge, dns = seen(cloud, of).doors
    assert unread(edge.switch) == "no access"
    assert "has no such door" in unread(dns.switch)


def test_a_service_with_one_door_is_asked_of_that_door_alone(cloud: FakeCloud) -> None:
    only_edge = replace(subject(cloud), record_name="", switch_check_id=None)
    assert [door.name for door in seen(cloud, only_edge).doors] == ["edge"]
    edge, dns = seen(cloud, replace(subject(cloud), router=None)).doors
    assert edge.weights == {}
    assert dns.weights == {"the A record": 25, "the AAAA record": 25}


def test_a_function_s_environment_names_the_subject(cloud: FakeCloud) -> None:
    environment = {
        "SERVICE": "chatmrpt",
        "SERVICE_REGION": "us-east-2",
        "TRAFFIC_STACK": "chatmrpt-traffic",
        "KVS_ARN": "arn",
        "SWITCH_HEALTH_CHECK_ID": "check-1",
        "ROUTER_FUNCTION_NAME": "chatmrpt-router",
        "HOSTED_ZONE_ID": ZONE,
        "RECORD_NAME": NAME,
        "LINE_PARAMETER": "/cutover/line",
        "PROBES_A_MINUTE": "90",
        "MOST_PROBES_A_MINUTE": "120",
    } | {
        f"{side.upper()}_{what}": value
        for side, (balancer, group) in LOAD_BALANCERS.items()
        for what, value in (("LOAD_BALANCER", balancer), ("TARGET_GROUP", group))
    }
    assert read(SubjectSettings, environment).subject() == replace(
        subject(cloud), probes=Probes(90, 120)
    )
    with pytest.raises(SettingsError, match="TRAFFIC_STACK"):
        read(SubjectSettings, environment | {"TRAFFIC_STACK": ""})


def test_the_groups_that_are_in_are_read_from_the_live_function(cloud: FakeCloud) -> None:
    groups = '[{"name":"staff","from":1,"is":["];"]},{"name":"late","from":50}]'
    cloud.front.code = f"const WEIGHT = percent('25');\nconst GROUPS = {groups};\nconst X = [];\n"
    assert seen(cloud).doors[0].groups == ("staff",)
    assert seen(cloud).groups == ("staff",)
    assert facts(seen(cloud))["groups on new"] == "staff"

    cloud.front.code = "const WEIGHT = percent('25');\nconst GROUPS = [1];\n"
    edge = seen(cloud).doors[0]
    assert unread(edge.groups) == "the live edge function's groups cannot be read"
    assert edge.weights == {"the edge function": 25}
