"""The edge door's switch: the key `switch` of a CloudFront KeyValueStore.

IAM: cloudfront-keyvaluestore:DescribeKeyValueStore, GetKey and (to write) PutKey on the store's ARN.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from doors.patience import DoorError, patiently
from doors.switch import SwitchState, parse

if TYPE_CHECKING:
    from mypy_boto3_cloudfront_keyvaluestore import CloudFrontKeyValueStoreClient

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

    def write(self, state: SwitchState) -> None:
        """Write the switch and read it back. Another's words for the same state will do: of two alarms
        at once, either may have the last word.

        Raises
        ------
        DoorError
            When it cannot be written, or reads otherwise.
        """
        self._put(SWITCH_KEY, state.to_value())
        if self.read().state != state.state:
            raise DoorError(f"the switch was written {state.state}, but does not read so")

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
        if self._get(key) != value:
            raise DoorError(f"{key} was written, but does not read as written")

    def _put(self, key: str, value: str) -> None:
        def describe_and_put() -> None:
            etag = self._client.describe_key_value_store(KvsARN=self._arn)["ETag"]
            self._client.put_key(KvsARN=self._arn, Key=key, Value=value, IfMatch=etag)

        patiently(describe_and_put, also_retry=_MOVED, sleep=self._sleep)

    def _get(self, key: str) -> str:
        return patiently(
            lambda: self._client.get_key(KvsARN=self._arn, Key=key)["Value"], sleep=self._sleep
        )
