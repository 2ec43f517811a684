"""The schema for editors says what the reader says, as far as a schema can."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cutover.declaration.reading.context import read_context
from cutover.declaration.reading.errors import DeclarationError
from cutover.declaration.service import Service
from cutover.paths import CDK_JSON, ROOT
from tests.unit.support.json_schema import faults
from tests.unit.support.places import Place, places
from tools.declaration_schema import FILE, schema, written

SCHEMA: Final = schema()

EVERYTHING: Final[dict[str, Any]] = {
    "region": "us-east-2",
    "new_weight": 10,
    "phase": "cutover",
    "old": {
        "load_balancer_dns_name": "a-1234567890.us-east-2.elb.amazonaws.com",
        "load_balancer": "app/a/50dc6c495c0c9188",
        "target_group": "targetgroup/a/73e2d6bc24d8a067",
        "hosted_zone_id": "Z3AADJGX6KTTL2",
        "scheme": "https",
        "host_name": "old.origin.example.com",
        "port": 8443,
    },
    "new": {
        "load_balancer_dns_name": "b-1234567891.us-east-2.elb.amazonaws.com",
        "load_balancer": "app/b/60dc6c495c0c9188",
        "target_group": "targetgroup/b/83e2d6bc24d8a067",
    },
    "endpoints": [
        {"path": "/ping", "status": 204, "contains": "ok", "body": {"by": "json", "ignore": ["t"]}},
        {"path": "/", "body": {"by": "pattern", "pattern": "^a+$"}},
        {"path": "/s", "body": {"by": "similarity", "at_least": 0.5, "unordered": []}},
    ],
    "edge": {
        "domain_names": ["app.example.com"],
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0f1e",
        "price_class": "PriceClass_All",
        "web_acl_arn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b",
        "access_logs": False,
        "static_paths": ["/assets/*"],
        "forward_host": True,
        "response_timeout_seconds": 30,
        "security_headers": True,
        "fast_log": True,
        "fast_log_shards": 2,
    },
    "dns": {
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "zone_name": "example.com",
        "record_name": "www.example.com",
        "record": "alias",
        "ipv6": True,
        "adopt": False,
    },
    "thresholds": json.loads(
        json.dumps(Service.model_fields["thresholds"].default.model_dump(mode="json"))
    ),
    "health_checks": {"interval_seconds": 30, "failure_threshold": 1},
    "readiness": {
        **Service.model_fields["readiness"].default.model_dump(mode="json"),
        "headers": ["x-a"],
        "discover": ["/sitemap.xml"],
        "exclude": ["/admin/*"],
        "journeys": [
            {
                "name": "login",
                "steps": [
                    {
                        "path": "/login",
                        "method": "OPTIONS",
                        "body_text": "a",
                        "take": [
                            {"name": "csrf", "pattern": "csrf=(.+)", "header": "", "pointer": ""}
                        ],
                    },
                    {
                        "path": "/login",
                        "method": "POST",
                        "writes": True,
                        "headers": {"X-CSRF": "{csrf}"},
                        "body_form": {"password": "{password}"},
                        "follow": False,
                        "expect": {
                            "status": "303",
                            "contains": "hi",
                            "headers": {"Location": "/"},
                            "values": {"/a": 1},
                        },
                    },
                    {"path": "/a", "method": "PUT", "writes": True, "body_json": {"a": [1]}},
                ],
            }
        ],
        "session": {"journey": "login", "path": "/me", "status": "200", "contains": "ada"},
        "secrets": [
            {
                "name": "password",
                "arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/user-AbCdEf",
                "key": "password",
            }
        ],
        "waivers": [{"finding": "f", "by": "ada", "reason": "r", "until": "2027-01-31"}],
        "attestations": [
            {"what": "backups", "by": "ada", "on": "2026-11-24", "valid_days": 3},
            {"what": "team briefed", "by": "", "on": ""},
        ],
    },
    "promotion": {
        "max_step_percent": 25,
        "time_zone": "America/New_York",
        "window": {"start": "02:00", "end": "06:00"},
        "freezes": [{"start": "2026-12-20", "end": "2027-01-02", "reason": "holidays"}],
        "bake_minutes": 0,
        "steps": [
            {"weight": 25, "bake_minutes": 5},
            *({"weight": weight} for weight in (50, 75, 100)),
        ],
        "watch_hours": 48,
        "groups": [
            {"name": "beta", "header": {"name": "x-beta", "values": ["1"]}},
            {"name": "plan", "cookie": {"name": "plan", "values": ["gold", "silver"]}},
            {"name": "north", "from_weight": 50, "countries": ["SE"]},
            {"name": "office", "networks": ["192.0.2.0/24"]},
        ],
        "capacity": {"headroom_percent": 10, "lookback_days": 7, "wait_seconds": 60},
        "hooks": {
            "before": {
                "call": "arn:aws:lambda:us-east-2:123456789012:function:scale-new",
                "timeout_seconds": 300,
            },
            "after": {
                "call": "arn:aws:ssm:us-east-2:123456789012:document/MoveQueues",
                "role": "arn:aws:iam::123456789012:role/move-queues",
            },
        },
    },
    "decommission": {
        "quiet_days": 3,
        "monthly_savings_usd": 230,
        "residual_requests_a_day": 0,
        "attestations": [
            {"what": "backups of old verified", "by": "ada", "on": "2026-11-24"},
            {"what": "users told"},
        ],
    },
    "judge": Service.model_fields["judge"].default.model_dump(mode="json"),
    "rollback": {
        "cool_down_seconds": 180,
        "point_of_no_return": {"reason": "data moved", "by": "ada", "on": "2026-11-24"},
        "old_targets": 4,
    },
    "last_users": {
        "redirect": "temporary",
        "listeners": [
            "arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/a/50dc6c495c0c9188/"
            "f2f7dc8efc522ab2"
        ],
        "to": "app.example.com",
        "hosts": ["legacy.example.com"],
        "paths": ["/docs/*"],
        "priority": 40000,
        "access_logs": "s3://logs/old",
    },
    "notify": ["ada@example.com"],
}
"""Every key, in a declaration that both accept."""


def changed(at: Place, value: Any, within: Any = EVERYTHING) -> Any:
    """Return `within` with `value` at a place; only what lies on the way there is copied."""
    if not at:
        return value
    first, *rest = at
    body = copy.copy(within)
    inner = body.get(first) if isinstance(body, dict) else body[first]
    body[first] = changed(tuple(rest), value, inner)
    return body


def without(at: Place) -> Any:
    """Return everything but what stands at a place."""
    holder = copy.copy(_at(at[:-1]))
    del holder[at[-1]]
    return changed(at[:-1], holder)


def reader_minds(body: Any) -> set[str]:
    """Return the kinds of fault that the reader finds; `value_error` is a rule of our own.

    Where one of several kinds may stand, the others' faults say nothing beside a rule of our own.
    """
    try:
        Service.model_validate(body)
    except ValidationError as error:
        found = error.errors()
        ours = [fault["loc"] for fault in found if fault["type"] == "value_error"]
        return {
            fault["type"]
            for fault in found
            if not str((fault["loc"] or ("",))[-1]).startswith("literal[")
            or not any(at[: len(fault["loc"]) - 1] == fault["loc"][:-1] for at in ours)
        }
    return set()


def agree(body: Any) -> None:
    minds = reader_minds(body)
    complaint = next(faults(body, SCHEMA["$defs"]["Service"], SCHEMA, "service"), None)
    if not minds:
        assert complaint is None
    # What a person says is measured without the blanks around it, and no schema can do that.
    elif minds - {"value_error", "string_too_long"}:
        assert complaint is not None, minds


def test_the_file_is_what_the_declaration_says() -> None:
    assert FILE.read_text(encoding="utf-8") == written(), "run `make docs`"


@pytest.mark.parametrize(
    "file", [CDK_JSON, *sorted((ROOT / "examples").glob("*.json"))], ids=lambda file: file.name
)
def test_what_we_ship_follows_the_schema_and_names_it(file: Path) -> None:
    declared = json.loads(file.read_text(encoding="utf-8"))
    assert list(faults(declared, SCHEMA, SCHEMA, file.name)) == []
    assert (file.parent / declared["$schema"]).resolve() == FILE


def test_the_sample_holds_every_key_and_both_accept_it() -> None:
    agree(EVERYTHING)
    assert reader_minds(EVERYTHING) == set()
    seen = {part for place in places(EVERYTHING) for part in place if isinstance(part, str)}
    known = {key for part in SCHEMA["$defs"].values() for key in part["properties"]}
    assert known - seen == {"$schema"}


WRONG: Final[list[Any]] = [
    *(None, True, "", "x", "10", [], {}, [{}], {"x": 1}),
    *(-1, 0, 0.5, 1, 11, 101, 366, 65536, 1_000_001),
]


def test_schema_and_reader_agree_on_every_value_at_every_place() -> None:
    for at in places(EVERYTHING):
        for value in WRONG:
            agree(changed(at, value))


def test_schema_and_reader_agree_on_what_is_missing_and_what_is_unknown() -> None:
    for at in places(EVERYTHING):
        if at:
            agree(without(at))
        agree(changed((*at, "nonsense"), 1) if isinstance(_at(at), dict) else EVERYTHING)


@given(
    at=st.sampled_from(sorted(places(EVERYTHING), key=str)),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_schema_and_reader_agree_on_anything_at_any_place(at: Place, value: Any) -> None:
    agree(changed(at, value))


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"$schema": "x"},
        {"$schema": 1, "shop": EVERYTHING},
        {"Shop": EVERYTHING},
        {"s": EVERYTHING},
        {"shop": []},
        [],
        {"$id": "x", "shop": EVERYTHING},
    ],
    ids=str,
)
def test_what_is_no_set_of_services_is_refused_by_both(declared: Any) -> None:
    with pytest.raises(DeclarationError):
        read_context({"cutover": declared})
    assert list(faults(declared, SCHEMA, SCHEMA)) != []
    assert list(faults({"app": "x", "context": {"cutover": declared}}, SCHEMA, SCHEMA)) != []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("edge", 0, "cutover.shop.edge 0 is a number. It must be: the edge door; false"),
        ("thresholds", {"error_rate_percent": True}, "error_rate_percent is true. It must be: 5xx"),
        ("thresholds", {"error_rate_percent": "2"}, 'error_rate_percent is "2". It must be: 5xx'),
    ],
)
def test_no_value_is_taken_for_another_kind(key: str, value: Any, said: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        read_context({"cutover": {"shop": EVERYTHING | {key: value}}})
    (reason,) = refused.value.reasons
    assert said in reason


def test_the_editor_s_key_is_no_service() -> None:
    declared = {"$schema": "../docs/cutover.schema.json", "shop": EVERYTHING}
    assert [one.name for one in read_context({"cutover": declared})] == ["shop"]
    assert list(faults(declared, SCHEMA, SCHEMA)) == []


def test_an_editor_s_key_that_leads_nowhere_gets_a_sentence() -> None:
    with pytest.raises(DeclarationError) as refused:
        read_context({"cutover": {"$schema": 1, "shop": EVERYTHING}})
    assert refused.value.reasons == [
        "cdk.json: cutover.$schema is 1. It must be: where the schema for editors stands, like "
        "docs/cutover.schema.json; or leave it out."
    ]


def _at(place: Place) -> Any:
    value: Any = EVERYTHING
    for part in place:
        value = value[part]
    return value
