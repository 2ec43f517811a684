"""Signs a pin, and brings the signing key to the edge where it is not there yet.

IAM: secretsmanager:GetSecretValue on the secret; cloudfront-keyvaluestore:DescribeKeyValueStore, GetKey and
PutKey on the store.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import boto3

from pin.cookie import PinError, key_of, parse, sign
from shared.doors.edge import EdgeDoor
from shared.doors.patience import CLIENT_CONFIG
from shared.doors.settings import required

PIN_KEY: Final = "pin-key"
logger = logging.getLogger("pin")
logger.setLevel(logging.INFO)


def handler(event: object, _context: object) -> dict[str, str]:
    """Return a signed cookie for {"side": …, "hours": …, "by": …}.

    Raises
    ------
    DoorError
        When the key cannot be brought to the edge.
    """
    service = required(os.environ, "SERVICE")
    try:
        request = parse(event)
    except PinError as error:
        return {"error": str(error)}
    secret = _client("secretsmanager").get_secret_value(
        SecretId=required(os.environ, "PIN_SECRET_ARN")
    )["SecretString"]
    key = key_of(secret)
    store = EdgeDoor(_client("cloudfront-keyvaluestore"), required(os.environ, "KVS_ARN"))
    if store.get(PIN_KEY) != key:
        store.put(PIN_KEY, key)
    expires = datetime.now(UTC) + timedelta(hours=request.hours)
    cookie = sign(key, service, request.side, int(expires.timestamp()))
    logger.info("pinned", extra={"by": request.by, "side": request.side, "hours": request.hours})
    return {
        "cookie": cookie,
        "expires": expires.isoformat(timespec="seconds"),
        "how": f"curl --cookie '{cookie}' https://YOUR-EDGE-DOMAIN/",
    }


@cache
def _client(service: str) -> Any:
    return boto3.client(service, config=CLIENT_CONFIG)  # type: ignore[call-overload]
