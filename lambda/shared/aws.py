"""Clients of AWS, each made once a process, and how long one call may take."""

from __future__ import annotations

import threading
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config

DOORS: Final = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 2}
)
"""For a door's switch: a hung API must not eat the time that the other door needs."""

READS: Final = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}
)
"""For what a deploy or a person waits for: Describe calls share their throttle with the whole account, so
they are asked again three times."""

ONE_TRY: Final = Config(
    connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 1}
)
"""For a look that is taken again anyway: it must end before the function does."""

GLANCE: Final = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
)
"""For what is only looked at: nothing waits for it."""


class Clients(Protocol):
    """Hands out boto3 clients, the same one each time."""

    def __call__(self, service: str, region: str | None = None) -> Any:
        """Return the client of `service`, like elbv2, in `region`; without one, in the function's own."""


_one_at_a_time: Final = threading.Lock()


def clients(config: Config) -> Clients:
    """Return clients that wait as `config` says, with the credentials that boto3 finds.

    A client may be used by several threads, but not made by several at once (Boto3 documentation,
    guide/clients and guide/session).
    """
    made: dict[tuple[str, str | None], Any] = {}

    def client(service: str, region: str | None = None) -> Any:
        with _one_at_a_time:
            if (service, region) not in made:
                made[service, region] = boto3.client(  # type: ignore[call-overload]
                    service, region_name=region, config=config
                )
            return made[service, region]

    return client
