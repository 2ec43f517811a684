"""What the declaration says of what people do: small sequences of requests, made on both sides.

Nothing that writes is sent unless a step says so, and no secret stands here as plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from cutover.declaration.endpoints import PATH
from cutover.declaration.model import Model, Said
from cutover.declaration.shown import shown

CARRIED: Final = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
"""How a step names a value that an earlier one took, or a secret."""
_NAME: Final = r"^[a-z][a-z0-9_]{0,39}$"
_PATH: Final = r"^/[A-Za-z0-9._~!$&'()*+,;=:@%/?{}-]{0,254}$"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_STATUS: Final = re.compile(r"[1-5][0-9]{2}|[1-5]xx")
HEADER: Final = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"
"""The name of a header (RFC 9110, 5.6.2)."""
_OUR_HEADERS: Final = frozenset(
    {
        *(
            "connection",
            "content-length",
            "cookie",
            "expect",
            "host",
            "keep-alive",
            "te",
            "trailer",
        ),
        *("transfer-encoding", "upgrade"),
    }
)
_OTHER_METHOD: Final = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
_SECRET: Final = re.compile(
    r"pass(?:word|wd|phrase)?|pwd|secret|api_?key|(?:access|auth|bearer|id|refresh)_?token|"
    r"(?:proxy_)?authorization|x_api_key|credential"
)
_LONGEST: Final = 20_000
_MOST_STEPS: Final = 100


def _check_headers(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        if re.fullmatch(HEADER, name) is None:
            raise ValueError(f"has {shown(name)} in headers, which is no name of a header")
        if name.lower() in _OUR_HEADERS:
            raise ValueError(f"has {name} in headers, which readiness writes itself")
        if not value.isprintable() or not value.isascii():
            raise ValueError(f"has {name} in headers with a value that is not printable ASCII")


def _texts(document: Any) -> Iterator[tuple[str, str]]:
    """Yield each text in `document` with the key that it stands under, without recursing."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, dict):
            waiting += value.items()
        elif isinstance(value, list):
            waiting += [(key, inner) for inner in value]


class Secret(Model):
    """Where a secret is kept that steps name."""

    name: str = Field(
        pattern=_NAME,
        description="by what steps name it: {name}; small letters, digits and _, at most 40",
    )
    arn: str = Field(
        pattern=r"^arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}$",
        description="whole ARN of the secret in Secrets Manager, with its last six characters, like "
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/test-user-AbCdEf; the gate may read it "
        "and nothing else. `cutover readiness` takes the variable CUTOVER_SECRET_NAME first",
    )
    key: Said = Field(
        max_length=100,
        description="key of the JSON object in it whose text is meant, like password",
    )


class Take(Model):
    """A value that later steps use."""

    name: str = Field(
        pattern=_NAME,
        description="later steps use it as {name}; small letters, digits and _, at most 40",
    )
    pointer: str = Field(
        default="",
        pattern=r"^$|^/",
        max_length=255,
        description="JSON pointer to a text or a number in the body, like /items/0/id",
    )
    header: str = Field(
        default="",
        pattern=r"^$|^[A-Za-z0-9-]{1,100}$",
        description="header that holds it, like ETag",
    )
    pattern: str = Field(
        default="",
        max_length=255,
        description="regular expression that finds it in the body; its first group is meant, if it has one",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(map(bool, (self.pointer, self.header, self.pattern))) != 1:
            raise ValueError("must have exactly one of pointer, header and pattern")
        try:
            re.compile(self.pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"has a pattern that is not a regular expression: {error}") from error
        return self


class Expect(Model):
    """What must come back."""

    status: str = Field(
        default="2xx",
        description="status, like 200, or class, like 3xx, as text; after the redirects that are followed",
    )
    contains: str = Field(
        default="", max_length=255, description="text in the body; left out: any body is right"
    )
    headers: dict[str, str] = Field(
        default={}, max_length=20, description="headers and their whole values, at most 20"
    )
    values: dict[str, Any] = Field(
        default={},
        max_length=20,
        description='JSON pointers and the values there, like {"/user/name": "ada"}, at most 20',
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if _STATUS.fullmatch(self.status) is None:
            raise ValueError(
                f'has status {shown(self.status)}, which is none: it must be like "200" or "2xx"'
            )
        _check_headers(self.headers)
        for pointer in self.values:
            if not pointer.startswith("/"):
                raise ValueError(
                    f"has {shown(pointer)} in values, which is no JSON pointer: it must start with /"
                )
        return self


class Step(Model):
    """One request of a journey."""

    path: str = Field(
        pattern=_PATH,
        description="path and query, starting with /, at most 255 characters; {name} is a value that was "
        "carried, percent-encoded",
    )
    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="GET", description="GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE"
    )
    writes: bool = Field(
        default=False,
        description="true: the step may change data, and you want it to be sent to both sides all the same; "
        "every method but GET, HEAD and OPTIONS needs it",
    )
    headers: dict[str, str] = Field(
        default={},
        max_length=20,
        description="headers to send, at most 20; cookies, Origin and what the door sends come by themselves",
    )
    body_text: str = Field(default="", max_length=_LONGEST, description="body as it is")
    body_json: Any = Field(
        default=None, description="body as JSON; {name} is replaced in its texts only"
    )
    body_form: dict[str, str] = Field(
        default={}, max_length=50, description="body as the fields of an HTML form, at most 50"
    )
    follow: bool = Field(
        default=True,
        description="follow redirects as a browser does, within the side: true or false",
    )
    expect: Expect = Field(default=Expect(), description="what must come back")
    take: tuple[Take, ...] = Field(
        default=(),
        strict=False,
        max_length=10,
        description="values to carry on to later steps; cookies are carried anyway",
    )

    @model_validator(mode="after")
    def _says_that_it_writes(self) -> Self:
        another = next((name for name in self.headers if name.lower() in _OTHER_METHOD), None)
        if not self.writes and (self.method not in _SAFE or another):
            what = f"the header {another}" if self.method in _SAFE else f"method {self.method}"
            raise ValueError(
                f'has {what} without "writes": true. Readiness sends it to both sides, from the gate too, '
                "and it may change data there: say that it writes, or take the step out"
            )
        return self

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        _check_headers(self.headers)
        bodies = [self.body_text != "", self.body_json is not None, self.body_form != {}]
        if sum(bodies) > 1:
            raise ValueError("has more than one of body_text, body_json and body_form")
        if any(bodies) and self.method in {"GET", "HEAD"}:
            raise ValueError(f"has a body with method {self.method}, which takes none")
        if len(json.dumps(self.body_json)) > _LONGEST:
            raise ValueError(f"has a body_json of more than {_LONGEST} characters")
        return self

    @model_validator(mode="after")
    def _holds_no_secret(self) -> Self:
        for name, value in (
            *self.headers.items(),
            *_texts(self.body_json),
            *self.body_form.items(),
        ):
            if (
                value
                and _SECRET.search(name.lower().replace("-", "_"))
                and not CARRIED.search(value)
            ):
                raise ValueError(
                    f"has {shown(name)} as plain text, which looks like a secret: this file is read by many. "
                    "Put it into Secrets Manager, name it in readiness.secrets, and write {name} here"
                )
        return self

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield where a value is named, and its name."""
        texts = [
            ("path", self.path),
            ("headers", " ".join(self.headers.values())),
            ("body_text", self.body_text),
            ("body_json", " ".join(text for _, text in _texts(self.body_json))),
            ("body_form", " ".join(self.body_form.values())),
            ("expect.contains", self.expect.contains),
            ("expect.headers", " ".join(self.expect.headers.values())),
            (
                "expect.values",
                " ".join(t for t in self.expect.values.values() if isinstance(t, str)),
            ),
        ]
        for where, text in texts:
            yield from ((where, name) for name in CARRIED.findall(text))


class Journey(Model):
    """A sequence of requests that one viewer makes."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}$",
        description="name, as findings show it: small letters, digits and dashes, at most 40",
    )
    steps: tuple[Step, ...] = Field(
        strict=False,
        min_length=1,
        max_length=20,
        description="its requests in their order, 1 to 20",
    )


class Session(Model):
    """How one sees whether a viewer is known."""

    journey: str = Field(description="name of the journey that logs in")
    path: str = Field(
        pattern=PATH,
        description="path that answers otherwise to a viewer who is logged in, like /account; redirects are "
        "not followed",
    )
    status: str = Field(
        default="2xx", description="status, like 200, or class, like 2xx, of one who is known"
    )
    contains: str = Field(
        default="",
        max_length=255,
        description="text in the body for one who is known; left out: the status tells",
    )

    @model_validator(mode="after")
    def _has_a_status(self) -> Self:
        if _STATUS.fullmatch(self.status) is None:
            raise ValueError(
                f'has status {shown(self.status)}, which is none: it must be like "200" or "2xx"'
            )
        return self


def check_together(
    journeys: tuple[Journey, ...], secrets: tuple[Secret, ...], session: Session | None
) -> None:
    """See that journeys, secrets and session fit each other.

    Raises
    ------
    ValueError
        When they do not; the message says where.
    """
    for what, names in (
        ("journeys", [one.name for one in journeys]),
        ("secrets", [one.name for one in secrets]),
    ):
        if len(set(names)) != len(names):
            raise ValueError(f"names one thing twice in {what}")
    if sum(len(one.steps) for one in journeys) > _MOST_STEPS:
        raise ValueError(
            f"has journeys of more than {_MOST_STEPS} steps together, which the gate has no time for"
        )
    _check_names(journeys, {one.name for one in secrets})
    if session is not None and session.journey not in {one.name for one in journeys}:
        raise ValueError(
            f"has session.journey {shown(session.journey)}, which no journey is called"
        )


def _check_names(journeys: tuple[Journey, ...], kept: set[str]) -> None:
    used: set[str] = set()
    for i, journey in enumerate(journeys):
        taken: set[str] = set()
        for j, step in enumerate(journey.steps):
            place = f"journeys[{i}].steps[{j}]"
            for where, name in step.names():
                _check_name(f"{place}.{where}", name, kept, taken)
                used.add(name)
            for take in step.take:
                if take.name in kept:
                    raise ValueError(f"has {place}.take {take.name}, which is a secret's name")
                taken.add(take.name)
    unused = sorted(kept - used)
    if unused:
        raise ValueError(f"has the secret {unused[0]}, which no step uses: take it out")


def _check_name(place: str, name: str, kept: set[str], taken: set[str]) -> None:
    if name not in kept | taken:
        raise ValueError(f"has {{{name}}} in {place}, which no earlier step takes and no secret is")
    if name in kept and place.endswith(".path"):
        raise ValueError(
            f"has the secret {{{name}}} in {place}: what is in a path gets into access logs. Send it in a "
            "header or in the body"
        )
    if name in kept and ".expect." in place:
        raise ValueError(f"has the secret {{{name}}} in {place}: no answer should hold it")
