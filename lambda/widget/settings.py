"""What the widget's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.status.subject import SubjectSettings


@dataclass(frozen=True, kw_only=True)
class Settings(SubjectSettings):
    """The widget's variables, each by its name in capitals."""

    rollback_function_arn: str
    watched_doors: tuple[str, ...]
    watch_hours: int
