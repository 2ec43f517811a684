"""Two bodies are the same, or a sentence says how they differ, whatever stands in them."""

from __future__ import annotations

import copy
import json
import random
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.inference.verdict import Verdict
from shared.readiness.bodies import difference as bodies
from shared.readiness.bodies import patterns
from shared.readiness.bodies.difference import Difference, difference, similarity
from shared.readiness.bodies.documents import MISSING, unlike
from shared.readiness.spec import Body

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
QUICK = settings(max_examples=60, deadline=None)


def differs(old: str, new: str, **rule: Any) -> Difference:
    found = difference(old, new, Body(**rule))
    assert found is not None
    return found


@pytest.mark.parametrize("by", ["similarity", "text", "json", "any"])
def test_equal_bodies_do_not_differ(by: Any) -> None:
    assert difference('{"a": 1}', '{"a": 1}', Body(by=by)) is None


def test_any_body_will_do_where_that_is_declared() -> None:
    assert difference("one", "other", Body(by="any")) is None


def test_texts_are_told_apart_at_the_line_where_they_part() -> None:
    found = differs("one\ntwo\nthree", "one\ntwo\nfour", by="text")
    assert found.said == ("the bodies differ from line 3 on (character 9 of 13 on old, 12 on new)")
    assert (found.old, found.new, found.verdict) == ("one\ntwo\nthree", "one\ntwo\nfour", "FAIL")


def test_a_text_that_goes_on_on_one_side_differs() -> None:
    assert differs("same", "same and more", by="text").said.startswith(
        "the bodies differ from line 1"
    )
    assert differs("", "more", by="text").old == "nothing"


def test_long_texts_are_shown_where_they_part() -> None:
    found = differs("x" * 500 + "old", "x" * 500 + "new", by="text")
    assert found.old.startswith("…")
    assert found.old.endswith("old")
    assert found.new.endswith("new")
    assert len(found.old) <= 62


def test_bytes_that_are_no_text_are_told_apart() -> None:
    one, other = (bodies.text(b"\x89PNG" + last, "image/png") for last in (b"\xff", b"\xfe"))
    assert differs(one, other, by="text").said.startswith("the bodies differ from line 1")


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("né".encode(), "text/html", "né"),
        ("né".encode(), "text/html; charset=UTF-8", "né"),
        ("né".encode(), 'text/html; charset="utf-8"', "né"),
        ("né".encode("latin-1"), "text/html; charset=iso-8859-1", "né"),
        (b"a\x80", "text/html;charset=ISO-8859-1", "a€"),
        ("né".encode("utf-16"), "text/html; charset=utf-16", "né"),
        ("年".encode("shift_jis"), "text/html; charset=Shift_JIS", "年"),
        (b"\xef\xbb\xbf{}", "application/json", "{}"),
        (b"\xff", "text/plain", "\\xff"),
        (b"pong", "text/plain; charset=punycode", "pong"),
        (b"pong", "text/plain; charset=no-such-thing", "pong"),
        (b"pong", "text/plain; charset=", "pong"),
    ],
)
def test_a_body_is_read_by_its_charset(body: bytes, content_type: str, text: str) -> None:
    assert bodies.text(body, content_type) == text


@QUICK
@given(st.binary(), st.sampled_from([*bodies._CODECS, "utf-8", "unheard-of"]))
def test_any_bytes_can_be_read_by_any_charset(body: bytes, charset: str) -> None:
    bodies.text(body, f"text/plain; charset={charset}")


@QUICK
@given(st.text(), st.text())
def test_similarity_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    share = similarity(one, other)
    assert 0 <= share <= 1
    assert share == similarity(other, one)
    assert similarity(one, one) == 1


def test_similarity_counts_the_pairs_of_words_in_common() -> None:
    # (·a)(ab)(bc) against (·a)(ab)(bd): two of three.
    assert similarity("a b c", "a b d") == pytest.approx(2 / 3)
    assert similarity("a a a", "a") == pytest.approx(0.5)
    assert similarity("a", "") == 0


def test_bodies_less_alike_than_declared_differ_and_by_how_much_is_said() -> None:
    found = differs("a b c", "a b d", at_least=0.7)
    assert found.said == "the bodies are 66.7% alike, but must be 70.0%"
    assert (found.old, found.new) == ("a b c", "a b d")
    assert difference("a b c", "a b d", Body(at_least=0.6)) is None


def test_many_words_are_compared_in_bounded_memory() -> None:
    one, other = (" ".join(str(i * k) for i in range(30_000)) for k in (7, 11))
    tracemalloc.start()
    try:
        assert similarity(one, other) < 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 << 20


@QUICK
@given(DOCUMENTS)
def test_equal_documents_never_differ(document: Any) -> None:
    text = json.dumps(document)
    again = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    assert difference(text, again, Body(by="json")) is None


def places(document: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the way to every leaf."""
    if isinstance(document, dict) and document:
        for key, value in document.items():
            yield from places(value, (*path, key))
    elif isinstance(document, list) and document:
        for i, value in enumerate(document):
            yield from places(value, (*path, str(i)))
    else:
        yield path


def with_leaf(document: Any, path: tuple[str, ...], leaf: Any) -> Any:
    if not path:
        return leaf
    changed = copy.copy(document)
    key: Any = int(path[0]) if isinstance(document, list) else path[0]
    changed[key] = with_leaf(document[key], path[1:], leaf)
    return changed


@QUICK
@given(DOCUMENTS, st.data())
def test_one_changed_leaf_is_named_and_can_be_ignored(document: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(places(document))))
    changed = with_leaf(document, path, "changed by the test")
    found = unlike(document, changed, [])
    assert found is not None
    assert (found.path, found.new, found.more) == (path, "changed by the test", 0)
    assert unlike(document, changed, [".".join("*" for _ in path)] if path else ["**"]) is None


def test_what_differs_in_a_document_is_named_with_what_each_side_holds() -> None:
    old = json.dumps({"a": {"b": [1, 2, 3]}, "c": True})
    new = json.dumps({"a": {"b": [1, 5, 3]}, "c": 1})
    found = differs(old, new, by="json")
    assert found.said == "the JSON differs at a.b.1 (and 1 more)"
    assert (found.old, found.new) == ("2", "5")


@pytest.mark.parametrize(
    ("old", "new", "place", "shown"),
    [
        ({"a": 1}, {}, "a", ("1", "nothing")),
        ([1], [1, None], "1", ("nothing", "null")),
        (True, 1, "its root", ("true", "1")),
        ({"a": []}, {"a": {}}, "a", ("a list of 0", "an object of 0")),
        ("x", None, "its root", ('"x"', "null")),
    ],
)
def test_what_is_missing_or_of_another_kind_differs(
    old: Any, new: Any, place: str, shown: tuple[str, str]
) -> None:
    found = differs(json.dumps(old), json.dumps(new), by="json")
    assert (found.said, found.old, found.new) == (f"the JSON differs at {place}", *shown)


@pytest.mark.parametrize(
    ("path", "is_ignored"),
    [
        ("a.b.time", True),
        ("a.*.time", True),
        ("*.*.*", True),
        ("**.time", True),
        ("a.**", True),
        ("**", True),
        ("a.**.time", True),
        ("a.**.b.**.time", True),
        ("a", True),
        ("time", False),
        ("a.b", True),
        ("a.b.c", False),
        ("*.time", False),
        ("a.b.time.more", False),
        ("**.b.**.b.time", False),
    ],
)
def test_ignored_paths_name_steps_and_any_steps(path: str, is_ignored: bool) -> None:
    old, new = ({"a": {"b": {"time": time}}} for time in (1, 2))
    assert (unlike(old, new, [path, "elsewhere"]) is None) is is_ignored


def test_only_what_is_ignored_is_ignored() -> None:
    old, new = ({"items": [{"id": i, "n": n} for i in range(3)]} for n in (1, 2))
    found = unlike(old, new, ["items.*.id", "**.time"])
    assert found is not None
    assert (found.path, found.more) == (("items", "0", "n"), 2)
    assert unlike([], [1], []) is not None
    assert unlike({"a": 1}, {}, ["b"]) == unlike({"a": 1}, {}, [])
    assert unlike({"a": 1}, {}, []).new is MISSING  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<html>", "new's body is not JSON: Expecting value"),
        ("", "new's body is not JSON: Expecting value"),
        ("{} {}", "new's body is not JSON: Extra data"),
        ("[NaN]", "new's body is not JSON: it holds NaN"),
        ("1" * 5000, "new's body is not JSON: Exceeds the limit"),
        ("[" * 100_000, "new's body is nested too deeply"),
        ("[" * 100_000 + "]" * 100_000, "new's body is nested too deeply"),
        ('{"a":' * 100_000, "new's body is nested too deeply"),
    ],
)
def test_what_is_no_json_where_json_is_compared_is_a_difference(body: str, said: str) -> None:
    found = differs("{}", body, by="json")
    assert found.verdict is Verdict.FAIL
    assert found.said.startswith(said)


def test_both_sides_are_named_when_neither_is_json() -> None:
    found = differs("<old>", "<new>", by="json")
    assert "old's body is not JSON" in found.said
    assert "new's body is not JSON" in found.said
    assert (found.old, found.new) == ("<old>", "<new>")


def test_documents_as_deep_as_they_can_be_read_are_compared() -> None:
    depth = 900
    old, new = ("[" * depth + leaf + "]" * depth for leaf in ("1", "[]"))
    found = differs(old, new, by="json")
    assert (found.old, found.new) == ("1", "a list of 0")


def test_a_document_of_many_members_is_compared_in_bounded_memory() -> None:
    body = "[" * 500 + "1," * 100_000 + "1" + "]" * 500
    old, new = json.loads(body), json.loads(body)
    tracemalloc.start()
    try:
        assert unlike(old, new, [f"**.{i}.id" for i in range(50)]) is None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 << 18


def test_both_bodies_must_hold_the_pattern() -> None:
    rule = {"by": "pattern", "pattern": r"version \d+"}
    assert difference("version 1", "this is version 22", Body(**rule)) is None  # type: ignore[arg-type]
    found = differs("version 1", "version x", **rule)
    assert found.said == r"new's body does not hold 'version \\d+'"
    assert (found.old, found.new) == ("version 1", "version x")
    both = differs("", "\ud800", **rule)
    assert both.said == r"old's body and new's body do not hold 'version \\d+'"


def test_a_pattern_that_searches_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns.held, "__kwdefaults__", {"seconds": 0.5})
    found = differs("a" * 64, "a" * 64, by="pattern", pattern="(a+)+$!")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.said == (
        "the search for '(a+)+$!' was not done within 0.5 s: "
        "write it without repetitions inside repetitions"
    )


def test_a_search_that_breaks_off_is_a_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(patterns.PatternError, match=r"broke off: .*[eE]rror: missing"):
        patterns.held("(", ["x"])
    monkeypatch.setattr("sys.executable", "/no/such/python")
    with pytest.raises(patterns.PatternError, match="cannot be made: "):
        patterns.held("x", ["x"])


@QUICK
@given(st.text(), st.text(), st.sampled_from(["similarity", "text", "json"]))
def test_whatever_stands_in_the_bodies_there_is_a_sentence_or_nothing(
    old: str, new: str, by: Any
) -> None:
    found = difference(old, new, Body(by=by))
    assert found is None or found.said


@pytest.mark.parametrize(
    ("old", "new", "unordered", "place"),
    [
        ("[1, 2]", "[2, 1]", ["."], None),
        ("[1, 2]", "[2, 1]", [], ("0",)),
        ("[1, 2]", "[2, 1]", ["items"], ("0",)),
        ('{"items": [{"a": 1}, {"a": 2}]}', '{"items": [{"a": 2}, {"a": 1}]}', ["items"], None),
        ('{"items": [[1, 2], [3]]}', '{"items": [[3], [2, 1]]}', ["items"], ("items", "0", "0")),
        ('{"items": [[1, 2], [3]]}', '{"items": [[3], [2, 1]]}', ["**"], None),
        ('{"a": {"tags": ["x", "y"]}}', '{"a": {"tags": ["y", "x"]}}', ["**.tags"], None),
        ("[1, 1, 2]", "[1, 2, 2]", ["."], ("1",)),
        ("[1, 2]", "[2]", ["."], ("0",)),
        ("[1]", "[true]", ["."], ("0",)),
        ("[1, 2]", "[2.0, 1.0]", ["."], None),
        ("[1]", "{}", ["."], ()),
        (
            '[{"id": 1, "a": 1}, {"id": 2, "a": 2}]',
            '[{"id": 9, "a": 2}, {"id": 8, "a": 1}]',
            ["."],
            None,
        ),
    ],
)
def test_lists_without_an_order_are_compared_without_it(
    old: str, new: str, unordered: list[str], place: tuple[str, ...] | None
) -> None:
    found = unlike(json.loads(old), json.loads(new), ["**.id"], unordered)
    assert (found and found.path) == place


PLAIN = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
NESTED = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=20,
)


def shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, dict):
        return {key: shuffled(inner, order) for key, inner in value.items()}
    if isinstance(value, list):
        items = [shuffled(inner, order) for inner in value]
        order.shuffle(items)
        return items
    return value


@given(NESTED, st.randoms(use_true_random=False))
def test_no_order_of_a_list_without_one_is_a_difference(value: Any, order: random.Random) -> None:
    assert unlike(value, shuffled(value, order), [], ["**"]) is None


@given(NESTED, NESTED)
def test_what_differs_without_order_differs_with_it(old: Any, new: Any) -> None:
    def canonical(value: Any) -> str:
        if isinstance(value, list):
            return f"[{','.join(sorted(map(canonical, value)))}]"
        if isinstance(value, dict):
            return f"{{{','.join(f'{k}:{canonical(v)}' for k, v in sorted(value.items()))}}}"
        return json.dumps(value)

    found = unlike(old, new, [], ["**"])
    assert (found is None) is (canonical(old) == canonical(new))
    assert found is None or unlike(old, new, []) is not None


def test_lists_in_lists_without_an_order_take_time_in_proportion_and_bounded_memory() -> None:
    old = json.loads("[" * 400 + "1" + ",2]" * 400)
    new = json.loads("[" * 400 + "3" + ",2]" * 400)
    wide = list(range(100_000))
    tracemalloc.start()
    try:
        found = unlike([old, wide], [wide[::-1], new], [], ["**"])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found is not None
    assert found.more == 0
    assert peak < 64 << 20
