"""Reads one side as AWS describes it: its load balancer, target group, listeners, security groups and
certificates. What may not be read is noted, and the rest is read anyway.

IAM, by the Service Authorization Reference: the Describe actions of Elastic Load Balancing V2 and
ec2:DescribeSecurityGroups know no resource (`*`); acm:DescribeCertificate takes a certificate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from shared.aws import Clients
from shared.readiness.spec import Side

WITHIN_SECONDS: Final = 20.0
"""After this no further call is begun."""
_SECURE: Final = frozenset({"HTTPS", "TLS"})

Described = dict[str, Any]
One = TypeVar("One")


class MissingError(Exception):
    """What is declared does not exist; the message says what does."""


class UnreadableError(Exception):
    """AWS refuses to tell whether it exists; the message says why."""


@dataclass(frozen=True)
class Listener:
    """A listener, its rules, its certificates and its attributes, as AWS describes them."""

    described: Described
    rules: tuple[Described, ...] = ()
    certificates: tuple[Described, ...] = ()
    attributes: tuple[Described, ...] = ()


@dataclass(frozen=True)
class DescribedSide:
    """One side as AWS describes it.

    Attributes
    ----------
    load_balancer, target_group : dict
    load_balancer_attributes, target_group_attributes : tuple of dict
        Key and Value each.
    target_groups : tuple of dict
        All that the load balancer uses.
    health : tuple of dict
        Of the declared target group's targets.
    listeners : tuple of Listener
    security_groups : tuple of dict
    certificates : dict of dict
        ACM's description by ARN, where there is one.
    unread : dict of str
        Why something could not be read, by what it is: the beginning of the names of the settings that
        are unknown for it.
    """

    load_balancer: Described
    target_group: Described
    load_balancer_attributes: tuple[Described, ...] = ()
    target_group_attributes: tuple[Described, ...] = ()
    target_groups: tuple[Described, ...] = ()
    health: tuple[Described, ...] = ()
    listeners: tuple[Listener, ...] = ()
    security_groups: tuple[Described, ...] = ()
    certificates: dict[str, Described] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


def look(
    clients: Clients, region: str, side: Side, clock: Callable[[], float] = time.monotonic
) -> DescribedSide:
    """Read the declared side; it blocks for about a second, and begins no call after `WITHIN_SECONDS`.

    Raises
    ------
    MissingError
        When the load balancer or the target group does not exist as declared.
    UnreadableError
        When AWS does not even tell that.
    NoCredentialsError
        When there are no credentials to ask with.
    """
    return _Reader(clients, region, clock).look(side)


class _Reader:
    def __init__(self, clients: Clients, region: str, clock: Callable[[], float]) -> None:
        self._clients = clients
        self._region = region
        self._elbv2 = clients("elbv2", region)
        self._clock = clock
        self._until = clock() + WITHIN_SECONDS
        self._unread: dict[str, str] = {}

    def look(self, side: Side) -> DescribedSide:
        balancer = self._declared(
            "load balancer",
            side.load_balancer,
            lambda name: self._elbv2.describe_load_balancers(Names=[name]).get("LoadBalancers"),
        )
        group = self._declared(
            "target group",
            side.target_group,
            lambda name: self._elbv2.describe_target_groups(Names=[name]).get("TargetGroups"),
        )
        of_balancer = {"LoadBalancerArn": balancer["LoadBalancerArn"]}
        of_group = {"TargetGroupArn": group["TargetGroupArn"]}
        elbv2 = self._elbv2
        listeners = tuple(
            map(
                self._listener,
                self._ask(
                    "listener:",
                    lambda: self._all("describe_listeners", "Listeners", **of_balancer),
                ),
            )
        )
        return DescribedSide(
            load_balancer=balancer,
            target_group=group,
            load_balancer_attributes=self._ask(
                "load-balancer:",
                lambda: elbv2.describe_load_balancer_attributes(**of_balancer).get("Attributes"),
            ),
            target_group_attributes=self._ask(
                "target-group:",
                lambda: elbv2.describe_target_group_attributes(**of_group).get("Attributes"),
            ),
            target_groups=self._ask(
                "target-groups",
                lambda: self._all("describe_target_groups", "TargetGroups", **of_balancer),
            ),
            health=self._ask(
                "targets",
                lambda: elbv2.describe_target_health(**of_group).get("TargetHealthDescriptions"),
            ),
            listeners=listeners,
            security_groups=self._security_groups(balancer.get("SecurityGroups") or []),
            certificates=self._certificates(listeners),
            unread=self._unread,
        )

    def _declared(
        self, what: str, suffix: str, describe: Callable[[str], list[Described] | None]
    ) -> Described:
        _, name, _ = suffix.rsplit("/", 2)
        try:
            found = describe(name)
        except NoCredentialsError:
            raise
        except ClientError as error:
            if not error.response["Error"]["Code"].endswith("NotFound"):
                raise UnreadableError(f"the {what} {name} cannot be read: {error}") from error
            found = []
        except BotoCoreError as error:
            raise UnreadableError(f"the {what} {name} cannot be read: {error}") from error
        if not found:
            raise MissingError(
                f"there is no {what} {name} in {self._region} of the account that was asked: "
                f"declare the end of the ARN of one that exists instead of {suffix}"
            )
        arn = str(found[0].get("LoadBalancerArn") or found[0]["TargetGroupArn"])
        if not arn.endswith(f"/{suffix}") and not arn.endswith(f":{suffix}"):
            raise MissingError(
                f"the {what} {name} in {self._region} is {arn}, which does not end in {suffix} "
                "as declared"
            )
        return found[0]

    def _ask(self, what: str, call: Callable[[], list[One] | None]) -> tuple[One, ...]:
        """Return what `call` returns, or nothing and note why."""
        if self._clock() > self._until:
            self._unread[what] = f"AWS took more than {WITHIN_SECONDS:.0f} s for all before it"
            return ()
        try:
            return tuple(call() or ())
        except NoCredentialsError:
            raise
        except (BotoCoreError, ClientError) as error:
            self._unread[what] = str(error)
            return ()

    def _all(self, operation: str, key: str, **of: str) -> list[Described]:
        pages = self._elbv2.get_paginator(operation).paginate(**of)
        return [one for page in pages for one in page.get(key) or []]

    def _listener(self, described: Described) -> Listener:
        place = f"listener:{described.get('Port')}:"
        of = {"ListenerArn": described["ListenerArn"]}
        certificates: tuple[Described, ...] = ()
        if described.get("Protocol") in _SECURE:
            certificates = self._ask(
                f"{place}certificates",
                lambda: self._all("describe_listener_certificates", "Certificates", **of),
            )
        return Listener(
            described,
            self._ask(f"{place}rule", lambda: self._all("describe_rules", "Rules", **of)),
            certificates,
            self._ask(
                f"{place}attribute:",
                lambda: self._elbv2.describe_listener_attributes(**of).get("Attributes"),
            ),
        )

    def _security_groups(self, ids: list[str]) -> tuple[Described, ...]:
        if not ids:  # to ask for none is to be told of all
            return ()
        ec2 = self._clients("ec2", self._region)
        return self._ask(
            "ingress:", lambda: ec2.describe_security_groups(GroupIds=ids).get("SecurityGroups")
        )

    def _certificates(self, listeners: tuple[Listener, ...]) -> dict[str, Described]:
        used = [
            (f"listener:{listener.described.get('Port')}:certificates", str(one["CertificateArn"]))
            for listener in listeners
            for one in listener.certificates
        ]
        found: dict[str, Described] = {}
        for place, arn in used:
            if ":acm:" not in arn:
                self._unread[place] = f"{arn} is not in ACM"
            elif arn not in found:
                found |= dict(self._ask(place, partial(self._certificate, arn)))
        return found

    def _certificate(self, arn: str) -> list[tuple[str, Described]]:
        acm = self._clients("acm", self._region)
        return [(arn, acm.describe_certificate(CertificateArn=arn)["Certificate"])]
