"""Whatever a site names, readiness connects to the two sides and to nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from html import escape

import pytest
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from shared.readiness.catalogues.error import DiscoveryError
from shared.readiness.checks.discovery import discover
from shared.readiness.http.fetch import Client, FetchError, client
from shared.readiness.http.own_path import LONGEST, own_path
from shared.readiness.spec import Side, is_path
from tests.unit.support.bad_servers import site
from tests.unit.support.catalogues import pages, tally
from tests.unit.support.virtual_time import run_with_sockets

HOSTILE: tuple[Callable[[str], str], ...] = (
    lambda evil: f"@{evil}/x",
    lambda evil: f":pw@{evil}/x",
    lambda evil: f"user:pw@{evil}/x",
    lambda evil: f"//{evil}/x",
    lambda evil: f"///{evil}/x",
    lambda evil: f"/\\{evil}/x",
    lambda evil: f"\\\\{evil}/x",
    lambda evil: f"http:\\\\{evil}/x",
    lambda evil: f"http://{evil}/x",
    lambda evil: f"HTTP://{evil}/x",
    lambda evil: f"https://{evil}/x",
    lambda evil: f"http:///{evil}/x",
    lambda evil: f"http:{evil}/x",
    lambda evil: f"http://user:pw@{evil}/x",
    lambda evil: f"http://shop.example@{evil}/x",
    lambda evil: f"http://{evil}#@shop.example/x",
    lambda evil: f"http://{evil}?@shop.example/x",
    lambda evil: f"ht\ttp://{evil}/x",
    lambda evil: f"/\t/{evil}/x",
    lambda evil: f"/\n/{evil}/x",
    lambda evil: f"\x0b//{evil}/x",
    lambda evil: f"x\r\nHost: {evil}\r\n\r\n",
    lambda evil: f"/x%0d%0aHost:%20{evil}",
    lambda evil: f"/..//{evil}/x",
    lambda evil: f"/%2e%2e//{evil}/x",
    lambda evil: f"/x/../../..//{evil}/x",
    lambda evil: f"//{evil}/\N{LATIN SMALL LETTER U WITH DIAERESIS}",
    lambda evil: f"\N{FULLWIDTH SOLIDUS}\N{FULLWIDTH SOLIDUS}{evil}/x",
    lambda evil: f".{evil}/x",
    lambda evil: f"javascript:fetch('http://{evil}')",
    lambda evil: f"file://{evil}/x",
    lambda evil: f"//{evil}/{'x' * 8000}",
)


def as_sitemap(kind: str, entry: str, place: str) -> str:
    # XML takes no control characters but these three.
    place = "".join(c if c in "\t\r\n" or c >= " " else "?" for c in place)
    return f"<{kind}><{entry}><loc>{escape(place)}</loc></{entry}></{kind}>"


def documents_naming(place: str) -> dict[str, str]:
    return {
        "/urlset.xml": as_sitemap("urlset", "url", place),
        "/index.xml": as_sitemap("sitemapindex", "sitemap", place),
        "/path.json": json.dumps({"paths": {place: {"get": {}}}}),
        "/server.json": json.dumps({"servers": [{"url": place}], "paths": {"/a": {"get": {}}}}),
        "/base.json": json.dumps({"basePath": place, "paths": {"/a": {"get": {}}}}),
        "/robots.txt": f"Sitemap: {place}\n",
        "/sitemap.txt": f"{place}\n",
        "/after.txt": f"https://shop.example{place}\nhttps://{place}\n",
    }


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_document_and_no_redirect_leads_to_another_host(hostile: Callable[[str], str]) -> None:
    connected: list[object] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(writer.get_extra_info("peername"))
        writer.close()

    async def run() -> None:
        elsewhere = await asyncio.start_server(note, "127.0.0.1", 0)
        place = hostile(f"127.0.0.1:{elsewhere.sockets[0].getsockname()[1]}")
        documents = documents_naming(place)

        async def handle(request: web.Request) -> web.StreamResponse:
            if request.path == "/away":
                location = place.replace("\r", "").replace("\n", "")
                return web.Response(status=302, headers={"location": location})
            return web.Response(text=documents.get(request.path, "here"))

        async with elsewhere, site(handle) as url, client(Side(url), timeout_seconds=5) as old:
            endpoints, _ = await discover(old, list(documents), [])
            for endpoint in endpoints:
                await old.fetch(endpoint.path)
            for ask in (lambda: old.fetch(place), lambda: old.time(place, 0), lambda: away(old)):
                try:
                    await ask()
                except FetchError:
                    continue

    async def away(old: Client) -> None:
        hops, _ = await old.follow(await old.fetch("/away"), "/away")
        assert "//user:pw@" not in "".join(hops)

    run_with_sockets(run())
    assert connected == []


@pytest.mark.parametrize(
    "path", ["@127.0.0.1/x", "", ":1/x", "x", ".example", "http://127.0.0.1/x"]
)
def test_the_client_itself_refuses_what_is_no_path(path: str) -> None:
    async def run() -> None:
        async with client(Side("http://127.0.0.1:9"), timeout_seconds=1) as old:
            with pytest.raises(
                FetchError, match="is not a path on this side: it must begin with /"
            ):
                await old.fetch(path)
            with pytest.raises(
                FetchError, match="is not a path on this side: it must begin with /"
            ):
                await old.time(path, 0)

    run_with_sockets(run())


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("https://www.example.com/a?b=1#c", "/a?b=1"),
        ("http://x", "/"),
        ("http://x?a=b", "/?a=b"),
        ("/plain", "/plain"),
        ("https://x:8443/a%20b", "/a%20b"),
        ("https://x/größe?für=ü", "/gr%C3%B6%C3%9Fe?f%C3%BCr=%C3%BC"),
        ("/a//b", "/a//b"),
        ("/well-known/..x", "/well-known/..x"),
        ("/go?next=/../a", "/go?next=/../a"),
        ("/go?to=//evil", "/go?to=//evil"),
        ("", None),
        ("//x/a", None),
        ("a/b", None),
        ("/a/..", None),
        ("/%2E./a", None),
        ("/a%0D", None),
        ("/a?b=%0a", None),
        ("/%5Cx", None),
        ("/a b", None),
        ("https://u@x/a", None),
        ("https://:@x/a", None),
        ("https://x:0/a", None),
        ("https://x:99999/a", None),
        ("ftp://x/a", None),
        ("/" + "x" * LONGEST, None),
    ],
)
def test_a_place_has_one_path_or_none(place: str, path: str | None) -> None:
    assert own_path(place) == path


ANYTHING = st.one_of(
    st.text(),
    st.text(alphabet="/\\@:#?.%2eE0dDaA[] \t\r\nhtpx"),
    st.builds("".join, st.lists(st.sampled_from(["//", "/", "\\", "@", "evil.example", "http:"]))),
)


@given(ANYTHING)
@example("@evil.example/x")
def test_whatever_text_is_named_only_the_side_is_asked(text: str) -> None:
    path = own_path(text)
    if path is None:
        return
    url = URL("http://side.example:8080" + path)
    assert (url.host, url.port, url.user, url.scheme) == ("side.example", 8080, None, "http")
    assert url.raw_path.startswith("/")
    assert is_path(path)
    assert path.isascii()
    assert own_path(path) == path


@given(ANYTHING, ANYTHING)
def test_whatever_a_document_holds_its_endpoints_are_paths(one: str, other: str) -> None:
    document = {"servers": [{"url": one}], "paths": {other: {"get": {}}, one: {"get": {}}}}
    try:
        paths = pages(json.dumps(document).encode())
    except DiscoveryError:
        return
    assert all(own_path(path) == path for path in paths)


@given(ANYTHING)
def test_whatever_a_sitemap_holds_its_places_are_paths(text: str) -> None:
    body = f"<sitemapindex><sitemap><loc>{escape(text)}</loc></sitemap></sitemapindex>"
    try:
        found = tally(body.encode(errors="replace"))
    except DiscoveryError:
        return
    assert found.sample.in_order() == []
    assert all(own_path(path) == path for path in found.sitemaps.in_order())


@given(st.lists(ANYTHING))
def test_whatever_a_plain_text_sitemap_holds_its_places_are_paths(lines: list[str]) -> None:
    for body in ("\n".join(lines), "".join(f"https://{line}\n" for line in lines)):
        try:
            paths = pages(body.encode(errors="replace"))
        except DiscoveryError:
            continue
        assert all(own_path(path) == path for path in paths)


@given(ANYTHING)
def test_whatever_a_redirect_says_a_followed_one_stays_on_the_side(location: str) -> None:
    side = Side("http://side.example:8080")
    here = Client(side, None, 1)  # type: ignore[arg-type] - it connects to nobody
    try:
        place, is_here = here.place("/a", location)
        url = here._url(place) if is_here else None
    except FetchError:
        return
    assert url is None or str(url.origin()) == side.url
