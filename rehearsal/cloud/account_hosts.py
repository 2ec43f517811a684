"""boto3 puts the account in front of the KeyValueStore endpoint's host (`000000000000.127.0.0.1`), which no
resolver knows: such a name is this machine."""

from __future__ import annotations

import re
import socket
from typing import Any

_ACCOUNT_BEFORE_LOOPBACK = re.compile(r"\d{12}\.(127\.0\.0\.1|localhost)")
_resolve = socket.getaddrinfo


def teach() -> None:
    """Let this process resolve such names."""

    def resolve_account_hosts(host: Any, *rest: Any, **options: Any) -> Any:
        if isinstance(host, str) and _ACCOUNT_BEFORE_LOOPBACK.fullmatch(host):
            host = "127.0.0.1"
        return _resolve(host, *rest, **options)

    socket.getaddrinfo = resolve_account_hosts
