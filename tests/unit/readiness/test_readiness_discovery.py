"""Endpoints are taken from old's sitemaps and OpenAPI documents, and no document can harm the gate."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from shared.inference.verdict import Verdict
from shared.readiness.catalogues.error import DiscoveryError
from shared.readiness.catalogues.reader import BYTES
from shared.readiness.catalogues.sample import Sample, shared_out
from shared.readiness.checks.discovery import MOST, discover
from shared.readiness.finding import Check
from shared.readiness.http.fetch import client
from shared.readiness.spec import Endpoint, Side
from tests.unit.support.bad_servers import never_answers, raw, redirects, site
from tests.unit.support.catalogues import pages, tally
from tests.unit.support.virtual_time import run_with_sockets

URLSET = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</urlset>'
)
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</sitemapindex>'
NO_LIST = "it is neither XML nor JSON nor a list of whole URLs, one a line"
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]><urlset><url><loc>/&j;</loc></url></urlset>"
)


def urls(*places: str) -> str:
    return URLSET % "".join(f"<url><loc>{place}</loc></url>" for place in places)


def index(*places: str) -> str:
    return INDEX % "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in places)


def found(
    served: Mapping[str, str | bytes],
    *documents: str,
    declared: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
) -> tuple[list[str], Check, list[str]]:
    """Return the paths that were found, the check, and what was asked for."""
    asked: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if request.path not in served:
            return web.Response(status=404)
        body = served[request.path]
        return web.Response(body=body if isinstance(body, bytes) else body.encode())

    async def run() -> tuple[list[Endpoint], Check]:
        async with site(handle) as url, client(Side(url), timeout_seconds=10) as old:
            return await discover(old, documents, [Endpoint(path) for path in declared], exclude)

    endpoints, made = run_with_sockets(run())
    return [endpoint.path for endpoint in endpoints], made, asked


def complaint(read: Callable[[bytes], Any], body: str | bytes) -> str:
    with pytest.raises(DiscoveryError) as caught:
        read(body if isinstance(body, bytes) else body.encode())
    return str(caught.value)


def test_a_sitemap_names_the_paths_of_its_pages() -> None:
    served = {
        "/sitemap.xml": urls("https://www.example.com/a", "https://www.example.com/b?x=1", "/")
    }
    paths, made, _ = found(served, "/sitemap.xml", declared=("/",))
    assert paths == ["/a", "/b?x=1"]
    assert [(f.id, f.verdict, f.said) for f in made.findings] == [
        (
            "discovery:/sitemap.xml",
            Verdict.PASS,
            "/sitemap.xml names 3 endpoints: 2 are checked, 1 are declared",
        )
    ]
    assert made.figures == {"endpoints": ["/a", "/b?x=1"]}


def test_an_index_leads_to_further_sitemaps_each_asked_once() -> None:
    served = {
        "/sitemap.xml": index("http://x/one.xml", "http://x/two.xml", "http://x/sitemap.xml"),
        "/one.xml": urls("/a", "/b"),
        "/two.xml": urls("/b", "/c"),
    }
    paths, made, asked = found(served, "/sitemap.xml")
    assert paths == ["/a", "/b", "/c"]
    assert made.verdict is Verdict.PASS
    assert asked == ["/sitemap.xml", "/one.xml", "/two.xml"]


def test_indexes_that_lead_on_for_ever_are_left() -> None:
    served = {f"/{i}.xml": index(f"http://x/{i + 1}.xml") for i in range(100)}
    paths, _, asked = found(served, "/0.xml")
    assert (paths, len(asked)) == ([], 10)


def test_no_more_endpoints_are_taken_than_a_gate_can_ask_for() -> None:
    served = {
        "/a.xml": urls(*(f"/a/{i}" for i in range(40))),
        "/b.xml": urls(*(f"/b/{i}" for i in range(40))),
    }
    paths, made, _ = found(served, "/a.xml", "/b.xml")
    assert len(paths) == MOST
    for finding, name in zip(made.findings, ("/a.xml", "/b.xml"), strict=True):
        assert finding.said == (
            f"{name} names 40 endpoints: 25 are checked, "
            "15 are not (the same again, or not in the sample)"
        )


def test_a_sitemap_that_has_moved_is_followed() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == "/moved.xml":
            return web.Response(text=urls("/a"))
        return await redirects({"/sitemap.xml": "/moved.xml"})(request)

    async def run() -> list[Endpoint]:
        async with site(handle) as url, client(Side(url), timeout_seconds=10) as old:
            return (await discover(old, ["/sitemap.xml"], []))[0]

    assert run_with_sockets(run()) == [Endpoint("/a")]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (None, "/s answers with status 404, but must answer with 200"),
        ("", "it is neither XML nor JSON: Expecting value: line 1 column 1 (char 0)"),
        (BOMB, "the XML declares a document type, which is refused: "),
        ("x" * (2 << 20), f"{NO_LIST}: line 1 is longer than 4096 bytes"),
    ],
)
def test_a_document_that_cannot_be_read_is_inconclusive_and_says_why(
    page: str | None, said: str
) -> None:
    paths, made, _ = found({} if page is None else {"/s": page}, "/s")
    (finding,) = made.findings
    assert (paths, finding.verdict, finding.waivable) == ([], Verdict.INCONCLUSIVE, True)
    assert finding.said.startswith(f"/s on old names no endpoints: {said}")


def test_one_unreadable_document_does_not_keep_another_from_being_read() -> None:
    paths, made, _ = found({"/b": urls("/x")}, "/a", "/b")
    assert paths == ["/x"]
    assert [f.verdict for f in made.findings] == [Verdict.INCONCLUSIVE, Verdict.PASS]


def test_a_side_that_does_not_answer_is_inconclusive_in_time() -> None:
    async def run() -> Check:
        async with raw(never_answers) as url, client(Side(url), timeout_seconds=0.2) as old:
            return (await discover(old, ["/a", "/b"], []))[1]

    made = run_with_sockets(run())
    assert [f.verdict for f in made.findings] == [Verdict.INCONCLUSIVE] * 2
    assert made.findings[0].said.endswith("no whole answer within 0.2 s, nothing of the body came")


def test_sitemaps_that_come_slowly_one_after_the_other_are_left_in_time() -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.1)
        return web.Response(text=index(f"{request.path}x"))

    async def run() -> Check:
        async with site(slow) as url, client(Side(url), timeout_seconds=0.15) as old:
            return (await discover(old, ["/s"], []))[1]

    (finding,) = run_with_sockets(run()).findings
    assert finding.said == (
        "/s on old names no endpoints: it was not read within 0.45 s, with everything that it names"
    )


def test_places_that_are_no_paths_are_left_out() -> None:
    long = "/" + "x" * 255
    served = {"/s": urls("http://[", "", "http://x/a b", long, "http://x", "ftp:x", "/good")}
    paths, _, _ = found(served, "/s")
    assert paths == ["/", "/good"]


def test_the_images_of_a_page_are_no_endpoints() -> None:
    image = "<image:image xmlns:image='http://i'><image:loc>/i.png</image:loc></image:image>"
    assert pages((URLSET % f"<url><loc>/a</loc>{image}</url>").encode()) == ["/a"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<urlset>", "it is not XML: "),
        ("<html></html>", "its root is <html>: it must be <urlset> or <sitemapindex>"),
        (BOMB, "the XML declares a document type, which is refused: "),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><urlset/>', "the XML declares"),
        (b'<?xml version="1.0" encoding="no-such"?><urlset/>', "it is not XML: "),
        (b'<?xml version="1.0" encoding="utf-7"?><urlset/>', "it is not XML: "),
        (b"<urlset>\xff\xfe</urlset>", "it is not XML: "),
    ],
)
def test_xml_that_is_no_sitemap_is_refused(body: str | bytes, said: str) -> None:
    assert complaint(pages, body).startswith(said)


def test_xml_that_is_deeper_than_a_sitemap_is_refused_in_bounded_memory() -> None:
    body = ("<urlset>" + "<a>" * 100_000 + "</a>" * 100_000 + "</urlset>").encode()
    tracemalloc.start()
    try:
        assert complaint(pages, body) == "its elements are more than 100 deep"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


def document(paths: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"openapi": "3.1.0", "paths": paths, **more}).encode()


def parameter(name: str, place: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, **more}


def test_an_openapi_document_names_what_can_be_got() -> None:
    paths = {"/a": {"get": {}}, "/b": {"post": {}}, "/c": {"get": {}, "parameters": []}}
    assert pages(document(paths)) == ["/a", "/c"]
    found_there, made, _ = found({"/openapi.json": document(paths).decode()}, "/openapi.json")
    assert (found_there, made.verdict) == (["/a", "/c"], Verdict.PASS)


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"servers": [{"url": "https://api.example/v1/"}]}, "/v1/a"),
        ({"servers": [{"url": "/v2"}]}, "/v2/a"),
        ({"servers": [{"url": "https://{stage}.example/v3"}]}, "/v3/a"),
        ({"servers": []}, "/a"),
        ({"basePath": "/old"}, "/old/a"),
    ],
)
def test_the_paths_stand_below_the_documents_base(more: dict[str, Any], path: str) -> None:
    assert pages(document({"/a": {"get": {}}}, **more)) == [path]


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ([parameter("id", "path", example="x/y z")], "/items/x%2Fy%20z"),
        ([parameter("id", "path", schema={"default": 7})], "/items/7"),
        ([parameter("id", "path", default=8)], "/items/8"),
        ([parameter("id", "path", examples={"one": {"value": 9}})], "/items/9"),
        ([{"$ref": "#/components/parameters/Id"}], "/items/5"),
        ([{"$ref": "#/components/parameters/Other~1Id"}], "/items/5"),
        (
            [
                parameter("id", "path", example=1),
                parameter("q", "query", required=True, example="a&b"),
                parameter("page", "query", example=3),
                parameter("X-Token", "header", required=True),
            ],
            "/items/1?q=a%26b",
        ),
    ],
)
def test_a_parameter_with_an_example_is_filled_in(
    parameters: list[dict[str, Any]], path: str
) -> None:
    components = {
        "parameters": {
            "Id": parameter("id", "path", example=5),
            "Other/Id": {"$ref": "#/components/parameters/Id"},
        }
    }
    get = {"get": {"parameters": parameters}}
    assert pages(document({"/items/{id}": get}, components=components)) == [path]


@pytest.mark.parametrize(
    "parameters",
    [
        [],
        [parameter("id", "path")],
        [parameter("id", "path", example=1), parameter("q", "query", required=True)],
    ],
)
def test_a_path_that_cannot_be_filled_in_is_left_out(parameters: list[dict[str, Any]]) -> None:
    assert pages(document({"/items/{id}": {"get": {"parameters": parameters}}})) == []


@pytest.mark.parametrize(
    ("whole", "operation", "paths"),
    [
        ([{"key": []}], None, []),
        ([{"key": []}], [], ["/a"]),
        ([{"key": []}, {}], None, ["/a"]),
        (None, [{"key": []}], []),
        ([], None, ["/a"]),
    ],
)
def test_what_needs_a_secret_is_left_out(whole: Any, operation: Any, paths: list[str]) -> None:
    get = {} if operation is None else {"security": operation}
    more = {} if whole is None else {"security": whole}
    assert pages(document({"/a": {"get": get}}, **more)) == paths


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("openapi: 3.1.0\npaths: {}", f"{NO_LIST}: line 1 is 'openapi: 3.1.0'"),
        ("[" * 100_000, "it is neither XML nor JSON: "),
        (b"\xff\xfe\x00", f"{NO_LIST}: line 1 is not UTF-8"),
        (b'{"\xff": 1}', "it is neither XML nor JSON: "),
        ("[]", "it is JSON, but not an OpenAPI document: "),
        ("null", f"{NO_LIST}: line 1 is 'null'"),
        ("{}", "it is JSON, but not an OpenAPI document: "),
        ('{"paths": []}', "it is JSON, but not an OpenAPI document: "),
        ('{"paths": {}, "servers": {"url": 1}}', "it is JSON, but not an OpenAPI document: "),
        ('{"paths": {}, "servers": [{"url": 1}]}', "it is JSON, but not an OpenAPI document: "),
        ('{"paths": {}, "servers": [{"url": "http://["}]}', "it is JSON, but not an OpenAPI "),
        ('{"paths": {}, "basePath": 7}', "it is JSON, but not an OpenAPI document: "),
    ],
)
def test_json_that_is_no_openapi_document_is_refused(body: str | bytes, said: str) -> None:
    assert complaint(pages, body).startswith(said)


@pytest.mark.parametrize(
    "path",
    [
        "1",
        '{"get": {"parameters": [1]}}',
        '{"get": {"security": 7}}',
        '{"get": {"parameters": [{"$ref": "#/x"}]}}',
        '{"get": {"parameters": [{"$ref": "other.json#/x"}]}}',
        '{"get": {"responses": 1}}',
        '{"get": 7}',
    ],
)
def test_a_path_that_cannot_be_read_is_left_out_alone(path: str) -> None:
    body = f'{{"paths": {{"/a": {path}, "/b": {{"get": {{}}}}}}, "x": {{"$ref": "#/x"}}}}'
    found_there = tally(body.encode())
    assert found_there.sample.in_order() == ["/b"]
    assert found_there.left_out == {"cannot be read": 1}


@pytest.mark.parametrize(
    ("operation", "is_taken"),
    [
        ({"responses": {"200": {"content": {"text/event-stream": {}}}}}, False),
        ({"responses": {"200": {"content": {"Text/Event-Stream; charset=utf-8": {}}}}}, False),
        ({"responses": {"200": {"content": {"multipart/x-mixed-replace": {}}}}}, False),
        ({"responses": {"200": {"content": {"application/jsonl": {"itemSchema": {}}}}}}, False),
        ({"responses": {"default": {"$ref": "#/components/responses/Events"}}}, False),
        ({"produces": ["text/event-stream"]}, False),
        ({"responses": {"200": {"content": {"text/csv": {}}}}}, True),
        ({"responses": {"200": {"description": "x"}}}, True),
        ({"produces": ["application/json", "text/event-stream"]}, True),
    ],
)
def test_what_the_document_itself_calls_a_stream_is_left_out(
    operation: dict[str, Any], is_taken: bool
) -> None:
    components = {"responses": {"Events": {"content": {"text/event-stream": {}}}}}
    found_there = tally(document({"/a": {"get": operation}}, components=components))
    assert found_there.sample.in_order() == (["/a"] if is_taken else [])
    assert found_there.left_out == ({} if is_taken else {"are streams": 1})


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"schema": {"enum": ["red", "blue"]}}, "red"),
        ({"schema": {"examples": ["x"], "enum": ["y"]}}, "x"),
        ({"schema": {"const": 3}}, "3"),
        ({"schema": {"example": True}}, "true"),
        ({"schema": {"example": 0}}, "0"),
        ({"schema": {"$ref": "#/components/schemas/Id"}}, "s"),
        ({"schema": {"type": "array", "items": {"example": "i"}}}, "i"),
        ({"example": ["a", "b c"]}, "a,b%20c"),
        ({"examples": {"one": {"$ref": "#/components/examples/Id"}}}, "e"),
        ({"content": {"application/json": {"example": 4}}}, "4"),
        ({"x-example": "v2"}, "v2"),
        ({"enum": ["v2"]}, "v2"),
    ],
)
def test_a_parameter_is_filled_from_whatever_example_there_is(
    more: dict[str, Any], path: str
) -> None:
    components = {"schemas": {"Id": {"example": "s"}}, "examples": {"Id": {"value": "e"}}}
    get = {"get": {"parameters": [parameter("id", "path", **more)]}}
    assert pages(document({"/items/{id}": get}, components=components)) == [f"/items/{path}"]


def test_an_operations_parameter_stands_in_place_of_the_paths() -> None:
    item = {
        "parameters": [parameter("id", "path", example=1), parameter("id", "query", example=2)],
        "get": {"parameters": [parameter("id", "path", example=3)]},
    }
    assert pages(document({"/a/{id}": item})) == ["/a/3"]


@pytest.mark.parametrize(
    ("server", "path"),
    [
        ({"url": "v1"}, "/docs/v1/a"),
        ({"url": "https://x/{v}", "variables": {"v": {"default": "v2"}}}, "/v2/a"),
    ],
)
def test_a_servers_url_is_read_as_the_specification_says(server: dict[str, Any], path: str) -> None:
    body = document({"/a": {"get": {}}}, servers=[server])
    assert tally(body, at="/docs/openapi.json").sample.in_order() == [path]


def test_a_document_of_which_nothing_can_be_asked_for_is_no_pass() -> None:
    body = document({f"/{i}": {"get": {}} for i in range(34)}, security=[{"bearer": []}])
    paths, made, _ = found({"/api.json": body}, "/api.json")
    (finding,) = made.findings
    assert (paths, finding.verdict, finding.waivable) == ([], Verdict.INCONCLUSIVE, True)
    assert finding.said == (
        "/api.json names 34 endpoints: 0 are checked, 34 need a secret; so nothing of it was checked"
    )
    for empty in (document({}), urls(), index()):
        assert found({"/s": empty}, "/s")[1].verdict is Verdict.INCONCLUSIVE


def test_a_document_whose_endpoints_are_all_declared_or_named_elsewhere_passes() -> None:
    served = {"/a.xml": urls("/x", "/y"), "/b.xml": urls("/x"), "/c.xml": urls("/z")}
    paths, made, _ = found(served, "/a.xml", "/b.xml", "/c.xml", declared=("/z",))
    assert sorted(paths) == ["/x", "/y"]
    assert made.verdict is Verdict.PASS


def test_excluded_paths_are_not_taken() -> None:
    named = ["/admin/a?x=1", "/a/export", "/%61dmin/b", "/x[1]", "/b"]
    served = {"/s": urls(*named)}
    exclude = ("/admin/*", "*/export", "/x[1]", "/?")
    paths, made, _ = found(served, "/s", exclude=exclude)
    assert paths == []
    assert made.findings[0].said.startswith("/s names 5 endpoints: 0 are checked, 5 are excluded")
    assert found(served, "/s", exclude=("/ADMIN/*", "/x1", "admin"))[0] == named


def test_plain_text_and_gzip_are_read_however_they_are_cut() -> None:
    text = b"\xef\xbb\xbfhttps://x/a\r\n\nhttps://x/b?c=1\n  https://x/d  \nhttps://x/e"
    xml = urls("/a", "/b?c=1", "/d", "/e").encode()
    packed = gzip.compress(text[:20]) + gzip.compress(text[20:]) + b"\0\0"
    for body in (text, xml, gzip.compress(text), gzip.compress(xml), packed):
        for piece in (1, 2, 7, 1 << 16):
            assert tally(body, piece=piece).sample.in_order() == ["/a", "/b?c=1", "/d", "/e"]


def test_an_index_leads_to_packed_and_plain_sitemaps() -> None:
    served: dict[str, str | bytes] = {
        "/index.xml": index("https://x/one.xml.gz", "https://x/two.txt"),
        "/one.xml.gz": gzip.compress(urls("/a").encode()),
        "/two.txt": "https://x/b\n",
    }
    assert found(served, "/index.xml")[0] == ["/a", "/b"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (gzip.compress(b"https://x/a\n" * 99)[:-9], "its gzip ends too early"),
        (b"\x1f\x8bnonsense", "the gzip is broken: "),
        (b"https://x/a\nb", f"{NO_LIST}: line 2 is 'b'"),
        (b" " * 2000, "it begins with more than a kibibyte of blanks"),
        (b"<urlset a='" + b"x" * (2 << 20), "it holds one tag or comment of more than 1 MiB"),
        (
            b"<urlset>" + b"".join(b"<a%d/>" % i for i in range(1001)),
            "it uses more than 1000 different names, which no sitemap does",
        ),
        (b"[" + b" " * (11 << 20), "it is JSON of more than 10 MiB"),
    ],
    ids=["cut off", "no gzip", "no URL", "blank", "one tag", "names", "long JSON"],
)
def test_a_trap_is_refused_with_its_reason(body: bytes, said: str) -> None:
    assert complaint(pages, body).startswith(said)


def test_one_sitemap_that_cannot_be_read_does_not_take_the_others_away() -> None:
    served = {"/index.xml": index("/gone.xml", "/b.xml"), "/b.xml": urls("/b")}
    paths, made, _ = found(served, "/index.xml")
    (finding,) = made.findings
    assert (paths, finding.verdict, finding.waivable) == (["/b"], Verdict.INCONCLUSIVE, True)
    assert finding.said == (
        "/index.xml names 1 endpoint: 1 are checked; it was not read whole: "
        "/gone.xml answers with status 404, but must answer with 200"
    )


def test_a_document_in_an_encoding_that_nobody_asked_for_says_so() -> None:
    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"https://x/a", headers={"Content-Encoding": "br"})

    async def run() -> Check:
        async with site(handle) as url, client(Side(url), timeout_seconds=10) as old:
            return (await discover(old, ["/s"], []))[1]

    (finding,) = run_with_sockets(run()).findings
    assert finding.said.endswith("/s comes with content-encoding 'br', which was not asked for")


def peak_of(act: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_sitemap_gives_the_same_sample_in_bounded_memory() -> None:
    named = [f"/p/{i:05d}" for i in range(20_000)]
    body = urls(*named).encode()
    first = tally(body)
    assert first.named == 20_000
    assert len(first.sample.in_order()) == 50
    assert first.sample.in_order() == tally(body).sample.in_order()
    assert peak_of(lambda: tally(body)) < 4 << 20


def test_a_sitemap_is_read_up_to_50_000_pages() -> None:
    body = b"https://x/a\n" * 60_000
    found_there = tally(body)
    assert (found_there.is_cut, found_there.sample.in_order()) == (True, ["/a"])
    assert found_there.named < 60_000
    assert tally(body[: 12 * 40_000]).is_cut is False


def test_a_document_is_read_up_to_50_mb_unpacked_and_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert BYTES == 52_428_800
    monkeypatch.setattr("shared.readiness.catalogues.reader.BYTES", 1 << 20)
    bomb = gzip.compress(b"<urlset><url><loc>/a</loc></url>" + b" <!-- x -->" * (4 << 20))
    assert tally(bomb).is_cut
    assert peak_of(lambda: tally(bomb)) < 8 << 20
    served: dict[str, str | bytes] = {"/s": bomb}
    paths, made, _ = found(served, "/s")
    assert (paths, made.verdict) == (["/a"], Verdict.PASS)
    assert made.findings[0].said.endswith("; it is longer than is read")


def test_an_openapi_document_of_3_mb_is_read_in_bounded_memory() -> None:
    paths = {
        f"/items/{i}": {"get": {"description": "x" * 900, "responses": {"200": {}}}}
        for i in range(3200)
    }
    body = document(paths)
    assert len(body) > 3_000_000
    assert tally(body).named == 3200
    assert peak_of(lambda: tally(body)) < 40 << 20


PATHS = st.lists(st.text("abc/", min_size=1, max_size=6), unique=True, max_size=80)


@given(PATHS, st.integers(1, 60), st.randoms(use_true_random=False))
def test_a_sample_does_not_depend_on_order_or_repetition(
    paths: list[str], most: int, order: random.Random
) -> None:
    one, other = Sample(most), Sample(most)
    for path in paths:
        one.add(path)
    again = paths * 2
    order.shuffle(again)
    for path in again:
        other.add(path)
    assert one.by_rank() == other.by_rank()
    assert len(one.by_rank()) == min(most, len(paths))
    kept = set(one.by_rank())
    assert one.in_order() == [path for path in paths if path in kept]


@given(st.lists(PATHS, max_size=5), st.integers(1, 60))
def test_each_document_gets_its_share_and_no_path_is_taken_twice(
    documents: list[list[str]], most: int
) -> None:
    samples = [Sample(most) for _ in documents]
    for sample, paths in zip(samples, documents, strict=True):
        for path in paths:
            sample.add(path)
    taken = shared_out(samples, most)
    flat = [path for some in taken for path in some]
    assert len(set(flat)) == len(flat) == min(most, len({p for s in samples for p in s.by_rank()}))
    for some, paths in zip(taken, documents, strict=True):
        assert set(some) <= set(paths)
        # Nobody has less than its share while another has more than one beyond it.
        left = set(paths) - set(flat)
        assert not left or len(some) + 1 >= max(len(others) for others in taken) or len(flat) < most
