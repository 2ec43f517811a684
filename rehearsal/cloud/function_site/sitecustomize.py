"""Runs first in every function process of the embedded cloud.

boto3 puts the account in front of the KeyValueStore endpoint's host (`000000000000.127.0.0.1`), which no
resolver knows: such a name is this machine. The function itself is unchanged.

The layer's awscrt is built for Lambda's Python and processor, not for this machine's: the installed one
is imported first, and wins.
"""

import re
import socket
from typing import Any

import awscrt.auth  # noqa: F401

_ACCOUNT_BEFORE_LOOPBACK = re.compile(r"\d{12}\.(127\.0\.0\.1|localhost)")
_resolve = socket.getaddrinfo


def _resolve_account_hosts(host: Any, *rest: Any, **options: Any) -> Any:
    if isinstance(host, str) and _ACCOUNT_BEFORE_LOOPBACK.fullmatch(host):
        host = "127.0.0.1"
    return _resolve(host, *rest, **options)


socket.getaddrinfo = _resolve_account_hosts
