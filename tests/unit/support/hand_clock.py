"""A clock that moves only when somebody waits, or works."""

from __future__ import annotations


class HandClock:
    """Begins at 0 s."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.at += seconds
