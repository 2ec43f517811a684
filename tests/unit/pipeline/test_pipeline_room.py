"""Whether an account has room: measured, or said that it was not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from commands import quotas as command
from commands.pipeline import change_sets
from commands.pipeline.room import _BY_ITSELF, _COUNT, Found, Measured, Room, judged, room_for
from cutover.quotas import QUOTAS
from shared.doors import patience
from tests.unit.support.calls_made import CallsMade
from tests.unit.support.fake_doors import no_sleep, refusal
from tests.unit.support.pipeline_desk import assembly
from tests.unit.support.several import several

EVERYTHING = {
    "Resources": {f"R{number}": {"Type": quota.type} for number, quota in enumerate(QUOTAS)}
}


class Account:
    """An account that has `used` of everything, may have `limits` by quota code, and denies what is named."""

    def __init__(self, used: int = 3) -> None:
        self.used = used
        self.limit = 100
        self.applied = True
        self.denied: set[str] = set()
        self.page = 2

    def __call__(self, _service: str, _region: str) -> Account:
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        answers: dict[str, Callable[..., Any]] = {
            "get_service_quota": self._quota,
            "get_aws_default_service_quota": lambda **_: {"Quota": {"Value": 20.0}},
            "get_account_limit": lambda **_: {"Limit": {"Value": self.limit}, "Count": self.used},
            "get_account_summary": lambda: {
                "SummaryMap": {"Roles": self.used, "RolesQuota": self.limit}
            },
            "get_account_settings": lambda: {
                "AccountLimit": {"UnreservedConcurrentExecutions": self.limit}
            },
            "list_rules": lambda **asked: self._pages(asked, "NextToken", "Rules"),
            "list_functions": self._listed("FunctionList"),
            "list_cache_policies": self._listed("CachePolicyList"),
            "list_key_value_stores": self._listed("KeyValueStoreList"),
            "list_distributions": self._listed("DistributionList"),
        }
        if operation in self.denied:

            def denies(**_: Any) -> None:
                raise refusal("AccessDenied", 403)

            return denies
        return answers[operation]

    def _quota(self, **_: Any) -> Any:
        if not self.applied:
            raise refusal("NoSuchResourceException", 404)
        return {"Quota": {"Value": float(self.limit)}}

    def _listed(self, name: str) -> Callable[..., Any]:
        return lambda **asked: {name: self._pages(asked, "Marker", "Items")}

    def _pages(self, asked: dict[str, Any], marker: str, items: str) -> dict[str, Any]:
        start = int(asked.get(marker, 0))
        end = min(start + self.page, self.used)
        following = {"NextMarker" if marker == "Marker" else "NextToken": str(end)}
        return {items: [{}] * (end - start)} | (following if end < self.used else {})


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "sleep", no_sleep)


def room(account: Account, new: dict[str, Any] = EVERYTHING, region: str = "us-east-1") -> Any:
    return {one.says.split(":")[0]: one for one in room_for([(region, {}, new)], account)}


def test_every_quota_can_be_measured() -> None:
    assert {quota.type for quota in QUOTAS} == _BY_ITSELF.keys() | _COUNT.keys()
    found = room(Account())
    assert len(found) == len(QUOTAS)
    assert {one.room for one in found.values()} == {Room.ENOUGH}
    # Over all pages.
    assert (
        "adds 1 to 3, and every account has 100: 96 are left" in found["CloudFront functions"].says
    )
    assert "adds 1 to 3, and the account has 100: 96" in found["Route 53 health checks"].says


def test_what_is_deployed_already_asks_nothing() -> None:
    def nobody(_service: str, _region: str) -> Any:
        raise AssertionError("asked")

    assert room_for([("us-east-1", EVERYTHING, EVERYTHING)], nobody) == []
    assert room_for([("us-east-1", EVERYTHING, {})], nobody) == []


def test_what_one_service_adds_and_another_gives_back_is_counted_together() -> None:
    stacks = [("us-east-1", {}, EVERYTHING), ("us-east-1", EVERYTHING, {})]
    assert room_for(stacks, Account()) == []


def test_a_quota_of_each_region_is_asked_there() -> None:
    rule = {"Resources": {"R": {"Type": "AWS::Events::Rule"}}}
    asked: list[tuple[str, str]] = []
    account = Account()

    def client(service: str, region: str) -> Account:
        asked.append((service, region))
        return account

    (one,) = room_for([("us-east-2", {}, rule)], client)
    assert "in us-east-2" in one.says
    assert {region for _, region in asked} == {"us-east-2"}


def test_a_quota_that_was_never_raised_is_its_default() -> None:
    account = Account(used=20)
    account.applied = False
    found = room(account)["CloudFront cache policies"]
    assert (found.room, found.says) == (
        Room.BEYOND,
        "CloudFront cache policies: this deploy adds 1 to 20, and the account has 20: 1 too many. Ask AWS "
        "for more before you deploy (Service Quotas, or a support case), or take away what is not needed any "
        "more.",
    )


@pytest.mark.parametrize(
    ("denied", "quota"),
    [
        ("get_service_quota", "CloudFront cache policies"),
        ("list_cache_policies", "CloudFront cache policies"),
        ("list_functions", "CloudFront functions"),
        ("get_account_limit", "Route 53 health checks"),
        ("get_account_summary", "IAM roles"),
        ("get_account_settings", "Lambda executions at once, one for each function in us-east-1"),
        ("list_rules", "EventBridge rules on the default bus in us-east-1"),
    ],
)
def test_what_may_not_be_read_is_said_and_never_taken_for_room(denied: str, quota: str) -> None:
    account = Account()
    account.denied = {denied}
    found = room(account)[quota]
    assert found.room is Room.UNKNOWN
    assert ". NOT MEASURED: An error occurred (AccessDenied)" in found.says


@pytest.mark.parametrize(
    ("used", "room"),
    [(0, Room.ENOUGH), (78, Room.ENOUGH), (79, Room.CLOSE), (99, Room.CLOSE), (100, Room.BEYOND)],
)
def test_from_four_fifths_on_it_is_close(used: int, room: Room) -> None:
    assert judged(QUOTAS[0], "", 1, Measured(100, used)).room is room


def test_more_than_every_account_has_is_unknown_where_nobody_can_be_asked() -> None:
    found = judged(QUOTAS[1], "", 1, Measured(100, 100, documented=True))
    assert found.room is Room.UNKNOWN
    assert "NOT MEASURED: whether AWS raised that" in found.says
    assert judged(QUOTAS[1], "", 1, Measured(100, 99, documented=True)).room is Room.CLOSE


@pytest.fixture
def call(
    tmp_path: Any,
    context: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str]]:
    def called(account: Account, template: dict[str, Any]) -> tuple[int, str]:
        file = tmp_path / "declaration.json"
        file.write_text(json.dumps(several(context, "shop")), encoding="utf-8")
        app = assembly(tmp_path / "cdk.out", {"shop-traffic": template})
        monkeypatch.setattr(command, "must_be_logged_in", lambda: None)
        monkeypatch.setattr(command, "_client", account)
        monkeypatch.setattr(change_sets, "held", lambda *_: None)
        code = command.main(["--declaration", str(file), "--app", str(app)])
        return code, capsys.readouterr().out

    return called


def test_the_command_asks_before_the_first_deploy(call: Callable[..., tuple[int, str]]) -> None:
    code, out = call(Account(), EVERYTHING)
    assert code == 0
    assert "room: IAM roles: this deploy adds 1 to 3, and the account has 100: 96 are left." in out
    denied = Account()
    denied.denied = {"get_account_summary"}
    code, out = call(denied, EVERYTHING)
    assert code == 2
    assert out.startswith("cannot tell: IAM roles: this deploy adds 1, an account has 1000 unless")
    assert call(Account(used=100), EVERYTHING)[0] == 1
    code, out = call(Account(), {"Resources": {}})
    assert (code, out) == (0, "This deploy adds nothing that an account's quota counts.\n")


def test_the_command_tells_of_a_priority_that_is_taken(
    call: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = [Found(Room.TAKEN, "the listener app/a/b/c has a rule")]
    monkeypatch.setattr(command, "priorities_for", lambda *_: taken)
    code, out = call(Account(), {"Resources": {}})
    assert (code, out) == (1, "taken: the listener app/a/b/c has a rule\n")


def test_the_command_tells_of_a_template_that_nobody_can_deploy(
    call: Callable[..., tuple[int, str]],
) -> None:
    many = {"Resources": {f"R{number}": {"Type": "AWS::SNS::Topic"} for number in range(501)}}
    code, out = call(Account(), many)
    assert code == 1
    assert "too much: the stack shop-traffic has 501 resources" in out


def test_what_is_asked_is_what_the_role_that_looks_may_do() -> None:
    from cutover.ci_roles import _LOOKS_AROUND

    account = Account()
    account.applied = False
    made = CallsMade(account)
    room_for([("us-east-1", {}, EVERYTHING)], made)
    # As IAM spells them (Service Authorization Reference, Service Quotas).
    asked = {
        one.replace("service-quotas:", "servicequotas:").replace("GetAws", "GetAWS")
        for one in made.actions
    }
    assert asked <= set(_LOOKS_AROUND)
    others = {"cloudformation:DescribeType", "cloudwatch:GetMetricData"}
    # What is asked of listeners: test_pipeline_priorities.
    assert set(_LOOKS_AROUND) - asked == {*others, "elasticloadbalancing:DescribeRules"}


def test_the_command_tells_days_ahead_what_capacity_needs(
    call: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Found | None] = [Found(Room.BEYOND, "LCU: ask for 500.")]
    monkeypatch.setattr(command.capacity, "quota", lambda *_: found[0])
    code, out = call(Account(), {"Resources": {}})
    assert (code, out) == (1, "too much: LCU: ask for 500.\n")
    found[0] = Found(Room.UNKNOWN, "LCU: NOT MEASURED.")
    assert call(Account(), {"Resources": {}})[0] == 2
    found[0] = None
    assert call(Account(), {"Resources": {}})[0] == 0
