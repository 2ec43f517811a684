"""The declaration: everything a cutover needs to know, typed, with bounds, and nothing by default
that moves traffic.

Each field's description says what is right there; the same words stand in the README's table and
behind every complaint about a wrong value.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from cutover.declaration.load_balancer_zones import APPLICATION_LOAD_BALANCER_ZONES
from cutover.declaration.model import Model
from cutover.declaration.promotion import Judge, Promotion, Rollback
from cutover.declaration.readiness import Body, Readiness

_LOAD_BALANCER_DNS_NAME = re.compile(
    r"(?P<internal>internal-)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-\d+\.(?P<region>[a-z0-9-]+)"
    r"\.elb\.amazonaws\.com"
)
_DOMAIN_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_WILDCARD_DOMAIN_NAME = re.compile(rf"(?:\*\.)?{_DOMAIN_NAME.pattern}")
_CERTIFICATE = re.compile(r"arn:aws:acm:(?P<region>[a-z0-9-]+):\d{12}:certificate/\S+")
_SUBSCRIBERS: dict[str, re.Pattern[str]] = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "https": re.compile(r"https://\S+"),
    "sms": re.compile(r"\+[1-9]\d{6,14}"),
    "sqs": re.compile(r"arn:aws:sqs:[a-z0-9-]+:\d{12}:\S+"),
    "lambda": re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:\S+"),
}

EDGE_REGION = "us-east-1"
"""Route 53 and CloudFront publish their metrics only here, and CloudFront takes certificates only
from here (CloudFront Developer Guide, cnames-and-https-requirements)."""


Weight = Annotated[int, Field(ge=0, le=100)]


class Environment(Model):
    """One side: an Application Load Balancer and the target group behind it."""

    load_balancer_dns_name: str = Field(
        description="DNS name of an internet-facing Application Load Balancer, "
        "like name-1234567890.us-east-2.elb.amazonaws.com"
    )
    load_balancer: str = Field(
        pattern=r"^app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}$",
        description="ARN suffix of the load balancer (CloudWatch dimension LoadBalancer), "
        "like app/name/50dc6c495c0c9188",
    )
    target_group: str = Field(
        pattern=r"^targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}$",
        description="ARN suffix of the target group (CloudWatch dimension TargetGroup), "
        "like targetgroup/name/73e2d6bc24d8a067",
    )
    hosted_zone_id: str | None = Field(
        default=None,
        pattern=r"^Z[A-Z0-9]{1,31}$",
        description="hosted zone that the load balancer answers from, like Z3AADJGX6KTTL2; "
        "left out: the one AWS documents for the region",
    )
    scheme: Literal["http", "https"] = Field(
        default="http", description="how the load balancer is spoken to: http or https"
    )
    host_name: str | None = Field(
        default=None,
        description="https only, and needed there: name of this side alone that leads to the load "
        "balancer and that its certificate covers, like new.origin.example.com",
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port of the load balancer's listener, 1 to 65535; "
        "left out: 80 for http, 443 for https",
    )

    @field_validator("load_balancer_dns_name")
    @classmethod
    def _is_a_load_balancer(cls, name: str) -> str:
        found = _LOAD_BALANCER_DNS_NAME.fullmatch(name)
        if found is None:
            raise ValueError("is not the DNS name of an Application Load Balancer")
        if found["internal"]:
            raise ValueError(
                "is an internal load balancer, which neither CloudFront nor Route 53's health "
                "checkers can reach"
            )
        return name

    @field_validator("host_name")
    @classmethod
    def _is_a_host_name(cls, name: str | None) -> str | None:
        if name is not None and _DOMAIN_NAME.fullmatch(name) is None:
            raise ValueError("is not a host name in lower case")
        return name

    @model_validator(mode="after")
    def _a_certificate_has_a_name(self) -> Self:
        if self.scheme == "https" and self.host_name is None:
            raise ValueError(
                "has scheme https but no host_name: no certificate covers "
                f"{self.load_balancer_dns_name}, so name one that it does cover"
            )
        if self.scheme == "http" and self.host_name is not None:
            raise ValueError("has a host_name, which goes with scheme https only")
        return self

    @property
    def reached_at(self) -> str:
        """The name under which the load balancer is spoken to."""
        return self.host_name or self.load_balancer_dns_name

    @property
    def region(self) -> str:
        """The region that the DNS name itself states."""
        found = _LOAD_BALANCER_DNS_NAME.fullmatch(self.load_balancer_dns_name)
        assert found is not None
        return found["region"]

    @property
    def listener_port(self) -> int:
        """The declared port, or the scheme's own."""
        return self.port or (443 if self.scheme == "https" else 80)

    @property
    def zone_id(self) -> str:
        """The declared hosted zone id, or the one that AWS documents for the region."""
        return self.hosted_zone_id or APPLICATION_LOAD_BALANCER_ZONES[self.region]


class Endpoint(Model):
    """A path that must answer on both sides."""

    path: str = Field(
        pattern=r"^/[^\s#]{0,254}$",
        description="path and query, starting with /, at most 255 characters, like /ping",
    )
    status: int = Field(
        default=200,
        ge=200,
        le=399,
        description="status it must answer with, 200 to 399 (what Route 53 counts as healthy)",
    )
    contains: str | None = Field(
        default=None,
        min_length=1,
        max_length=255,
        description="text that must stand in the first 5,120 bytes of the body, "
        "1 to 255 characters, case-sensitive; left out: any body will do",
    )
    body: Body = Field(default=Body(), description="how the bodies of both sides are compared")


class Edge(Model):
    """The edge door: one CloudFront distribution before both load balancers."""

    domain_names: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="own host names of the distribution; left out: its *.cloudfront.net name only",
    )
    certificate_arn: str | None = Field(
        default=None,
        description="ARN of the certificate for domain_names, in us-east-1, "
        "like arn:aws:acm:us-east-1:123456789012:certificate/…",
    )
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = Field(
        default="PriceClass_100",
        description="edge locations paid for: PriceClass_100, PriceClass_200 or PriceClass_All",
    )
    web_acl_arn: str | None = Field(
        default=None,
        pattern=r"^arn:aws:wafv2:us-east-1:\d{12}:global/webacl/\S+$",
        description="ARN of a global WAF web ACL, like "
        "arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id; left out: none",
    )
    access_logs: bool = Field(
        default=True, description="keep access logs in a bucket for 90 days: true or false"
    )
    static_paths: tuple[str, ...] = Field(
        default=("/static/*",),
        strict=False,
        max_length=20,
        description="path patterns that may be cached, each side for itself, like /static/*; "
        "at most 20; all else is never cached",
    )

    @field_validator("domain_names")
    @classmethod
    def _are_domain_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if _WILDCARD_DOMAIN_NAME.fullmatch(name) is None:
                raise ValueError(f"{name!r} is not a host name in lower case")
        return names

    @field_validator("static_paths")
    @classmethod
    def _are_path_patterns(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            if not path.startswith("/"):
                raise ValueError(f"{path!r} does not start with /")
        if len(set(paths)) != len(paths):
            raise ValueError("names a path twice")
        return paths

    @field_validator("certificate_arn")
    @classmethod
    def _certificate_is_in_us_east_1(cls, arn: str | None) -> str | None:
        if arn is None:
            return None
        found = _CERTIFICATE.fullmatch(arn)
        if found is None:
            raise ValueError("is not the ARN of an ACM certificate")
        if found["region"] != EDGE_REGION:
            raise ValueError(
                f"is a certificate in {found['region']}, and CloudFront takes certificates only "
                f"from {EDGE_REGION}: request it there"
            )
        return arn

    @model_validator(mode="after")
    def _names_and_certificate_go_together(self) -> Self:
        if self.domain_names and self.certificate_arn is None:
            raise ValueError(
                "has domain_names but no certificate_arn: CloudFront needs a certificate "
                "that covers them"
            )
        if self.certificate_arn is not None and not self.domain_names:
            raise ValueError(
                "has a certificate_arn but no domain_names: name the hosts it is for, "
                "or leave both out"
            )
        return self


class Dns(Model):
    """The dns door: weighted records in a hosted zone."""

    hosted_zone_id: str = Field(
        pattern=r"^Z[A-Z0-9]{1,31}$",
        description="id of the public hosted zone that holds the record, like Z0123456789ABCDEFGHIJ",
    )
    zone_name: str = Field(description="name of that zone, like example.com")
    record_name: str = Field(description="full name of the record, like app.example.com")
    record: Literal["alias", "cname"] = Field(
        description="kind of record: alias (A, free, allowed at the zone's apex) or cname"
    )
    ipv6: bool = Field(
        default=False,
        description="alias only: AAAA records too; both load balancers must be dual-stack",
    )

    @field_validator("zone_name", "record_name")
    @classmethod
    def _is_a_domain_name(cls, name: str) -> str:
        if _DOMAIN_NAME.fullmatch(name) is None:
            raise ValueError("is not a domain name in lower case without a dot at the end")
        return name

    @model_validator(mode="after")
    def _record_fits_the_zone(self) -> Self:
        at_apex = self.record_name == self.zone_name
        if not at_apex and not self.record_name.endswith(f".{self.zone_name}"):
            raise ValueError(f"has record_name {self.record_name}, outside zone {self.zone_name}")
        if self.record == "cname" and at_apex:
            raise ValueError("has a cname at the zone's apex, which DNS forbids: use alias")
        if self.record == "cname" and self.ipv6:
            raise ValueError(
                "has ipv6 with a cname, which carries IPv6 by itself: leave ipv6 out or use alias"
            )
        return self


class Thresholds(Model):
    """What counts as misbehaving; each becomes an alarm."""

    error_rate_percent: float = Field(
        default=1.0,
        gt=0,
        le=100,
        strict=False,
        description="5xx share of a side's requests, in two minutes running, above 0 to 100",
    )
    hard_error_rate_percent: float = Field(
        default=5.0,
        gt=0,
        le=100,
        strict=False,
        description="5xx share of a side's requests in any one minute, above 0 to 100",
    )
    edge_error_rate_percent: float = Field(
        default=5.0,
        gt=0,
        le=100,
        strict=False,
        description="5xx share of what viewers get from the edge in any one minute, above 0 to 100",
    )
    minimum_requests: int = Field(
        default=20,
        ge=1,
        le=100_000,
        description="requests a minute below which an error rate proves nothing, 1 to 100000",
    )
    latency_average_ms: int = Field(
        default=250, ge=1, le=60_000, description="average response time, 1 to 60000 ms"
    )
    latency_p95_ms: int = Field(
        default=250,
        ge=1,
        le=60_000,
        description="95th percentile of the response time, 1 to 60000 ms",
    )
    connection_errors: int = Field(
        default=5,
        ge=1,
        le=100_000,
        description="connections a minute that the load balancer could not make, 1 to 100000",
    )


class HealthChecks(Model):
    """How Route 53 probes each endpoint of each side."""

    interval_seconds: Literal[10, 30] = Field(
        default=10,
        description="seconds between two probes of one checker, 10 or 30; "
        "a change replaces the checks",
    )
    failure_threshold: int = Field(
        default=3, ge=1, le=10, description="probes in a row that turn the check, 1 to 10"
    )


class Service(Model):
    """One service and its cutover."""

    region: str = Field(description="region of both load balancers, like us-east-2")
    new_weight: Weight = Field(
        description="share of traffic for new in percent, a whole number from 0 to 100"
    )
    old: Environment = Field(description="the environment that serves today")
    new: Environment = Field(description="the environment to move to")
    endpoints: tuple[Endpoint, ...] = Field(
        strict=False,
        min_length=1,
        max_length=20,
        description="paths that must answer on both sides, 1 to 20; the first is the health path",
    )
    edge: Edge | Literal[False] = Field(
        default=Edge(), description="the edge door; false: none, and dns must be given"
    )
    dns: Dns | None = Field(default=None, description="the dns door; left out: none")
    thresholds: Thresholds = Field(
        default=Thresholds(), description="what counts as misbehaving; each becomes an alarm"
    )
    health_checks: HealthChecks = Field(
        default=HealthChecks(), description="how Route 53 probes the endpoints"
    )
    readiness: Readiness = Field(
        default=Readiness(), description="how both sides are compared before a weight rises"
    )
    promotion: Promotion = Field(
        default=Promotion(), description="when and how far a weight may rise, and how long it bakes"
    )
    judge: Judge = Field(
        default=Judge(), description="how new is compared with old while both carry traffic"
    )
    rollback: Rollback = Field(default=Rollback(), description="how an alarm takes traffic back")
    notify: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="who is told: e-mail addresses, https:// URLs, +15551234567 numbers, "
        "or ARNs of SQS queues and Lambda functions",
    )

    @field_validator("region")
    @classmethod
    def _is_a_known_region(cls, region: str) -> str:
        if region not in APPLICATION_LOAD_BALANCER_ZONES:
            raise ValueError("is not a region that this project knows")
        return region

    @field_validator("notify")
    @classmethod
    def _can_be_told(cls, subscribers: tuple[str, ...]) -> tuple[str, ...]:
        for subscriber in subscribers:
            protocol_of(subscriber)
        if len(set(subscribers)) != len(subscribers):
            raise ValueError("names a subscriber twice")
        return subscribers

    @model_validator(mode="after")
    def _sides_and_doors_fit(self) -> Self:
        for side, environment in (("old", self.old), ("new", self.new)):
            if environment.region != self.region:
                raise ValueError(
                    f"has its {side} load balancer in {environment.region}, "
                    f"but region is {self.region}: both must be the same"
                )
        for what in ("load_balancer_dns_name", "load_balancer", "target_group"):
            if getattr(self.old, what) == getattr(self.new, what):
                raise ValueError(
                    f"names {getattr(self.old, what)} as {what} of both old and new: "
                    "they must be two environments"
                )
        if self.edge is False and self.dns is None:
            raise ValueError(
                "has no door: edge is false and dns is missing. "
                "Leave edge out to get the edge door, or give dns a hosted zone"
            )
        paths = [endpoint.path for endpoint in self.endpoints]
        if len(set(paths)) != len(paths):
            raise ValueError("names an endpoint's path twice")
        return self


def protocol_of(subscriber: str) -> str:
    """Return the SNS protocol that reaches `subscriber`.

    Raises
    ------
    ValueError
        When it is neither an address, a URL, a number nor an ARN that SNS delivers to.
    """
    for protocol, pattern in _SUBSCRIBERS.items():
        if pattern.fullmatch(subscriber):
            return protocol
    raise ValueError(f"cannot tell how to reach {subscriber!r}")
