"""The cookie that pins a tester to one side; lambda/edge/router.js checks it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

COOKIE: Final = "cutover-pin"


def key_of(secret: str) -> str:
    """Return the key for the edge's store: 64 lower-case hex digits made of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign(key: str, service: str, side: str, expiry: int) -> str:
    """Return the cookie for `side` until `expiry` (Unix seconds), signed with the text of `key`."""
    signed = f"{service}.{side}.{expiry}"
    digest = hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return f"{COOKIE}={side}.{expiry}.{digest}"
