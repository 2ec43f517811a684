"""A load balancer as an account shows it: listeners, targets, and the names that lead to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Listener:
    """A listener: its `groups` are the target groups of its default action, by ARN, and `covers` the names of
    its certificates."""

    port: int
    protocol: str
    groups: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()

    @property
    def scheme(self) -> str:
        """How it is asked."""
        return self.protocol.lower()


@dataclass(frozen=True)
class Group:
    """A target group: how it is probed."""

    health_path: str
    matcher: str


@dataclass(frozen=True)
class Name:
    """A record that leads to it: `kinds` are its types, like A and AAAA; weighted where it has a set
    identifier."""

    name: str
    zone_id: str
    zone_name: str
    kinds: tuple[str, ...]
    weighted: bool = False


@dataclass(frozen=True)
class Weeks:
    """Two weeks, by the hour: what the mean and the 95th percentile of the response time were at most, in ms,
    the worst twentieth of the hours left out, and requests a minute in the median hour. None: not known."""

    mean_ms: float | None = None
    p95_ms: float | None = None
    requests: float | None = None


@dataclass(frozen=True)
class Balancer:
    """What an account tells of one load balancer.

    Attributes
    ----------
    distributions : tuple of str
        Ids of the CloudFront distributions that have it as an origin.
    access_logs : str
        Where it puts its access log, like s3://bucket/prefix; empty: the log is off.
    unread : mapping
        What could not be read, and why.
    """

    arn: str
    dns_name: str
    zone_id: str
    internal: bool
    listeners: tuple[Listener, ...] = ()
    groups: Mapping[str, Group] = field(default_factory=dict)
    names: tuple[Name, ...] = ()
    distributions: tuple[str, ...] = ()
    weeks: Weeks = field(default_factory=Weeks)
    access_logs: str = ""
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """As its ARN has it."""
        return self.arn.split(":")[3]

    @property
    def suffix(self) -> str:
        """What CloudWatch calls it: app/name/id."""
        return self.arn.partition("loadbalancer/")[2]
