"""When CloudWatch looks at an alarm.

"If the alarm period is 10 seconds or 30 seconds, the alarm is evaluated every 10 seconds" (CloudWatch User
Guide, AlarmThatSendsEmail). At which second of the ten is not documented: each alarm has a phase of its own
here. An alarm of a minute is looked at each second here, and about once a minute in an account.
"""

from __future__ import annotations

import math
import random
from typing import Final

FAST_LOOK_SECONDS: Final = 10.0
_MINUTE_SECONDS: Final = 60


class AlarmClock:
    """Says of each alarm whether it is looked at now.

    `chance` draws the phases.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._phases: dict[str, float] = {}
        self._looked: dict[str, float] = {}

    def is_due(self, arn: str, period_seconds: float, now: float) -> bool:
        """Return whether the alarm `arn` is looked at, at `now` (Unix seconds); if so, it has been."""
        if period_seconds >= _MINUTE_SECONDS:
            return True
        if arn not in self._phases:
            self._phases[arn] = self._chance.uniform(0, FAST_LOOK_SECONDS)
        turn = math.floor((now - self._phases[arn]) / FAST_LOOK_SECONDS)
        # The first look is at its own phase too, and not when the alarm is made.
        if turn > self._looked.setdefault(arn, turn):
            self._looked[arn] = turn
            return True
        return False
