"""What `promotion.groups` may hold, and the sentence for what it may not."""

# ruff: noqa: E501 - a table reads best with one fault a line

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import tzdata
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.declaration.countries import COUNTRIES
from cutover.declaration.groups import as_code
from cutover.declaration.reading.context import read_context
from cutover.declaration.reading.errors import DeclarationError
from cutover.declaration.service import Service
from cutover.paths import ROOT

BOTH: dict[str, Any] = json.loads((ROOT / "examples" / "dns-door.json").read_text(encoding="utf-8"))
BETA: dict[str, Any] = {"name": "beta", "header": {"name": "x-beta", "values": ["1"]}}
GROUPS: list[dict[str, Any]] = [
    BETA,
    {"name": "plan", "cookie": {"name": "__Host-plan", "values": ["gold", "a=b"]}},
    {"name": "north", "from_weight": 5, "countries": ["SE", "NO"]},
    {
        "name": "office",
        "from_weight": 10,
        "networks": ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32"],
    },
]


def read(groups: Any, **changes: Any) -> Service:
    declared = copy.deepcopy(BOTH["reports"])
    promotion = {"groups": groups} | changes.pop("promotion", {})
    edge = changes.pop("edge", None)
    declared.update(promotion=promotion, **changes)
    if edge is not None:
        declared["edge"] = edge
    return read_context({"cutover": {"reports": declared}})[0].service


def refusal(groups: Any, **changes: Any) -> str:
    with pytest.raises(DeclarationError) as refused:
        read(groups, **changes)
    (reason,) = refused.value.reasons
    assert reason.isprintable()
    return reason


def one(**kind: Any) -> list[dict[str, Any]]:
    return [{"name": "one", **kind}]


def header(name: str, *values: str) -> list[dict[str, Any]]:
    return one(header={"name": name, "values": list(values or ("1",))})


def cookie(name: str, *values: str) -> list[dict[str, Any]]:
    return one(cookie={"name": name, "values": list(values or ("1",))})


def test_each_kind_is_taken() -> None:
    promotion = read(GROUPS).promotion

    assert [group.by for group in promotion.groups] == [
        "header x-beta",
        "cookie __Host-plan",
        "country",
        "network",
    ]
    assert [[g.name for g in promotion.groups_at(weight)] for weight in (0, 1, 5, 10, 100)] == [
        [],
        ["beta", "plan"],
        ["beta", "plan", "north"],
        ["beta", "plan", "north", "office"],
        ["beta", "plan", "north", "office"],
    ]


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([BETA, BETA], "has two groups with the name beta: give each its own"),
        ([{**BETA, "name": f"g{n}"} for n in range(11)], ".promotion.groups is a list of 11. It must be: viewers who are on new before everybody, at most 10"),
        (one(), "must have exactly one of header, cookie, countries, networks, and has none"),
        (one(countries=["SE"], networks=["192.0.2.0/24"]), "and has countries and networks: declare two groups"),
        ([{**BETA, "name": "Beta"}], '.groups[0].name is "Beta". It must be: its name'),
        ([{**BETA, "name": ""}], '.groups[0].name is ""'),
        ([{**BETA, "name": "a;b"}], '.groups[0].name is "a;b"'),
        ([{**BETA, "name": "g" * 21}], "at most 20"),
        ([{**BETA, "percent": 5}], ".groups[0].percent is not a known key"),
        ([{**BETA, "from_weight": 0}], ".groups[0].from_weight is 0. It must be: the step"),
        ([{**BETA, "from_weight": 100}], ".groups[0].from_weight is 100. It must be: the step, 1 to 99"),
        ([{**BETA, "from_weight": 7}], "has the group beta from 7 % on, which is no step: the steps are 1, 5, 10, 25, 50, 100"),
        (one(header={"name": "x-beta"}), ".groups[0].header.values is missing. It must be: the values that count"),
        (one(header={"name": "x-beta", "values": []}), ".header.values is []. It must be"),
        (one(header={"name": "x-beta", "values": ["v"] * 21}), ".header.values is"),
        (header("x-beta", ""), "holds nothing"),
        (header("x-beta", "v" * 101), "holds vvv"),
        (header("x-beta", "é"), "holds é"),
        (header("x-beta", "a\tb"), "holds a?b"),
        (header("x-beta", " 1"), 'holds " 1", with a blank at its end'),
        (header("x-beta", "1", "1"), "holds a value twice"),
        (header(""), '.header.name is "". It must be: its name'),
        (header("x beta"), '.header.name is "x beta"'),
        (header("x" * 65), "at most 64 characters"),
        (header("Cookie"), "goes by the header cookie: declare a cookie instead"),
        (header("CloudFront-Viewer-Country"), "declare countries instead"),
        (header("cloudfront-is-mobile-viewer"), "which CloudFront writes itself and not on every path"),
        (header("Authorization"), "which holds a secret, and a declaration is no place for one"),
        (header("X-Cutover-Side"), "which the edge writes itself: take another"),
        (header("x-forwarded-host"), "which the edge writes itself: take another"),
        *(
            (header(name), f"goes by the header {name.lower()}, which CloudFront keeps from the edge function or writes itself")
            for name in ("X-Edge-Location", "X-Amz-Cf-Id", "Connection", "X-Real-IP", "x-forwarded-proto", "X-Cache", "Via", "TE", "proxy-authorization")
        ),
        (cookie("a;b"), '.cookie.name is "a;b"'),
        (cookie("a=b"), '.cookie.name is "a=b"'),
        (cookie("cutover-pin"), "goes by the cookie cutover-pin, which is the edge's own"),
        (cookie("Cutover-Group"), "which is the edge's own"),
        *((cookie("plan", f"a{sign}b"), "a cookie's value has no blank, quote, comma, semicolon or backslash") for sign in ' ",;\\'),
        (one(countries=[]), ".groups[0].countries is []. It must be: countries"),
        (one(countries=["UK"]), "names UK, which is no country's code. It must be"),
        (one(countries=["XX"]), "names XX, which is no country's code"),
        (one(countries=["se"]), "names se, which is no country's code: write SE"),
        (one(countries=["SWE"]), "names SWE, which is no country's code"),
        (one(countries=["SE", "SE"]), "names a country twice"),
        (one(networks=[]), ".groups[0].networks is []. It must be: networks"),
        (one(networks=["192.0.2.1/24"]), "names 192.0.2.1/24, whose address has bits set beyond its length: write 192.0.2.0/24"),
        (one(networks=["2001:db8::1/32"]), "write 2001:db8::/32"),
        (one(networks=["192.0.2.0/33"]), "names 192.0.2.0/33, which is no network"),
        (one(networks=["192.0.2"]), "which is no network"),
        (one(networks=["office"]), "names office, which is no network"),
        (one(networks=["0.0.0.0/0"]), "which is everybody: raise new_weight for that"),
        (one(networks=["::/0"]), "which is everybody"),
        (one(networks=["::ffff:192.0.2.0/120"]), "which is IPv4 written as IPv6: write 192.0.2.0/24"),
        (one(networks=["10.1.0.0/16"]), "from which nobody reaches CloudFront"),
        (one(networks=["fd00:1::/32"]), "from which nobody reaches CloudFront"),
        (one(networks=["fe80::1%eth0/128"]), "which is no network"),
        (one(networks=["192.0.2.0/24", "192.0.2.0/255.255.255.0"]), "names a network twice"),
        ("beta", '.promotion.groups is "beta"'),
    ],
)  # fmt: skip
def test_a_wrong_group_gets_one_sentence(groups: Any, said: str) -> None:
    assert said in refusal(groups)


def test_a_step_of_one_s_own_may_let_a_group_in() -> None:
    steps = [{"weight": weight} for weight in (2, 20, 60, 100)]

    assert read([{**BETA, "from_weight": 20}], promotion={"steps": steps}).promotion.groups_at(20)
    assert "the steps are 2, 20, 60, 100" in refusal(
        [{**BETA, "from_weight": 5}], promotion={"steps": steps}
    )


def test_groups_need_the_edge_door() -> None:
    assert (
        "has promotion.groups and no edge door: DNS cannot tell one viewer from another"
        in refusal([BETA], edge=False)
    )


def test_countries_need_what_cloudfront_tells() -> None:
    edge = {**BOTH["reports"]["edge"], "forward_host": False}

    assert "has the group one by countries and edge.forward_host false" in refusal(
        one(countries=["SE"]), edge=edge
    )
    assert read([BETA], edge=edge)


def test_more_than_the_function_holds_is_refused() -> None:
    groups = [
        {
            "name": f"g{n}",
            "header": {"name": "x-beta", "values": [f"{n}{value:099d}" for value in range(9)]},
        }
        for n in range(4)
    ]
    said = refusal(groups)

    assert "has promotion.groups and edge.static_paths of " in said
    assert (
        "which has room for 3400: declare fewer groups, values or paths, or larger networks" in said
    )
    assert read(groups[:3])
    # The paths count, too: they stand in the same function.
    edge = {**BOTH["reports"]["edge"], "static_paths": [f"/{n}{'a' * 200}" for n in range(9)]}
    assert "room for 3400" in refusal(groups[:3], edge=edge)


def test_the_countries_are_those_of_the_standard() -> None:
    table = (Path(tzdata.__file__).parent / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")

    assert {line.split("\t")[0] for line in table.splitlines() if line[:1] != "#"} == COUNTRIES


LEAVES = st.one_of(
    st.none(), st.integers(), st.text(max_size=12),
    st.sampled_from(["SE", "192.0.2.0/24", "::/1", "1.2.3.4/1", "x-beta", "${Groups}", "\\u2028", "</script>", "'", '"', "__proto__"]),
)  # fmt: skip
TOLD = st.fixed_dictionaries({"name": LEAVES, "values": st.lists(LEAVES, max_size=3)})
ANY = st.lists(
    st.fixed_dictionaries(
        {"name": LEAVES},
        optional={
            "from_weight": LEAVES,
            "header": TOLD | LEAVES,
            "cookie": TOLD | LEAVES,
            "countries": st.lists(LEAVES, max_size=3) | LEAVES,
            "networks": st.lists(LEAVES, max_size=3) | LEAVES,
        },
    ),
    max_size=3,
)  # fmt: skip


@given(ANY)
@settings(max_examples=60, deadline=None)
def test_any_groups_are_taken_or_refused_with_sentences(groups: list[dict[str, Any]]) -> None:
    try:
        service = read(groups)
    except DeclarationError as refused:
        reasons = refused.reasons
    else:
        reasons = []
    assert all(reason.isprintable() for reason in reasons)
    if reasons:
        return
    code = as_code(service.promotion.groups)
    assert code.isascii()
    assert [group["name"] for group in json.loads(code)] == [group["name"] for group in groups]
