"""How many services move at once, and in which order: the context key `cutover_fleet`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Annotated, Self

from pydantic import Field, model_validator

from cutover.declaration.model import Model

Wave = Annotated[tuple[str, ...], Field(strict=False, min_length=1, max_length=100)]


class Fleet(Model):
    """The services that are declared side by side, as one undertaking."""

    at_once: int = Field(
        default=1,
        ge=1,
        le=100,
        description="how many services may be on their way at once, 1 to 100: begun, and not finished",
    )
    waves: tuple[Wave, ...] = Field(
        default=(),
        strict=False,
        max_length=100,
        description="lists of services: none rises before all of the lists before have finished; each "
        "declared service is in one list. Left out: there is no order",
    )

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        many = [name for name, count in Counter(self._named).items() if count > 1]
        if many:
            raise ValueError(f"names {many[0]} more than once: a service is in one wave")
        return self

    @property
    def _named(self) -> list[str]:
        return [name for wave in self.waves for name in wave]

    def faults(self, declared: Collection[str]) -> list[str]:
        """Return what does not fit the services that are declared, each as the end of a sentence."""
        if not self.waves:
            return []
        unknown = [name for name in self._named if name not in declared]
        left = [name for name in declared if name not in self._named]
        return [
            *(f"names {name}, which is not declared" for name in unknown),
            *(f"leaves {name} out: each declared service is in one wave" for name in left),
        ]

    def wave_of(self, service: str) -> int:
        """Return the number of its wave, from 1 on; 1 where there are no waves."""
        return next((at for at, wave in enumerate(self.waves, 1) if service in wave), 1)

    def before(self, service: str) -> list[str]:
        """Return the services that must have finished before this one may rise."""
        return [name for wave in self.waves[: self.wave_of(service) - 1] for name in wave]
