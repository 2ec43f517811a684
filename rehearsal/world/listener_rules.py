"""Listener rules, as an Application Load Balancer carries them out.

Sources: Elastic Load Balancing User Guide for Application Load Balancers, listener-rules,
rule-condition-types and rule-action-types; API reference, RuleCondition and RedirectActionConfig.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import unquote_plus


@dataclass(frozen=True)
class Asked:
    """A request, as a load balancer hears it.

    Attributes
    ----------
    method : str
    scheme : str
        http or https.
    host : str
        From Host, without the port.
    port : int
        Of the listener.
    path : str
        With its first slash, as it was sent.
    query : str
        As it was sent, without the question mark.
    headers : sequence of tuple
        Name and value of each.
    source_ip : str
        Of whoever opened the connection; X-Forwarded-For means nothing here.
    """

    method: str
    scheme: str
    host: str
    port: int
    path: str
    query: str = ""
    headers: Sequence[tuple[str, str]] = ()
    source_ip: str = "192.0.2.200"


Condition = Callable[[Asked], bool]
"""Tells whether a request fulfils it."""


@dataclass(frozen=True)
class Rule:
    """One rule but the default.

    Attributes
    ----------
    priority : int
    conditions : tuple
        All must hold.
    action : dict
        The last of its actions, as DescribeRules tells it: forward, redirect or fixed-response.
    """

    priority: int
    conditions: tuple[Condition, ...]
    action: dict[str, Any]


def rules_of(described: Iterable[dict[str, Any]]) -> tuple[Rule, ...]:
    """Return the rules that DescribeRules tells of, but the default, in the order in which they are tried.

    Raises
    ------
    ValueError
        For a condition that is not played here.
    """
    return tuple(
        sorted(
            (
                Rule(
                    int(one["Priority"]),
                    tuple(_condition(condition) for condition in one["Conditions"]),
                    one["Actions"][-1],
                )
                for one in described
                if one["Priority"] != "default"
            ),
            key=lambda rule: rule.priority,
        )
    )


def first_match(rules: Iterable[Rule], asked: Asked) -> Rule | None:
    """Return the rule that is carried out; None: the default action."""
    return next(
        (rule for rule in rules if all(condition(asked) for condition in rule.conditions)), None
    )


_PLACEHOLDER: Final = re.compile(r"#\{(protocol|host|port|path|query)\}")


def location(redirect: dict[str, Any], asked: Asked) -> str:
    """Return where `redirect`, a RedirectConfig, sends `asked`; what it leaves out stays as it was asked."""
    known = {
        "protocol": asked.scheme,
        "host": asked.host,
        "port": str(asked.port),
        # Placeholders stand for the path without its first slash, and the query without its question mark.
        "path": asked.path.removeprefix("/"),
        "query": asked.query,
    }

    def filled(part: str, default: str) -> str:
        # In one pass: what a viewer asked for is never read as a placeholder.
        return _PLACEHOLDER.sub(lambda found: known[found[1]], redirect.get(part) or default)

    query = filled("Query", "#{query}")
    return (
        f"{filled('Protocol', '#{protocol}').lower()}://{filled('Host', '#{host}')}"
        f":{filled('Port', '#{port}')}{filled('Path', '/#{path}')}{'?' if query else ''}{query}"
    )


def _condition(told: dict[str, Any]) -> Condition:
    field = told["Field"]
    config: dict[str, Any] = next(
        (value for key, value in told.items() if key.endswith("Config")), {}
    )
    if "RegexValues" in config or "RegexValues" in told:
        raise ValueError(f"a condition on {field} by regular expression is not played here")
    values = config.get("Values") or told.get("Values") or []
    if field == "host-header":
        hosts = [_pattern(value, any_case=True) for value in values]
        return lambda asked: _one(hosts, asked.host)
    if field == "path-pattern":
        paths = [_pattern(value, any_case=False) for value in values]
        return lambda asked: _one(paths, asked.path)
    if field == "http-request-method":
        methods = frozenset(values)
        return lambda asked: asked.method in methods
    if field == "http-header":
        header = config["HttpHeaderName"].lower()
        wanted = [_pattern(value, any_case=True) for value in values]
        return lambda asked: any(
            _one(wanted, value) for name, value in asked.headers if name.lower() == header
        )
    if field == "source-ip":
        networks = [ip_network(value) for value in values]
        return lambda asked: any(ip_address(asked.source_ip) in one for one in networks)
    if field == "query-string":
        return _query_condition(values)
    raise ValueError(f"a condition on {field} is not played here")


def _query_condition(values: Sequence[dict[str, str]]) -> Condition:
    pairs = [
        (
            _pattern(value.get("Key") or "*", any_case=True, escapes=True),
            _pattern(value.get("Value", ""), any_case=True, escapes=True),
        )
        for value in values
    ]

    def holds(asked: Asked) -> bool:
        sent = [part.partition("=") for part in asked.query.split("&") if part]
        return any(
            key.fullmatch(unquote_plus(name)) and value.fullmatch(unquote_plus(said))
            for name, _, said in sent
            for key, value in pairs
        )

    return holds


def _pattern(value: str, *, any_case: bool, escapes: bool = False) -> re.Pattern[str]:
    """Return `value` as an expression: `*` is any number of characters, `?` exactly one; with `escapes`
    either is meant literally after a backslash."""
    parts = re.findall(r"\\[*?\\]|." if escapes else r".", value, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    text = "".join(wild.get(part) or re.escape(part[-1]) for part in parts)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if any_case else 0))


def _one(patterns: Iterable[re.Pattern[str]], text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in patterns)
