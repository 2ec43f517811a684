"""Where those are sent who ask old by its own name: what is taken, and the sentence for what is not."""

# ruff: noqa: E501 - a table reads best with one fault a line

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from cutover.declaration.reading.context import read_context
from cutover.declaration.reading.errors import DeclarationError
from cutover.declaration.service import Service
from cutover.paths import ROOT

DESK: dict[str, Any] = json.loads((ROOT / "examples/last-users.json").read_text(encoding="utf-8"))[
    "desk"
]
DNS = {
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    "zone_name": "example.org",
    "record_name": "desk.example.org",
    "record": "alias",
}
Change = Callable[[dict[str, Any]], object]


def last_users(**said: Any) -> Change:
    return lambda d: d["last_users"].update(said)


def read(change: Change) -> Service:
    declared = copy.deepcopy(DESK)
    change(declared)
    (cutover,) = read_context({"cutover": {"desk": declared}})
    return cutover.service


def both(*changes: Change) -> Change:
    def all_of_them(declared: dict[str, Any]) -> None:
        for change in changes:
            change(declared)

    return all_of_them


def bare_edge(declared: dict[str, Any]) -> None:
    declared["edge"] = {}


@pytest.mark.parametrize(
    ("change", "front_door"),
    [
        (last_users(), "desk.example.com"),
        (last_users(to="new.desk.example.com"), "new.desk.example.com"),
        (both(bare_edge, last_users(to="d111111abcdef8.cloudfront.net")), "d111111abcdef8.cloudfront.net"),
        (both(bare_edge, lambda d: d.update(dns=DNS)), "desk.example.org"),
        (lambda d: d.update(edge=False, dns=DNS), "desk.example.org"),
    ],
)  # fmt: skip
def test_the_front_door_is_a_door_s_name(change: Change, front_door: str) -> None:
    assert read(change).front_door == front_door


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (last_users(redirect="forever"), ".last_users.redirect is \"forever\". It must be"),
        (last_users(listeners=["arn:aws:x"]), "names arn:aws:x, which is not the ARN of an Application Load Balancer's listener"),
        (last_users(listeners=DESK["last_users"]["listeners"] * 2), "names a listener twice"),
        (last_users(listeners=[]), "has redirect but no listeners"),
        (last_users(listeners=[DESK["last_users"]["listeners"][0].replace("desk-1", "desk-2")]), "which is no listener of old's load balancer app/desk-1/1b2c3d4e5f607182 in eu-west-1"),
        (last_users(listeners=[DESK["last_users"]["listeners"][0].replace("eu-west-1", "eu-west-2")]), "which is no listener of old's load balancer"),
        (lambda d: d.update(last_users={}), "has neither redirect nor access_logs"),
        (lambda d: d["last_users"].pop("redirect"), "has listeners but no redirect"),
        (lambda d: d.update(last_users={"access_logs": "s3://logs", "priority": 7}), "has priority but no redirect"),
        (last_users(to="Desk.example.com"), "is not a host name in lower case"),
        (last_users(to="www.example.net"), "has last_users.to www.example.net, which is no door"),
        (last_users(to="a.b.desk.example.com"), "which is no door"),
        (bare_edge, "no door has a name of its own to send people to"),
        (last_users(hosts=["a b"]), "names a b, which is not a host name"),
        (last_users(hosts=["a.example.com", "a.example.com"]), "names a host twice"),
        (last_users(hosts=[f"{'a' * 60}.{'b' * 60}.example.com"]), "of at most 128 characters"),
        (last_users(hosts=["desk.example.com"]), "has last_users.hosts desk.example.com, which is the edge door itself"),
        (last_users(hosts=["a.desk.example.com"]), "which is the edge door itself"),
        (last_users(hosts=["d111111abcdef8.cloudfront.net"]), "which is the edge door itself"),
        (both(lambda d: d.update(dns=DNS), last_users(hosts=["desk.example.org"])), "which is the dns door itself"),
        (last_users(hosts=[DESK["old"]["load_balancer_dns_name"]]), "which is meant anyway"),
        (last_users(hosts=[DESK["new"]["load_balancer_dns_name"]]), "by which the edge and the probes ask a side"),
        (both(lambda d: d["old"].update(scheme="https", host_name="o.example.net"), last_users(hosts=["o.example.net"])), "by which the edge and the probes ask a side"),
        (both(lambda d: d["old"].update(scheme="https", host_name="o.example.net"), lambda d: d.update(edge=False, dns=DNS)), "where new speaks plain http"),
        (last_users(paths=["docs"]), "names docs: a listener rule takes at most 128"),
        (last_users(paths=["/" + "a" * 128]), "a listener rule takes at most 128"),
        (last_users(paths=["/*/*/*/*/?/*"]), "more than 5 wildcards"),
        (last_users(paths=["/a", "/a"]), "names a path twice"),
        (last_users(priority=0), ".last_users.priority is 0. It must be"),
        (last_users(priority=49_952), ".last_users.priority is 49952. It must be"),
        (last_users(access_logs="logs/old"), "is not a bucket and the prefix"),
        (last_users(access_logs="s3://logs/o'ld"), "is not a bucket and the prefix"),
        (last_users(access_logs="s3://logs/AWSLogs/123456789012"), "end before AWSLogs"),
        (both(lambda d: d.update(new_weight=99), last_users(redirect="permanent")), "browsers never forget a 301"),
    ],
)  # fmt: skip
def test_what_would_do_harm_or_nothing_gets_one_sentence(change: Change, said: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        read(change)
    (reason,) = refused.value.reasons
    assert said in reason
    assert reason.isprintable()


@pytest.mark.parametrize(
    "change",
    [
        # A weight may be lowered whatever becomes of those who ask old by its own name.
        lambda d: d.update(new_weight=0),
        last_users(redirect="permanent"),
        lambda d: d.update(last_users={"access_logs": "s3://logs/", "hosts": ["a.example.com"]}),
        both(bare_edge, lambda d: d.update(last_users={"access_logs": "s3://logs"})),
    ],
)
def test_what_makes_sense_is_taken(change: Change) -> None:
    assert read(change).last_users is not None
