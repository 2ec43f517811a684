"""One side of the cutover, as it is declared: `old` and `new`."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from cutover.declaration.host_names import DOMAIN_NAME
from cutover.declaration.load_balancer_zones import APPLICATION_LOAD_BALANCER_ZONES, known_region
from cutover.declaration.model import Model

_LOAD_BALANCER_DNS_NAME = re.compile(
    r"(?=.{1,253}\Z)(?P<internal>internal-)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-[0-9]+\.(?P<region>[a-z0-9-]+)"
    r"\.elb\.amazonaws\.com"
)


Which = Literal["old", "new"]
"""Which of the two sides."""


class Side(Model):
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
    region: str | None = Field(
        default=None,
        description="region of this load balancer, like eu-central-1; left out: the service's",
        json_schema_extra={"enum": list(APPLICATION_LOAD_BALANCER_ZONES)},
    )
    hosted_zone_id: str | None = Field(
        default=None,
        pattern=r"^Z[A-Z0-9]{1,31}$",
        description="hosted zone of the load balancer, like Z3AADJGX6KTTL2; "
        "left out: the one that AWS documents for the region",
    )
    scheme: Literal["http", "https"] = Field(
        default="http", description="how requests reach the load balancer: http or https"
    )
    host_name: str | None = Field(
        default=None,
        description="https only, and required there: a name that leads to this side's load balancer "
        "and no other, and that its certificate covers, like new.origin.example.com",
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

    @field_validator("region")
    @classmethod
    def _is_a_known_region(cls, region: str | None) -> str | None:
        return region if region is None else known_region(region)

    @field_validator("host_name")
    @classmethod
    def _is_a_host_name(cls, name: str | None) -> str | None:
        if name is not None and DOMAIN_NAME.fullmatch(name) is None:
            raise ValueError("is not a host name in lower case")
        return name

    @model_validator(mode="after")
    def _a_certificate_has_a_name(self) -> Self:
        if self.scheme == "https" and self.host_name is None:
            raise ValueError(
                "has scheme https but no host_name: no certificate covers "
                f"{self.load_balancer_dns_name}, so give a name that one does cover"
            )
        if self.scheme == "http" and self.host_name is not None:
            raise ValueError("has a host_name, which goes with scheme https only")
        return self

    @property
    def reached_at(self) -> str:
        """The name by which the load balancer is reached."""
        return self.host_name or self.load_balancer_dns_name

    @property
    def stands_in(self) -> str:
        """The region that the DNS name itself states; a service whose sides say another is refused."""
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
        return self.hosted_zone_id or APPLICATION_LOAD_BALANCER_ZONES[self.stands_in]
