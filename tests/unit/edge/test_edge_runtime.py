"""The local runtime forbids what CloudFront forbids, and ends with its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutover.paths import ROOT
from rehearsal.edge_runtime.client import EdgeRuntime
from tests.unit.support.edge_driver import LocalEdge, local_edge, viewer_request, viewer_response


@pytest.fixture(scope="module")
def edge() -> Iterator[LocalEdge]:
    with local_edge() as running:
        yield running


def code(statement: str, returned: str = "event.request") -> str:
    return (
        "import cf from 'cloudfront';\n"
        f"async function handler(event) {{ {statement} return {returned}; }}"
    )


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("event.request.headers.host = { value: 'x' };", "Error: header host is read-only"),
        ("delete event.request.headers.host;", "Error: header host is read-only"),
        ("event.request.headers.via = { value: 'x' };", "Error: header via is read-only"),
        (
            "event.request.headers['x-edge-a'] = { value: 'x' };",
            "Error: header x-edge-a is disallowed",
        ),
        ("event.request.headers['x-real-ip'] = { value: 'x' };", "x-real-ip is disallowed"),
        ("event.request.headers['x-amzn-cf-id'] = { value: 'x' };", "x-amzn-cf-id is disallowed"),
        (
            "event.request.headers['x-amzn-requestid'] = { value: 'x' };",
            "x-amzn-requestid is disallowed",
        ),
        ("event.request.headers['X-Side'] = { value: 'x' };", "X-Side is not in lower case"),
        ("event.request.headers.side = 'old';", "header side has no text value"),
        ("event.request.method = 'POST';", "the method is read-only"),
        ("cf.selectRequestOriginById('nowhere');", "the distribution has no origin nowhere"),
        ("event.nothing.at_all = 1;", "TypeError"),
    ],
)
def test_what_cloudfront_answers_with_an_error_is_an_error_here(
    edge: LocalEdge, statement: str, error: str
) -> None:
    edge.load_code(code(statement))

    outcome = edge.run(viewer_request())

    assert error in (outcome.error or "")
    assert outcome.request is None


def test_what_a_function_is_not_shown_passes_it_by(edge: LocalEdge) -> None:
    hidden = {"x-amzn-requestid": {"value": "1"}, "x-amz-cf-id": {"value": "2"}}
    allowed = {"x-amzn-trace-id": {"value": "Root=1"}}
    edge.load_code(
        code(
            "event.request.headers.seen = { value: Object.keys(event.request.headers).join() };",
        )
    )

    outcome = edge.run(viewer_request(headers=hidden | allowed))

    assert outcome.request is not None
    headers = outcome.request["headers"]
    assert {name: headers[name] for name in (hidden | allowed)} == hidden | allowed
    assert headers["seen"]["value"] == "host,x-amzn-trace-id,user-agent"


def test_an_answer_with_what_a_function_is_not_shown_is_no_error(edge: LocalEdge) -> None:
    edge.load_code(code("", "event.response"))
    event = viewer_response()
    event["response"]["headers"]["x-amzn-requestid"] = {"value": "1"}

    outcome = edge.run(event)

    assert outcome.response is not None
    assert outcome.response["headers"]["x-amzn-requestid"] == {"value": "1"}


def test_an_origin_cannot_be_chosen_in_viewer_response(edge: LocalEdge) -> None:
    edge.load_code(code("cf.selectRequestOriginById('old');", "event.response"))

    assert "viewer-request only" in (edge.run(viewer_response()).error or "")


def test_a_read_only_header_cannot_change_in_viewer_response(edge: LocalEdge) -> None:
    edge.load_code(
        code("event.response.headers['content-encoding'] = { value: 'br' };", "event.response")
    )

    assert "content-encoding is read-only" in (edge.run(viewer_response()).error or "")


def test_a_function_may_answer_the_viewer_itself(edge: LocalEdge) -> None:
    edge.load_code(code("", "{ statusCode: 302, headers: { location: { value: '/x' } } }"))

    outcome = edge.run(viewer_request())

    assert (outcome.request, outcome.error) == (None, None)
    assert outcome.response == {"statusCode": 302, "headers": {"location": {"value": "/x"}}}


def test_overlapping_calls_each_get_their_own_answer() -> None:
    async def scenario() -> list[str]:
        async with EdgeRuntime.start() as runtime:
            await runtime.load(code(""), {})
            ips = [f"192.0.2.{n}" for n in range(50)]
            events = [viewer_request(headers={"ip": {"value": ip}}) for ip in ips]
            outcomes = await asyncio.gather(*(runtime.run(event) for event in events))
            return [o.request["headers"]["ip"]["value"] for o in outcomes if o.request]

    assert asyncio.run(scenario()) == [f"192.0.2.{n}" for n in range(50)]


def test_the_runtime_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import asyncio\n"
            "from rehearsal.edge_runtime.client import EdgeRuntime\n"
            "async def main():\n"
            "    async with EdgeRuntime.start() as runtime:\n"
            "        print(runtime._process.pid, flush=True)\n"
            "        await asyncio.sleep(60)\n"
            "asyncio.run(main())\n",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 60
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Without an init process an orphan stays behind as a zombie: ended, not reaped.
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
