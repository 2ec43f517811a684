"""Turns a refused declaration into sentences: what is wrong, where it is, and what would be right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from cutover.declaration.shown import shown, shown_value

MOST_REASONS = 30
_LONGEST_REASON = 600
_LONGEST_KEY = 64


class DeclarationError(Exception):
    """The declaration cannot be used.

    Attributes
    ----------
    reasons : list of str
        One sentence a fault, in the order of the declaration; of more than 30, how many are left.
    """

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = [shown(reason, _LONGEST_REASON) for reason in reasons]
        left = len(self.reasons) - MOST_REASONS
        if left > 0:
            self.reasons[MOST_REASONS:] = [f"There are {left} faults more: mend these first."]
        super().__init__("\n".join(self.reasons))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean …?` for the known word that `word` seems to be, or nothing."""
    by_letters = {letters(one): one for one in known}
    found = difflib.get_close_matches(letters(word[:_LONGEST_KEY]), by_letters, n=1)
    return f" Did you mean {by_letters[found[0]]}?" if found else ""


def letters(word: str) -> str:
    """Return what is left of a word when nobody minds capitals and punctuation: newWeight, new-weight."""
    return re.sub(r"[^a-z0-9]", "", word.lower())


def sentences(error: ValidationError, model: type[BaseModel], place: str) -> list[str]:
    """Return one sentence for each place below `place` at which pydantic found a fault."""
    faults = [dict(fault) for fault in error.errors(include_url=False)]
    told: dict[str, str] = {}
    for fault in faults:
        if not _follows_from_another(fault, faults):
            where, sentence = _sentence(fault, model, place)
            # Where several kinds are allowed, pydantic tells why it is none of them: one is enough.
            told.setdefault(where, sentence)
    return list(told.values())


def _sentence(fault: dict[str, Any], model: type[BaseModel], place: str) -> tuple[str, str]:
    """Return where the fault is, and the sentence about it."""
    path = list(_walk(fault["loc"], model))
    where = place + "".join(_step(part) for part, _, _ in path)
    field = next((field for _, field, _ in reversed(path) if field is not None), None)
    right = f" It must be: {field.description}." if field is not None and field.description else ""
    kind = fault["type"]
    if kind == "missing":
        return where, f"{where} is missing.{right}"
    if kind == "extra_forbidden":
        key, _, owner = path[-1]
        known = sorted(owner.model_fields)
        return where, (
            f"{where} is not a known key.{nearest(str(key), known)} Known here: {', '.join(known)}."
        )
    if kind == "value_error":
        said = str(fault["ctx"]["error"])
        of = fault["input"]
        speaks_of_itself = isinstance(of, dict | BaseModel)
        value = "" if speaks_of_itself else f" {shown_value(of)}"
        return where, f"{where}{value} {said}.{'' if speaks_of_itself else right}"
    if kind == "model_type" and isinstance(path[-1][0], int) and field is not None:
        # The field's description is of the whole list.
        right = _object_like(_inner_model(field.annotation))
    return where, f"{where} is {shown_value(fault['input'])}.{right}"


def _object_like(model: type[BaseModel] | None) -> str:
    if model is None:
        return ""
    fields = model.model_fields.items()
    needs = [key for key, field in fields if field.is_required()]
    takes = [key for key, field in fields if not field.is_required()]
    must = f" with {' and '.join(needs)}" if needs else ""
    may = f"; it may have {', '.join(takes)}" if takes else ""
    return f" It must be: an object{must}{may}."


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", part) else f'["{shown(part)}"]'


def _follows_from_another(fault: dict[str, Any], faults: Sequence[dict[str, Any]]) -> bool:
    """A list whose items are wrong is too short as well; and `edge` is an object or false, and pydantic tells
    why it is neither."""
    location = fault["loc"]
    if fault["type"] == "too_short":
        return any(
            other["loc"][: len(location)] == location and len(other["loc"]) > len(location)
            for other in faults
        )
    return "literal[False]" in location and isinstance(fault["input"], dict)


def _walk(
    location: Sequence[str | int], model: type[BaseModel]
) -> Iterable[tuple[str | int, FieldInfo | None, type[BaseModel]]]:
    """Yield each key and index of `location` with its field, if it is one, and the model that owns it.

    Where a field may be one of several kinds, pydantic puts the kind into the location after the field's
    name (`Edge`, `literal[False]`): that is no key.
    """
    owner: type[BaseModel] | None = model
    field: FieldInfo | None = None
    names_a_kind = False
    for part in location:
        if names_a_kind and isinstance(part, str):
            names_a_kind = False
            continue
        names_a_kind = False
        if isinstance(part, int) or owner is None:
            yield part, None, owner or model
            continue
        model = owner
        field = owner.model_fields.get(part)
        yield part, field, model
        if field is not None:
            names_a_kind = _is_one_of_several(field.annotation)
            owner = _inner_model(field.annotation)


def _is_one_of_several(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        return _is_one_of_several(get_args(annotation)[0])
    if get_origin(annotation) not in {Union, UnionType}:
        return False
    return len([kind for kind in get_args(annotation) if kind is not NoneType]) > 1


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        inner = _inner_model(argument)
        if inner is not None:
            return inner
    return None
