"""What a synthesis can say of quotas without an account."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.quotas import LARGEST_TEMPLATE, MOST_RESOURCES, QUOTAS, of_template, of_templates


def template(count: int, kind: str = "AWS::SNS::Topic", **more: Any) -> dict[str, Any]:
    return {"Resources": {f"R{number}": {"Type": kind, **more} for number in range(count)}}


@pytest.mark.parametrize(
    ("count", "beyond"), [(399, []), (400, [False]), (500, [False]), (501, [True])]
)
def test_a_template_of_many_resources_is_told_before_it_is_too_much(
    count: int, beyond: list[bool]
) -> None:
    said = list(of_template("shop-safety", template(count)))
    assert [one.beyond for one in said] == beyond
    assert all("shop-safety" in one.text and f"{count} resources" in one.text for one in said)
    assert MOST_RESOURCES == 500


def test_a_template_is_measured_in_bytes_as_cloudformation_reads_it() -> None:
    fits = template(1, Body="ä" * 350_000)
    large = template(1, Body="ä" * (LARGEST_TEMPLATE // 2))
    assert list(of_template("a", fits)) == []
    (said,) = of_template("a", large)
    assert said.beyond
    assert "CloudFormation takes 1,000,000 at most" in said.text


def test_services_side_by_side_are_counted_together_against_what_a_new_account_has() -> None:
    one = template(1, "AWS::CloudFront::CachePolicy")
    templates = {f"s{number}-traffic": ("us-east-1", one) for number in range(16)}
    (said,) = of_templates(templates)
    assert (said.beyond, said.text) == (
        False,
        "this app has 16 CloudFront cache policies, and an account has 20 unless AWS raised that: cutover "
        "quotas asks yours",
    )
    templates.pop("s0-traffic")
    assert of_templates(templates) == []


def test_a_quota_of_each_region_is_counted_by_region() -> None:
    rules = template(240, "AWS::Events::Rule")
    assert (
        of_templates(
            {"a": ("us-east-1", template(130, "AWS::Events::Rule"))}
            | {"b": ("us-east-2", template(130, "AWS::Events::Rule"))}
        )
        == []
    )
    (said,) = of_templates({"a": ("us-east-2", rules)})
    assert "240 EventBridge rules on the default bus in us-east-2" in said.text


def test_each_quota_has_a_type_of_its_own_and_a_source() -> None:
    assert len({quota.type for quota in QUOTAS}) == len(QUOTAS)
    assert all(quota.source and quota.default > 0 for quota in QUOTAS)
    assert all(bool(quota.code) == bool(quota.service) for quota in QUOTAS)
