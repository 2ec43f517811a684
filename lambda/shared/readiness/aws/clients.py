"""Where the checks that look at AWS get their clients from."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config

CLIENT_CONFIG: Final = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}
)
"""Describe calls share their throttle with the whole account, so they are asked again three times."""


class Clients(Protocol):
    """Hands out boto3 clients, the same one each time."""

    def __call__(self, service: str, region: str) -> Any:
        """Return the client of `service`, like elbv2, in `region`."""


_one_at_a_time = threading.Lock()


def boto_clients(service: str, region: str) -> Any:
    """Return boto3's client, with the credentials that boto3 finds by itself.

    A client may be used by several threads, but not made by several at once (Boto3 documentation,
    guide/clients and guide/session).
    """
    with _one_at_a_time:
        return _made(service, region)


@cache
def _made(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, config=CLIENT_CONFIG)  # type: ignore[call-overload]
