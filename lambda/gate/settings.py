"""What the gate's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.doors.door import DoorSettings
from shared.hooks.settings import HookSettings


@dataclass(frozen=True, kw_only=True)
class Settings(DoorSettings, HookSettings):
    """The gate's variables, each by its name in capitals."""

    service: str
    announcements_topic_arn: str
    line_parameter: str
    metric_namespace: str
    chat_topic_arn: str = ""
