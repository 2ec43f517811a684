"""The switch at each door: written for sure, read strictly, patient with what may pass."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.doors.patience import ATTEMPTS, DoorError, patiently
from shared.doors.switch import SwitchState, parse
from shared.shown import shown
from tests.unit.support.fake_doors import FakeRoute53, FakeStore, always, no_sleep, refusal

THROWN = SwitchState("thrown", "ada", "checkout is broken", "2026-11-24T03:00:00+00:00")
RELEASED = SwitchState("released", "ada", "mended", "2026-11-24T04:00:00+00:00")


def edge(store: FakeStore) -> EdgeDoor:
    return EdgeDoor(store, "arn:aws:cloudfront::1:key-value-store/s", no_sleep)  # type: ignore[arg-type]


def dns(route53: FakeRoute53) -> DnsDoor:
    return DnsDoor(route53, "check", no_sleep)  # type: ignore[arg-type]


@given(by=st.text(max_size=3000), reason=st.text(max_size=3000))
def test_a_value_fits_the_store_whatever_is_said(by: str, reason: str) -> None:
    value = SwitchState("thrown", by, reason, THROWN.at).to_value()
    assert len(value.encode()) <= 1024
    assert parse(value).state == "thrown"
    assert parse(value).at == THROWN.at
    for told, said in ((parse(value).by, by), (parse(value).reason, reason)):
        assert shown(said, len(told)) == told or shown(said).startswith(told.removesuffix("…"))


@pytest.mark.parametrize("value", ["", "released", "{}", "[]", "null", '{"state":"Released"}', "{"])
def test_what_is_not_plainly_released_is_thrown(value: str) -> None:
    assert parse(value).thrown


def test_the_value_that_a_deploy_creates_is_released() -> None:
    assert parse('{"state":"released"}') == SwitchState("released")


def test_the_edge_keeps_who_why_and_when() -> None:
    store = FakeStore({"switch": '{"state":"released"}'})
    edge(store).bring(THROWN)
    assert edge(store).read() == THROWN
    assert json.loads(store.items["switch"])["by"] == "ada"


def test_the_edge_puts_again_when_the_etag_moved() -> None:
    store = FakeStore({"switch": '{"state":"released"}'})
    store.meddle = 2
    edge(store).bring(THROWN)
    assert edge(store).read().thrown


def test_the_edge_gives_up_when_the_etag_never_holds() -> None:
    store = FakeStore({"switch": '{"state":"released"}'})
    store.meddle = 1000
    with pytest.raises(DoorError, match="ConflictException"):
        edge(store).bring(THROWN)
    assert not parse(store.items["switch"]).thrown


def test_the_edge_waits_out_a_throttle() -> None:
    store = FakeStore({"switch": '{"state":"released"}'})
    store.faults = [refusal("ThrottlingException", 429)] * (ATTEMPTS - 1)
    edge(store).bring(THROWN)
    assert edge(store).read().thrown


def test_a_refusal_for_good_is_not_asked_again() -> None:
    store = FakeStore({"switch": '{"state":"released"}'})
    store.faults = always("AccessDeniedException", 403)
    with pytest.raises(DoorError, match="AccessDeniedException"):
        edge(store).read()
    assert len(store.faults) == 99


def test_a_write_that_does_not_read_so_is_an_error() -> None:
    class Forgetful(FakeStore):
        def put_key(self, **_put: str) -> None:  # type: ignore[override]
            self.puts += 1

    store = Forgetful({"switch": '{"state":"released"}'})
    with pytest.raises(DoorError, match="does not read back as thrown"):
        edge(store).bring(THROWN)


class StaleStore(FakeStore):
    """Answers `stale` reads after a write with what was there before."""

    def __init__(self, items: dict[str, str] | None = None, stale: int = 0) -> None:
        super().__init__(items)
        self.stale, self.left, self.before = stale, 0, dict(self.items)

    def put_key(self, **put: str) -> None:  # type: ignore[override]
        self.before = dict(self.items)
        super().put_key(**put)
        self.left = self.stale

    def get_key(self, *, KvsARN: str, Key: str) -> dict[str, str]:  # noqa: N803
        if not self.left:
            return super().get_key(KvsARN=KvsARN, Key=Key)
        self.left -= 1
        if Key not in self.before:
            raise refusal("ResourceNotFoundException", 404)
        return {"Value": self.before[Key]}


@pytest.mark.parametrize("stale", [1, 8])
def test_a_read_that_does_not_see_the_write_yet_is_no_failure(stale: int) -> None:
    waits: list[float] = []
    store = StaleStore({"switch": '{"state":"released"}'}, stale)
    assert EdgeDoor(store, "arn", waits.append).bring(THROWN)  # type: ignore[arg-type]
    assert store.puts == 1
    assert waits == [0.25] * stale
    EdgeDoor(StaleStore({}, stale), "arn", no_sleep).put("pin-key", "k")  # type: ignore[arg-type]


def test_a_read_that_never_sees_the_write_is_a_failure_after_two_seconds() -> None:
    waits: list[float] = []
    store = StaleStore({"switch": '{"state":"released"}'}, 1000)
    with pytest.raises(DoorError, match="does not read back as thrown"):
        EdgeDoor(store, "arn", waits.append).bring(THROWN)  # type: ignore[arg-type]
    assert sum(waits) == 2


def test_a_health_check_that_does_not_show_the_update_yet_is_no_failure() -> None:
    class Stale(FakeRoute53):
        left = 0

        def get_health_check(self, *, HealthCheckId: str) -> dict[str, Any]:  # noqa: N803
            if self.updates and self.left < 4:
                self.left += 1
                check = super().get_health_check(HealthCheckId=HealthCheckId)
                check["HealthCheck"]["HealthCheckConfig"] = {"Disabled": False, "Inverted": False}
                return check
            return super().get_health_check(HealthCheckId=HealthCheckId)

    route53 = Stale()
    assert dns(route53).bring(THROWN)
    assert (route53.updates, route53.left) == (1, 4)


def test_a_key_that_is_not_there_is_none() -> None:
    assert edge(FakeStore()).get("pin-key") is None


@pytest.mark.parametrize(
    ("flags", "state"), [((True, True), "thrown"), ((False, False), "released")]
)
def test_the_check_says_thrown_or_released(flags: tuple[bool, bool], state: str) -> None:
    route53 = FakeRoute53()
    route53.disabled, route53.inverted = flags
    assert dns(route53).read().state == state


@pytest.mark.parametrize("flags", [(True, False), (False, True)])
def test_a_check_left_half_way_is_no_state_and_can_be_written(flags: tuple[bool, bool]) -> None:
    route53 = FakeRoute53()
    route53.disabled, route53.inverted = flags
    with pytest.raises(DoorError, match="half-way"):
        dns(route53).read()
    dns(route53).bring(THROWN)
    assert (route53.disabled, route53.inverted) == (True, True)


@pytest.mark.parametrize(
    "code", ["Throttling", "PriorRequestNotComplete", "HealthCheckVersionMismatch"]
)
def test_route_53_is_asked_again_when_it_may_work_later(code: str) -> None:
    route53 = FakeRoute53()
    route53.faults = [refusal(code)] * 3
    dns(route53).bring(THROWN)
    assert route53.disabled


def test_route_53_in_trouble_is_an_error_in_the_end() -> None:
    route53 = FakeRoute53()
    route53.faults = always("Throttling")
    with pytest.raises(DoorError, match="Throttling"):
        dns(route53).bring(THROWN)
    assert not route53.disabled


def test_a_switch_that_says_so_already_is_left_alone() -> None:
    store, route53 = FakeStore(), FakeRoute53()
    first = SwitchState("thrown", "grace", "first", "2026-11-24T02:00:00+00:00")
    for door in (edge(store), dns(route53)):
        assert door.bring(first) is True
        assert door.bring(THROWN) is False
    assert edge(store).read() == first
    assert (store.puts, route53.updates) == (1, 1)


def test_of_two_that_throw_at_once_the_second_keeps_the_first_one_s_words() -> None:
    store = FakeStore({"switch": '{"state":"released"}'})
    first = SwitchState("thrown", "grace", "first", "2026-11-24T02:00:00+00:00")
    get = store.get_key

    def overtaken(**request: str) -> dict[str, str]:
        held = get(**request)
        if store.puts == 0:
            store.put_key(
                KvsARN="", Key="switch", Value=first.to_value(), IfMatch=str(store.version)
            )
        return held

    store.get_key = overtaken  # type: ignore[method-assign]
    assert edge(store).bring(THROWN) is False
    assert edge(store).read() == first


def test_a_put_whose_answer_was_lost_counts_as_ours() -> None:
    store = FakeStore({"switch": '{"state":"released"}'})
    store.lost = 1
    assert edge(store).bring(THROWN) is True
    assert store.puts == 1


def test_what_does_not_exist_is_said_in_a_sentence_and_not_asked_again() -> None:
    store, route53 = FakeStore(), FakeRoute53()
    store.gone = route53.gone = True
    with pytest.raises(
        DoorError, match=r"the store arn\S+ does not exist. Deploy the Safety stack"
    ):
        edge(store).bring(THROWN)
    with pytest.raises(DoorError, match="the health check check does not exist") as raised:
        dns(route53).read()
    assert raised.value.code == "NoSuchHealthCheck"


def test_patience_ends_with_the_time_too() -> None:
    """An API that hangs until its time-out answers none of six attempts."""
    now = [0.0]
    attempts = []

    def hang() -> None:
        now[0] += 10
        attempts.append(now[0])
        raise ReadTimeoutError(endpoint_url="https://store.example")

    with pytest.raises(DoorError, match="Read timeout"):
        patiently(hang, clock=lambda: now[0], sleep=no_sleep)
    assert attempts == [10, 20]


@mock_aws
def test_the_dns_door_speaks_route_53_s_api() -> None:
    client = boto3.client("route53", region_name="us-east-1")
    check_id = client.create_health_check(
        CallerReference="one",
        HealthCheckConfig={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["x"]},
    )["HealthCheck"]["Id"]
    door = DnsDoor(client, check_id, no_sleep)
    assert door.read().state == "released"
    door.bring(THROWN)
    assert door.read().thrown
    door.bring(RELEASED)
    assert door.read().state == "released"
