"""An exchange of records is one batch, and taken back it leaves what was there."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from commands.records.exchange import Exchange, ExchangeError
from commands.records.record_set import in_order, policy
from commands.records.wanted import import_mapping, wanted
from cutover.declaration.doors import Dns
from cutover.declaration.service import Service
from tests.unit.support.declarations import SHOP
from tests.unit.support.fake_zone import after_batch, as_listed

ZONE = "Z0123456789ABCDEFGHIJ"
OLD, NEW = (SHOP[side]["load_balancer_dns_name"] for side in ("old", "new"))
ELB_ZONE = "Z32O12XQLNTSW2"


def service(**dns: Any) -> tuple[Service, Dns]:
    declared = Service.model_validate(SHOP | {"dns": SHOP["dns"] | dns})
    assert declared.dns is not None
    return declared, declared.dns


def alias(
    kind: str = "A", to: str = f"dualstack.{OLD}", name: str = "example.com"
) -> dict[str, Any]:
    target = {"DNSName": to, "HostedZoneId": ELB_ZONE, "EvaluateTargetHealth": False}
    return {"Name": name, "Type": kind, "AliasTarget": target}


simple = st.one_of(
    st.builds(
        lambda kinds, dotted, capitals, follows: [
            {
                **alias(
                    kind,
                    f"{'DUALSTACK.' if capitals else 'dualstack.'}{OLD}{'.' if dotted else ''}",
                ),
                "AliasTarget": {
                    **alias(kind)["AliasTarget"],
                    "EvaluateTargetHealth": follows,
                },
            }
            for kind in kinds
        ],
        st.sampled_from([("A",), ("A", "AAAA")]),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(
        lambda ttl: [
            {
                "Name": "app.example.com.",
                "Type": "CNAME",
                "TTL": ttl,
                "ResourceRecords": [{"Value": OLD}],
            }
        ],
        st.integers(0, 2**31 - 1),
    ),
    st.builds(
        lambda ttl, addresses: [
            {
                "Name": "example.com",
                "Type": "A",
                "TTL": ttl,
                "ResourceRecords": [{"Value": f"192.0.2.{last}"} for last in addresses],
            }
        ],
        st.integers(0, 86_400),
        st.lists(st.integers(0, 255), min_size=1, max_size=8, unique=True),
    ),
)
others = st.lists(
    st.sampled_from(
        [
            {"Name": "example.com", "Type": "TXT", "TTL": 5, "ResourceRecords": [{"Value": '"x"'}]},
            {
                "Name": "other.example.com",
                "Type": "A",
                "TTL": 5,
                "ResourceRecords": [{"Value": "192.0.2.9"}],
            },
            {
                "Name": "example.com",
                "Type": "NS",
                "TTL": 9,
                "ResourceRecords": [{"Value": "ns.example.net."}],
            },
        ]
    ),
    unique_by=lambda r: r["Type"] + r["Name"],
)


@given(found=simple, beside=others, ipv6=st.booleans())
def test_an_adoption_taken_back_leaves_the_zone_as_it_was(
    found: list[dict[str, Any]], beside: list[dict[str, Any]], *, ipv6: bool
) -> None:
    name = found[0]["Name"].rstrip(".")
    of, dns = service(record_name=name, ipv6=ipv6)
    before = in_order(map(as_listed, [*found, *beside]))
    exchange = Exchange.of(
        ZONE, map(as_listed, found), wanted(of, dns, old_check="old", new_check="new")
    )
    kept = Exchange.from_dict(exchange.to_dict())
    assert kept == exchange
    try:
        adopted = after_batch(before, exchange.changes)
    except ClientError:
        # A simple AAAA beside weighted ones of another type is no conflict; of the same type it is.
        raise AssertionError("the batch is not whole") from None
    assert [r for r in adopted if r["Name"] == f"{name}." and policy(r) == "weighted"] != []
    assert in_order(after_batch(adopted, kept.inverse.changes)) == before


@given(found=simple, change=st.sampled_from(["gone", "ttl", "target"]))
def test_a_record_that_changed_meanwhile_refuses_the_whole_batch(
    found: list[dict[str, Any]], change: str
) -> None:
    of, dns = service(record_name=found[0]["Name"].rstrip("."))
    exchange = Exchange.of(ZONE, found, wanted(of, dns, old_check="old", new_check="new"))
    first, *rest = in_order(map(as_listed, found))
    if change == "gone":
        now = rest
    elif "AliasTarget" in first:
        now = [as_listed(alias(first["Type"], NEW, first["Name"])), *rest]
    else:
        now = [
            first | ({"TTL": first["TTL"] + 1} if change == "ttl" else {"ResourceRecords": []}),
            *rest,
        ]
    with pytest.raises(ClientError, match="InvalidChangeBatch"):
        after_batch(now, exchange.changes)


def test_the_weights_are_those_of_the_template_at_0() -> None:
    of, dns = service(ipv6=True)
    records = wanted(of, dns, old_check="old", new_check="new")
    assert [(r["Type"], r["SetIdentifier"], r["Weight"], r["HealthCheckId"]) for r in records] == [
        ("A", "old", 100, "old"),
        ("A", "new", 0, "new"),
        ("AAAA", "old", 100, "old"),
        ("AAAA", "new", 0, "new"),
    ]
    assert list(import_mapping(of, dns)) == [
        "DnsOldA9B28702D",
        "DnsNewA7FF36BB4",
        "DnsOldAAAA22C1B355",
        "DnsNewAAAA62F08C2E",
    ]


def test_what_stands_on_both_sides_is_left_alone_and_the_hash_knows_every_value() -> None:
    a, aaaa = alias("A"), alias("AAAA")
    exchange = Exchange.of(ZONE, [a, aaaa], [aaaa, alias("A", NEW)])
    assert [(c["Action"], c["ResourceRecordSet"]["Type"]) for c in exchange.changes] == [
        ("DELETE", "A"),
        ("CREATE", "A"),
    ]
    hashes = {
        exchange.hash,
        exchange.inverse.hash,
        Exchange.of("Z1", exchange.before, exchange.after).hash,
        Exchange.of(ZONE, [a], exchange.after).hash,
    }
    assert len(hashes) == 4
    assert Exchange.of(ZONE, [aaaa, a], exchange.after).hash == exchange.hash


@pytest.mark.parametrize(
    "held", [None, [], {}, {"zone": "Z"}, {"zone": "Z", "before": [1], "after": []}]
)
def test_a_file_that_holds_something_else_is_a_sentence(held: Any) -> None:
    with pytest.raises(ExchangeError, match="no change of records"):
        Exchange.from_dict(held)
