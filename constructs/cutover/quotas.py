"""The quotas that many services meet, of one template and of one account; each value has its source.

CloudWatch limits neither the number of alarms nor of dashboards (CloudWatch User Guide, cloudwatch_limits).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Template = Mapping[str, Any]

CLOSE: Final = 0.8
"""From this share of a quota on somebody is told."""

MOST_RESOURCES: Final = 500
"""In one template; it cannot be raised (CloudFormation User Guide, cloudformation-limits)."""

LARGEST_TEMPLATE: Final = 1_000_000
"""Bytes of a template in S3, from where CDK deploys it: the guide says 1 MB (CloudFormation User Guide,
cloudformation-limits)."""


@dataclass(frozen=True)
class Quota:
    """How many of something an account may have.

    Attributes
    ----------
    what : str
        In words, like `Route 53 health checks`.
    type : str
        The resource type in a template, each of which counts as one.
    default : int
        What an account has unless AWS raised it.
    source : str
        The page that says so.
    everywhere : bool
        Whether it is one for all regions, and not one for each.
    service, code : str
        By which Service Quotas knows it; empty where no document gives a code, and where the service itself
        tells limit and use.
    """

    what: str
    type: str
    default: int
    source: str
    everywhere: bool = True
    service: str = ""
    code: str = ""


QUOTAS: Final = (
    Quota(
        "CloudFront cache policies",
        "AWS::CloudFront::CachePolicy",
        20,
        "CloudFront Developer Guide, cloudfront-limits",
        service="cloudfront",
        code="L-7D134442",
    ),
    Quota(
        "CloudFront functions",
        "AWS::CloudFront::Function",
        100,
        "CloudFront Developer Guide, cloudfront-limits",
    ),
    Quota(
        "CloudFront KeyValueStores",
        "AWS::CloudFront::KeyValueStore",
        50,
        "CloudFront Developer Guide, cloudfront-limits, in spring 2026; in autumn it says 200",
    ),
    Quota(
        "CloudFront distributions",
        "AWS::CloudFront::Distribution",
        500,
        "CloudFront Developer Guide, cloudfront-limits",
    ),
    Quota(
        "Route 53 health checks",
        "AWS::Route53::HealthCheck",
        200,
        "Route 53 Developer Guide, DNSLimitations",
    ),
    Quota(
        "IAM roles",
        "AWS::IAM::Role",
        1000,
        "IAM User Guide, reference_iam-quotas",
    ),
    Quota(
        "EventBridge rules on the default bus",
        "AWS::Events::Rule",
        300,
        "EventBridge User Guide, eb-quota",
        everywhere=False,
        service="events",
        code="L-244521F2",
    ),
    Quota(
        "Lambda executions at once, one for each function",
        "AWS::Lambda::Function",
        1000,
        "Lambda Developer Guide, gettingstarted-limits",
        everywhere=False,
    ),
)


@dataclass(frozen=True)
class Said:
    """A sentence about a quota; `beyond` where CloudFormation would refuse the deploy."""

    text: str
    beyond: bool


def counts(template: Template) -> Counter[str]:
    """Return how many resources of each type a template has."""
    return Counter(resource["Type"] for resource in template.get("Resources", {}).values())


def of_templates(templates: Mapping[str, tuple[str, Template]]) -> list[Said]:
    """Return what there is to say without an account, by name of the stack its region and template.

    What no account can have is an error. What a new account has not is a warning: it may have been raised.
    """
    said = [one for name, (_, template) in templates.items() for one in of_template(name, template)]
    for quota in QUOTAS:
        for region, count in added(quota, templates.values()).items():
            if count >= CLOSE * quota.default:
                where = "" if quota.everywhere else f" in {region}"
                said.append(
                    Said(
                        f"this app has {count} {quota.what}{where}, and an account has {quota.default} "
                        "unless AWS raised that: cutover quotas asks yours",
                        beyond=False,
                    )
                )
    return said


def added(quota: Quota, templates: Iterable[tuple[str, Template]]) -> Counter[str]:
    """Return how many of it the templates have, by region; all in one where there is one quota for all."""
    found: Counter[str] = Counter()
    for region, template in templates:
        found["" if quota.everywhere else region] += counts(template)[quota.type]
    return found


def of_template(stack: str, template: Template) -> Iterator[Said]:
    """Yield what there is to say of one template, which no account can change."""
    resources = len(template.get("Resources", {}))
    size = len(json.dumps(template, ensure_ascii=False).encode())
    for number, most, what in (
        (resources, MOST_RESOURCES, "resources"),
        (size, LARGEST_TEMPLATE, "bytes"),
    ):
        if number > most:
            yield Said(
                f"the stack {stack} has {number:,} {what}, and CloudFormation takes {most:,} at most: "
                "declare fewer endpoints",
                beyond=True,
            )
        elif number >= CLOSE * most:
            yield Said(
                f"the stack {stack} has {number:,} {what} of the {most:,} that CloudFormation takes",
                beyond=False,
            )
