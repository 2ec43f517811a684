"""The values that a journey carries from step to step: put into requests, and left out of whatever is shown.

A secret is left out in each spelling that a request gives it, and in those in which a server is likely to
repeat it. A value that was taken from an answer differs from side to side: by its name both are the same.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus, urlencode

from shared.readiness.journeys.journey import PLACEHOLDER, Step

LONGEST: Final = 4096
"""Characters of a value that is taken: a token has fewer."""
_NAME: Final = re.compile(PLACEHOLDER)
_TYPES: Final = {
    "text": "text/plain; charset=utf-8",
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
}


class Values:
    """What stands for each {name}: secrets from the beginning, and what steps have taken since."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = dict(secrets)
        self._taken: dict[str, str] = {}

    def keep(self, name: str, value: str) -> None:
        """Carry `value` on as `name`."""
        self._taken[name] = value

    def path(self, step: Step) -> str:
        """Return the step's path; each value is percent-encoded whole, so that it stays one part of it."""
        return self._filled(step.path, lambda value: quote(value, safe=""))

    def headers(self, step: Step) -> dict[str, str]:
        """Return the step's headers, with the content type of its body where it declares none."""
        declared = {one.name.lower(): self._filled(one.value) for one in step.headers}
        kind = {"content-type": _TYPES[step.body_kind]} if step.body_kind else {}
        return kind | declared

    def body(self, step: Step) -> bytes | None:
        """Return the step's body as it is sent, or None where it has none."""
        if not step.body_kind:
            return None
        if step.body_kind == "text":
            return self._filled(step.body).encode("utf-8", "surrogatepass")
        document = self._inside(json.loads(step.body))
        if step.body_kind == "json":
            return json.dumps(document).encode()
        return urlencode(document).encode()

    def expected(self, text: str) -> str:
        """Return a text that must come back."""
        return self._filled(text)

    def hide(self, text: str) -> str:
        """Return `text` with the name of each value in its place."""
        for name, value in self._longest_first(self._secrets):
            for spelt in sorted(set(_spellings(value)), key=len, reverse=True):
                text = text.replace(spelt, f"{{{name}}}")
        for name, value in self._longest_first(self._taken):
            for spelt in dict.fromkeys((value, quote(value, safe=""), quote_plus(value))):
                # A short one, like 1, must not be found inside of another.
                whole = rf"(?<![A-Za-z0-9]){re.escape(spelt)}(?![A-Za-z0-9])"
                text = re.sub(whole, lambda _, name=name: f"{{{name}}}", text)  # type: ignore[misc]
        return text

    def _filled(self, text: str, spell: Callable[[str], str] = str) -> str:
        return _NAME.sub(lambda found: spell(self._of(found)), text)

    def _of(self, found: re.Match[str]) -> str:
        name = found[1]
        return self._taken.get(name, self._secrets.get(name, found[0]))

    def _inside(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._filled(value)
        if isinstance(value, dict):
            return {key: self._inside(inner) for key, inner in value.items()}
        return [self._inside(inner) for inner in value] if isinstance(value, list) else value

    @staticmethod
    def _longest_first(values: Mapping[str, str]) -> list[tuple[str, str]]:
        return sorted(
            ((name, value) for name, value in values.items() if value),
            key=lambda one: len(one[1]),
            reverse=True,
        )


def names_in(text: str) -> list[str]:
    """Return the names that stand in `text` for values."""
    return _NAME.findall(text)


def _spellings(value: str) -> Iterator[str]:
    yield value
    for quoted in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)
    for escaped in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield escaped
        yield escaped.replace("/", "\\/")
    yield html.escape(value)
    yield html.escape(value, quote=False)
    yield repr(value)[1:-1]
    yield base64.b64encode(value.encode("utf-8", "surrogatepass")).decode()
