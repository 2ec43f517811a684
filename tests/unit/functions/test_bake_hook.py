"""The hook after a rise is asked when the weight stays, and no fall waits for it."""

from __future__ import annotations

import pytest

from bake import handler as bake
from bake.verdict import BakeError
from tests.unit.functions.test_bake_handler import Rig, fire
from tests.unit.functions.test_bake_handler import rig as bake_rig
from tests.unit.support.event_schema import EVENTS
from tests.unit.support.fake_doors import refusal
from tests.unit.support.fake_hooks import FUNCTION, FakeHook
from tests.unit.support.gate_rig import FakeSns
from tests.unit.support.json_schema import faults

rig = bake_rig


@pytest.fixture
def sns(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> FakeSns:
    """Return whom people hear by."""
    fake, others = FakeSns(), bake._client

    def client(service: str, region: str | None = None) -> object:
        return fake if service == "sns" else others(service, region)

    monkeypatch.setattr(bake, "_client", client)
    monkeypatch.setenv("ANNOUNCEMENTS_TOPIC_ARN", "arn:topic")
    return fake


@pytest.fixture
def hook(sns: FakeSns, monkeypatch: pytest.MonkeyPatch) -> FakeHook:
    """Return the declared hook."""
    fake = FakeHook()
    monkeypatch.setenv("HOOK_ARN", FUNCTION)
    monkeypatch.setenv("HOOK_SECONDS", "60")
    monkeypatch.setattr(bake, "_hook_client", fake.client_for)
    return fake


def begun(rig: Rig, before: int, after: int, *, minutes: int = 5, kind: str = "") -> dict[str, str]:
    event = rig.begin(before, after, minutes=minutes, kind=kind)
    # CloudFormation names each of its requests, and the framework hands that on.
    return event | {"RequestId": "r-1"}


def test_it_is_asked_once_the_bake_is_passed_and_not_before(rig: Rig, hook: FakeHook) -> None:
    event = begun(rig, 10, 25)
    assert not rig.look(event, 299)
    assert hook.asked == []
    assert rig.look(event, 300)
    (asked,) = hook.asked
    assert (asked["when"], asked["rises"], asked["put_back"]) == ("after", True, False)
    assert asked["weight"] == {"before": 10, "after": 25}
    assert hook.kinds == ["RequestResponse"]
    assert rig.events.types[-1] == "Bake Passed"


def test_a_bake_that_fails_asks_nothing(rig: Rig, hook: FakeHook) -> None:
    event = begun(rig, 10, 25)
    fire(rig)
    with pytest.raises(BakeError):
        rig.look(event, 35)
    assert hook.asked == []


def test_without_a_bake_it_is_asked_all_the_same(rig: Rig, hook: FakeHook) -> None:
    assert rig.look(begun(rig, 10, 25, minutes=0), 0)
    assert hook.kinds == ["RequestResponse"]


def test_a_framework_that_asks_twice_asks_it_under_one_token(rig: Rig, hook: FakeHook) -> None:
    event = begun(rig, 10, 25)
    assert rig.look(event, 300)
    assert rig.look(event, 305)
    assert len({asked["token"] for asked in hook.asked}) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"allow": False, "reason": "the queue is not drained"},
        b"no JSON",
        refusal("AccessDeniedException", 403),
    ],
)
def test_a_hook_that_fails_is_told_and_takes_nothing_back(
    rig: Rig, hook: FakeHook, sns: FakeSns, answer: object
) -> None:
    hook.script = [answer]
    assert rig.look(begun(rig, 10, 25), 300)
    (told,) = sns.published
    assert told["Subject"] == "shop: the hook after new_weight 10 to 25 FAILED"
    assert "The weight stays as it is" in told["Message"]
    sent = rig.events.sent[-1]
    assert sent["type"] == "Hook Failed"
    assert sent["text"] == told["Message"]
    assert not list(faults(sent, EVENTS, EVENTS))


@pytest.mark.parametrize("how", ["refuses", "loses"])
def test_an_event_that_is_not_taken_is_told_by_mail(
    rig: Rig, hook: FakeHook, sns: FakeSns, how: str
) -> None:
    hook.script = [b"no JSON"]
    event = begun(rig, 10, 25)
    setattr(rig.events, how, True)
    assert rig.look(event, 300)
    assert "The event 'Hook Failed' was NOT SENT" in sns.published[0]["Message"]


def test_a_topic_that_does_not_answer_fails_no_deploy(
    rig: Rig, hook: FakeHook, sns: FakeSns, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise refusal("InternalError", 500)

    hook.script = [b"no JSON"]
    monkeypatch.setattr(sns, "publish", refuse)
    assert rig.look(begun(rig, 10, 25), 300)


def test_a_fall_is_told_and_nothing_is_waited_for(rig: Rig, hook: FakeHook) -> None:
    event = begun(rig, 25, 10)
    assert hook.kinds == ["Event"]
    assert (hook.asked[0]["rises"], hook.asked[0]["put_back"]) == (False, False)
    assert rig.look(event, 0)
    assert hook.kinds == ["Event"]


@pytest.mark.parametrize("minutes", [0, 5])
@pytest.mark.parametrize(("before", "after"), [(25, 10), (10, 25)])
def test_what_cloudformation_puts_back_is_told_and_nothing_is_waited_for(
    rig: Rig, hook: FakeHook, before: int, after: int, minutes: int
) -> None:
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    event = begun(rig, before, after, minutes=minutes)
    assert rig.look(event, 0)
    assert hook.kinds == ["Event"]
    assert hook.asked[0]["put_back"]


def test_a_fall_passes_though_the_hook_cannot_be_told(
    rig: Rig, hook: FakeHook, sns: FakeSns
) -> None:
    hook.script = [refusal("TooManyRequestsException", 429)]
    assert rig.look(begun(rig, 25, 0), 0)
    assert sns.published[0]["Subject"] == "shop: the hook after new_weight 25 to 0 FAILED"


@pytest.mark.parametrize(("before", "kind"), [(25, ""), (10, "Delete")])
def test_where_no_weight_moves_or_all_goes_nothing_is_told(
    rig: Rig, hook: FakeHook, before: int, kind: str
) -> None:
    assert rig.look(begun(rig, before, 25, kind=kind), 0)
    assert hook.asked == []


def test_an_event_that_makes_no_sense_to_the_hook_stops_nothing(
    rig: Rig, hook: FakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECONDS", "soon")
    event = begun(rig, 25, 10)
    assert rig.look(event, 0)
