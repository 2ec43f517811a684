"""How often and for how long a door is asked again: long enough for a throttle or a version that moved,
short enough that both doors and a retry fit into a rollback of two minutes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping
from typing import Final, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
)

from shared.shown import shown

Result = TypeVar("Result")

ATTEMPTS: Final = 6
PATIENCE_SECONDS: Final = 15.0
"""After this time no further attempt begins: an API that hangs answers none of six."""
_FIRST_WAIT_SECONDS: Final = 0.2
_SERVER_ERROR: Final = 500

_LOOKS: Final = 9
_LOOK_AGAIN_SECONDS: Final = 0.25

TRANSIENT: Final = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "PriorRequestNotComplete",
        "ServiceUnavailable",
        "InternalError",
        "InternalFailure",
        "InternalServerException",
        "RequestTimeout",
    }
)


class DoorError(Exception):
    """A door's switch could not be read or written.

    Attributes
    ----------
    code : str
        AWS's error code, or nothing where the error is not AWS's.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def patiently(
    action: Callable[[], Result],
    *,
    also_retry: Collection[str] = (),
    plainly: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """Return what `action` returns, asking again with growing, jittered waits (about 6 s in all) while
    AWS says that it may work later.

    `also_retry` names error codes after which `action`, which reads afresh each time, may succeed;
    `plainly` says in a sentence what an error code means here.

    Raises
    ------
    DoorError
        When AWS refuses for good, or still refuses at the last attempt.
    """
    began = clock()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return action()
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            retriable = code in TRANSIENT or code in also_retry or status >= _SERVER_ERROR
            if not retriable or attempt == ATTEMPTS or clock() - began > PATIENCE_SECONDS:
                raise DoorError((plainly or {}).get(code, shown(f"{error}")), code) from error
        except (ConnectionError, HTTPClientError) as error:
            if attempt == ATTEMPTS or clock() - began > PATIENCE_SECONDS:
                raise DoorError(shown(f"{error}")) from error
        except BotoCoreError as error:
            raise DoorError(shown(f"{error}")) from error
        sleep(_FIRST_WAIT_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))  # noqa: S311
    raise AssertionError("unreachable: the last attempt returns or raises")


def settles(reads_as_written: Callable[[], bool], sleep: Callable[[float], None]) -> bool:
    """Return whether what was written reads so within two seconds.

    No document says that a read sees the write before it: one stale answer must not make a rollback count
    as failed.
    """
    for look in range(_LOOKS):
        if look:
            sleep(_LOOK_AGAIN_SECONDS)
        if reads_as_written():
            return True
    return False
