"""A load balancer that waits otherwise than the edge, or does not take the name that it hears, is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.inference.verdict import Verdict
from shared.readiness.aws.load_balancers import DescribedSide
from shared.readiness.checks.door_fit import door_fit
from shared.readiness.finding import Finding
from shared.readiness.spec import Latency, Load, Side, Spec
from tests.unit.readiness.test_readiness_configuration import (
    changed_listener,
    declared,
    forward,
    seen,
)

SECURE = Side("https://blue.origin.example.com:443", "app/blue/50dc6c495c0c9188", "targetgroup/b/7")
NAME = "app.example.com"


def asking(**how: Any) -> Spec:
    return replace(
        Spec(
            service="shop",
            old=declared("blue"),
            new=declared("green"),
            endpoints=(),
            latency=Latency(100, 250, 250, 25),
            load=Load(1, 1, 1, 1, 1, 1),
            timeout_seconds=10,
            certificate_days=21,
            response_timeout_seconds=60,
        ),
        **how,
    )


def found(spec: Spec, one: DescribedSide, side: Side | None = None) -> dict[str, Finding]:
    return {f.id: f for f in door_fit("old", side or declared("blue"), one, spec)}


def wrong(spec: Spec, one: DescribedSide, side: Side | None = None) -> dict[str, Verdict]:
    findings = found(spec, one, side)
    assert all(f.waivable for f in findings.values() if f.verdict is not Verdict.PASS)
    return {i: f.verdict for i, f in findings.items() if f.verdict is not Verdict.PASS}


@pytest.mark.parametrize(
    ("edge", "verdict", "said"),
    [
        (
            30,
            Verdict.FAIL,
            "what takes longer than 30 s is an answer there and a 504",
        ),
        (60, Verdict.PASS, "both wait 60 s"),
        (
            120,
            Verdict.FAIL,
            "the load balancer gives up first. Raise its idle_timeout.timeout_seconds",
        ),
    ],
)
def test_the_edge_and_the_load_balancer_wait_alike_or_a_finding_says_who_gives_up(
    edge: int, verdict: Verdict, said: str
) -> None:
    finding = found(asking(response_timeout_seconds=edge), seen("blue"))[
        "configuration:response-timeout:old"
    ]
    assert finding.verdict is verdict
    assert said in finding.said


def test_nothing_is_said_of_waiting_without_the_edge_or_where_it_cannot_be_read() -> None:
    assert found(asking(response_timeout_seconds=0), seen("blue")) == {}
    assert found(asking(), replace(seen("blue"), load_balancer_attributes=())) == {}


def host_rule(*patterns: str, config: str = "Values") -> dict[str, Any]:
    condition = {"Field": "host-header", "HostHeaderConfig": {config: list(patterns)}}
    return {"Priority": "5", "Conditions": [condition], "Actions": [], "IsDefault": False}


def with_rules(*rules: dict[str, Any]) -> DescribedSide:
    return changed_listener(seen("blue"), 80, rules=rules)


@pytest.mark.parametrize(
    ("patterns", "fits"),
    [
        ((), True),
        (("app.example.com",), True),
        (("APP.example.com",), True),
        (("*.example.com",), True),
        (("other.example.com", "a?p.example.com"), True),
        (("other.example.com",), False),
        (("example.com",), False),
    ],
)
def test_rules_for_host_names_must_take_the_name_that_viewers_ask_for(
    patterns: tuple[str, ...], *, fits: bool
) -> None:
    one = with_rules(*([host_rule(*patterns)] if patterns else []))
    expected = {} if fits else {f"configuration:host-rules:old:{NAME}": Verdict.FAIL}
    assert wrong(asking(public_names=(NAME,)), one) == expected


def test_a_name_that_no_rule_takes_is_well_where_the_default_action_reaches_the_targets() -> None:
    one = with_rules(host_rule("www.example.com"))
    one = changed_listener(
        one, 80, described={**one.listeners[0].described, "DefaultActions": [forward("blue")]}
    )
    assert wrong(asking(public_names=(NAME,)), one) == {}
    assert wrong(asking(), one) == {}


def test_a_side_that_hears_its_own_name_must_have_a_rule_for_that() -> None:
    own = declared("blue").host
    spec = asking(public_names=(NAME,), host="own")
    assert wrong(spec, with_rules(host_rule(NAME))) == {
        f"configuration:host-rules:old:{own}": Verdict.FAIL
    }
    assert wrong(spec, with_rules(host_rule("*.elb.amazonaws.com"))) == {}


def test_rules_for_host_names_cannot_be_judged_while_no_name_is_declared() -> None:
    assert wrong(asking(), with_rules(host_rule(NAME))) == {
        "configuration:host-rules:old": Verdict.INCONCLUSIVE
    }


def test_rules_by_a_regular_expression_are_left_to_the_answers_themselves() -> None:
    one = with_rules(host_rule("other.example.com"), host_rule("^x$", config="RegexValues"))
    assert wrong(asking(public_names=(NAME,)), one) == {}


def with_certificates(**names: list[str]) -> DescribedSide:
    """Return a side whose first certificate is its default."""
    one = changed_listener(
        seen("blue"),
        443,
        certificates=tuple(
            {"CertificateArn": arn, "IsDefault": number == 0} for number, arn in enumerate(names)
        ),
    )
    return replace(
        one, certificates={arn: {"SubjectAlternativeNames": of} for arn, of in names.items()}
    )


@pytest.mark.parametrize(
    ("names", "public_names", "fits"),
    [
        ({"a": ["blue.origin.example.com"]}, (NAME,), True),
        ({"a": ["*.origin.example.com"]}, (), True),
        ({"a": ["shop.example.org"], "b": ["*.example.com"]}, (NAME,), True),
        # By the public name the load balancer finds none of these, and sends its default one.
        ({"a": ["shop.example.org"], "b": ["blue.origin.example.com"]}, (NAME,), False),
        ({"a": ["shop.example.org"], "b": ["blue.origin.example.com"]}, (), False),
        ({"a": ["shop.example.org"], "b": [NAME]}, (NAME, "www.example.com"), False),
    ],
)
def test_a_certificate_must_cover_the_public_name_or_the_default_one_the_sides(
    names: dict[str, list[str]], public_names: tuple[str, ...], *, fits: bool
) -> None:
    expected = {} if fits else {"configuration:certificate-names:old": Verdict.FAIL}
    assert wrong(asking(public_names=public_names), with_certificates(**names), SECURE) == expected


def test_certificates_that_cannot_be_read_are_not_judged() -> None:
    one = with_certificates(a=["shop.example.org"])
    one = replace(one, unread={"listener:443:certificates": "not allowed"})
    assert wrong(asking(public_names=(NAME,)), one, SECURE) == {}
