"""The switch's state: whether new may serve at all, and who said so, why and when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from shared.shown import shown

VALUE_BYTES: Final = 1024
"""What a value in a KeyValueStore may hold (CloudFront Developer Guide, cloudfront-limits)."""

State = Literal["released", "thrown"]


@dataclass(frozen=True)
class SwitchState:
    """What a door's switch says.

    Attributes
    ----------
    state : str
        `released`: the weights hold. `thrown`: everybody goes to old.
    by, reason, at : str
        Who wrote it, why, and when (ISO 8601, UTC). Empty where the door cannot hold them, or
        nothing was written yet.
    """

    state: State
    by: str = ""
    reason: str = ""
    at: str = ""

    @property
    def thrown(self) -> bool:
        """Whether everybody goes to old."""
        return self.state == "thrown"

    def to_value(self) -> str:
        """Return the JSON for the store, at most 1,024 bytes: a long reason is cut, never the state."""
        value = self._json(self.by, self.reason)
        by, reason = self.by, self.reason
        while len(value.encode()) > VALUE_BYTES:
            if reason:
                reason = reason[: len(reason) * 3 // 4]
            else:
                by = by[: len(by) * 3 // 4]
            value = self._json(by, reason)
        return value

    def _json(self, by: str, reason: str) -> str:
        written = {"state": self.state, "by": by, "reason": reason, "at": self.at}
        return json.dumps({key: value for key, value in written.items() if value})

    def to_dict(self) -> dict[str, str]:
        """Return it as `status` shows it."""
        shown = {"state": self.state, "by": self.by, "reason": self.reason, "at": self.at}
        return {key: value for key, value in shown.items() if value}


def parse(value: str) -> SwitchState:
    """Return what a stored value says; anything that is not plainly `released` counts as thrown.

    The edge function reads it the same way, so that no person is told "released" while viewers are sent
    to old.
    """
    try:
        held: Any = json.loads(value)
    except ValueError:
        return SwitchState("thrown", reason="the stored switch cannot be read")
    if not isinstance(held, dict) or held.get("state") not in {"released", "thrown"}:
        return SwitchState("thrown", reason="the stored switch cannot be read")
    by, reason, at = (shown(str(held.get(key, ""))) for key in ("by", "reason", "at"))
    return SwitchState(held["state"], by, reason, at)
