"""Listener rules match as Elastic Load Balancing documents it, and nobody is ever sent in circles."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.declaration.reading.context import read_context
from cutover.declaration.service import Service
from cutover.doors.redirect_rules import PROBES
from cutover.paths import ROOT
from rehearsal.world.listener_rules import Asked, Rule, first_match, location, rules_of
from tests.unit.support.described_rules import described_rules

DESK: dict[str, Any] = json.loads((ROOT / "examples/last-users.json").read_text(encoding="utf-8"))[
    "desk"
]
OWN = DESK["old"]["load_balancer_dns_name"]


def asked(**said: Any) -> Asked:
    return Asked(
        **(
            {"method": "GET", "scheme": "http", "host": "a.example.com", "port": 80, "path": "/"}
            | said
        )
    )


def matches(field: str, config: dict[str, Any], request: Asked) -> bool:
    """Return whether a rule with this one condition is carried out."""
    name = "".join(part.capitalize() for part in field.split("-")) + "Config"
    told = {
        "Priority": "1",
        "Conditions": [{"Field": field, name: config}],
        "Actions": [{"Type": "forward"}],
    }
    return first_match(rules_of([told]), request) is not None


@pytest.mark.parametrize(
    ("value", "host", "does"),
    [
        ("example.com", "example.com", True),
        ("example.com", "EXAMPLE.com", True),
        ("EXAMPLE.com", "example.com", True),
        ("*.example.com", "test.example.com", True),
        ("*.example.com", "example.com", False),
        ("?.example.com", "a.example.com", True),
        ("?.example.com", ".example.com", False),
        ("?.example.com", "ab.example.com", False),
        ("example.com", "exampleXcom", False),
        ("example.com", "example.com.evil.test", False),
    ],
)
def test_a_host_is_compared_in_any_case_from_end_to_end(value: str, host: str, does: bool) -> None:
    assert matches("host-header", {"Values": [value]}, asked(host=host)) is does


@pytest.mark.parametrize(
    ("value", "path", "does"),
    [
        ("/img/*", "/img/a/b.png", True),
        ("/img/*", "/img/", True),
        ("/img/*", "/img", False),
        ("/img/*", "/IMG/a.png", False),
        ("/img/*/pics", "/img/a/b/pics", True),
        ("/a.b", "/acb", False),
        ("/a?", "/a?", True),
        ("/a?", "/a", False),
    ],
)
def test_a_path_is_compared_with_its_capitals_and_without_the_query(
    value: str, path: str, does: bool
) -> None:
    assert matches("path-pattern", {"Values": [value]}, asked(path=path, query="x=/img/")) is does


@pytest.mark.parametrize(
    ("method", "does"), [("GET", True), ("HEAD", True), ("get", False), ("POST", False)]
)
def test_a_method_is_compared_exactly(method: str, does: bool) -> None:
    config = {"Values": ["GET", "HEAD"]}
    assert matches("http-request-method", config, asked(method=method)) is does


@pytest.mark.parametrize(
    ("headers", "does"),
    [
        ([("User-Agent", "Chrome/1 beta")], True),
        ([("user-agent", "CHROME/1")], True),
        ([("user-agent", "Safari")], False),
        ([("user-agent", "Safari"), ("user-agent", "chrome/2")], True),
        ([], False),
    ],
)
def test_a_header_is_searched_by_name_and_value_in_any_case(
    headers: list[tuple[str, str]], does: bool
) -> None:
    config = {"HttpHeaderName": "User-Agent", "Values": ["*Chrome*", "Edge"]}
    assert matches("http-header", config, asked(headers=headers)) is does


@pytest.mark.parametrize(
    ("address", "does"),
    [
        ("192.0.2.5", True),
        ("198.51.100.10", True),
        ("198.51.100.11", False),
        ("2001:db8::1", False),
    ],
)
def test_an_address_is_in_a_network(address: str, does: bool) -> None:
    config = {"Values": ["192.0.2.0/24", "198.51.100.10/32"]}
    assert matches("source-ip", config, asked(source_ip=address)) is does


@pytest.mark.parametrize(
    ("query", "does"),
    [
        ("version=v1", True),
        ("a=b&VERSION=V1", True),
        ("version=v2", False),
        ("x=an+example", True),
        ("x=example", True),
        ("literal=*", True),
        ("literal=a", False),
        ("", False),
    ],
)
def test_a_query_is_compared_by_key_and_value(query: str, does: bool) -> None:
    config = {
        "Values": [
            {"Key": "version", "Value": "v1"},
            {"Value": "*example*"},
            {"Key": "literal", "Value": "\\*"},
        ]
    }
    assert matches("query-string", config, asked(query=query)) is does


def test_the_lowest_priority_that_matches_is_carried_out_and_the_default_never_listed() -> None:
    def told(priority: str, *conditions: dict[str, Any]) -> dict[str, Any]:
        return {
            "Priority": priority,
            "Conditions": list(conditions),
            "Actions": [{"Type": "authenticate-oidc"}, {"Type": "forward", "Name": priority}],
        }

    any_get = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}}
    docs = {"Field": "path-pattern", "Values": ["/docs/*"]}
    rules = rules_of([told("default"), told("100", any_get), told("9", any_get, docs)])
    assert [rule.priority for rule in rules] == [9, 100]
    found = [first_match(rules, asked(path=path)) for path in ("/docs/a", "/b")]
    assert [rule and rule.action for rule in found] == [
        {"Type": "forward", "Name": "9"},
        {"Type": "forward", "Name": "100"},
    ]
    assert first_match(rules, asked(method="POST")) is None


def test_what_is_not_played_is_said() -> None:
    with pytest.raises(ValueError, match="regular expression"):
        matches("path-pattern", {"RegexValues": ["^/a"]}, asked())
    with pytest.raises(ValueError, match="geography"):
        matches("geography", {"Values": ["a"]}, asked())


@pytest.mark.parametrize(
    ("redirect", "leads_to"),
    [
        ({}, "http://a.example.com:80/x/y?q=1"),
        ({"Protocol": "HTTPS", "Port": "443"}, "https://a.example.com:443/x/y?q=1"),
        ({"Host": "b.example.com", "Path": "/in/#{path}"}, "http://b.example.com:80/in/x/y?q=1"),
        ({"Host": "www.#{host}", "Query": "#{query}&v=2"}, "http://www.a.example.com:80/x/y?q=1&v=2"),
        ({"Path": "/", "Query": "p=#{path}"}, "http://a.example.com:80/?p=x/y"),
    ],
)  # fmt: skip
def test_a_redirect_keeps_what_it_does_not_change(redirect: dict[str, str], leads_to: str) -> None:
    assert location(redirect, asked(path="/x/y", query="q=1")) == leads_to


def test_what_a_viewer_asks_for_is_no_placeholder() -> None:
    found = location({"Host": "b.test"}, asked(path="/#{host}", query="#{query}"))
    assert found == "http://b.test:80/#{host}?#{query}"


# Nobody is sent in circles


def service(**changes: Any) -> Service:
    declared = copy.deepcopy(DESK)
    for key, value in changes.items():
        declared[key] = declared.get(key, {}) | value if isinstance(value, dict) else value
    (cutover,) = read_context({"cutover": {"desk": declared}})
    return cutover.service


DNS = {
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    "zone_name": "example.org",
    "record_name": "desk.example.org",
    "record": "alias",
}
SERVICES = [
    service(),
    service(edge={"forward_host": False}),
    service(last_users={"paths": ["/docs/*", "/"], "priority": 1}),
    service(edge=False, dns=DNS),
    service(dns=DNS, last_users={"redirect": "permanent", "to": "desk.example.org"}),
]
RULES = [(one, rules_of(described_rules(one))) for one in SERVICES]
DOORS = ["desk.example.com", "a.desk.example.com", "d1.cloudfront.net", "desk.example.org"]
NAMES = [*SERVICES[0].old_names, OWN.upper(), *DOORS, "other.example.net"]

any_text = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
paths = st.one_of(
    any_text.map(lambda text: f"/{text}"), st.sampled_from(["/", "/docs/a", "/ready"])
)
requests = st.builds(
    Asked,
    method=methods,
    scheme=st.sampled_from(["http", "https"]),
    host=st.one_of(st.sampled_from(NAMES), any_text),
    port=st.just(80),
    path=paths,
    query=any_text,
    headers=st.lists(st.tuples(any_text, any_text), max_size=3),
)


def is_redirected(rules: tuple[Rule, ...], request: Asked) -> bool:
    rule = first_match(rules, request)
    return rule is not None and rule.action["Type"] == "redirect"


@given(st.sampled_from(RULES), requests, any_text)
def test_no_request_of_the_edge_is_redirected_whatever_the_viewer_sent(
    deployed: tuple[Service, tuple[Rule, ...]], request: Asked, secret: str
) -> None:
    declared, rules = deployed
    if declared.edge is False:
        return
    # CloudFront sets it over what a viewer sends (CloudFront Developer Guide, add-origin-custom-headers).
    kept = [(name, value) for name, value in request.headers if name.lower() != "x-origin-verify"]
    by_edge = replace(request, headers=[*kept, ("x-origin-verify", secret)])
    assert not is_redirected(rules, by_edge)


@given(st.sampled_from(RULES), requests, st.sampled_from(DOORS))
def test_nobody_who_asks_for_a_door_s_name_is_redirected(
    deployed: tuple[Service, tuple[Rule, ...]], request: Asked, name: str
) -> None:
    assert not is_redirected(deployed[1], replace(request, host=name))


@given(st.sampled_from(RULES), requests, st.sampled_from(PROBES), any_text)
def test_no_probe_is_redirected(
    deployed: tuple[Service, tuple[Rule, ...]], request: Asked, probe: str, more: str
) -> None:
    agent = ("User-Agent", probe.replace("*", more))
    assert not is_redirected(deployed[1], replace(request, headers=[agent]))


@given(st.sampled_from(RULES), requests)
def test_whoever_is_redirected_reads_and_comes_to_the_front_door_with_path_and_query(
    deployed: tuple[Service, tuple[Rule, ...]], request: Asked
) -> None:
    declared, rules = deployed
    rule = first_match(rules, request)
    if rule is None or rule.action["Type"] != "redirect":
        return
    assert request.method in {"GET", "HEAD"}
    assert request.host.lower() in declared.old_names
    found = location(rule.action["RedirectConfig"], request)
    query = f"?{request.query}" if request.query else ""
    assert found.partition("//")[2].partition("/")[2] == f"{request.path[1:]}{query}"
    assert urlsplit(found).hostname == declared.front_door
    # And is not sent on from there.
    assert not is_redirected(rules, replace(request, host=declared.front_door or ""))


@given(st.sampled_from(RULES[:2]), requests, st.sampled_from(NAMES[:4]), st.booleans())
def test_who_reads_by_old_s_own_name_is_redirected(
    deployed: tuple[Service, tuple[Rule, ...]], request: Asked, name: str, head: bool
) -> None:
    plain = replace(request, host=name, headers=[("accept", "*/*")])
    reading = replace(plain, method="HEAD" if head else "GET")
    assert is_redirected(deployed[1], reading)
    assert not is_redirected(deployed[1], replace(plain, method="POST"))
