"""What AWS describes of one side, as named settings that two sides can have in common.

What is each side's own (ARNs, ids, its DNS name, the buckets of its logs) is left out or named by what
it is, so that it does not tell the sides apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.readiness.aws.last_users import is_for_the_last_users
from shared.readiness.aws.load_balancers import Described, DescribedSide, Listener

_OWN: Final = (".s3.bucket", ".s3.prefix")
_OF_TARGET_GROUP: Final = ("Protocol", "Port", "ProtocolVersion", "TargetType", "IpAddressType")
_REDIRECT: Final = {
    "Protocol": "#{protocol}",
    "Host": "#{host}",
    "Port": "#{port}",
    "Path": "/#{path}",
    "Query": "#{query}",
}
"""What a redirect leaves as it is (Elastic Load Balancing API reference, RedirectActionConfig)."""


@dataclass(frozen=True)
class Setting:
    """One setting of one side.

    Attributes
    ----------
    name : str
        What it is, for people.
    shown : str
        Its value, for people.
    hidden : str
        What else tells it apart but must not be shown: a header's value may be a secret.
    """

    name: str = field(compare=False)
    shown: str
    hidden: str = ""


Settings = dict[str, Setting]


def settings(seen: DescribedSide, *, apart: bool = False) -> Settings:
    """Return all settings of a side, by the name that a finding about them has. If the other side is in
    another region, `apart`, a prefix list is one like any other: each region has ids of its own."""
    balancer = seen.load_balancer
    found: Settings = {
        "scheme": Setting("scheme", str(balancer.get("Scheme", ""))),
        "ip-address-type": Setting("IP address type", str(balancer.get("IpAddressType", ""))),
    }
    found |= _attributes("load-balancer", "load balancer's", seen.load_balancer_attributes)
    found |= _attributes("target-group", "target group's", seen.target_group_attributes)
    found |= _target_group(seen.target_group)
    own = _own(seen)
    for listener in seen.listeners:
        found |= dict(_listener(listener, seen, own))
    for rule in sorted(set(_ingress(seen.security_groups, apart))):
        found[f"ingress:{rule}"] = Setting(f"ingress {rule}", "let in")
    return found


def rule_orders(seen: DescribedSide) -> dict[str, list[str]]:
    """Return the names of each listener's rules in the order in which they are tried."""
    return {
        f"listener:{listener.described.get('Port')}:rule-order": [
            _conditions(rule)[0] for rule in _rules(listener, seen)
        ]
        for listener in seen.listeners
    }


def zones(seen: DescribedSide) -> set[str]:
    """Return the availability zones of a side's load balancer."""
    return {str(zone["ZoneName"]) for zone in seen.load_balancer.get("AvailabilityZones") or []}


def _attributes(place: str, whose: str, attributes: Iterable[Described]) -> Settings:
    return {
        f"{place}:{one['Key']}": Setting(f"{whose} {one['Key']}", str(one.get("Value", "")))
        for one in attributes
        if not one["Key"].endswith(_OWN)
    }


def _target_group(group: Described) -> Settings:
    found = {
        f"target-group:{name}": Setting(f"target group's {name}", str(group[name]))
        for name in _OF_TARGET_GROUP
        if name in group
    }
    checks = {
        key.removeprefix("HealthCheck"): value
        for key, value in group.items()
        if key.startswith("HealthCheck") or key.endswith("ThresholdCount")
    }
    matcher = group.get("Matcher") or {}
    checks |= {"Matcher": ", ".join(f"{code} {value}" for code, value in sorted(matcher.items()))}
    return found | {
        f"health-check:{name}": Setting(f"health check's {name}", str(value))
        for name, value in checks.items()
    }


def _own(seen: DescribedSide) -> dict[str, str]:
    """Return what each of a side's own names means."""
    names = {
        str(group["TargetGroupArn"]): "another target group "
        f"({group.get('Protocol')} {group.get('Port')}, checked at {group.get('HealthCheckPath')})"
        for group in seen.target_groups
    }
    names[str(seen.target_group["TargetGroupArn"])] = "the target group"
    dns_name = str(seen.load_balancer.get("DNSName", ""))
    return names | ({dns_name: "its own DNS name"} if dns_name else {})


def _listener(
    listener: Listener, seen: DescribedSide, own: Mapping[str, str]
) -> Iterator[tuple[str, Setting]]:
    described = listener.described
    place = f"listener:{described.get('Port')}"
    name = f"listener {described.get('Port')}"
    yield place, Setting(name, "there")
    yield f"{place}:protocol", Setting(f"{name}'s protocol", str(described.get("Protocol", "")))
    if described.get("SslPolicy"):
        yield (
            f"{place}:tls-policy",
            Setting(f"{name}'s TLS policy", str(described["SslPolicy"])),
        )
    mode = (described.get("MutualAuthentication") or {}).get("Mode", "off")
    yield f"{place}:mutual-tls", Setting(f"{name}'s mutual TLS", str(mode))
    if listener.certificates:
        names = sorted(_names(listener, seen))
        yield (
            f"{place}:certificates",
            Setting(f"{name}'s certificates' names", ", ".join(names)),
        )
    yield (
        f"{place}:default-actions",
        Setting(f"{name}'s default action", _actions(described.get("DefaultActions") or [], own)),
    )
    yield from _attributes(f"{place}:attribute", f"{name}'s", listener.attributes).items()
    rules: dict[str, list[tuple[str, str]]] = {}
    for rule in _rules(listener, seen):
        conditions, hidden = _conditions(rule)
        does = _actions(rule.get("Actions") or [], own)
        if rule.get("Transforms"):
            does += f" after {_replaced(_plain(rule['Transforms']), own)}"
        rules.setdefault(conditions, []).append((does, hidden))
    for conditions, several in rules.items():
        yield (
            f"{place}:rule:{conditions}",
            Setting(
                f"{name}'s rule for {conditions}",
                "; ".join(does for does, _ in several),
                "; ".join(hidden for _, hidden in several),
            ),
        )


def _names(listener: Listener, seen: DescribedSide) -> set[str]:
    described = [
        seen.certificates.get(str(one["CertificateArn"]), {}) for one in listener.certificates
    ]
    return {
        str(name)
        for one in described
        for name in (one.get("SubjectAlternativeNames") or [one.get("DomainName")])
        if name
    }


def _rules(listener: Listener, seen: DescribedSide) -> list[Described]:
    """Return what takes those who come through a door, in the order in which it is tried."""
    own = str(seen.load_balancer.get("DNSName", ""))
    rules = [
        rule
        for rule in listener.rules
        if not rule.get("IsDefault") and not is_for_the_last_users(rule, own)
    ]
    return sorted(rules, key=lambda rule: int(rule["Priority"]))


def _conditions(rule: Described) -> tuple[str, str]:
    """Return a rule's conditions, and the header values among them, which are not shown."""
    shown: list[str] = []
    hidden: list[str] = []
    for condition in rule.get("Conditions") or []:
        field_name = str(condition.get("Field", ""))
        values = sorted(set(_values(condition)))
        header = condition.get("HttpHeaderConfig")
        if header:
            name = str(header.get("HttpHeaderName", "")).lower()
            shown.append(f"{field_name} {name}")
            hidden.append(f"{name}={values}")
        else:
            shown.append(f"{field_name} {', '.join(values)}")
    return " and ".join(sorted(shown)), "; ".join(sorted(hidden))


def _values(condition: Described) -> Iterator[str]:
    for part in (condition, *(v for v in condition.values() if isinstance(v, dict))):
        for value in [*(part.get("Values") or []), *(part.get("RegexValues") or [])]:
            yield (
                f"{value.get('Key', '')}={value.get('Value', '')}"
                if isinstance(value, dict)
                else str(value)
            )


def _actions(actions: Sequence[Described], own: Mapping[str, str]) -> str:
    in_order = sorted(actions, key=lambda action: int(action.get("Order") or 1))
    return ", then ".join(_replaced(_action(action), own) for action in in_order)


def _action(action: Described) -> str:
    kind = action.get("Type")
    if kind == "forward":
        return _forward(action)
    if kind == "redirect":
        to = _REDIRECT | {
            k: v for k, v in (action.get("RedirectConfig") or {}).items() if v is not None
        }
        return (
            f"redirect {to.get('StatusCode')} to "
            f"{to['Protocol']}://{to['Host']}:{to['Port']}{to['Path']}?{to['Query']}"
        )
    return f"{kind} {_plain({k: v for k, v in action.items() if k not in {'Type', 'Order'}})}"


def _forward(action: Described) -> str:
    config = action.get("ForwardConfig") or {}
    groups = config.get("TargetGroups") or [{"TargetGroupArn": action.get("TargetGroupArn")}]
    if len(groups) == 1:
        return f"forward to {groups[0]['TargetGroupArn']}"
    parts = (f"{g['TargetGroupArn']} (weight {g.get('Weight', 1)})" for g in groups)
    sticky = config.get("TargetGroupStickinessConfig") or {}
    held = f", sticky for {sticky.get('DurationSeconds')} s" if sticky.get("Enabled") else ""
    return f"forward to {', '.join(parts)}{held}"


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _replaced(text: str, own: Mapping[str, str]) -> str:
    for name, meaning in own.items():
        text = text.replace(name, meaning)
    return text


def _ingress(groups: Sequence[Described], apart: bool) -> Iterator[str]:
    """Yield what the groups let in; several groups let in what any of them does (Amazon VPC User Guide,
    security-group-rules)."""
    own = {str(group.get("GroupId")) for group in groups}
    for group in groups:
        for rule in group.get("IpPermissions") or []:
            protocol = str(rule.get("IpProtocol"))
            first, last = rule.get("FromPort"), rule.get("ToPort")
            ports = "all" if protocol == "-1" or first is None else f"{first}"
            ports += f"-{last}" if ports != "all" and last != first else ""
            kind = "all" if protocol == "-1" else protocol
            for source in _sources(rule, own, apart):
                yield f"{kind}:{ports}:{source}"


def _sources(rule: Described, own: set[str], apart: bool) -> Iterator[str]:
    for several, key in (
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId"),
    ):
        for one in rule.get(several) or []:
            yield "a prefix list" if apart and several == "PrefixListIds" else str(one[key])
    for pair in rule.get("UserIdGroupPairs") or []:
        group = str(pair.get("GroupId"))
        yield "itself" if group in own else group
