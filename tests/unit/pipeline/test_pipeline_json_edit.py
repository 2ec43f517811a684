"""One number changes in a person's file, and not a byte beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.pipeline.errors import CouldNotTellError
from commands.pipeline.json_edit import with_number, write_number
from cutover.paths import CDK_JSON

PATH = ["context", "cutover", "chatmrpt", "new_weight"]


def test_cdk_json_changes_by_its_number_alone() -> None:
    text = CDK_JSON.read_text(encoding="utf-8")
    changed = with_number(text, PATH, 25)
    assert changed == text.replace('"new_weight": 0', '"new_weight": 25')
    assert changed != text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":{"new_weight":5}}', '{"a":{"new_weight":10}}'),
        (
            '\r\n{ "a" :\t{ "new_weight" : 5\r\n} }\r\n',
            '\r\n{ "a" :\t{ "new_weight" : 10\r\n} }\r\n',
        ),
        (
            '{"b":{"new_weight":5},"a":{"new_weight":5}}',
            '{"b":{"new_weight":5},"a":{"new_weight":10}}',
        ),
        ('{"a":{"x":"\\"new_weight\\": 5","new_weight":5}}', None),
        ('{"\\u0061":{"new_weight":5}}', '{"\\u0061":{"new_weight":10}}'),
        ('{"z":[{"a":{}},"}"],"a":{"y":{"new_weight":1},"new_weight":5}}', None),
    ],
)
def test_whatever_stands_around_it_stays(text: str, expected: str | None) -> None:
    changed = with_number(text, ["a", "new_weight"], 10)
    assert changed == (expected or text.replace('"new_weight":5', '"new_weight":10'))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(max_examples=40)
@given(
    st.dictionaries(st.text(), values, max_size=4),
    st.text(),
    st.integers(0, 100),
    st.integers(0, 3),
)
def test_any_declaration_reads_the_same_but_for_the_number(
    beside: dict[str, Any], name: str, weight: int, indent: int
) -> None:
    body = {**beside, "new_weight": 7}
    text = json.dumps({**beside, name: body}, indent=indent or None, ensure_ascii=bool(indent % 2))
    changed = with_number(text, [name, "new_weight"], weight)
    assert json.loads(changed) == {**beside, name: {**body, "new_weight": weight}}
    assert len(changed) == len(text) - 1 + len(str(weight))


def test_a_file_keeps_its_mark_its_line_ends_and_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "real.json"
    file.write_bytes('\ufeff{"a":\r\n{"new_weight": 5}}'.encode())
    file.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(file)
    write_number(link, ["a", "new_weight"], 10)
    assert file.read_bytes() == '\ufeff{"a":\r\n{"new_weight": 10}}'.encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.json", "real.json"]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"b": 1}', '{"a": 5}', '{"a": {"new_weight"', '{"a": {"weight": 1}}']
)
def test_a_file_without_the_place_is_a_sentence_and_stays(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(CouldNotTellError, match=r"has no a.new_weight that could be changed"):
        write_number(file, ["a", "new_weight"], 10)
    assert file.read_text() == text
    with pytest.raises(CouldNotTellError, match="cannot be written"):
        write_number(tmp_path / "none.json", ["a", "new_weight"], 10)
