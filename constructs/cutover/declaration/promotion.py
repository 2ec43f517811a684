"""When and how far a weight may rise, and how long it bakes: `promotion`."""

from __future__ import annotations

from datetime import date
from typing import Final, Self

from pydantic import Field, field_validator, model_validator

from cutover.declaration.capacity import Capacity
from cutover.declaration.groups import MOST_GROUPS, Group
from cutover.declaration.hooks import Hooks
from cutover.declaration.model import Day, Model, Said
from cutover.declaration.time_zones import time_zones

USUAL_STEPS: Final = (1, 5, 10, 25, 50, 100)
"""The weights on the way, where none are declared; a step that is too far apart gets others in between."""

HIGHEST: Final = 100

_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class Window(Model):
    """The hours of a day in which a weight may rise; they may span midnight."""

    start: str = Field(pattern=_CLOCK, description="time of day when it opens, like 02:00")
    end: str = Field(pattern=_CLOCK, description="time of day when it closes, like 06:00")

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.start == self.end:
            raise ValueError(
                f"starts and ends at {self.start}: leave it out to allow the whole day"
            )
        return self


class Freeze(Model):
    """Days on which no weight may rise."""

    start: Day = Field(description="first day, like 2026-12-20")
    end: Day = Field(description="last day, like 2027-01-02")
    reason: Said = Field(max_length=300, description="why")

    @model_validator(mode="after")
    def _does_not_end_before_it_starts(self) -> Self:
        if date.fromisoformat(self.end) < date.fromisoformat(self.start):
            raise ValueError(f"ends on {self.end}, before it starts on {self.start}")
        return self


class Step(Model):
    """One weight on the way to 100."""

    weight: int = Field(ge=1, le=100, description="weight of new in percent, 1 to 100")
    bake_minutes: int | None = Field(
        default=None,
        ge=0,
        le=55,
        description="minutes of bake at this weight, 0 to 55; left out: promotion.bake_minutes",
    )


class Promotion(Model):
    """When and how far a weight may rise, and how long it is watched before the deploy ends."""

    max_step_percent: int = Field(
        default=50, ge=1, le=100, description="how far a weight may rise in one deploy, 1 to 100"
    )
    time_zone: str = Field(
        default="UTC", description="time zone of window and freezes, like America/New_York"
    )
    window: Window | None = Field(
        default=None,
        description="hours of the day in which a weight may rise; left out: all day",
    )
    freezes: tuple[Freeze, ...] = Field(
        default=(), strict=False, max_length=50, description="days on which no weight may rise"
    )
    bake_minutes: int = Field(
        default=5,
        ge=0,
        le=55,
        description="minutes after a rise in which an alarm makes the deploy fail, 0 to 55; 0: no bake",
    )

    watch_hours: int = Field(
        default=24,
        ge=1,
        le=720,
        description="hours after new_weight has reached 100 in which old stays ready to take everything "
        "back, and before which it may not leave the doors, 1 to 720",
    )
    steps: tuple[Step, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="weights on the way, each higher than the one before, the last 100; `cutover promote` "
        f"goes to the next one. Left out: {', '.join(map(str, USUAL_STEPS))}, with more in between where "
        "max_step_percent is less",
    )
    groups: tuple[Group, ...] = Field(
        default=(),
        strict=False,
        max_length=MOST_GROUPS,
        description=f"viewers who are on new before everybody, at most {MOST_GROUPS} groups; the edge door "
        "must be declared, and nobody at the dns door is in one",
    )
    hooks: Hooks = Field(
        default=Hooks(),
        description="what is called before a weight rises and after it has moved (docs/hooks.md)",
    )
    capacity: Capacity | None = Field(
        default=None,
        description="load balancer capacity that is reserved on new before a weight rises, and released "
        "after it (docs/hooks.md); it costs money by the hour. Left out: nothing is reserved",
    )

    @property
    def way(self) -> tuple[Step, ...]:
        """The steps, declared or usual; none is further from the one before than a deploy may go."""
        if self.steps:
            return self.steps
        weights: list[int] = []
        for weight in USUAL_STEPS:
            while weight - (weights or [0])[-1] > self.max_step_percent:
                weights.append((weights or [0])[-1] + self.max_step_percent)
            weights.append(weight)
        return tuple(Step(weight=weight) for weight in weights)

    def bake_minutes_at(self, weight: int) -> int:
        """Return how long a rise to `weight` bakes: as its step says, if it is one that says so."""
        for step in self.steps:
            if step.weight == weight and step.bake_minutes is not None:
                return step.bake_minutes
        return self.bake_minutes

    @model_validator(mode="after")
    def _steps_lead_to_100(self) -> Self:
        before = 0
        for step in self.steps:
            if step.weight <= before:
                raise ValueError(
                    f"has a step to {step.weight} after {before}: each step must be higher"
                )
            if step.weight - before > self.max_step_percent:
                raise ValueError(
                    f"has a step from {before} to {step.weight}, and max_step_percent is "
                    f"{self.max_step_percent}: put a step in between, or raise max_step_percent"
                )
            before = step.weight
        if self.steps and before != HIGHEST:
            raise ValueError(f"has steps that end at {before}: the last step must be {HIGHEST}")
        return self

    @model_validator(mode="after")
    def _groups_come_in_at_steps(self) -> Self:
        names = [group.name for group in self.groups]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"has two groups with the name {twice}: give each its own")
        steps = [step.weight for step in self.way]
        for group in self.groups:
            if group.from_weight is not None and group.from_weight not in steps:
                raise ValueError(
                    f"has the group {group.name} from {group.from_weight} % on, which is no step: the steps "
                    f"are {', '.join(map(str, steps))}"
                )
        return self

    def groups_at(self, weight: int) -> tuple[Group, ...]:
        """Return the groups that are on new at `weight` (percent)."""
        return tuple(group for group in self.groups if group.first_weight <= weight)

    def joining(self, before: int, after: int) -> tuple[Group, ...]:
        """Return the groups that a rise from `before` to `after` (percent) brings to new."""
        there = self.groups_at(before)
        return tuple(group for group in self.groups_at(after) if group not in there)

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        if name not in time_zones():
            raise ValueError("is not a time zone")
        return name
