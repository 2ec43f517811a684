"""Those who still ask old by its own name, and where they are sent: `last_users`."""

from __future__ import annotations

import re
from typing import Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from cutover.declaration.host_names import DOMAIN_NAME
from cutover.declaration.model import Model
from cutover.declaration.shown import shown

LISTENER: Final = re.compile(
    r"(?P<prefix>arn:aws:elasticloadbalancing:(?P<region>[a-z0-9-]+):[0-9]{12}):listener/"
    r"(?P<load_balancer>app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16})/(?P<id>[0-9a-f]{16})"
)

_PATH: Final = re.compile(r"""/[A-Za-z0-9_.$/~"'@:+&*?-]{0,127}""")
"""Elastic Load Balancing User Guide for Application Load Balancers, rule-condition-types, path conditions."""

_WILDCARDS_A_RULE: Final = 5
_LONGEST_HOST: Final = 128
"""The same page: host conditions, condition basics."""

_LOGS: Final = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9_.=/-]{1,400}?))?/?"
)

PRIORITIES: Final = 50
"""So many priorities from `priority` on are kept for the rules of one listener."""


class LastUsers(Model):
    """What becomes of those who ask old's load balancer by its own name."""

    redirect: Literal["temporary", "permanent"] | None = Field(
        default=None,
        description="GET and HEAD are sent to the front door: temporary (302), or permanent (301), which "
        "browsers never forget and which needs new_weight 100; other methods are served as before. Left out: "
        "nobody is sent anywhere",
    )
    listeners: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=2,
        description="only with redirect, and required there: ARNs of the listeners of old that get the "
        "rules, 1 or 2. The default action of each must forward to old.target_group",
    )
    to: str | None = Field(
        default=None,
        description="name of the front door to send them to; left out: the first of edge.domain_names, or "
        "else dns.record_name",
    )
    hosts: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=4,
        description="more names that lead to old and to no door, at most 4; its load balancer's own name, "
        "with and without dualstack, is among them anyway",
    )
    paths: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=5,
        description="path patterns to redirect first, like /docs/*, at most 5: capitals count, * is any "
        "number of characters, ? exactly one; left out: every path",
    )
    priority: int = Field(
        default=49_000,
        ge=1,
        le=50_000 - PRIORITIES + 1,
        description=f"first of the {PRIORITIES} priorities that the rules may take, 1 to "
        f"{50_000 - PRIORITIES + 1}. The rules of old that stand before it go first",
    )
    access_logs: str | None = Field(
        default=None,
        description="where old's load balancer puts its access log, like s3://bucket/prefix: `cutover "
        "last-users` reads it, and two Athena queries over it are deployed; left out: no queries, and the "
        "command asks the load balancer where its log is",
    )

    @field_validator("listeners")
    @classmethod
    def _are_listeners(cls, arns: tuple[str, ...]) -> tuple[str, ...]:
        for arn in arns:
            if LISTENER.fullmatch(arn) is None:
                raise ValueError(
                    f"names {shown(arn)}, which is not the ARN of an Application Load Balancer's listener, "
                    "like arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/name/"
                    "50dc6c495c0c9188/f2f7dc8efc522ab2"
                )
        if len(set(arns)) != len(arns):
            raise ValueError("names a listener twice")
        return arns

    @field_validator("to")
    @classmethod
    def _is_a_host_name(cls, name: str | None) -> str | None:
        if name is not None and (DOMAIN_NAME.fullmatch(name) is None or len(name) > _LONGEST_HOST):
            raise ValueError(
                f"is not a host name in lower case of at most {_LONGEST_HOST} characters"
            )
        return name

    @field_validator("hosts")
    @classmethod
    def _are_host_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if DOMAIN_NAME.fullmatch(name) is None or len(name) > _LONGEST_HOST:
                raise ValueError(
                    f"names {shown(name)}, which is not a host name in lower case of at most "
                    f"{_LONGEST_HOST} characters"
                )
        if len(set(names)) != len(names):
            raise ValueError("names a host twice")
        return names

    @field_validator("paths")
    @classmethod
    def _are_path_patterns(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            if _PATH.fullmatch(path) is None:
                raise ValueError(
                    f"names {shown(path)}: a listener rule takes at most 128 of letters, digits and "
                    "_-.$/~\"'@:+&*?, beginning with /"
                )
            if path.count("*") + path.count("?") > _WILDCARDS_A_RULE:
                raise ValueError(
                    f"names {path}, which has more than {_WILDCARDS_A_RULE} wildcards: that is what a "
                    "listener rule takes"
                )
        if len(set(paths)) != len(paths):
            raise ValueError("names a path twice")
        return paths

    @field_validator("access_logs")
    @classmethod
    def _is_a_bucket(cls, logs: str | None) -> str | None:
        if logs is not None and _LOGS.fullmatch(logs) is None:
            raise ValueError(
                "is not a bucket and the prefix that the load balancer was given, like "
                "s3://my-logs/old"
            )
        if logs is not None and "AWSLogs" in logs:
            raise ValueError(
                "goes too far: end before AWSLogs, which the load balancer puts in by itself"
            )
        return None if logs is None else logs.rstrip("/")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.redirect is None and self.access_logs is None:
            raise ValueError(
                "has neither redirect nor access_logs, so nothing would come of it: give one, or leave "
                "last_users out"
            )
        if self.redirect is not None and not self.listeners:
            raise ValueError(
                "has redirect but no listeners: give the ARN of the listener of old's load balancer that "
                "people reach"
            )
        unused = [
            key for key in ("listeners", "to", "paths", "priority") if key in self.model_fields_set
        ]
        if self.redirect is None and unused:
            raise ValueError(
                f"has {unused[0]} but no redirect, so there is no rule for it: add redirect, or leave "
                f"{unused[0]} out"
            )
        return self
