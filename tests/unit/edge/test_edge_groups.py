"""Groups are on new before everybody, at any weight above 0, and never while the switch is thrown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.declaration.groups import MOST_OF_GROUPS_AND_PATHS, Group, digits_of
from rehearsal.edge_runtime.client import Origin, Outcome
from tests.unit.support.edge_driver import (
    RELEASED,
    SOURCE,
    SOURCE_WITH_GROUPS,
    THROWN,
    LocalEdge,
    local_edge,
    pin,
    side_of,
    substituted,
    viewer_request,
    viewer_response,
)

BETA = {"name": "beta", "header": {"name": "X-Beta", "values": ["1", "on"]}}
PLAN = {"name": "plan", "cookie": {"name": "plan", "values": ["gold"]}}
NORTH = {"name": "north", "countries": ["SE", "NO"]}
OFFICE = {"name": "office", "networks": ["192.0.2.64/27", "2001:db8:10::/45"]}
LATER = {
    "name": "later",
    "from_weight": 10,
    "header": {"name": "x-late", "values": ["1"]},
}
ALL = [BETA, PLAN, NORTH, OFFICE, LATER]

# By weight this one comes to new last of many: its bucket is above 90.
OLD_BY_WEIGHT = "198.51.100.2"


@pytest.fixture(scope="module")
def edge() -> Iterator[LocalEdge]:
    with local_edge() as running:
        running.load_code(substituted("1", groups=ALL))
        yield running


@pytest.fixture
def at_weight_1(edge: LocalEdge) -> LocalEdge:
    edge.load_code(substituted("1", groups=ALL), RELEASED)
    return edge


def header(name: str, *values: str) -> dict[str, Any]:
    """Return a header as functions-event-structure has it."""
    held: dict[str, Any] = {"value": values[0]}
    if len(values) > 1:
        held["multiValue"] = [{"value": value} for value in values]
    return {name: held}


def asked(edge: LocalEdge, **request: Any) -> str:
    return side_of(edge.run(viewer_request(**{"ip": OLD_BY_WEIGHT} | request)))


IN: list[dict[str, Any]] = [
    {"headers": header("x-beta", "1")},
    {"headers": header("x-beta", "on")},
    {"headers": header("x-beta", "0", "on")},
    {"cookies": {"plan": "gold"}},
    {"cookies": {"a": "1", "plan": "gold", "z": "2"}},
    {"headers": header("cloudfront-viewer-country", "SE")},
    {"ip": "192.0.2.64"},
    {"ip": "192.0.2.95"},
    {"ip": "::ffff:192.0.2.70"},
    {"ip": "::ffff:c000:246"},
    {"ip": "0:0:0:0:0:FFFF:192.0.2.70"},
    {"ip": "2001:db8:10::"},
    {"ip": "2001:0db8:0010:0000:0000:0000:0000:0001"},
    {"ip": "2001:DB8:17:ffff:ffff:ffff:ffff:ffff"},
]

NOT_IN: list[dict[str, Any]] = [
    {},
    {"headers": header("x-beta", "ON")},
    {"headers": header("x-beta", "11")},
    {"headers": header("x-beta", "")},
    {"headers": header("x-beta", "1, on")},
    {"headers": header("x-betas", "1")},
    {"headers": header("plan", "gold")},
    {"cookies": {"plan": "golden"}},
    {"cookies": {"Plan": "gold"}},
    {"cookies": {"x-beta": "1"}},
    {"headers": header("cloudfront-viewer-country", "DE")},
    {"headers": header("cloudfront-viewer-country", "se")},
    {"ip": "192.0.2.63"},
    {"ip": "192.0.2.96"},
    {"ip": "::192.0.2.70"},
    {"ip": "2001:db8:f:ffff:ffff:ffff:ffff:ffff"},
    {"ip": "2001:db8:18::"},
    {"ip": "::"},
    {"ip": "c000:246::"},
    {"ip": "not an address"},
    {"headers": header("x-late", "1")},
    {"cookies": {"cutover-group": "later"}},
    {"cookies": {"cutover-group": "beta"}},
    {"cookies": {"cutover-group": "plan"}},
    {"cookies": {"cutover-group": "nobody"}},
    {"cookies": {"cutover-group": ""}},
]


@pytest.mark.parametrize("request_", IN, ids=json.dumps)
def test_a_viewer_of_a_group_is_on_new_at_weight_1(
    at_weight_1: LocalEdge, request_: dict[str, Any]
) -> None:
    assert asked(at_weight_1, **request_) == "new"


@pytest.mark.parametrize("request_", NOT_IN, ids=json.dumps)
def test_anybody_else_goes_by_the_weight(at_weight_1: LocalEdge, request_: dict[str, Any]) -> None:
    edge = at_weight_1
    edge.load_code(substituted("1", groups=ALL))
    with_groups = asked(edge, **request_)
    edge.load(1)

    assert with_groups == asked(edge, **request_)
    assert with_groups == "old"


@pytest.mark.parametrize("request_", IN, ids=json.dumps)
@pytest.mark.parametrize(
    ("weight", "store"), [("0", RELEASED), ("1", THROWN), ("100", THROWN), ("1", None), ("1", {})]
)
def test_nobody_is_in_at_weight_0_or_while_the_switch_is_not_released(
    edge: LocalEdge,
    request_: dict[str, Any],
    weight: str,
    store: Mapping[str, str] | None,
) -> None:
    edge.load_code(substituted(weight, groups=ALL), store)

    assert asked(edge, **request_) == "old"


def test_a_pin_overrules_a_group(at_weight_1: LocalEdge) -> None:
    outcome = at_weight_1.run(
        viewer_request(headers=header("x-beta", "1"), cookies={"cutover-pin": pin("old")})
    )

    assert side_of(outcome) == "old"
    assert outcome.log_data == "pin-old"


@pytest.mark.parametrize(("weight", "side"), [("9", "old"), ("10", "new"), ("99", "new")])
def test_a_group_comes_in_at_its_step(edge: LocalEdge, weight: str, side: str) -> None:
    edge.load_code(substituted(weight, groups=[LATER]))

    late = asked(edge, ip="198.51.100.37", headers=header("x-late", "1"))

    edge.load_code(substituted(weight, groups=[BETA]))
    by_weight = asked(edge, ip="198.51.100.37")
    assert late == (side if by_weight == "old" else "new")


def test_a_group_fails_over_and_tells_the_log_as_any_viewer_of_new(at_weight_1: LocalEdge) -> None:
    outcome = at_weight_1.run(viewer_request(ip=OLD_BY_WEIGHT, headers=header("x-beta", "1")))

    assert outcome.origin == Origin("group", ("new", "old"), (500, 502, 503, 504))
    assert outcome.log_data == "group-new"
    write = at_weight_1.run(
        viewer_request(method="POST", ip=OLD_BY_WEIGHT, headers=header("x-beta", "1"))
    )
    assert write.origin == Origin("single", ("new",), ())


def test_who_is_not_in_a_group_tells_the_log_no_group(at_weight_1: LocalEdge) -> None:
    assert at_weight_1.run(viewer_request(ip=OLD_BY_WEIGHT)).log_data == "old"


def given_cookies(outcome: Outcome) -> dict[str, str]:
    assert outcome.error is None
    assert outcome.response is not None
    return {
        name: cookie["value"]
        for name, cookie in outcome.response["cookies"].items()
        if name.startswith("cutover-")
    }


@pytest.mark.parametrize(
    ("request_", "remembered"),
    [
        ({"ip": "192.0.2.64"}, "office"),
        ({"headers": header("cloudfront-viewer-country", "NO")}, "north"),
        ({"headers": header("x-beta", "1")}, None),
        ({"cookies": {"plan": "gold"}}, None),
        ({"headers": header("x-beta", "1"), "ip": "192.0.2.64"}, "office"),
        ({}, None),
    ],
)
def test_where_a_viewer_is_is_remembered_and_what_it_says_is_not(
    at_weight_1: LocalEdge, request_: dict[str, Any], remembered: str | None
) -> None:
    cookies = given_cookies(at_weight_1.run(viewer_response(**request_)))

    assert cookies.get("cutover-group") == remembered


def test_a_viewer_who_leaves_the_office_stays_on_new(at_weight_1: LocalEdge) -> None:
    cookies = given_cookies(at_weight_1.run(viewer_response(ip="192.0.2.64")))

    assert asked(at_weight_1, cookies=cookies) == "new"
    # And is not told again with each answer.
    again = at_weight_1.run(viewer_response(ip=OLD_BY_WEIGHT, cookies=cookies))
    assert given_cookies(again) == {}


def test_a_viewer_of_a_group_that_is_gone_goes_by_the_weight(edge: LocalEdge) -> None:
    edge.load_code(substituted("1", groups=[BETA]))

    assert asked(edge, cookies={"cutover-group": "office"}) == "old"


def test_no_viewer_goes_back_as_the_weight_grows(edge: LocalEdge) -> None:
    viewers = [f"192.0.2.{n}" for n in range(0, 256, 4)]
    on_new: set[str] = set()
    for weight in (0, 1, 5, 10, 25, 50, 100):
        edge.load_code(substituted(str(weight), groups=[OFFICE]))
        now = {ip for ip, side in zip(viewers, edge.census(viewers), strict=True) if side == "new"}
        assert on_new <= now
        on_new = now
    assert len(on_new) == len(viewers)


def test_without_groups_the_source_holds_nothing_of_them() -> None:
    assert "//:" not in SOURCE
    assert not {"GROUPS", "groupOf", "isIn", "cutover-group", "group-"} & set(
        re.findall(r"[A-Za-z-]+", SOURCE)
    )
    assert not re.search(r"^ *//", SOURCE_WITH_GROUPS, re.MULTILINE)
    assert SOURCE_WITH_GROUPS.count("${Groups}") == 1
    assert SOURCE_WITH_GROUPS.count("${") == 5
    # The observer and status read the weight in it.
    assert SOURCE_WITH_GROUPS.count("percent('${NewWeight}')") == 1


def test_the_most_of_groups_and_paths_is_a_function_that_cloudfront_takes(edge: LocalEdge) -> None:
    longest = SOURCE_WITH_GROUPS.replace("${Groups}", "[]").replace("${StaticPaths}", "")
    longest = longest.replace("${Service}", "s" * 60).replace("${NewWeight}", "100")
    longest = longest.replace("${SideHeader}", "x-cutover-side")

    size = len(longest.encode()) + MOST_OF_GROUPS_AND_PATHS

    # No byte of what is declared counts twice, and few are left over.
    assert 10_240 - 100 <= size <= 10_240
    edge.load_code(longest + "/" * 2 + "x" * (MOST_OF_GROUPS_AND_PATHS - 2))


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_the_digits_are_those_of_the_network_and_of_no_other_address(data: st.DataObject) -> None:
    version = data.draw(st.sampled_from([4, 6]))
    bits = 32 if version == 4 else 128
    kind = IPv4Address if version == 4 else IPv6Address
    address = data.draw(st.integers(0, 2**bits - 1))
    length = data.draw(st.integers(1, bits))
    network = ip_network((address, length), strict=False)
    near = data.draw(
        st.sampled_from(
            [
                int(network.network_address) - 1,
                int(network.network_address),
                int(network.broadcast_address),
                int(network.broadcast_address) + 1,
                address ^ (1 << data.draw(st.integers(0, bits - 1))),
            ]
        )
    )
    other = kind(near % 2**bits)

    digits = f"{version}{int(other):0{bits // 4}x}"
    assert (re.match(digits_of(network), digits) is not None) == (other in network)


def test_the_function_reads_every_writing_of_an_address(edge: LocalEdge) -> None:
    """Python's own reading is the judge."""
    writings = [
        *("1.2.3.4", "255.255.255.255", "0.0.0.1", "100.20.3.40"),
        *("::1", "1::", "2001:db8::1", "fe80::1:0:0:1", "1:2:3:4:5:6:7:8", "::2:3:4:5:6:7:8"),
        *("1:2:3:4:5:6:7::", "A::B", "::ffff:1.2.3.4", "::ffff:102:304", "64:ff9b::1.2.3.4"),
    ]
    for writing in writings:
        address = ip_address(writing)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        meant = mapped or address
        network = ip_network(f"{meant}/{meant.max_prefixlen}")
        held = [{"name": "one", "from": 1, "network": digits_of(network)}]
        code = SOURCE_WITH_GROUPS.replace("${Groups}", json.dumps(held))
        edge.load_code(
            code.replace("${NewWeight}", "1")
            .replace("${Service}", "chatmrpt")
            .replace("${StaticPaths}", "x")
            .replace("${SideHeader}", "x-cutover-side")
        )
        assert edge.run(viewer_request(ip=writing)).log_data == "group-new", writing


def test_a_cookie_with_capitals_is_found_however_its_name_arrives(edge: LocalEdge) -> None:
    edge.load_code(
        substituted("1", groups=[{"name": "php", "cookie": {"name": "PHPBETA", "values": ["1"]}}])
    )

    assert asked(edge, cookies={"PHPBETA": "1"}) == "new"
    assert asked(edge, cookies={"phpbeta": "1"}) == "new"
    assert asked(edge, cookies={"PhpBeta": "1"}) == "old"


def test_several_cookies_of_one_name_count_by_any_of_them(at_weight_1: LocalEdge) -> None:
    event = viewer_request(ip=OLD_BY_WEIGHT)
    event["request"]["cookies"]["plan"] = {
        "value": "none",
        "multiValue": [{"value": "none"}, {"value": "gold"}],
    }

    assert side_of(at_weight_1.run(event)) == "new"


def test_the_order_decides_whose_name_is_remembered(edge: LocalEdge) -> None:
    both = [OFFICE, {**OFFICE, "name": "second"}]
    edge.load_code(substituted("1", groups=both))

    assert given_cookies(edge.run(viewer_response(ip="192.0.2.64")))["cutover-group"] == "office"


def test_each_kind_is_held_as_the_function_reads_it() -> None:
    assert [Group.model_validate(group).at_edge for group in ALL] == [
        {"name": "beta", "from": 1, "header": "x-beta", "is": ("1", "on")},
        {"name": "plan", "from": 1, "cookie": "plan", "is": ("gold",)},
        {
            "name": "north",
            "from": 1,
            "keep": 1,
            "header": "cloudfront-viewer-country",
            "is": ("SE", "NO"),
        },
        {
            "name": "office",
            "from": 1,
            "keep": 1,
            "network": "4c00002[4-5]|620010db8001[0-7]",
        },
        {"name": "later", "from": 10, "header": "x-late", "is": ("1",)},
    ]
