"""Whether a side's load balancer takes what the door asks of it: by which name, and for how long.

CloudFront takes a certificate that covers the origin's domain name or the Host that it sends (CloudFront
Developer Guide, using-https-cloudfront-to-custom-origin). A load balancer that has no certificate for the
name it is asked by sends its default one (Application Load Balancers, https-listener-certificates).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final

from shared.inference.verdict import Verdict
from shared.readiness.aws.load_balancers import Described, DescribedSide, Listener
from shared.readiness.finding import Finding
from shared.readiness.spec import Side, Spec

_IDLE_TIMEOUT: Final = "idle_timeout.timeout_seconds"
_SHOWN: Final = 5


def door_fit(name: str, side: Side, seen: DescribedSide, spec: Spec) -> Iterator[Finding]:
    """Yield what of a side's load balancer does not fit the door; without the edge door, only its rules."""
    yield from _waits(name, seen, spec.response_timeout_seconds)
    listener = next((one for one in seen.listeners if one.described.get("Port") == side.port), None)
    if listener is None:
        return
    heard = spec.public_names if spec.host == "viewer" else (side.host,)
    if not _forwards_all(listener, str(seen.target_group["TargetGroupArn"])):
        yield from _rules(name, side, listener, heard)
    place = f"listener:{side.port}:certificates"
    if side.is_secure and spec.response_timeout_seconds and place not in seen.unread:
        yield from _certificates(name, side, listener, seen, heard)


def _waits(name: str, seen: DescribedSide, edge_seconds: int) -> Iterator[Finding]:
    """A load balancer gives up on a target that sends nothing for its idle timeout (Application Load
    Balancers, edit-load-balancer-attributes)."""
    set_to = {str(one["Key"]): str(one.get("Value", "")) for one in seen.load_balancer_attributes}
    idle = set_to.get(_IDLE_TIMEOUT, "")
    if not edge_seconds or not idle.isdecimal():
        return
    place = f"configuration:response-timeout:{name}"
    side_seconds = int(idle)
    if edge_seconds == side_seconds:
        said = f"{name}'s load balancer and the edge both wait {edge_seconds} s for each part of an answer"
        yield Finding(place, Verdict.PASS, said)
        return
    if edge_seconds < side_seconds:
        said = (
            f"the edge waits {edge_seconds} s for each part of an answer and {name}'s load balancer "
            f"{side_seconds} s: what takes longer than {edge_seconds} s is an answer there and "
            "a 504 at the edge. Raise edge.response_timeout_seconds, or waive this if no answer takes so long"
        )
    else:
        said = (
            f"{name}'s load balancer waits {side_seconds} s for each part of an answer and the edge "
            f"{edge_seconds} s: the load balancer gives up first. Raise its {_IDLE_TIMEOUT}, or lower "
            "edge.response_timeout_seconds"
        )
    yield Finding(place, Verdict.FAIL, said, waivable=True)


def _forwards_all(listener: Listener, group: str) -> bool:
    """Return whether what no rule takes reaches the side's targets."""
    actions = listener.described.get("DefaultActions") or []
    groups = [
        str(one.get("TargetGroupArn"))
        for action in actions
        for one in (action, *((action.get("ForwardConfig") or {}).get("TargetGroups") or []))
    ]
    return group in groups


def _rules(name: str, side: Side, listener: Listener, heard: tuple[str, ...]) -> Iterator[Finding]:
    patterns = sorted(set(_host_patterns(listener)))
    if not patterns:
        return
    listed = ", ".join(patterns[:_SHOWN]) + (", …" if len(patterns) > _SHOWN else "")
    asks = f"{name}'s listener {side.port} has rules for {listed}"
    place = f"configuration:host-rules:{name}"
    if not heard:
        said = (
            f"{asks}, and the name that viewers ask for is not declared: it is not known whether a rule "
            "takes it. Declare edge.domain_names"
        )
        yield Finding(place, Verdict.INCONCLUSIVE, said, waivable=True)
    for asked in heard:
        if not any(fnmatchcase(_sample(asked), pattern.lower()) for pattern in patterns):
            said = f"{asks}, and none for {asked}, which it hears as Host: its default action answers viewers"
            yield Finding(f"{place}:{asked}", Verdict.FAIL, said, waivable=True)


def _host_patterns(listener: Listener) -> Iterator[str]:
    """Yield the host names that rules ask for. What a rule asks by a regular expression is left out with all
    others of its listener: which names it takes is not told."""
    found: list[str] = []
    for rule in listener.rules:
        for condition in rule.get("Conditions") or []:
            if condition.get("Field") == "host-header":
                config = condition.get("HostHeaderConfig") or {}
                if config.get("RegexValues") or condition.get("RegexValues"):
                    return
                found += config.get("Values") or condition.get("Values") or []
    yield from map(str, found)


def _certificates(
    name: str, side: Side, listener: Listener, seen: DescribedSide, heard: tuple[str, ...]
) -> Iterator[Finding]:
    described = [
        (one, seen.certificates.get(str(one["CertificateArn"]), {}))
        for one in listener.certificates
    ]
    default = [certificate for one, certificate in described if one.get("IsDefault")]
    # Which one is the default is always told; where it is not, nothing can be said.
    if not default or _cover(default, side.host):
        return
    lacking = [one for one in heard if not _cover((c for _, c in described), one)]
    if heard and not lacking:
        return
    whom = ", ".join(lacking) or "the name that viewers ask for"
    said = (
        f"{name}'s listener {side.port} has no certificate for {whom}, and its default certificate does not "
        f"cover {side.host}: CloudFront answers every viewer with 502. Add a certificate for one of them"
    )
    yield Finding(f"configuration:certificate-names:{name}", Verdict.FAIL, said, waivable=True)


def _cover(certificates: Iterable[Described], host: str) -> bool:
    """A wildcard stands for one label (RFC 6125, 6.4.3)."""
    label, _, rest = host.lower().partition(".")
    wanted = {f"{label}.{rest}", f"*.{rest}"}
    return any(wanted & {n.lower() for n in _names(one)} for one in certificates)


def _names(certificate: Described) -> list[str]:
    named = certificate.get("SubjectAlternativeNames") or [certificate.get("DomainName")]
    return [str(name) for name in named if name]


def _sample(name: str) -> str:
    return name.lower().replace("*", "any")
