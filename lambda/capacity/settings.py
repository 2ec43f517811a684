"""What the keeper's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.capacity.settings import CapacitySettings


@dataclass(frozen=True, kw_only=True)
class Settings(CapacitySettings):
    """The keeper's variables, each by its name in capitals."""

    service: str
    doors: tuple[str, ...]
    watch_hours: int
    announcements_topic_arn: str
    chat_topic_arn: str = ""
