"""The declaration that follows from two load balancers: a reason for each key, and what is to be asked."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

from commands.account.balancer import Balancer, Listener, Name
from cutover.declaration.load_balancer_zones import APPLICATION_LOAD_BALANCER_ZONES

_ROOM: Final = 1.5
"""How far above what old showed in two weeks a limit is put."""
_ONE_CODE: Final = re.compile(r"[23][0-9]{2}")
_FEWEST: Final = 20


@dataclass
class Suggestion:
    """A declaration of one service.

    Attributes
    ----------
    body : dict
        As it stands in the file.
    reasons : list of (key, why)
    questions : list of str
        What must be answered before it can be deployed.
    """

    body: dict[str, Any] = field(default_factory=dict)
    reasons: list[tuple[str, str]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def put(self, key: str, value: Any, why: str) -> None:
        """Set a key, like thresholds.latency_p95_ms, with the reason."""
        *path, last = key.split(".")
        inner = self.body
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = value
        self.reasons.append((key, why))


def suggest(old: Balancer, new: Balancer) -> Suggestion:
    """Return the declaration."""
    made = Suggestion()
    whose = "both load balancers' ARNs say" if new.region == old.region else "old's ARN says"
    made.put("region", old.region, f"{whose} so")
    made.put("new_weight", 0, "no traffic moves before you say so")
    if old.arn == new.arn:
        made.questions.append("old and new are the same load balancer: give two different ones")
    door = _door(made, old)
    for which, side in (("old", old), ("new", new)):
        if side.region != old.region:
            made.put(f"{which}.region", side.region, "its ARN says so")
        _side(made, which, side, door)
    _endpoints(made, old)
    _dns(made, door)
    _thresholds(made, old)
    _last_users(made, old)
    for which, side in (("old", old), ("new", new)):
        for what, why in side.unread.items():
            made.questions.append(
                f"{which}'s {what} could not be read ({why}): check what is suggested"
            )
        if side.distributions:
            made.questions.append(
                f"the distribution {', '.join(side.distributions)} has {which} as an origin already: decide "
                "whether its names move to the edge door (edge.domain_names)"
            )
    return made


def _door(made: Suggestion, old: Balancer) -> Name | None:
    """Return the public name: the first that leads to old."""
    names = [one for one in old.names if "*" not in one.name]
    if len(names) > 1:
        made.questions.append(
            f"{', '.join(one.name for one in names)} all lead to old: a dns door has one name. "
            f"Taken: {names[0].name}"
        )
    if any(one.weighted for one in names[:1]):
        made.questions.append(
            f"{names[0].name} is a routed record already, like a weighted one: take its routing away first"
        )
    return names[0] if names else None


def _side(made: Suggestion, which: str, side: Balancer, door: Name | None) -> None:
    made.put(f"{which}.load_balancer_dns_name", side.dns_name, "DescribeLoadBalancers")
    made.put(f"{which}.load_balancer", side.suffix, "the end of its ARN")
    if side.internal:
        made.questions.append(f"{which} is internal: neither CloudFront nor Route 53 reaches it")
    listener, host = _listener(side, door)
    if listener is None:
        made.questions.append(
            f"{which} has no listener that forwards to a target group by default: declare its target_group"
        )
        return
    if len(listener.groups) > 1:
        made.questions.append(
            f"{which}'s listener {listener.port} forwards to {len(listener.groups)} target groups: check "
            "which is meant"
        )
    group = listener.groups[0].rpartition(":")[2]
    made.put(f"{which}.target_group", group, f"default action of the listener at {listener.port}")
    if listener.scheme == "https":
        made.put(f"{which}.scheme", "https", f"its listener at {listener.port} is HTTPS")
        if host is None:
            made.questions.append(
                f"{which} listens for HTTPS only, and no name that its certificate covers "
                f"({', '.join(listener.covers) or 'none known'}) leads to it alone: make such a record and "
                f"declare it as {which}.host_name"
            )
        else:
            made.put(
                f"{which}.host_name", host, "its record leads here, and the certificate covers it"
            )
    if listener.port != {"http": 80, "https": 443}[listener.scheme]:
        made.put(f"{which}.port", listener.port, "its listener's port")
    if APPLICATION_LOAD_BALANCER_ZONES.get(side.region) != side.zone_id:
        made.put(
            f"{which}.hosted_zone_id",
            side.zone_id,
            "another zone than AWS documents for the region",
        )


def _listener(side: Balancer, door: Name | None) -> tuple[Listener | None, str | None]:
    """Return the listener to use and, for HTTPS, the name to ask: HTTPS where a name allows it, else HTTP."""
    forwarding = [one for one in side.listeners if one.groups and one.scheme in {"http", "https"}]
    own = [one.name for one in side.names if door is None or one.name != door.name]
    for listener in forwarding:
        if listener.scheme == "https":
            host = next((name for name in own if _covered(name, listener.covers)), None)
            if host is not None:
                return listener, host
    plain = next((one for one in forwarding if one.scheme == "http"), None)
    return plain or next(iter(forwarding), None), None


def _covered(name: str, covers: tuple[str, ...]) -> bool:
    return any(
        name == one or (one.startswith("*.") and name.partition(".")[2] == one[2:])
        for one in covers
    )


def _endpoints(made: Suggestion, old: Balancer) -> None:
    listener = next((one for one in old.listeners if one.groups), None)
    group = None if listener is None else old.groups.get(listener.groups[0])
    path = "/" if group is None else group.health_path
    endpoint: dict[str, Any] = {"path": path}
    if group is not None and _ONE_CODE.fullmatch(group.matcher) and group.matcher != "200":
        endpoint["status"] = int(group.matcher)
    endpoints = [endpoint, *([] if path == "/" else [{"path": "/"}])]
    why = "old's target group is probed there" if group else "nothing tells another one"
    made.put("endpoints", endpoints, f"{why}; add what your users need")


def _dns(made: Suggestion, door: Name | None) -> None:
    if door is None:
        made.reasons.append(("edge", "no record leads to old: the edge door stands by default"))
        return
    kinds = set(door.kinds)
    made.put("edge", False, f"{door.name} leads straight to old, so the dns door is enough")
    made.put("dns.hosted_zone_id", door.zone_id, f"the zone {door.zone_name} holds {door.name}")
    made.put("dns.zone_name", door.zone_name, "the zone's name")
    made.put("dns.record_name", door.name, "it leads to old today")
    made.put("dns.record", "cname" if kinds == {"CNAME"} else "alias", "as the record is today")
    if "AAAA" in kinds:
        made.put("dns.ipv6", True, "there is an AAAA record too")


def _thresholds(made: Suggestion, old: Balancer) -> None:
    weeks = old.weeks
    if weeks.mean_ms is not None and weeks.p95_ms is not None:
        mean, p95 = _limit(weeks.mean_ms), _limit(max(weeks.p95_ms, weeks.mean_ms))
        said = "and half more, by two weeks of old, the worst twentieth of the hours left out"
        made.put("thresholds.latency_average_ms", mean, f"{weeks.mean_ms:.0f} ms {said}")
        made.put("thresholds.latency_p95_ms", p95, f"{weeks.p95_ms:.0f} ms {said}")
    else:
        made.questions.append(
            "old's response times are not known: check thresholds.latency_average_ms and latency_p95_ms"
        )
    if weeks.requests is not None:
        fewest = max(_FEWEST, min(100_000, round(weeks.requests / 10)))
        made.put(
            "thresholds.minimum_requests",
            fewest,
            f"a tenth of old's {weeks.requests:,.0f} a minute, 20 at least",
        )


def _last_users(made: Suggestion, old: Balancer) -> None:
    if old.access_logs:
        made.put(
            "last_users.access_logs",
            old.access_logs,
            "old's load balancer puts its access log there: cutover last-users reads in it who asks old by "
            "its own name",
        )
    elif "access log" not in old.unread:
        made.reasons.append(
            (
                "last_users",
                "left out: old's access log is off. Turn it on (access_logs.s3.enabled) before new gets "
                "everybody, or nobody can say who asks old by its own name",
            )
        )


def _limit(milliseconds: float) -> int:
    return min(60_000, max(10, math.ceil(milliseconds * _ROOM / 10) * 10))
