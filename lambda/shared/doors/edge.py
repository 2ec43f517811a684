"""The edge door's switch: the key `switch` of a CloudFront KeyValueStore."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared.doors.patience import DoorError, patiently, settles
from shared.doors.switch import SwitchState, parse

if TYPE_CHECKING:
    from mypy_boto3_cloudfront_keyvaluestore import CloudFrontKeyValueStoreClient

Written = TypeVar("Written")

SWITCH_KEY: Final = "switch"
# A write under an ETag that has moved answers with either (CloudFront KeyValueStore API reference,
# PutKey, lists both).
_MOVED: Final = ("ConflictException", "ValidationException")


class EdgeDoor:
    """Reads and writes one KeyValueStore.

    The ETag versions the whole store, so any other write invalidates ours: describe and put again.
    """

    name = "edge"

    def __init__(
        self,
        client: CloudFrontKeyValueStoreClient,
        store_arn: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._arn = store_arn
        self._sleep = sleep

    def read(self) -> SwitchState:
        """Return what the switch says.

        Raises
        ------
        DoorError
            When the store cannot be read.
        """
        return parse(self._get(SWITCH_KEY))

    def bring(self, state: SwitchState) -> bool:
        """Bring the switch to `state`, read it back, and return whether it had to be written for that.

        The ETag, which versions the whole store, is taken before the switch is read: of two that
        bring it to the same state at once one alone writes, and that one's words are kept.

        Raises
        ------
        DoorError
            When it cannot be written, or reads otherwise.
        """

        def compare_and_put() -> bool:
            etag = self._etag()
            held = self._held()
            if held is not None and held.state == state.state:
                # Ours where an earlier attempt was carried out, but its answer lost.
                return (held.by, held.at) == (state.by, state.at)
            self._client.put_key(
                KvsARN=self._arn, Key=SWITCH_KEY, Value=state.to_value(), IfMatch=etag
            )
            return True

        written = self._write(compare_and_put)
        if written and not settles(lambda: self.read().state == state.state, self._sleep):
            raise DoorError(
                f"the switch was written as {state.state}, but does not read back as {state.state}"
            )
        return written

    def get(self, key: str) -> str | None:
        """Return the value of `key`, or None where there is none.

        Raises
        ------
        DoorError
            When the store cannot be read.
        """
        try:
            return self._get(key)
        except DoorError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise

    def put(self, key: str, value: str) -> None:
        """Write `value` at `key` and read it back.

        Raises
        ------
        DoorError
            When it cannot be written, or does not read as written.
        """

        self._put(key, value)
        if not settles(lambda: self.get(key) == value, self._sleep):
            raise DoorError(f"{key} was written, but does not read back as written")

    def _put(self, key: str, value: str) -> None:
        def describe_and_put() -> None:
            etag = self._etag()
            self._client.put_key(KvsARN=self._arn, Key=key, Value=value, IfMatch=etag)

        self._write(describe_and_put)

    def _write(self, action: Callable[[], Written]) -> Written:
        return patiently(
            action,
            also_retry=_MOVED,
            plainly={
                "ResourceNotFoundException": f"the store {self._arn} does not exist. Deploy the "
                "Safety stack. Until then it is not known what the edge function reads"
            },
            sleep=self._sleep,
        )

    def _etag(self) -> str:
        return self._client.describe_key_value_store(KvsARN=self._arn)["ETag"]

    def _held(self) -> SwitchState | None:
        """Return what the switch says, or None if it cannot be read: then it is written anyway."""
        try:
            return parse(self._client.get_key(KvsARN=self._arn, Key=SWITCH_KEY)["Value"])
        except (ClientError, BotoCoreError):
            return None

    def _get(self, key: str) -> str:
        return patiently(
            lambda: self._client.get_key(KvsARN=self._arn, Key=key)["Value"], sleep=self._sleep
        )
