"""What would not arrive as it is written is refused with its place, wherever it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from cutover.declaration.ci import Ci
from cutover.declaration.fleet import Fleet
from cutover.declaration.reading.context import read_ci, read_context
from cutover.declaration.reading.errors import MOST_REASONS, DeclarationError
from cutover.declaration.reading.file import read_json
from cutover.declaration.reading.not_as_written import LARGEST_NUMBER
from cutover.declaration.service import Service
from cutover.paths import ROOT
from tests.unit.support.places import Place, places, with_at

DECLARED: dict[str, Any] = json.loads((ROOT / "examples/dns-door.json").read_text(encoding="utf-8"))
DEEP: Any = json.loads("[" * 60 + "]" * 60)
ALTERED: dict[str, Any] = {
    "half a character": "ok \ud800",
    "half of the last one": "/\udfff",
    "without end": float("inf"),
    "no number": float("nan"),
    "rounded in Node": LARGEST_NUMBER + 1,
    "of many digits": -(10**400),
    "deep": DEEP,
    "deep with a key": {"a": DEEP},
    "half a key": {"\ud800": 1},
    "for CDK": "${Token[AWS.Region.1]}",
    "for CDK's check": "for ${AWS::Region} only",
    "for CDK, a list": "#{Token[TOKEN.1]}",
    "for CloudFormation": {"a": ["{{resolve:ssm:x}}"]},
}


def _with(place: Place, value: Any) -> dict[str, Any]:
    return DECLARED | {"reports": with_at(DECLARED["reports"], place, value)}


@given(
    place=st.sampled_from(list(places(DECLARED["reports"]))[1:]),
    kind=st.sampled_from(sorted(ALTERED)),
)
def test_it_is_refused_with_its_place(place: tuple[Any, ...], kind: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        read_context({"cutover": _with(place, ALTERED[kind])})
    (reason,) = refused.value.reasons
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    assert reason.startswith(f"cdk.json: cutover.reports{where}")
    assert "It must be: " in reason
    assert reason.isprintable()


def test_where_any_value_is_taken_it_is_refused_too() -> None:
    """Not only where a type refuses it anyway."""
    place = ("readiness", "journeys", 0, "steps", 0)
    for value in ALTERED.values():
        declared = _with((*place, "body_json"), {"user": value})
        declared["reports"]["readiness"]["journeys"][0]["steps"][0].pop("body_form", None)
        with pytest.raises(DeclarationError, match=r"steps\[0\]\.body_json"):
            read_context({"cutover": declared})


def test_a_number_that_cdk_rounds_is_refused_beside_the_services_too() -> None:
    ci = {"owner": "a", "owner_id": LARGEST_NUMBER + 2, "repository": "b", "repository_id": 1}
    with pytest.raises(
        DeclarationError, match="owner_id is a whole number beyond 9007199254740991"
    ):
        read_ci({"cutover_ci": ci})


@pytest.mark.parametrize("text", ["${Token[a.1]}", "#{Token[a.1]}", "{{resolve:ssm:x}}"])
@pytest.mark.parametrize("key", ["override_by", "override_reason"])
def test_nobody_overrides_for_a_reason_that_aws_would_replace(key: str, text: str) -> None:
    said = {"override_by": "ada", "override_reason": "old is on fire", key: text}
    with pytest.raises(DeclarationError, match=f"-c {key} holds .*It must be: plain text"):
        read_context({"cutover": {"shop": DECLARED["shop"]}, **said})


def test_links_in_a_circle_are_named_as_such(tmp_path: Path) -> None:
    one, other = tmp_path / "a.json", tmp_path / "b.json"
    one.symlink_to(other)
    other.symlink_to(one)
    with pytest.raises(DeclarationError, match="cannot be read: Too many levels of symbolic links"):
        read_json(str(one))


def test_a_number_of_very_many_digits_gets_no_advice_of_python_s(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a": ' + "9" * 5000 + "}", encoding="utf-8")
    with pytest.raises(DeclarationError, match="9… is beyond what JSON's readers can hold"):
        read_json(str(file))


def test_a_file_holds_no_number_that_json_cannot(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a": -1e400}', encoding="utf-8")
    with pytest.raises(DeclarationError, match="holds a number that cannot be read: -1e400 is"):
        read_json(str(file))


def test_of_very_many_faults_the_first_are_told() -> None:
    declared = _with(("endpoints",), [{"path": "no"}] * 1000)
    with pytest.raises(DeclarationError) as refused:
        read_context({"cutover": declared})
    assert len(refused.value.reasons) == MOST_REASONS + 1
    assert refused.value.reasons[-1].startswith("There are ")


@pytest.mark.parametrize("key", ["ignore", "unordered"])
@pytest.mark.parametrize("path", ["", " ", "a\nb", "\u202eabc", "a" * 256])
def test_a_path_that_nobody_can_read_covers_nothing(key: str, path: str) -> None:
    declared = _with(("endpoints", 0, "body"), {"by": "json", key: [path]})
    with pytest.raises(DeclarationError, match=rf"endpoints\[0\]\.body\.{key}\[0\]"):
        read_context({"cutover": declared})


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\uffff"])
def test_no_health_check_looks_for_what_xml_cannot_hold(text: str) -> None:
    with pytest.raises(DeclarationError, match="which no health check can look for"):
        read_context({"cutover": _with(("endpoints", 0, "contains"), text)})


def test_a_health_check_looks_for_a_text_of_two_lines() -> None:
    assert read_context({"cutover": _with(("endpoints", 0, "contains"), "a\n\tb")})


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        yield from _models_in(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _models(annotation)
    for argument in get_args(annotation):
        yield from _models_in(argument)


@pytest.mark.parametrize("wrong", ["1", "0.1", True])
def test_no_text_and_no_yes_passes_for_a_number(wrong: Any) -> None:
    numbers = 0
    for model in {*_models(Service), *_models(Ci), *_models(Fleet)}:
        for key, field in model.model_fields.items():
            if {int, float} & {field.annotation, *get_args(field.annotation)}:
                numbers += 1
                with pytest.raises(ValueError, match=rf"\b{key}\b"):
                    model.model_validate({key: wrong})
    assert numbers > 40
