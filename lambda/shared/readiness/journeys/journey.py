"""What is declared of journeys, of the session that one of them begins, and of the secrets that they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

BodyKind = Literal["", "text", "json", "form"]
PLACEHOLDER: Final = r"\{([a-z][a-z0-9_]{0,39})\}"
"""How a step names a value that is carried, or a secret."""


@dataclass(frozen=True)
class Pair:
    """A name and its value: a header, or a JSON pointer and the JSON text of what stands there."""

    name: str
    value: str


@dataclass(frozen=True)
class Take:
    """A value that later steps use as {name}: what a JSON pointer (RFC 6901) points to in the body, what a
    header holds, or what a regular expression finds in the body (its first group, where it has one). One of
    the three is not empty."""

    name: str
    pointer: str = ""
    header: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class Expect:
    """What must come back.

    Attributes
    ----------
    status : str
        A status, like 200, or a class, like 2xx.
    contains : str
        A text in the body; empty: any body.
    headers, values : tuple of Pair
        Headers and their whole values; JSON pointers and the JSON texts of the values there.
    """

    status: str = "2xx"
    contains: str = ""
    headers: tuple[Pair, ...] = ()
    values: tuple[Pair, ...] = ()


@dataclass(frozen=True)
class Step:
    """One request; in path, headers and body a {name} stands for a value.

    Attributes
    ----------
    body : str
        The text itself; for json and form, JSON whose texts hold the {name}s.
    follow : bool
        Whether redirects are followed, as a browser does.
    """

    path: str
    method: str = "GET"
    headers: tuple[Pair, ...] = ()
    body: str = ""
    body_kind: BodyKind = ""
    follow: bool = True
    expect: Expect = Expect()
    take: tuple[Take, ...] = ()


@dataclass(frozen=True)
class Journey:
    """Steps that one viewer makes one after the other, with one set of cookies."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Session:
    """How one sees whether a viewer is known: `path` answers with `status`, and its body holds `contains`,
    after the journey of this name. Without a journey, nothing is declared."""

    journey: str = ""
    path: str = ""
    status: str = "2xx"
    contains: str = ""


@dataclass(frozen=True)
class Secret:
    """Where the value of {name} is kept: a key of the JSON in a secret of Secrets Manager, with whole ARN."""

    name: str
    arn: str
    key: str
