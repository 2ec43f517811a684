"""The listener rules that send those who ask old by its own name to the front door, and nobody else.

Elastic Load Balancing User Guide for Application Load Balancers, rule-condition-types: a rule takes at most
three match evaluations in a condition and five in all, and there is no "not". So rules that forward stand
before those that redirect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cutover.declaration.last_users import LISTENER, PRIORITIES, LastUsers
from cutover.declaration.service import Service
from cutover.doors.origin_header import ORIGIN_SECRET_HEADER

PROBES: Final = ("Amazon-Route53-Health-Check-Service*", "cutover-*")
"""How Route 53's health checkers, and the sentinel and readiness, begin their User-Agent (Route 53 Developer
Guide, route-53-router-firewall-rules)."""
REDIRECTED_METHODS: Final = ("GET", "HEAD")
"""A browser may make a GET of a POST that is redirected with 301 or 302 (RFC 9110, 15.4.2 and 15.4.3), and a
load balancer knows no 307 (Elastic Load Balancing API reference, RedirectActionConfig)."""

_HOSTS_A_CONDITION: Final = 3
_FIRST_PROBES: Final = 10
_FIRST_REDIRECT: Final = 20
_STATUS: Final = {"temporary": "HTTP_302", "permanent": "HTTP_301"}


@dataclass(frozen=True)
class Redirect:
    """Where a rule sends people; path and query stay as they are.

    Attributes
    ----------
    protocol : str
        HTTP or HTTPS.
    host : str
    port : int
    status : str
        HTTP_301 or HTTP_302.
    """

    protocol: str
    host: str
    port: int
    status: str


@dataclass(frozen=True)
class ListenerRule:
    """One rule: all of its conditions must hold.

    Attributes
    ----------
    name : str
        What it is called in its listener, like Edge1.
    priority : int
        1 to 50,000; of the rules that match, the one with the lowest is carried out.
    hosts : tuple of str
        Host is one of these, in any case.
    header : str
        A header that has one of `values`; empty: no such condition.
    values : tuple of str
        Each with `*` for any number of characters.
    methods : tuple of str
        The method is one of these; empty: any.
    path : str
        A pattern of the path; empty: any.
    redirect : Redirect or None
        None: forward to old's target group.
    """

    name: str
    priority: int
    hosts: tuple[str, ...]
    header: str = ""
    values: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    path: str = ""
    redirect: Redirect | None = None


def redirect_rules(service: Service) -> list[ListenerRule]:
    """Return the rules of one listener of old, by priority; none without `last_users.redirect`.

    First those that keep the edge's requests and the probes at old, then those that redirect GET and HEAD.
    Each kind has priorities of its own: when one more host makes one more rule of a kind, no rule of another
    kind has to move to a priority that is not free yet.
    """
    wanted, to = service.last_users, service.front_door
    if wanted is None or wanted.redirect is None or to is None:
        return []
    keep: list[tuple[str, int, str, tuple[str, ...]]] = []
    if service.edge is not False:
        keep.append(("Edge", 0, ORIGIN_SECRET_HEADER, ("*",)))
    keep.append(("Probes", _FIRST_PROBES, "user-agent", PROBES))
    rules = [
        ListenerRule(f"{kind}{number + 1}", wanted.priority + first + number, hosts, header, values)
        for kind, first, header, values in keep
        for number, hosts in enumerate(_with_own(service.old_names, _HOSTS_A_CONDITION))
    ]
    redirect = _redirect(service, to, _STATUS[wanted.redirect])
    rules += [
        ListenerRule(
            f"Redirect{number + 1}",
            wanted.priority + _FIRST_REDIRECT + number,
            hosts,
            methods=REDIRECTED_METHODS,
            path=path,
            redirect=redirect,
        )
        for number, (hosts, path) in enumerate(_asked(service.old_names, wanted))
    ]
    assert all(rule.priority < wanted.priority + PRIORITIES for rule in rules)
    return rules


def front_door_url(service: Service) -> str | None:
    """Return where people are sent, like https://chat.example.com; None: no door has a name yet."""
    if service.front_door is None:
        return None
    to = _redirect(service, service.front_door, "")
    usual = {"HTTP": 80, "HTTPS": 443}[to.protocol] == to.port
    return f"{to.protocol.lower()}://{to.host}{'' if usual else f':{to.port}'}"


def kept_priorities(service: Service) -> range:
    """Return the priorities of the rules that keep the edge and the probes at old: whoever one of them took
    is nobody who uses old's own name."""
    wanted = service.last_users
    if wanted is None or wanted.redirect is None:
        return range(0)
    return range(wanted.priority, wanted.priority + _FIRST_REDIRECT)


def target_group_arn(service: Service) -> str:
    """Return the ARN of old's target group, which is in the account and region of its listeners."""
    assert service.last_users is not None
    found = LISTENER.fullmatch(service.last_users.listeners[0])
    assert found is not None
    return f"{found['prefix']}:{service.old.target_group}"


def _redirect(service: Service, to: str, status: str) -> Redirect:
    if service.dns is not None and to == service.dns.record_name:
        new = service.new
        return Redirect(new.scheme.upper(), to, new.listener_port, status)
    return Redirect("HTTPS", to, 443, status)


def _asked(hosts: tuple[str, ...], wanted: LastUsers) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what each redirecting rule asks of host and path: beside both methods there is room for three."""
    size = _HOSTS_A_CONDITION - bool(wanted.paths)
    for some in _with_own(hosts, size):
        for path in wanted.paths or ("",):
            yield some, path


def _with_own(names: tuple[str, ...], size: int) -> Sequence[tuple[str, ...]]:
    """Return `names` in parts of `size`, each with the load balancer's own name, which is the first: by it
    readiness knows these rules (shared/readiness/aws/last_users.py)."""
    own, *others = names
    step = size - 1
    return [(own, *others[start : start + step]) for start in range(0, len(others), step)]
