"""One apply at a time for a service: a small object in the bucket of the bootstrap, written only if there is
none.

S3 answers 412 where the condition of a write does not hold, and takes one of two writers (Amazon S3 User
Guide, conditional-writes).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from commands.pipeline.errors import CouldNotTellError, RefusedError
from shared.shown import NAME, shown

LONGEST: Final = timedelta(hours=2)
"""A lock that is older belongs to nobody any more: the longest bake and what comes before it take less."""
_FOLDER: Final = "cutover-locks"
_TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


@dataclass(frozen=True)
class Holder:
    """Who applies which plan."""

    by: str
    plan: str


class Lock:
    """The lock of one service.

    Parameters
    ----------
    client : object
        boto3 client of S3.
    bucket, service : str
    holder : Holder
        Who takes it. The same plan may take it again: that is how an apply goes on.
    now : callable
        Returns the time, with a time zone.
    """

    def __init__(
        self, client: Any, bucket: str, service: str, holder: Holder, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._where = {"Bucket": bucket, "Key": f"{_FOLDER}/{service}.json"}
        self._service = service
        self._holder = holder
        self._now = now
        self._etag = ""

    def take(self) -> None:
        """Take it.

        Raises
        ------
        RefusedError
            When somebody else has it.
        CouldNotTellError
            When S3 does not say.
        """
        try:
            if self._write(IfNoneMatch="*"):
                return
            etag, held = self._read()
            if held is not None and not self._may_take(held):
                raise RefusedError(
                    f"{self._service}: {shown(str(held.get('by')), NAME)} applies the plan "
                    f"{shown(str(held.get('plan')), NAME)[:12]} since {shown(str(held.get('since')), NAME)}. "
                    "Wait until that has ended: without a word of it the lock falls at "
                    f"{shown(str(held.get('until')), NAME)}."
                )
            if self._write(**({"IfMatch": etag} if etag else {"IfNoneMatch": "*"})):
                return
        except (ClientError, BotoCoreError) as error:
            raise CouldNotTellError(
                f"{self._service}: the lock in {self._where['Bucket']} cannot be taken: {shown(str(error))}."
            ) from error
        raise RefusedError(
            f"{self._service}: somebody else took the lock just now. Look who applies."
        )

    def release(self) -> str:
        """Give it back if it is still ours, and return why that failed, or nothing."""
        try:
            etag, _ = self._read()
            if etag and etag == self._etag:
                self._client.delete_object(**self._where)
        except (ClientError, BotoCoreError) as error:
            return f"{self._service}: the lock stays for at most {LONGEST}: {shown(str(error))}."
        return ""

    def _write(self, **only_if: str) -> bool:
        since = self._now()
        body = {
            "service": self._service,
            "by": self._holder.by,
            "plan": self._holder.plan,
            "since": since.isoformat(timespec="seconds"),
            "until": (since + LONGEST).isoformat(timespec="seconds"),
        }
        try:
            answer = self._client.put_object(
                **self._where, Body=json.dumps(body, indent=2).encode(), **only_if
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                return False
            raise
        self._etag = answer["ETag"]
        return True

    def _read(self) -> tuple[str, dict[str, Any] | None]:
        """Return the lock's version and what it says; of one that says nothing readable, only the version."""
        try:
            answer = self._client.get_object(**self._where)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                return "", None
            raise
        try:
            held = json.loads(answer["Body"].read())
        except ValueError:
            held = None
        return answer["ETag"], held if isinstance(held, dict) else None

    def _may_take(self, held: dict[str, Any]) -> bool:
        if held.get("plan") == self._holder.plan:
            return True
        try:
            until = datetime.fromisoformat(str(held.get("until")))
        except ValueError:
            return True
        return until.astimezone(UTC) <= self._now()
