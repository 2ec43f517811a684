"""What the bake's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.doors.door import DoorSettings


@dataclass(frozen=True, kw_only=True)
class Settings(DoorSettings):
    """The bake's variables, each by its name in capitals."""

    service: str
