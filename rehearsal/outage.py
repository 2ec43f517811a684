"""When a new side that is played was broken, and since when it harmed nobody any more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outage:
    """New answers 500 to all from `struck` on. The edge (`thrown`) and the records (`turned`) lead nobody
    there until it is well and released (`healed`). Unix seconds."""

    struck: float
    thrown: float
    turned: float
    healed: float
