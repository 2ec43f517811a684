"""The cookie that pins a tester to one side; lambda/edge/router.js checks it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

COOKIE: Final = "cutover-pin"
MAX_HOURS: Final = 72


class PinError(ValueError):
    """The request makes no sense; the message says what would."""


@dataclass(frozen=True)
class PinRequest:
    """Who wants to be sent where, and for how many hours (1 to 72)."""

    side: str
    hours: int
    by: str


def parse(event: object) -> PinRequest:
    """Return what `event` asks for: {"side": "new", "hours": 8, "by": "ada"}.

    Raises
    ------
    PinError
        When it lacks something or is out of bounds.
    """
    if not isinstance(event, Mapping):
        raise PinError('the payload must be a JSON object like {"side":"new","hours":8,"by":"ada"}')
    side, hours, by = event.get("side"), event.get("hours"), event.get("by")
    if side not in {"old", "new"}:
        raise PinError(f"side is {side!r}: it must be old or new")
    if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= MAX_HOURS:
        raise PinError(f"hours is {hours!r}: it must be a whole number from 1 to {MAX_HOURS}")
    if not isinstance(by, str) or not by.strip():
        raise PinError("by is missing: say who asks")
    return PinRequest(side, hours, by.strip())


def key_of(secret: str) -> str:
    """Return the key for the edge's store: 64 lower-case hex digits made of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign(key: str, service: str, side: str, expiry: int) -> str:
    """Return the cookie for `side` until `expiry` (Unix seconds), signed with the text of `key`."""
    signed = f"{service}.{side}.{expiry}"
    digest = hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return f"{COOKIE}={side}.{expiry}.{digest}"
