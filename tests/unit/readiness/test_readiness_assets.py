"""Files that pages name are asked of both sides, and what only one side has is found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web

from shared.inference.verdict import Verdict
from shared.readiness.bodies.named_files import PagesError, named_files
from shared.readiness.checks.assets import FILES, assets
from shared.readiness.finding import Check
from shared.readiness.http.fetch import client
from shared.readiness.spec import Endpoint, Side
from tests.unit.support.bad_servers import never_answers, raw, repeats, site
from tests.unit.support.virtual_time import run_with_sockets

ROOT = Endpoint("/")
STATIC = ("/static/*",)


class Build:
    """A side whose page names files, of which it has some."""

    def __init__(self, page: str, *files: str, head: int = 200, missing: int = 404) -> None:
        self.page = page
        self.files = files
        self.head = head
        self.missing = missing
        self.asked: list[str] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path_qs}")
        if request.path == "/":
            return web.Response(text=self.page, content_type="text/html")
        if request.path not in self.files:
            return web.Response(status=self.missing)
        return web.Response(status=self.head if request.method == "HEAD" else 200, text="x")


async def looked(
    old: str,
    new: str,
    static: Sequence[str] = STATIC,
    limits: tuple[float, float] = (10, 10),
    **how: Any,
) -> Check:
    async with (
        asyncio.timeout(20),
        client(Side(old), timeout_seconds=limits[0]) as before,
        client(Side(new), timeout_seconds=limits[1]) as after,
    ):
        return await assets(before, after, [ROOT], static, ["app.example.com"], **how)


def on(old: Any, new: Any, *args: Any, **how: Any) -> Check:
    async def run() -> Check:
        async with site(old) as before, site(new) as after:
            return await looked(before, after, *args, **how)

    return run_with_sockets(run())


def told(check: Check) -> dict[str, tuple[Verdict, str]]:
    return {f.id: (f.verdict, f.said) for f in check.findings}


def script(path: str) -> str:
    return f"<html><script src='{path}'></script></html>"


def test_files_that_both_sides_have_pass() -> None:
    build = Build(script("/app.js"), "/app.js")
    assert told(on(build, build)) == {
        "assets": (Verdict.PASS, "1 of 1 files that pages name are on both sides")
    }


def test_what_only_one_side_has_is_a_finding_that_can_be_waived() -> None:
    old, new = Build(script("/app.1.js"), "/app.1.js"), Build(script("/app.2.js"), "/app.2.js")
    check = on(old, new)
    assert {f.id: (f.verdict, f.waivable, f.old, f.new) for f in check.findings[1:]} == {
        "assets:/app.1.js:new": (Verdict.FAIL, True, "there", "status 404"),
        "assets:/app.2.js:old": (Verdict.FAIL, True, "status 404", "there"),
    }
    assert check.findings[1].said == (
        "/app.1.js, which / on old names, is not on new (status 404). Declare its path in edge.static_paths, "
        "so that the edge asks the other side, or put the files of both builds on both sides"
    )


@pytest.mark.parametrize("missing", [403, 404, 503])
def test_under_static_paths_the_edge_asks_the_other_side(missing: int) -> None:
    old = Build(script("/static/app.1.js"), "/static/app.1.js", missing=missing)
    new = Build(script("/static/app.2.js"), "/static/app.2.js", missing=missing)
    check = on(old, new)
    assert check.verdict is Verdict.PASS
    assert "2 on one side lie under edge.static_paths" in check.findings[0].said
    assert on(old, new, ()).verdict is Verdict.FAIL


def test_what_neither_side_has_is_new_s_fault_only_where_new_names_it() -> None:
    plain, names = Build("<html>"), Build(script("/gone.js"))
    assert told(on(names, plain)) == {
        "assets": (
            Verdict.PASS,
            "0 of 1 files that pages name are on both sides; 1 that only old's pages name are on neither",
        )
    }
    assert told(on(plain, names))["assets:/gone.js:new"][0] is Verdict.FAIL


def test_a_server_that_knows_no_head_is_asked_by_get() -> None:
    build = Build(script("/app.js"), "/app.js", head=405)
    assert on(build, build).verdict is Verdict.PASS
    assert build.asked.count("GET /app.js") == 2


def test_other_origins_and_what_is_no_path_are_not_asked_for() -> None:
    page = "".join(
        script(place)
        for place in (
            "https://cdn.example/x.js",
            "//cdn.example/y.js",
            "data:text/javascript,1",
            "http://[::1/z.js",
            "/a/../../etc",
            "https://user@app.example.com/u.js",
            "https://app.example.com/own.js#x",
            "rel.js?v=1",
        )
    )
    build = Build(page, "/own.js", "/rel.js")
    on(build, build)
    # A browser takes /a/../../etc for /etc.
    asked = {one.removeprefix("HEAD ") for one in build.asked if one.startswith("HEAD")}
    assert asked == {"/own.js", "/rel.js?v=1", "/etc", "/u.js"}


def test_no_page_is_no_check() -> None:
    async def plain(request: web.Request) -> web.StreamResponse:
        return web.Response(text="pong")

    assert on(plain, plain).skipped == "no endpoint is an HTML page"


def test_many_files_are_asked_for_by_sample() -> None:
    files = [f"/{i}.js" for i in range(300)]
    build = Build("".join(map(script, files)), *files)
    check = on(build, build)
    assert check.figures == {"files": 300, "asked": FILES, "pages": 2}
    assert "200 more were not asked for" in check.findings[0].said
    assert len({one for one in build.asked if one != "GET /"}) == FILES


def test_a_side_that_hangs_ends_in_the_time() -> None:
    async def run() -> Check:
        async with site(Build(script("/a.js"), "/a.js")) as old, raw(never_answers) as new:
            return await looked(old, new, seconds=0.3)

    check = run_with_sockets(run())
    assert (check.verdict, check.findings[0].waivable) == (Verdict.INCONCLUSIVE, True)


def test_an_endless_page_is_read_as_far_as_it_goes() -> None:
    async def run() -> Check:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<script src=/a.js></script>"
        async with raw(repeats(head, b"x" * 65536)) as old, raw(repeats(head, b"x" * 65536)) as new:
            return await looked(old, new)

    assert run_with_sockets(run()).figures["files"] == 1


@pytest.mark.parametrize(
    ("page", "base", "places"),
    [
        ("<link rel=stylesheet href=a.css><link rel=canonical href=/b>", "", ["a.css"]),
        ('<link rel="shortcut ICON" href="/f.ico">', "", ["/f.ico"]),
        ("<img src=a.png srcset='b.png 1x, c.png 2x'>", "", ["a.png", "b.png", "c.png"]),
        ("<source srcset='a.webp 100w,b.webp 1.5x , c.webp'>", "", ["a.webp", "b.webp", "c.webp"]),
        ("<base href='/x/'><base href='/y/'><script src='a.js'></script>", "/x/", ["a.js"]),
        ("<!-- <script src=a.js></script> --><script>'<img src=b>'</script>", "", []),
        ("<script src></script><img src='  '>", "", []),
        ("<img src=a src=b>", "", ["a"]),
    ],
)
def test_what_a_page_names(page: str, base: str, places: list[str]) -> None:
    assert named_files([page]) == [(base, places)]


@pytest.mark.parametrize("trap", ["<a " * 90_000, "<img srcset='" + "a ," * 80_000])
def test_a_page_that_is_made_to_take_long_costs_no_other_page(trap: str) -> None:
    assert named_files([trap, "<img src=a>"], seconds=60)[1] == ("", ["a"])


def test_a_parser_that_does_not_end_is_ended() -> None:
    with pytest.raises(PagesError, match="could not be read within"):
        named_files(["<img src=a>"], seconds=0.0001)


def test_a_place_that_is_named_often_is_asked_for_once() -> None:
    build = Build(script("/app.js") * 5, "/app.js")
    on(build, Build(script("/app.js"), "/app.js"))
    assert build.asked.count("HEAD /app.js") == 1
