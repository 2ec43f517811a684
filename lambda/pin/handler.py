"""Signs a pin, and copies the signing key to the edge if it is not there yet."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, timedelta
from typing import Final

from pin.cookie import key_of, sign
from pin.request import RequestError, parse
from pin.settings import Settings
from shared.aws import DOORS, clients
from shared.settings import read

PIN_KEY: Final = "pin-key"
_client = clients(DOORS)
logger = logging.getLogger("pin")
logger.setLevel(logging.INFO)


def handler(event: object, _context: object) -> dict[str, str]:
    """Return a signed cookie for {"side": …, "hours": …, "by": …}.

    Raises
    ------
    DoorError
        When the key cannot be brought to the edge.
    """
    settings = read(Settings, os.environ)
    try:
        request = parse(event)
    except RequestError as error:
        return {"error": str(error)}
    secret = _client("secretsmanager").get_secret_value(SecretId=settings.pin_secret_arn)[
        "SecretString"
    ]
    key = key_of(secret)
    store = settings.store(_client)
    if store.get(PIN_KEY) != key:
        store.put(PIN_KEY, key)
    expires = datetime.now(UTC) + timedelta(hours=request.hours)
    cookie = sign(key, settings.service, request.side, int(expires.timestamp()))
    logger.info("pinned", extra={"by": request.by, "side": request.side, "hours": request.hours})
    return {
        "cookie": cookie,
        "expires": expires.isoformat(timespec="seconds"),
        "how": f"curl --cookie '{cookie}' https://YOUR-EDGE-DOMAIN/",
    }
