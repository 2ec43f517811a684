"""The declaration of one service: everything that its cutover needs to know, and nothing by default
that moves traffic.

Each field's description says what is right there. The same words are in the table of docs/declaration.md
and in every complaint about a wrong value.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from cutover.declaration.decommission import Decommission
from cutover.declaration.doors import Dns, Edge
from cutover.declaration.endpoints import Endpoint, HealthChecks
from cutover.declaration.groups import MOST_OF_GROUPS_AND_PATHS, as_code
from cutover.declaration.judge import Judge
from cutover.declaration.last_users import LISTENER, LastUsers
from cutover.declaration.load_balancer_zones import APPLICATION_LOAD_BALANCER_ZONES, known_region
from cutover.declaration.model import Model
from cutover.declaration.notify import Slack, Teams, chat_of, check
from cutover.declaration.promotion import Promotion
from cutover.declaration.readiness import Readiness
from cutover.declaration.rollback import Rollback
from cutover.declaration.side import Side, Which
from cutover.declaration.thresholds import Thresholds

Phase = Literal["cutover", "decommission"]
"""How far a cutover is: with decommission old leaves the doors."""

PHASES: Final[tuple[Phase, ...]] = ("cutover", "decommission")

Weight = Annotated[int, Field(ge=0, le=100)]

HIGHEST_WEIGHT: Final = 100

READINESS_SECONDS: Final = 850
"""A function runs for 900 s at most (Lambda Developer Guide, gettingstarted-limits); the gate keeps some of
them to answer, and needs some to look at alarms and load balancers."""

_FIRST_FREE_PORT: Final = 1024
_QUICKEST_ANSWER_SECONDS: Final = 0.01
"""Hardly any side answers faster over the internet."""


class Service(Model):
    """One service and its cutover."""

    region: str = Field(
        description="region of the load balancers, like us-east-2; a side elsewhere says so (old.region, "
        "new.region)",
        json_schema_extra={"enum": list(APPLICATION_LOAD_BALANCER_ZONES)},
    )
    new_weight: Weight = Field(
        description="share of traffic for new in percent, a whole number from 0 to 100"
    )
    phase: Phase = Field(
        default="cutover",
        description="cutover; or decommission, which takes old out of every door once the evidence says so. "
        "It needs new_weight 100 and rollback.point_of_no_return",
    )
    old: Side = Field(description="the side that serves today")
    new: Side = Field(description="the side to move to")
    endpoints: tuple[Endpoint, ...] = Field(
        strict=False,
        min_length=1,
        max_length=20,
        description="paths that must answer on both sides, 1 to 20; the first one is the health path",
    )
    edge: Edge | Literal[False] = Field(
        default=Edge(), description="the edge door; false: no edge door, and dns must be given"
    )
    dns: Dns | None = Field(default=None, description="the dns door; left out: no dns door")
    thresholds: Thresholds = Field(
        default=Thresholds(), description="limits that a side must keep; each becomes an alarm"
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
    decommission: Decommission = Field(
        default=Decommission(), description="what must be shown before old leaves the doors"
    )
    last_users: LastUsers | None = Field(
        default=None,
        description="those who ask old by its own name: where they are sent, and where they can be seen; "
        "left out: neither",
    )
    notify: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="who is told of alarms and rollbacks: e-mail addresses, https:// URLs, "
        "+15551234567 numbers, ARNs of SQS queues and Lambda functions, or chats: slack:WORKSPACE/CHANNEL, "
        "teams:TENANT/TEAM/CHANNEL",
    )

    @property
    def sides(self) -> dict[Which, Side]:
        """Both sides, old first."""
        return {"old": self.old, "new": self.new}

    @property
    def doors(self) -> tuple[str, ...]:
        """The declared doors: edge, dns or both."""
        return (
            *(() if self.edge is False else ("edge",)),
            *(() if self.dns is None else ("dns",)),
        )

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of the load balancers: the service's own first, and another where a side is there."""
        return tuple(dict.fromkeys([self.region, self.old.stands_in, self.new.stands_in]))

    @property
    def subscribers(self) -> tuple[str, ...]:
        """Whom SNS itself reaches: all who are told but the chats."""
        return tuple(one for one in self.notify if chat_of(one) is None)

    @property
    def chats(self) -> tuple[Slack | Teams, ...]:
        """The channels among those who are told."""
        found = (chat_of(one) for one in self.notify)
        return tuple(one for one in found if one is not None)

    @property
    def front_door(self) -> str | None:
        """The name to which people are sent who ask old by its own: `last_users.to`, or a door's; None: no
        door has a name that is known before it is deployed."""
        if self.last_users is not None and self.last_users.to is not None:
            return self.last_users.to
        names = () if self.edge is False else self.edge.domain_names
        plain = (name for name in names if not name.startswith("*"))
        return next(plain, None if self.dns is None else self.dns.record_name)

    @property
    def old_names(self) -> tuple[str, ...]:
        """The names that lead to old and to no door: its load balancer's own, and `last_users.hosts`."""
        own = self.old.load_balancer_dns_name
        more = () if self.last_users is None else self.last_users.hosts
        return (own, f"dualstack.{own}", *more)

    @field_validator("region")
    @classmethod
    def _is_a_known_region(cls, region: str) -> str:
        return known_region(region)

    @field_validator("edge", mode="before")
    @classmethod
    def _zero_is_not_false(cls, edge: object) -> object:
        # pydantic takes 0 for Literal[False], because they are equal in Python.
        if isinstance(edge, int | float) and not isinstance(edge, bool):
            raise ValueError("is a number")
        return edge

    @field_validator("notify")
    @classmethod
    def _can_be_told(cls, subscribers: tuple[str, ...]) -> tuple[str, ...]:
        for subscriber in subscribers:
            check(subscriber)
        if len(set(subscribers)) != len(subscribers):
            raise ValueError("names a subscriber twice")
        return subscribers

    @model_validator(mode="after")
    def _sides_and_doors_fit(self) -> Self:
        for which, side in self.sides.items():
            if side.stands_in != (side.region or self.region):
                said = f"{which}.region" if side.region else "region"
                raise ValueError(
                    f"has its {which} load balancer in {side.stands_in}, "
                    f"but {said} is {side.region or self.region}: both must be the same"
                    + ("" if side.region else f". Or declare {which}.region")
                )
        if self.region not in {self.old.stands_in, self.new.stands_in}:
            raise ValueError(
                f"has region {self.region}, and neither load balancer is there: old is in "
                f"{self.old.stands_in}, new in {self.new.stands_in}. Declare one of these"
            )
        for what in ("load_balancer_dns_name", "load_balancer", "target_group"):
            if getattr(self.old, what) == getattr(self.new, what):
                raise ValueError(
                    f"names {getattr(self.old, what)} as {what} of both old and new: "
                    "they must be two different sides"
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

    @model_validator(mode="after")
    def _names_lead_to_the_sides(self) -> Self:
        hosts = [side.host_name for side in self.sides.values() if side.host_name is not None]
        if len(set(hosts)) != len(hosts):
            raise ValueError(
                f"has host_name {hosts[0]} on both sides: readiness would compare a server with itself"
            )
        own = {
            **({} if self.edge is False else dict.fromkeys(self.edge.domain_names, "edge")),
            **({} if self.dns is None else {self.dns.record_name: "dns"}),
        }
        for host in hosts:
            if host in own:
                raise ValueError(
                    f"has host_name {host}, which is the {own[host]} door itself: requests would go in "
                    "circles. Give a name that leads to the load balancer"
                )
        if self.edge is not False and self.dns and self.dns.record_name in self.edge.domain_names:
            raise ValueError(
                f"has {self.dns.record_name} at both doors: a name leads either to the edge "
                "(edge.domain_names) or to the load balancers (dns.record_name)"
            )
        return self

    def _door_of(self, name: str) -> str | None:
        """Return which door `name` leads to, or None."""
        if self.dns is not None and name == self.dns.record_name:
            return "dns"
        if self.edge is not False and (
            name.endswith(".cloudfront.net")
            or {name, f"*.{name.partition('.')[2]}"} & set(self.edge.domain_names)
        ):
            return "edge"
        return None

    @model_validator(mode="after")
    def _last_users_are_sent_to_a_door(self) -> Self:
        """Whoever is sent on must never come back to the rule that sent them."""
        wanted = self.last_users
        if wanted is None:
            return self
        for arn in wanted.listeners:
            found = LISTENER.fullmatch(arn)
            assert found is not None
            if (found["region"], found["load_balancer"]) != (
                self.old.stands_in,
                self.old.load_balancer,
            ):
                raise ValueError(
                    f"has last_users.listeners {arn}, which is no listener of old's load balancer "
                    f"{self.old.load_balancer} in {self.old.stands_in}"
                )
        for host in wanted.hosts:
            door = self._door_of(host)
            if door is not None:
                raise ValueError(
                    f"has last_users.hosts {host}, which is the {door} door itself: whoever comes through it "
                    "would be sent in circles. Name hosts that lead to old alone"
                )
            if host in {self.old.host_name, self.new.host_name, self.new.load_balancer_dns_name}:
                raise ValueError(
                    f"has last_users.hosts {host}, by which the edge and the probes ask a side: they would "
                    "be sent on too"
                )
            if host == self.old.load_balancer_dns_name:
                raise ValueError(
                    f"has last_users.hosts {host}, which is meant anyway: leave it out"
                )
        if wanted.redirect is None:
            return self
        to = self.front_door
        if to is None:
            raise ValueError(
                "has last_users.redirect, and no door has a name of its own to send people to: give "
                "last_users.to, like the output EdgeDomainName of the Traffic stack"
            )
        if self._door_of(to) is None:
            raise ValueError(
                f"has last_users.to {to}, which is no door: give one of edge.domain_names, the "
                "distribution's *.cloudfront.net name, or dns.record_name"
            )
        if self._door_of(to) == "dns" and (self.old.scheme, self.new.scheme) == ("https", "http"):
            raise ValueError(
                f"has last_users.redirect to {to}, where new speaks plain http: a load balancer sends nobody "
                "from https to http"
            )
        return self

    @model_validator(mode="after")
    def _groups_fit_the_edge(self) -> Self:
        groups = self.promotion.groups
        if not groups:
            return self
        if self.edge is False:
            raise ValueError(
                "has promotion.groups and no edge door: DNS cannot tell one viewer from another. Declare "
                "edge, or leave the groups out"
            )
        for group in groups:
            if group.countries is not None and not self.edge.forward_host:
                raise ValueError(
                    f"has the group {group.name} by countries and edge.forward_host false: CloudFront then "
                    "tells nobody the country. Set it to true, or name networks"
                )
        length = len(as_code(groups)) + len(self.edge.static_expression)
        if length > MOST_OF_GROUPS_AND_PATHS:
            raise ValueError(
                f"has promotion.groups and edge.static_paths of {length} characters as the edge function "
                f"holds them, which has room for {MOST_OF_GROUPS_AND_PATHS}: declare fewer groups, values or "
                "paths, or larger networks"
            )
        return self

    @model_validator(mode="after")
    def _weight_and_phase_fit(self) -> Self:
        fault = self.run_fault(self.new_weight, self.phase)
        if fault is not None:
            raise ValueError(fault)
        return self

    def run_fault(self, new_weight: int, phase: Phase) -> str | None:
        """Return why a run with `new_weight` and `phase` does not fit the rest of the declaration, or
        None."""
        if self.dns is not None and self.dns.adopt and new_weight:
            return (
                f"has dns.adopt and new_weight {new_weight}: the name {self.dns.record_name} still leads "
                "to old alone. Adopt it at 0 (cutover adopt, cdk import), then raise the weight"
            )
        if (
            self.last_users is not None
            and self.last_users.redirect == "permanent"
            and new_weight < HIGHEST_WEIGHT
        ):
            return (
                f"has last_users.redirect permanent and new_weight {new_weight}: browsers never forget a "
                "301, and before 100 old's own name is what is left if the front door must be given up. "
                "Declare temporary"
            )
        if phase == "decommission" and new_weight < HIGHEST_WEIGHT:
            return (
                f"has phase decommission and new_weight {new_weight}: old may leave the doors only when "
                "everybody is on new. Raise new_weight to 100 first"
            )
        if phase == "decommission" and self.rollback.point_of_no_return is None:
            return (
                "has phase decommission and no rollback.point_of_no_return: an alarm would still take "
                "everybody "
                "back to old, which is no longer at the doors. Declare it, with who says so and from "
                "which day"
            )
        return None

    @model_validator(mode="after")
    def _cloudfront_takes_the_ports(self) -> Self:
        """CloudFront API reference, CustomOriginConfig: 80, 443, or 1024 to 65535."""
        if self.edge is not False:
            for which, side in self.sides.items():
                if side.listener_port not in {80, 443} and side.listener_port < _FIRST_FREE_PORT:
                    raise ValueError(
                        f"has port {side.listener_port} on {which}, and CloudFront reaches an origin at "
                        "80, 443, or 1024 to 65535 only"
                    )
        return self

    @model_validator(mode="after")
    def _no_endpoint_is_cached(self) -> Self:
        if self.edge is not False:
            for endpoint in self.endpoints:
                covering = self.edge.static_path_of(endpoint.path)
                if covering is not None:
                    raise ValueError(
                        f"has {covering} in edge.static_paths, which covers the endpoint {endpoint.path}: "
                        "one viewer's answer would be given to everybody. Name folders that hold files "
                        "only, or take the endpoint out"
                    )
        return self

    @model_validator(mode="after")
    def _readiness_ends_in_time(self) -> Self:
        """A gate that has to stop early could never say ready."""
        plan, hook = self.readiness, self.promotion.hooks.before
        capacity = self.promotion.capacity
        waits: dict[str, tuple[str, int]] = {}
        if hook is not None:
            waits["hooks.before.timeout_seconds"] = ("its before hook", hook.timeout_seconds)
        if capacity is not None:
            waits["capacity.wait_seconds"] = ("its wait for capacity", capacity.wait_seconds)
        may_take = READINESS_SECONDS - sum(seconds for _, seconds in waits.values())
        requests = plan.samples * len(self.endpoints) * len(self.sides)
        seconds = plan.loop_seconds + plan.ramp_seconds + plan.hold_seconds
        seconds += requests * _QUICKEST_ANSWER_SECONDS
        if seconds > may_take:
            taking = " and ".join(what for what, _ in waits.values())
            beside = f", and {taking} take{'s' * (len(waits) == 1)} some of them" if waits else ""
            lower = "".join(f", or promotion.{key}" for key in waits)
            raise ValueError(
                f"declares a readiness that takes {seconds:.0f} s however fast both sides are, and the gate "
                f"has {may_take} s{beside}: lower readiness.samples, or the seconds of its load{lower}"
            )
        return self
