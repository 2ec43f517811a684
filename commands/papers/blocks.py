"""What a document is made of; the two writers show it as Markdown and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Known(StrEnum):
    """How something is known."""

    DECLARED = "declared"
    MEASURED = "measured"
    ATTESTED = "attested"
    OPEN = "open"
    NOBODY = "not known"


@dataclass(frozen=True)
class Heading:
    """Begins a chapter."""

    text: str


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Listed:
    """Points, in order where `numbered`."""

    points: Sequence[str]
    numbered: bool = False


@dataclass(frozen=True)
class Command:
    """Lines that a person copies into a terminal."""

    lines: str


@dataclass(frozen=True)
class Table:
    """Rows of texts; a cell that is a `Known` is shown as what it is, and one that is empty as a line to
    write on. With `boxes` each row can be ticked."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    boxes: bool = False


Block = Heading | Words | Listed | Command | Table


@dataclass(frozen=True)
class Paper:
    """One document.

    Attributes
    ----------
    name : str
        Of its files, like cutover-checklist.
    title, said : str
        What it is, and the one sentence that whoever reads no more should have read.
    made : str
        From what, and when.
    """

    name: str
    title: str
    said: str
    made: str
    blocks: Sequence[Block]
