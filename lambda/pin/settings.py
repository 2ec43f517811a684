"""What the pin function's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.doors.door import DoorSettings


@dataclass(frozen=True, kw_only=True)
class Settings(DoorSettings):
    """The pin function's variables, each by its name in capitals."""

    service: str
    pin_secret_arn: str
