"""An exchange of record sets: those that stand there for others, all at once or not at all.

Route 53 "validates the changes in the request and then either makes all or none of the changes in the change
batch request" (Route 53 API reference, ChangeResourceRecordSets).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from commands.records.record_set import RecordSet, in_order, stands_in
from shared.shown import shown_value

_HASH_LENGTH = 12


class ExchangeError(Exception):
    """What a file holds is no exchange; the message says why."""


@dataclass(frozen=True)
class Exchange:
    """One change batch.

    Attributes
    ----------
    zone_id : str
    before, after : tuple of RecordSet
        What must stand there, and what stands there afterwards. What stands on both sides stays untouched.
    """

    zone_id: str
    before: tuple[RecordSet, ...]
    after: tuple[RecordSet, ...]

    @classmethod
    def of(cls, zone_id: str, before: Iterable[RecordSet], after: Iterable[RecordSet]) -> Self:
        """Return the exchange, in one order."""
        return cls(zone_id, tuple(in_order(before)), tuple(in_order(after)))

    @property
    def inverse(self) -> Self:
        """The exchange that takes this one back."""
        return type(self)(self.zone_id, self.after, self.before)

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The changes of the batch: deletions first.

        A deletion "must specify all the same values", so the whole batch is refused when somebody has changed
        a record meanwhile (Route 53 API reference, ChangeResourceRecordSets).
        """
        return [
            *(
                {"Action": "DELETE", "ResourceRecordSet": record}
                for record in self.before
                if not stands_in(record, self.after)
            ),
            *(
                {"Action": "CREATE", "ResourceRecordSet": record}
                for record in self.after
                if not stands_in(record, self.before)
            ),
        ]

    def is_done(self, live: Iterable[RecordSet]) -> bool:
        """Return whether `live` holds all that it brings, and nothing that it takes away."""
        live = list(live)
        gone = [record for record in self.before if not stands_in(record, self.after)]
        return all(stands_in(record, live) for record in self.after) and not any(
            stands_in(record, live) for record in gone
        )

    @property
    def hash(self) -> str:
        """What a person confirms: it changes with anything in the batch."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]

    def to_dict(self) -> dict[str, Any]:
        """Return it as a file holds it."""
        return {"zone": self.zone_id, "before": list(self.before), "after": list(self.after)}

    @classmethod
    def from_dict(cls, held: Any) -> Self:
        """Return what a file holds.

        Raises
        ------
        ExchangeError
            When it is something else.
        """
        try:
            return cls.of(str(held["zone"]), held["before"], held["after"])
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise ExchangeError(
                f"it holds {shown_value(held)}, and no change of records"
            ) from error
