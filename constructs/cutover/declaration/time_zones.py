"""The names of time zones."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def time_zones() -> frozenset[str]:
    """Return the names that the gate knows too, which has the package tzdata, spelt as they are there.

    A machine's own folder of zones has more, like `localtime`: what time that is depends on the machine.
    """
    # "Factory" is what a machine has that nobody has told where it stands (tzdata, factory).
    return frozenset(files("tzdata").joinpath("zones").read_text().split()) - {"Factory"}
