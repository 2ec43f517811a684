"""A CloudFront Functions runtime in a Node process beside us, and the way to talk to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Event = Mapping[str, Any]
Store = Mapping[str, str]

_PROGRAM = Path(__file__).with_name("runtime.mjs")
# A batch is one line; 100,000 viewers are a few megabytes.
_LONGEST_LINE = 256 * 1024 * 1024
_ORIGIN_IDS = ("old", "new")


class EdgeRuntimeError(Exception):
    """The runtime refused a message: code outside the documented language, or no such process."""


@dataclass(frozen=True)
class Origin:
    """The origins a function chose for one request, the first one to ask first.

    Attributes
    ----------
    kind : "single" or "group"
    ids : origin ids; one for a single origin, primary and secondary for a group
    status_codes : answers of the primary that make CloudFront ask the secondary; empty for a single
    """

    kind: Literal["single", "group"]
    ids: tuple[str, ...]
    status_codes: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """What one run of a function came to.

    Attributes
    ----------
    request : the request to send on; None when the function answered itself or failed
    response : the response to the viewer (viewer-response, or an answer made by viewer-request)
    origin : the chosen origin; None leaves it to the cache behaviour
    logs : lines of console.log
    store_errors : reads of the store that failed, as KvsReadErrors counts them
    log_data : what the request's log record holds of the function's, encoded; - where it said nothing
    error : why CloudFront would answer 502 (validation) or 503 (exception); None when it went well
    """

    request: dict[str, Any] | None
    response: dict[str, Any] | None
    origin: Origin | None
    logs: tuple[str, ...]
    store_errors: int
    log_data: str
    error: str | None


class EdgeRuntime:
    """One loaded function and its key value store.

    Calls may overlap; the runtime works through them in order. The process ends when this one
    does, however it does, because it reads our pipe.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._sent = 0
        self._reader = asyncio.create_task(self._read_answers())

    @classmethod
    @contextlib.asynccontextmanager
    async def start(cls) -> AsyncIterator[EdgeRuntime]:
        """Start the process; end it when the block is left.

        Raises
        ------
        EdgeRuntimeError
            There is no `node` beside this Python nor on PATH.
        """
        process = await asyncio.create_subprocess_exec(
            _node(),
            "--expose-internals",
            "--experimental-vm-modules",
            "--no-warnings",
            str(_PROGRAM),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            # Ctrl-C goes to the whole terminal group; we decide when the process ends.
            start_new_session=True,
        )
        runtime = cls(process)
        try:
            yield runtime
        finally:
            await runtime._stop()

    async def load(self, code: str, store: Store | None) -> None:
        """Load a function and its store; None is a store that cannot be read.

        Raises
        ------
        EdgeRuntimeError
            CloudFront would not take the code, or it throws while it loads.
        """
        await self._ask("load", code=code, store=store, originIds=_ORIGIN_IDS)

    async def set_store(self, store: Store | None) -> None:
        """Replace the whole store; the next event sees it. None is a store that cannot be read."""
        await self._ask("set_store", store=store)

    async def run(self, event: Event) -> Outcome:
        """Run the function on one viewer-request or viewer-response event."""
        return (await self.run_all([event]))[0]

    async def run_all(self, events: Sequence[Event]) -> list[Outcome]:
        """Run the function on each event, in order."""
        answer = await self._ask("run", events=events)
        return [_outcome(result) for result in answer["results"]]

    async def census(self, event: Event, ips: Sequence[str]) -> list[str]:
        """Run the same viewer-request event for each viewer address; return the origin id that
        each is sent to first. Made for 100,000 viewers at once.

        Raises
        ------
        EdgeRuntimeError
            The function failed for one of them.
        """
        answer = await self._ask("census", event=event, ips=ips)
        return list(answer["origins"])

    async def _ask(self, op: str, **fields: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._sent += 1
        number = self._sent
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        if self._reader.done():
            raise EdgeRuntimeError("the edge runtime has ended")
        self._waiting[number] = future
        self._process.stdin.write(json.dumps({"id": number, "op": op, **fields}).encode() + b"\n")
        await self._process.stdin.drain()
        answer = await future
        if "failure" in answer:
            raise EdgeRuntimeError(answer["failure"])
        return answer

    async def _read_answers(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            waiting = self._waiting.pop(answer["id"])
            if not waiting.done():
                waiting.set_result(answer)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(EdgeRuntimeError("the edge runtime has ended"))

    async def _stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), timeout=5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reader


def _node() -> str:
    beside_python = str(Path(sys.executable).parent)
    node = shutil.which("node", path=os.pathsep.join([beside_python, os.environ.get("PATH", "")]))
    if node is None:
        raise EdgeRuntimeError("no `node`: install requirements.txt into this environment")
    return node


def _outcome(result: dict[str, Any]) -> Outcome:
    return Outcome(
        request=result.get("request"),
        response=result.get("response"),
        origin=_origin(result["origin"]),
        logs=tuple(result["logs"]),
        store_errors=result["storeErrors"],
        log_data=result["logData"],
        error=result.get("error"),
    )


def _origin(chosen: dict[str, Any] | None) -> Origin | None:
    if chosen is None:
        return None
    if chosen["kind"] == "single":
        return Origin("single", (chosen["id"],), ())
    return Origin("group", tuple(chosen["ids"]), tuple(chosen["statusCodes"]))
