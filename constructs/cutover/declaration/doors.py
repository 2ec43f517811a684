"""The front doors, as they are declared: `edge` and `dns`."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Final, Literal, Self
from urllib.parse import unquote

from pydantic import Field, field_validator, model_validator

from cutover.declaration.host_names import DOMAIN_NAME, WILDCARD_DOMAIN_NAME
from cutover.declaration.model import Model
from cutover.declaration.shown import shown
from cutover.regions import EDGE_REGION

_CERTIFICATE = re.compile(r"arn:aws:acm:(?P<region>[a-z0-9-]+):[0-9]{12}:certificate/[!-~]+")

_PATH_PATTERN = re.compile(r"""/[A-Za-z0-9_.*$/~"'@:+&?-]{0,254}""")
"""CloudFront API reference, CacheBehavior PathPattern; CloudFront Developer Guide,
DownloadDistValuesCacheBehavior."""

_EVERY_PATH = re.compile(r"/[?*]*\*[?*]*")

_IN_EXPRESSION: Final = {"*": ".*", "?": ".", ".": "\\.", "$": "\\$", "+": "\\+", "/": "\\/"}
MOST_OF_STATIC_EXPRESSION: Final = 3_000
"""Characters. The code of a CloudFront function is at most 10 KB (CloudFront Developer Guide,
cloudfront-limits)."""


class Edge(Model):
    """The edge door: one CloudFront distribution before both load balancers."""

    domain_names: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=100,
        description="your own host names for the distribution, at most 100; left out: only its "
        "*.cloudfront.net name",
    )
    certificate_arn: str | None = Field(
        default=None,
        description="ARN of the certificate for domain_names, in us-east-1, "
        "like arn:aws:acm:us-east-1:123456789012:certificate/…",
    )
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = Field(
        default="PriceClass_100",
        description="edge locations that you pay for: PriceClass_100, PriceClass_200 or PriceClass_All",
    )
    web_acl_arn: str | None = Field(
        default=None,
        pattern=r"^arn:aws:wafv2:us-east-1:[0-9]{12}:global/webacl/[!-~]+$",
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
        description="path patterns of files that are the same for every viewer, like /static/*: they are "
        "cached, separately for each side, and asked for without cookies; no endpoint among them; at most "
        "20; nothing else is cached",
    )

    forward_host: bool = Field(
        default=True,
        description="what both sides hear as Host. true: the name that the viewer asked for, and the "
        "scheme as CloudFront-Forwarded-Proto; false: each its own load balancer's name. X-Forwarded-Host is "
        "the viewer's either way",
    )
    response_timeout_seconds: int = Field(
        default=60,
        ge=1,
        le=180,
        description="how long the edge waits for a side's answer, and for each next part of it, 1 to 180 s; "
        "above 120 only after AWS has raised your quota",
    )
    security_headers: bool = Field(
        default=False,
        description="add CloudFront's managed security headers to answers that lack them: true or false. "
        "They bind every browser to https for a year, and nothing takes that back",
    )

    fast_log: bool = Field(
        default=False,
        description="count every viewer's request by side within seconds, by CloudFront's real-time log, and "
        "roll back by it: true or false. From 36 USD a month (docs/fast-log.md)",
    )
    fast_log_shards: int = Field(
        default=1,
        ge=1,
        le=50,
        description="only with fast_log: shards of its stream, 1 to 50; each takes 1000 requests a second: "
        "count the busiest second",
    )

    @field_validator("domain_names")
    @classmethod
    def _are_domain_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if WILDCARD_DOMAIN_NAME.fullmatch(name) is None:
                raise ValueError(f"names {shown(name)}, which is not a host name in lower case")
            if name.endswith(".cloudfront.net"):
                raise ValueError(f"names {name}, which is CloudFront's own: give your own names")
        if len(set(names)) != len(names):
            raise ValueError("names a host twice")
        return names

    @field_validator("static_paths")
    @classmethod
    def _are_path_patterns(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            if not path.startswith("/"):
                raise ValueError(f"names {shown(path)}, which does not start with /")
            if _PATH_PATTERN.fullmatch(path) is None:
                raise ValueError(
                    f"names {shown(path)}: CloudFront takes at most 255 of letters, digits and "
                    "_-.*$/~\"'@:+&?"
                )
            if _EVERY_PATH.fullmatch(path) is not None:
                raise ValueError(
                    f"names {path}, which is every path: what is cached is one answer for everybody, and is "
                    "asked for without cookies, so nobody could log in. Name the folders of your files"
                )
        if len(set(paths)) != len(paths):
            raise ValueError("names a path twice")
        length = len(_expression(paths))
        if length > MOST_OF_STATIC_EXPRESSION:
            raise ValueError(
                f"is {length} characters as the edge function holds it, which has room for "
                f"{MOST_OF_STATIC_EXPRESSION}: name fewer paths, or shorter ones"
            )
        return paths

    @property
    def static_expression(self) -> str:
        """The regular expression that the path of a static file matches from end to end, as it stands in a
        JavaScript literal."""
        return _expression(self.static_paths)

    def static_path_of(self, path: str) -> str | None:
        """Return the static path that covers `path`, a URL's path and query, or None.

        `*` is any number of characters, `?` exactly one, and capitals count; the query does not
        (CloudFront Developer Guide, DownloadDistValuesCacheBehavior).
        """
        asked = path.partition("?")[0]
        # CloudFront normalises a path before it compares (RFC 3986).
        spelt = (asked, unquote(asked))
        return next(
            (one for one in self.static_paths if any(fnmatchcase(way, one) for way in spelt)), None
        )

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
    def _shards_belong_to_the_fast_log(self) -> Self:
        if "fast_log_shards" in self.model_fields_set and not self.fast_log:
            raise ValueError(
                "has fast_log_shards, but fast_log is false, so there is no stream: set fast_log to true, or "
                "leave fast_log_shards out"
            )
        return self

    @model_validator(mode="after")
    def _names_and_certificate_go_together(self) -> Self:
        if self.domain_names and self.certificate_arn is None:
            raise ValueError(
                "has domain_names but no certificate_arn: CloudFront needs a certificate "
                "that covers them"
            )
        if self.certificate_arn is not None and not self.domain_names:
            raise ValueError(
                "has a certificate_arn but no domain_names: name the hosts that it is for, "
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
    adopt: bool = Field(
        default=False,
        description="true while the name still has a simple record: everything but the weighted records is "
        "deployed, `cutover adopt` makes them of the simple one, and `cdk import` takes them over once this "
        "is left out again; new_weight must be 0",
    )

    @field_validator("zone_name", "record_name")
    @classmethod
    def _is_a_domain_name(cls, name: str) -> str:
        if DOMAIN_NAME.fullmatch(name) is None:
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
                "has ipv6 with a cname, which carries IPv6 anyway: leave ipv6 out or use alias"
            )
        return self


def _expression(paths: tuple[str, ...]) -> str:
    """Return path patterns as one regular expression; without any, one that nothing matches."""
    each = ("".join(_IN_EXPRESSION.get(sign, sign) for sign in path) for path in paths)
    return "|".join(each) or "[^\\s\\S]"
