"""The rollback function's answer, as a page that a dashboard shows in a box."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from shared.shown import shown

_SHOWN_ABOVE: Final = frozenset({"service", "state", "did", "why", "error"})


def page(answer: Mapping[str, Any]) -> str:
    """Return HTML: what was done in a sentence, then every other key of `answer` in a row."""
    rows = "".join(
        f"<tr><th style='text-align:left;vertical-align:top;padding-right:16px'>{_text(key)}</th>"
        f"<td>{_value(value)}</td></tr>"
        for key, value in answer.items()
        if key not in _SHOWN_ABOVE
    )
    table = f"<table>{rows}</table>" if rows else ""
    return f"<h2>{_text(_headline(answer))}</h2>{table}"


def _headline(answer: Mapping[str, Any]) -> str:
    service = answer.get("service", "")
    if answer.get("error"):
        return f"{service}: nothing was done. {answer['error']}"
    if answer.get("state") == "thrown":
        return f"{service}: rolled back. Viewers go to old until a person releases the switch."
    if answer.get("state") == "released":
        return f"{service}: released. New gets its declared weight again, immediately."
    if answer.get("did") == "nothing":
        return f"{service}: nothing was done. {answer.get('why', '')}"
    return str(service)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "<br>".join(f"{_text(key)}: {_text(of)}" for key, of in value.items())
    if isinstance(value, (list, tuple)):
        return "<br>".join(_text(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else _text(value)


def _text(value: object) -> str:
    return escape(shown(str(value)))
