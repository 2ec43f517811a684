"""A function's settings: each variable once, by its type, and a missing one is one clear error."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from shared.settings import SettingsError, read


@dataclass(frozen=True, kw_only=True)
class Base:
    kvs_arn: str


@dataclass(frozen=True, kw_only=True)
class Settings(Base):
    minutes: int
    percent: float
    dry_run: bool
    doors: tuple[str, ...]
    router: str = ""


WHOLE = {
    "KVS_ARN": "arn",
    "MINUTES": "5",
    "PERCENT": "12.5",
    "DRY_RUN": "false",
    "DOORS": "edge,dns",
    "AWS_REGION": "us-east-1",
}


def test_each_variable_is_read_by_its_type_and_others_are_left_alone() -> None:
    assert read(Settings, WHOLE) == Settings(
        kvs_arn="arn", minutes=5, percent=12.5, dry_run=False, doors=("edge", "dns"), router=""
    )
    assert read(Settings, WHOLE | {"ROUTER": "r", "DRY_RUN": "true"}).router == "r"


@pytest.mark.parametrize("name", ["KVS_ARN", "MINUTES", "PERCENT", "DRY_RUN", "DOORS"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_a_missing_variable_is_named(name: str, how: str) -> None:
    environment = {**WHOLE, name: ""}
    if how == "absent":
        del environment[name]
    with pytest.raises(SettingsError) as error:
        read(Settings, environment)
    assert str(error.value) == f"the environment variable {name} is missing: deploy its stack"


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(
        SettingsError, match=r"variables KVS_ARN, MINUTES, PERCENT, DRY_RUN, DOORS are"
    ):
        read(Settings, {})


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("MINUTES", "five", "a whole number"),
        ("MINUTES", "5.5", "a whole number"),
        ("PERCENT", "a lot", "a number"),
        ("DRY_RUN", "True", "true or false"),
    ],
)
def test_a_variable_that_cannot_be_read_says_what_would_be_right(
    name: str, value: str, right: str
) -> None:
    with pytest.raises(SettingsError) as error:
        read(Settings, WHOLE | {name: value})
    assert f"{name} is {value!r}; it must be {right}" in str(error.value)
