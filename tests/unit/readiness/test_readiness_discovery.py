"""Endpoints are taken from old's sitemaps and OpenAPI documents, and no document can harm the gate."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aiohttp import web

from shared.inference.verdict import Verdict
from shared.readiness.checks.discovery import MOST, DiscoveryError, discover, openapi, sitemap
from shared.readiness.finding import Check
from shared.readiness.http.fetch import client
from shared.readiness.spec import Endpoint, Side
from tests.unit.support.bad_servers import never_answers, raw, redirects, site

URLSET = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</urlset>'
)
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</sitemapindex>'
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
    pages: Mapping[str, str], *documents: str, declared: tuple[str, ...] = ()
) -> tuple[list[str], Check, list[str]]:
    """Return the paths that were found, the check, and what was asked for."""
    asked: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if request.path not in pages:
            return web.Response(status=404)
        return web.Response(text=pages[request.path])

    async def run() -> tuple[list[Endpoint], Check]:
        async with site(handle) as url, client(Side(url), timeout_seconds=10) as old:
            return await discover(old, documents, [Endpoint(path) for path in declared])

    endpoints, made = asyncio.run(run())
    return [endpoint.path for endpoint in endpoints], made, asked


def complaint(read: Callable[[bytes], Any], body: str | bytes) -> str:
    with pytest.raises(DiscoveryError) as caught:
        read(body if isinstance(body, bytes) else body.encode())
    return str(caught.value)


def test_a_sitemap_names_the_paths_of_its_pages() -> None:
    pages = {
        "/sitemap.xml": urls("https://www.example.com/a", "https://www.example.com/b?x=1", "/")
    }
    paths, made, _ = found(pages, "/sitemap.xml", declared=("/",))
    assert paths == ["/a", "/b?x=1"]
    assert [(f.id, f.verdict, f.said) for f in made.findings] == [
        (
            "discovery:/sitemap.xml",
            Verdict.PASS,
            "/sitemap.xml names 3 endpoints, 2 of them not declared",
        )
    ]
    assert made.figures == {"endpoints": ["/a", "/b?x=1"]}


def test_an_index_leads_to_further_sitemaps_each_asked_once() -> None:
    pages = {
        "/sitemap.xml": index("http://x/one.xml", "http://x/two.xml", "http://x/sitemap.xml"),
        "/one.xml": urls("/a", "/b"),
        "/two.xml": urls("/b", "/c"),
    }
    paths, made, asked = found(pages, "/sitemap.xml")
    assert paths == ["/a", "/b", "/c"]
    assert made.verdict is Verdict.PASS
    assert asked == ["/sitemap.xml", "/one.xml", "/two.xml"]


def test_indexes_that_lead_on_for_ever_are_left() -> None:
    pages = {f"/{i}.xml": index(f"http://x/{i + 1}.xml") for i in range(100)}
    paths, _, asked = found(pages, "/0.xml")
    assert (paths, len(asked)) == ([], 10)


def test_no_more_endpoints_are_taken_than_a_gate_can_ask_for() -> None:
    pages = {
        "/a.xml": urls(*(f"/a/{i}" for i in range(40))),
        "/b.xml": urls(*(f"/b/{i}" for i in range(40))),
    }
    paths, made, _ = found(pages, "/a.xml", "/b.xml")
    assert len(paths) == MOST
    assert made.findings[1].said == (
        "/b.xml names 40 endpoints, 10 of them not declared, and 30 more that are not checked"
    )


def test_a_sitemap_that_has_moved_is_followed() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == "/moved.xml":
            return web.Response(text=urls("/a"))
        return await redirects({"/sitemap.xml": "/moved.xml"})(request)

    async def run() -> list[Endpoint]:
        async with site(handle) as url, client(Side(url), timeout_seconds=10) as old:
            return (await discover(old, ["/sitemap.xml"], []))[0]

    assert asyncio.run(run()) == [Endpoint("/a")]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (None, "/s answers with status 404, but must answer with 200"),
        ("", "it is neither XML nor JSON: Expecting value: line 1 column 1 (char 0)"),
        (BOMB, "the XML declares entities, which is refused: "),
        ("x" * (2 << 20), "/s: the body is longer than 1 MiB"),
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

    made = asyncio.run(run())
    assert [f.verdict for f in made.findings] == [Verdict.INCONCLUSIVE] * 2
    assert made.findings[0].said.endswith("no whole answer within 0.2 s, nothing of the body came")


def test_sitemaps_that_come_slowly_one_after_the_other_are_left_in_time() -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.1)
        return web.Response(text=index(f"{request.path}x"))

    async def run() -> Check:
        async with site(slow) as url, client(Side(url), timeout_seconds=0.15) as old:
            return (await discover(old, ["/s"], []))[1]

    (finding,) = asyncio.run(run()).findings
    assert finding.said == (
        "/s on old names no endpoints: it was not read within 0.45 s, with everything that it names"
    )


def test_places_that_are_no_paths_are_left_out() -> None:
    long = "/" + "x" * 255
    pages = {"/s": urls("http://[", "", "http://x/a b", long, "http://x", "ftp:x", "/good")}
    paths, _, _ = found(pages, "/s")
    assert paths == ["/", "/good"]


def test_the_images_of_a_page_are_no_endpoints() -> None:
    image = "<image:image xmlns:image='http://i'><image:loc>/i.png</image:loc></image:image>"
    assert sitemap((URLSET % f"<url><loc>/a</loc>{image}</url>").encode()) == (["/a"], [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<urlset>", "it is not XML: "),
        ("<html></html>", "its root is <html>: it must be <urlset> or <sitemapindex>"),
        (BOMB, "the XML declares entities, which is refused: "),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><urlset/>', "the XML declares"),
        (b'<?xml version="1.0" encoding="no-such"?><urlset/>', "it is not XML: "),
        (b'<?xml version="1.0" encoding="utf-7"?><urlset/>', "it is not XML: "),
        (b"<urlset>\xff\xfe</urlset>", "it is not XML: "),
    ],
)
def test_xml_that_is_no_sitemap_is_refused(body: str | bytes, said: str) -> None:
    assert complaint(sitemap, body).startswith(said)


def test_xml_as_deep_as_it_can_be_sent_is_read_in_bounded_memory() -> None:
    body = ("<urlset>" + "<a>" * 100_000 + "</a>" * 100_000 + "</urlset>").encode()
    tracemalloc.start()
    try:
        assert sitemap(body) == ([], [])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 32 << 20


def document(paths: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"openapi": "3.1.0", "paths": paths, **more}).encode()


def parameter(name: str, place: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, **more}


def test_an_openapi_document_names_what_can_be_got() -> None:
    paths = {"/a": {"get": {}}, "/b": {"post": {}}, "/c": {"get": {}, "parameters": []}}
    assert openapi(document(paths)) == ["/a", "/c"]
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
    assert openapi(document({"/a": {"get": {}}}, **more)) == [path]


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
    assert openapi(document({"/items/{id}": get}, components=components)) == [path]


@pytest.mark.parametrize(
    "parameters",
    [
        [],
        [parameter("id", "path")],
        [parameter("id", "path", example=1), parameter("q", "query", required=True)],
    ],
)
def test_a_path_that_cannot_be_filled_in_is_left_out(parameters: list[dict[str, Any]]) -> None:
    assert openapi(document({"/items/{id}": {"get": {"parameters": parameters}}})) == []


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
    assert openapi(document({"/a": {"get": get}}, **more)) == paths


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("openapi: 3.1.0\npaths: {}", "it is neither XML nor JSON: "),
        ("[" * 100_000, "it is neither XML nor JSON: "),
        (b"\xff\xfe\x00", "it is neither XML nor JSON: "),
        ("[]", "it is JSON, but not an OpenAPI document: "),
        ("null", "it is JSON, but not an OpenAPI document: "),
        ("{}", "it is JSON, but not an OpenAPI document: "),
        ('{"paths": []}', "it is JSON, but not an OpenAPI document: "),
        ('{"paths": {"/a": 1}}', "it is JSON, but not an OpenAPI document: "),
        ('{"paths": {}, "servers": {"url": 1}}', "it is JSON, but not an OpenAPI document: "),
        ('{"paths": {}, "servers": [{"url": 1}]}', "it is JSON, but not an OpenAPI document: "),
        ('{"paths": {}, "servers": [{"url": "http://["}]}', "it is JSON, but not an OpenAPI "),
        ('{"paths": {}, "basePath": 7}', "it is JSON, but not an OpenAPI document: "),
        ('{"paths": {"/a": {"get": {"parameters": [1]}}}}', "it is JSON, but not an OpenAPI "),
        (
            '{"paths": {"/a": {"get": {"security": 7}}}}',
            "it is JSON, but not an OpenAPI document: ",
        ),
        (
            '{"paths": {"/a": {"get": {"parameters": [{"$ref": "#/x"}]}}}, "x": {"$ref": "#/x"}}',
            "it is JSON, but not an OpenAPI document: ",
        ),
        (
            '{"paths": {"/a": {"get": {"parameters": [{"$ref": "other.json#/x"}]}}}}',
            "it is JSON, but not an OpenAPI document: ",
        ),
    ],
)
def test_json_that_is_no_openapi_document_is_refused(body: str | bytes, said: str) -> None:
    assert complaint(openapi, body).startswith(said)
