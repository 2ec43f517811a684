"""Turns a refused declaration into sentences: what is wrong, where it is, and what would be right."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_SHOWN_AT_MOST = 80


class DeclarationError(Exception):
    """The declaration cannot be used.

    Attributes
    ----------
    reasons : list of str
        One sentence a fault, all of them, in the order of the declaration.
    """

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__("\n".join(self.reasons))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean …?` for the known word that `word` seems to be, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {found[0]}?" if found else ""


def sentences(error: ValidationError, model: type[BaseModel], place: str) -> list[str]:
    """Return one sentence for each fault that pydantic found below `place`."""
    told: dict[str, None] = {}
    for fault in error.errors(include_url=False):
        if _speaks_of_the_other_branch(dict(fault)):
            continue
        told.setdefault(_sentence(dict(fault), model, place))
    return list(told)


def _sentence(fault: dict[str, Any], model: type[BaseModel], place: str) -> str:
    # A union's branches appear in the location (`Edge`, `literal[False]`): they are no keys.
    location = [part for part in fault["loc"] if isinstance(part, int) or _is_key(part)]
    where = place + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in location)
    owner, field = _find(model, location)
    right = f" It must be: {field.description}." if field is not None else ""
    kind = fault["type"]
    if kind == "missing":
        return f"{where} is missing.{right}"
    if kind == "extra_forbidden":
        known = sorted(owner.model_fields)
        return (
            f"{where} is not a known key.{nearest(str(location[-1]), known)} "
            f"Known here: {', '.join(known)}."
        )
    if kind == "value_error":
        said = str(fault["ctx"]["error"])
        shown = f" {_show(fault['input'])}" if not isinstance(fault["input"], dict) else ""
        return f"{where}{shown} {said}.{right if shown else ''}"
    return f"{where} is {_show(fault['input'])}.{right}"


def _speaks_of_the_other_branch(fault: dict[str, Any]) -> bool:
    """`edge` is an object or false, and pydantic tells why it is neither: one of the two is enough."""
    is_object = isinstance(fault["input"], dict)
    return ("literal[False]" in fault["loc"] and is_object) or (
        fault["type"] == "model_type" and "Edge" in fault["loc"] and not is_object
    )


def _is_key(part: str) -> bool:
    return part.islower() and "[" not in part


def _show(value: object) -> str:
    if isinstance(value, BaseModel):
        return "the present value"
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= _SHOWN_AT_MOST else shown[: _SHOWN_AT_MOST - 1] + "…"


def _find(
    model: type[BaseModel], location: list[str | int]
) -> tuple[type[BaseModel], FieldInfo | None]:
    """Follow `location` down the models to the field it names and the model that should own it."""
    field: FieldInfo | None = None
    for part in location:
        if isinstance(part, int):
            continue
        if field is not None:
            inner = _inner_model(field.annotation)
            if inner is not None:
                model = inner
        field = model.model_fields.get(part)
        if field is None:
            break
    return model, field


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        inner = _inner_model(argument)
        if inner is not None:
            return inner
    return None
