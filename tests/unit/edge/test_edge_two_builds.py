"""A file that only one build has: who is asked for it, and when."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.declaration.doors import Edge
from rehearsal.edge_runtime.client import Origin
from tests.unit.support.edge_driver import (
    RELEASED,
    THROWN,
    VIEWERS,
    LocalEdge,
    local_edge,
    pin,
    substituted,
    viewer_request,
)

FILE = "/static/app.3f2a.js"
OLD_ALONE = Origin("single", ("old",), ())


@pytest.fixture(scope="module")
def edge() -> Iterator[LocalEdge]:
    with local_edge() as running:
        yield running


def asked(edge: LocalEdge, side: str = "", *, uri: str = FILE, method: str = "GET") -> Origin:
    """Return who is asked for a viewer of `side`, or for any viewer."""
    for ip in VIEWERS[:200]:
        origin = edge.run(viewer_request(ip=ip, uri=uri, method=method)).origin
        assert origin is not None
        if side in {"", origin.ids[0]}:
            return origin
    raise AssertionError(f"none of 200 viewers is on {side}")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_that_one_build_lacks_is_asked_of_the_other(edge: LocalEdge, method: str) -> None:
    edge.load(50)
    assert asked(edge, "new", method=method) == Origin(
        "group", ("new", "old"), (403, 404, 500, 502, 503, 504)
    )
    assert asked(edge, "old", method=method) == Origin("group", ("old", "new"), (403, 404))


@pytest.mark.parametrize("uri", ["/", "/missing", "/api/static/a.js", "/Static/a.js", "/static"])
def test_what_is_missing_elsewhere_is_missing(edge: LocalEdge, uri: str) -> None:
    edge.load(50)
    assert asked(edge, "new", uri=uri) == Origin("group", ("new", "old"), (500, 502, 503, 504))
    assert asked(edge, "old", uri=uri) == OLD_ALONE


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_what_is_no_read_is_asked_of_one_side(edge: LocalEdge, method: str) -> None:
    edge.load(50)
    assert asked(edge, "old", method=method) == OLD_ALONE
    assert asked(edge, "new", method=method) == Origin("single", ("new",), ())


def test_a_thrown_switch_keeps_missing_files_away_from_new_too(edge: LocalEdge) -> None:
    edge.load(50, THROWN)
    assert {asked(edge) for _ in VIEWERS[:50]} == {OLD_ALONE}
    for store in (None, {}, {**RELEASED, "switch": "garbage"}):
        edge.set_store(store)
        assert asked(edge) == OLD_ALONE


def test_at_weight_0_new_is_asked_for_nothing_and_at_1_for_what_old_lacks(edge: LocalEdge) -> None:
    edge.load(0)
    assert asked(edge) == OLD_ALONE
    edge.load(1)
    assert asked(edge, "old") == Origin("group", ("old", "new"), (403, 404))


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_tester_sees_what_their_side_lacks(edge: LocalEdge, side: str) -> None:
    edge.load(50)
    cookies = {"cutover-pin": pin(side)}
    assert edge.run(viewer_request(uri=FILE, cookies=cookies)).origin == Origin(
        "single", (side,), ()
    )


def test_a_declaration_without_static_paths_has_no_missing_files(edge: LocalEdge) -> None:
    edge.load_code(substituted("50", static_paths=Edge(static_paths=()).static_expression))
    for uri in (FILE, "/", ""):
        assert asked(edge, "old", uri=uri) == OLD_ALONE


SIGNS = "ab/.*?$~\"'@:+&-_"
PATTERNS = st.text(SIGNS, min_size=1, max_size=6).map(lambda text: "/z" + text)


@given(
    patterns=st.lists(PATTERNS, min_size=1, max_size=3, unique=True),
    path=st.text(SIGNS.replace("*", "").replace("?", ""), max_size=8).map(lambda text: "/z" + text),
)
def test_the_function_takes_for_static_what_the_behaviours_take(
    edge: LocalEdge, patterns: list[str], path: str
) -> None:
    expression = Edge(static_paths=tuple(patterns)).static_expression
    edge.load_code(substituted("1", static_paths=expression))
    is_static = asked(edge, "old", uri=path) != OLD_ALONE
    assert is_static == any(fnmatchcase(path, pattern) for pattern in patterns)
