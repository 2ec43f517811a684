"""A hosted zone of Route 53: reads the records of one name, and exchanges them in one batch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from commands.records.exchange import Exchange
from commands.records.record_set import RecordSet, dotted, in_order
from shared.doors.patience import DoorError, patiently

_IN_SYNC_SECONDS: Final = 120.0
"""Changes generally propagate to all Route 53 servers within 60 seconds (Route 53 API reference,
ChangeResourceRecordSets)."""
_LOOK_EVERY_SECONDS: Final = 2.0
_PAGE: Final = "100"
_NO_ANSWER: Final = ("", "ServiceUnavailable", "InternalFailure", "InternalError", "RequestTimeout")
"""After these it is not known whether the batch was carried out."""


@dataclass(frozen=True)
class ZoneFacts:
    """What Route 53 says of a hosted zone.

    Attributes
    ----------
    name : str
        With the dot at its end.
    private : bool
        Whether only networks of the account see it.
    servers : tuple of str
        The names of its authoritative servers; none for a private one.
    """

    name: str
    private: bool
    servers: tuple[str, ...]


class Zone:
    """One hosted zone."""

    def __init__(
        self,
        client: Any,
        zone_id: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self.zone_id = zone_id
        self._sleep = sleep
        self._clock = clock

    def facts(self) -> ZoneFacts:
        """Return what Route 53 says of the zone.

        Raises
        ------
        DoorError
            When it cannot be read.
        """
        answer = self._patiently(lambda: self._client.get_hosted_zone(Id=self.zone_id))
        return ZoneFacts(
            name=answer["HostedZone"]["Name"],
            private=bool(answer["HostedZone"].get("Config", {}).get("PrivateZone")),
            servers=tuple(answer.get("DelegationSet", {}).get("NameServers", ())),
        )

    def records(self, name: str) -> list[dict[str, Any]]:
        """Return every record set of `name`, of every type, as Route 53 has it.

        Raises
        ------
        DoorError
            When they cannot be read.
        """
        found: list[RecordSet] = []
        start: dict[str, str] = {"StartRecordName": dotted(name)}
        while True:
            asked = {"HostedZoneId": self.zone_id, "MaxItems": _PAGE, **start}
            answer = self._patiently(partial(self._client.list_resource_record_sets, **asked))
            page = answer["ResourceRecordSets"]
            # The listing is sorted by name, so the name's own records come first.
            own = [record for record in page if dotted(record["Name"]) == dotted(name)]
            found += own
            if not answer.get("IsTruncated") or len(own) < len(page):
                return in_order(found)
            start = {
                "StartRecordName": answer["NextRecordName"],
                "StartRecordType": answer["NextRecordType"],
                **(
                    {"StartRecordIdentifier": answer["NextRecordIdentifier"]}
                    if answer.get("NextRecordIdentifier")
                    else {}
                ),
            }

    def exchange(self, exchange: Exchange, comment: str) -> str | None:
        """Make the change batch, and return the change's id; None where it is not known, because the answer
        was lost but the records are there.

        Raises
        ------
        DoorError
            When Route 53 refuses: then nothing was changed.
        """
        name = exchange.before[0]["Name"]
        batch = {"Comment": comment, "Changes": exchange.changes}

        def change() -> str:
            answer = self._client.change_resource_record_sets(
                HostedZoneId=self.zone_id, ChangeBatch=batch
            )
            identity: str = answer["ChangeInfo"]["Id"]
            return identity

        try:
            made: str = self._patiently(change)
        except DoorError as error:
            # A batch that was carried out, but whose answer was lost, is refused when it is sent again.
            may_be_done = error.code in {*_NO_ANSWER, "InvalidChangeBatch"}
            if may_be_done and exchange.is_done(self.records(name)):
                return None
            if error.code == "InvalidChangeBatch":
                raise DoorError(
                    f"Route 53 refused the batch and changed nothing: {error}. Somebody changed a "
                    "record since it was read, or the record is protected (record-set protections). "
                    "Look again",
                    error.code,
                ) from error
            raise
        return made

    def wait_until_in_sync(self, change_id: str) -> bool:
        """Return whether all of Route 53's servers answer by the change within two minutes.

        Raises
        ------
        DoorError
            When its state cannot be read.
        """
        until = self._clock() + _IN_SYNC_SECONDS
        while True:
            answer = self._patiently(lambda: self._client.get_change(Id=change_id))
            if answer["ChangeInfo"]["Status"] == "INSYNC":
                return True
            if self._clock() >= until:
                return False
            self._sleep(_LOOK_EVERY_SECONDS)

    def _patiently(self, action: Callable[[], Any]) -> Any:
        return patiently(
            action,
            plainly={
                "NoSuchHostedZone": f"the hosted zone {self.zone_id} does not exist in this account"
            },
            clock=self._clock,
            sleep=self._sleep,
        )
