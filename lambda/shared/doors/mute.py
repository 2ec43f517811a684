"""The mute: for a named while, alarms do not roll back. A person says so, with a reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from shared.shown import shown

MUTE_KEY: Final = "mute"
"""Its key in the switch's KeyValueStore."""

LONGEST_MINUTES: Final = 240
_TEXT_LENGTH: Final = 160


@dataclass(frozen=True)
class Mute:
    """Until when alarms do not roll back, and who said so, why and when."""

    until: datetime
    by: str
    reason: str
    at: datetime

    def to_value(self) -> str:
        """Return the JSON for the store, well below its 1,024 bytes a value."""
        return json.dumps(
            {
                "until": self.until.isoformat(timespec="seconds"),
                "by": self.by[:_TEXT_LENGTH],
                "reason": self.reason[:_TEXT_LENGTH],
                "at": self.at.isoformat(timespec="seconds"),
            },
            ensure_ascii=False,
        )

    def to_dict(self) -> dict[str, str]:
        """Return it as `status` shows it."""
        shown: dict[str, str] = json.loads(self.to_value())
        return shown


def mute_in(value: str | None, now: datetime) -> Mute | None:
    """Return the mute that a stored value says, or None: one that has expired, cannot be read, or
    would last longer than any that this function writes mutes nothing."""
    try:
        held: Any = json.loads(value or "")
        until = datetime.fromisoformat(held["until"])
        by, reason = (shown(str(held[key]), _TEXT_LENGTH) for key in ("by", "reason"))
        mute = Mute(until, by, reason, datetime.fromisoformat(held["at"]))
        lasts = now < until <= now + timedelta(minutes=LONGEST_MINUTES)
    except (ValueError, KeyError, TypeError):
        return None
    return mute if lasts else None
