"""CloudFront takes the function's code: its size, its placeholders, its language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cutover.declaration.doors import MOST_OF_STATIC_EXPRESSION
from rehearsal.edge_runtime.client import EdgeRuntimeError
from tests.unit.support.edge_driver import (
    SOURCE,
    LocalEdge,
    local_edge,
    substituted,
    viewer_request,
)


@pytest.fixture(scope="module")
def edge() -> Iterator[LocalEdge]:
    with local_edge() as running:
        yield running


def test_the_longest_substitution_stays_under_ten_kilobytes() -> None:
    longest = substituted("100", "s" * 60, "/" * MOST_OF_STATIC_EXPRESSION)
    assert len(longest.encode()) < 10_240


def test_the_source_has_each_placeholder_once_and_no_other() -> None:
    assert SOURCE.count("'${NewWeight}'") == 1
    assert SOURCE.count("'${Service}'") == 1
    assert SOURCE.count("'${SideHeader}'") == 1
    assert SOURCE.count("${StaticPaths}") == 1
    assert SOURCE.count("${") == 4


def test_the_substituted_code_is_accepted(edge: LocalEdge) -> None:
    edge.load(25)


def test_the_cloudfront_module_is_imported_in_the_first_line() -> None:
    assert SOURCE.splitlines()[0] == "import cf from 'cloudfront';"


HANDLER = "async function handler(event) { %s return event.request; }"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("for (const c of event.list) { c(); }", "ForOfStatement"),
        ("const all = [...event.list];", "SpreadElement"),
        ("const { request } = event;", "ObjectPattern"),
        ("const [first] = event.list;", "ArrayPattern"),
        ("class Viewer {}", "ClassDeclaration"),
        ("const ip = event.viewer?.ip;", "ChainExpression"),
        ("const ip = event.ip ?? '';", "??"),
        ("event.ip ||= '';", "||="),
        ("const n = 10n;", "BigInt"),
        ("const f = async () => 1;", "async closures"),
        ("async function inner() { return 1; } await inner();", "async closures"),
        ("use(await event.get());", "await inside the arguments"),
        ("const side = 'old'; use({ side });", "shorthand"),
        ("use({ ['x' + 1]: 1 });", "computed"),
        ("use({ get() { return 1; } });", "method"),
        ("try { use(); } catch { use(); }", "catch needs its parameter"),
        ("const f = function* () { yield 1; };", "generators"),
        ("const f = function (a = 1) { return a; };", "AssignmentPattern"),
        ("eval('1');", "eval"),
        ("setTimeout(use, 1);", "setTimeout"),
        ("const m = new Map();", "Map"),
        ("use('x'.charCodeAt(0));", "charCodeAt"),
        ("console.log('a', 'b');", "console.log takes one argument"),
        ("use(;", "SyntaxError"),
    ],
)
def test_code_outside_the_documented_language_is_refused(
    edge: LocalEdge, body: str, complaint: str
) -> None:
    with pytest.raises(EdgeRuntimeError) as refused:
        edge.load_code(HANDLER % body)

    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("await 1; function handler(event) { return event.request; }", "await belongs inside"),
        ("import fs from 'fs'; function handler(event) { return event.request; }", "no module fs"),
        ("import { kvs } from 'cloudfront'; function handler(e) { return e; }", "ImportSpecifier"),
        ("function handler(e) { return e; } //" + "x" * 10_240, "at most 10240"),
        ("function other(event) { return event.request; }", "handler"),
    ],
)
def test_a_file_that_cloudfront_would_not_take_is_refused(
    edge: LocalEdge, code: str, complaint: str
) -> None:
    with pytest.raises(EdgeRuntimeError) as refused:
        edge.load_code(code)

    assert complaint in str(refused.value)


def test_documented_language_is_accepted(edge: LocalEdge) -> None:
    edge.load_code(
        "const crypto = require('crypto');\n"
        "const double = (n) => n ** 2;\n"
        "function rest(...all) { return all.length; }\n"
        + HANDLER
        % "let n = rest(1, 2); for (const k in event) { n += double(`${k}`.length); }"
    )

    assert edge.run(viewer_request()).error is None


def test_dynamic_evaluation_throws_at_run_time(edge: LocalEdge) -> None:
    edge.load_code(HANDLER % "handler.constructor('return 1')();")

    assert "EvalError" in (edge.run(viewer_request()).error or "")
