"""A pin is a cookie that the edge function accepts, and that nobody else can make."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.doors.switch import FIRST_CONTENT
from pin import handler as pin
from tests.unit.support.edge_driver import local_edge, side_of, viewer_request
from tests.unit.support.fake_doors import FakeStore


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStore]:
    with mock_aws():
        secrets = boto3.client("secretsmanager", region_name="us-east-1")
        arn = secrets.create_secret(Name="chatmrpt/pin-key", SecretString="s" * 48)["ARN"]
        store = FakeStore({"switch": '{"state":"released"}'})
        clients: dict[str, Any] = {"secretsmanager": secrets, "cloudfront-keyvaluestore": store}
        monkeypatch.setattr(pin, "_client", clients.__getitem__)
        monkeypatch.setenv("SERVICE", "chatmrpt")
        monkeypatch.setenv("KVS_ARN", "arn")
        monkeypatch.setenv("PIN_SECRET_ARN", arn)
        yield store


def test_the_edge_function_takes_the_cookie_and_sends_the_tester_to_new(store: FakeStore) -> None:
    answer = pin.handler({"side": "new", "hours": 8, "by": "ada"}, None)
    name, value = answer["cookie"].split("=", 1)
    with local_edge() as edge:
        edge.load(0, store.items)
        outcome = edge.run(viewer_request(cookies={name: value}))
        other = edge.run(viewer_request(cookies={name: value.replace("new", "old", 1)}))
    assert outcome.origin is not None
    assert outcome.origin.ids == ("new",)
    assert other.origin is not None
    assert other.origin.ids == ("old",)


def test_a_pin_ends_when_it_says(store: FakeStore) -> None:
    answer = pin.handler({"side": "new", "hours": 8, "by": "ada"}, None)
    left = datetime.fromisoformat(answer["expires"]) - datetime.now(UTC)
    assert 7.9 < left.total_seconds() / 3600 <= 8
    expiry = int(answer["cookie"].split(".")[1])
    assert abs(expiry - datetime.fromisoformat(answer["expires"]).timestamp()) <= 1


def test_the_key_is_brought_to_the_edge_once_and_the_switch_is_left_alone(
    store: FakeStore,
) -> None:
    for _ in range(2):
        pin.handler({"side": "new", "hours": 1, "by": "ada"}, None)
    assert store.puts == 1
    assert store.items["switch"] == '{"state":"released"}'
    assert len(store.items["pin-key"]) == 64


def test_the_first_pin_replaces_the_key_that_the_store_began_with(store: FakeStore) -> None:
    store.items = dict(FIRST_CONTENT)
    answer = pin.handler({"side": "new", "hours": 8, "by": "ada"}, None)
    name, value = answer["cookie"].split("=", 1)
    with local_edge() as edge:
        edge.load(0, FIRST_CONTENT)
        before = edge.run(viewer_request(cookies={name: value}))
        edge.set_store(store.items)
        after = edge.run(viewer_request(cookies={name: value}))
    assert (side_of(before), side_of(after)) == ("old", "new")


def test_a_new_secret_makes_a_new_key(store: FakeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    pin.handler({"side": "new", "hours": 1, "by": "ada"}, None)
    before = store.items["pin-key"]
    pin._client("secretsmanager").put_secret_value(
        SecretId="chatmrpt/pin-key", SecretString="t" * 48
    )
    pin.handler({"side": "new", "hours": 1, "by": "ada"}, None)
    assert store.items["pin-key"] != before


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        ([], "must be a JSON object"),
        ({"hours": 8, "by": "ada"}, "side is null: it must be old or new"),
        ({"side": "both", "hours": 8, "by": "ada"}, 'side is "both"'),
        ({"side": "new", "hours": 0, "by": "ada"}, "from 1 to 72"),
        ({"side": "new", "hours": 73, "by": "ada"}, "from 1 to 72"),
        ({"side": "new", "hours": 1.5, "by": "ada"}, "from 1 to 72"),
        ({"side": "new", "hours": True, "by": "ada"}, "from 1 to 72"),
        ({"side": "new", "hours": 8}, "by is missing"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence_and_no_cookie(
    store: FakeStore, event: object, complaint: str
) -> None:
    answer = pin.handler(event, None)
    assert complaint in answer["error"]
    assert "cookie" not in answer
    assert store.puts == 0
