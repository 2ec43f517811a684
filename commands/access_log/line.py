"""One line of the access log.

Source: Elastic Load Balancing User Guide for Application Load Balancers, load-balancer-access-logs: fields
are delimited by spaces, some are in double quotes, and new ones come at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_FIELD: Final = re.compile(r'"((?:[^"\\]|\\.|"(?! |$))*)"(?= |$)|([^ "]+)(?= |$)')
"""A quote inside ends a field only before a blank or the end: a URL is logged as the client sent it."""
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]+)?Z")
_FEWEST: Final = 23
"""Fields up to actions_executed."""


@dataclass(frozen=True)
class Entry:
    """One request.

    Attributes
    ----------
    time : str
        When it was answered, ISO 8601 in UTC.
    client : str
        Address of the client, without its port.
    method, host, path : str
        Of the request; the host in lower case; the path without its query. Empty where it was not understood.
    agent : str
        User-Agent; `-` where there was none.
    rule : int
        Priority of the rule that took it; 0: the default one; -1: none.
    redirected : bool
        Whether it was sent on.
    """

    time: str
    client: str
    method: str
    host: str
    path: str
    agent: str
    rule: int
    redirected: bool


def read(line: str) -> Entry | None:
    """Return what `line` says; None where it is no line of an access log."""
    fields: list[str] = []
    at = 0
    while at < len(line) and len(fields) < _FEWEST:
        found = _FIELD.match(line, at)
        if found is None:
            return None
        fields.append(found[2] if found[1] is None else found[1])
        at = found.end() + 1
    if len(fields) < _FEWEST or _TIME.fullmatch(fields[1]) is None:
        return None
    method, _, rest = fields[12].partition(" ")
    try:
        url = urlsplit(rest.rpartition(" ")[0])
        host, path = url.hostname or "", url.path
    except ValueError:
        host, path = "", ""
    return Entry(
        time=fields[1],
        client=fields[3].rpartition(":")[0] or fields[3],
        method=method,
        host=host,
        path=path,
        agent=fields[13] or "-",
        rule=int(fields[20]) if re.fullmatch(r"[0-9]{1,5}", fields[20]) else -1,
        redirected="redirect" in fields[22].split(","),
    )
