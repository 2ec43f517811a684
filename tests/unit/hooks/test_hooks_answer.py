"""Only what is understood lets a weight rise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hooks.answer import LONGEST_BYTES, against, failed

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["allow", "reason", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(values)
def test_nothing_but_allow_true_allows(said: Any) -> None:
    allows = isinstance(said, dict) and said.get("allow") is True
    assert (against(json.dumps(said).encode()) == "") == allows


@given(st.binary(max_size=200))
def test_any_bytes_are_answered_in_one_printable_line(said: bytes) -> None:
    for told in (against(said), failed(said)):
        assert told.isprintable()
        assert len(told) < 600


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b'{"allow": false, "reason": "new has 3 of 6 targets."}', "new has 3 of 6 targets"),
        (b'{"allow": false, "reason": "line\\nline"}', "line\\nline"),
        (b'{"allow": false}', "it refused without a reason"),
        (b'{"allow": false, "reason": "  "}', "it refused without a reason"),
        (b'{"allow": false, "reason": 7}', "it refused without a reason"),
        (b'{"allow": "true"}', 'allow is "true" in its answer'),
        (b'{"allow": 1}', "allow is 1 in its answer"),
        (b'{"Allow": true}', "allow is missing in its answer"),
        (b"true", "its answer is true"),
        (b"null", "its answer is null"),
        (b"", "its answer is no JSON"),
        (b"[" * 10_000, "its answer is no JSON"),
        (b'{"allow": true, "x": "' + b"x" * LONGEST_BYTES + b'"}', "more than 20,000 bytes"),
    ],
)
def test_a_refusal_and_what_is_not_understood_say_why(said: bytes, why: str) -> None:
    assert why in against(said)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b'{"errorType": "KeyError", "errorMessage": "\'x\'"}', "it failed: KeyError: 'x'"),
        (b'{"errorMessage": "Task timed out after 3.00 seconds"}', "it failed: Task timed out"),
        (b"[]", "it failed: nobody knows why"),
        (b"", "it failed: nobody knows why"),
    ],
)
def test_a_function_that_throws_says_why(said: bytes, why: str) -> None:
    assert failed(said).startswith(why)
