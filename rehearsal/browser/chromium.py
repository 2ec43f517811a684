"""Any Chromium that is found, driven through its DevTools protocol."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp

VARIABLE: Final = "CHROMIUM"
_NAMES: Final = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "microsoft-edge",
)
_START_SECONDS: Final = 60.0
_ANSWER_SECONDS: Final = 60.0
_CANCELED: Final = "net::ERR_ABORTED"
"""What a request fails with that the page itself gives up, as when it is left."""
MISSING: Final = (
    f"no Chromium is found: install one (Debian: apt install chromium), or name it in {VARIABLE}"
)


class BrowserError(Exception):
    """The browser did not do what it was told; the message says why."""


def find() -> str:
    """Return where a Chromium is, named by the environment or on PATH; nothing where there is none."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return shutil.which(named) or ""
    return next(filter(None, map(shutil.which, _NAMES)), "")


class Page:
    """A tab of its own.

    Attributes
    ----------
    wrong : list of str
        Errors on its console, scripts that failed, requests that failed or were answered with 400 or more.
    """

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self._requested: dict[str, str] = {}
        self.wrong: list[str] = []

    async def open(self, url: str) -> None:
        """Go to `url`, and wait until what it names is loaded."""
        answer = await self._call("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserError(f"{url}: {answer['errorText']}")
        await self.until("document.readyState === 'complete'")

    async def evaluate(self, expression: str) -> Any:
        """Return what JavaScript makes of `expression`; a promise is waited for.

        Raises
        ------
        BrowserError
            When it throws.
        """
        answer = await self._call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            said = details.get("exception", {}).get("description", details.get("text", ""))
            raise BrowserError(f"{expression}: {said}")
        return answer["result"].get("value")

    async def until(self, expression: str, *, seconds: float = 60.0) -> None:
        """Wait until `expression` is true.

        Raises
        ------
        BrowserError
            When it is not within `seconds`; the message holds what was wrong until then.
        """
        end = asyncio.get_running_loop().time() + seconds
        while True:
            # A page that is just being left has nobody to ask.
            with contextlib.suppress(BrowserError):
                if await self.evaluate(expression):
                    return
            if asyncio.get_running_loop().time() > end:
                raise BrowserError(f"{expression} is not true after {seconds:g} s: {self.wrong}")
            await asyncio.sleep(0.05)

    def note(self, method: str, told: Mapping[str, Any]) -> None:
        """Take what the browser tells of this tab."""
        if method == "Network.requestWillBeSent":
            self._requested[told["requestId"]] = told["request"]["url"]
        elif method == "Network.responseReceived" and told["response"]["status"] >= 400:
            self.wrong.append(f"{told['response']['status']} for {told['response']['url']}")
        elif method == "Network.loadingFailed" and told.get("errorText") != _CANCELED:
            url = self._requested.get(told["requestId"], "")
            self.wrong.append(f"{told['errorText']} for {url}")
        elif method == "Network.webSocketFrameError":
            self.wrong.append(f"WebSocket: {told['errorMessage']}")
        elif method == "Runtime.exceptionThrown":
            self.wrong.append(f"script: {told['exceptionDetails'].get('text')}")
        elif method == "Runtime.consoleAPICalled" and told["type"] in {"error", "assert"}:
            said = " ".join(str(one.get("value", "")) for one in told["args"])
            self.wrong.append(f"console: {said}")
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.wrong.append(f"log: {told['entry']['text']}")

    async def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return await self._browser.call(method, parameters, self._session)


class Browser:
    """A browser that runs."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    async def listen(self) -> None:
        """Take what the browser says until it ends."""
        async for message in self._socket:
            told = message.json()
            waiting = self._waiting.pop(told.get("id", 0), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(told)
            elif "method" in told and told.get("sessionId") in self._pages:
                self._pages[told["sessionId"]].note(told["method"], told["params"])
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(BrowserError("the browser has ended"))

    async def call(
        self, method: str, parameters: Mapping[str, Any], session: str = ""
    ) -> dict[str, Any]:
        """Return the result of a command of the protocol.

        Raises
        ------
        BrowserError
            When it is refused, or not answered.
        """
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        sent = {"id": number, "method": method, "params": dict(parameters)}
        await self._socket.send_json(sent | ({"sessionId": session} if session else {}))
        try:
            told = await asyncio.wait_for(self._waiting[number], _ANSWER_SECONDS)
        except TimeoutError as error:
            raise BrowserError(f"{method} is not answered") from error
        if "error" in told:
            raise BrowserError(f"{method}: {told['error']['message']}")
        result: dict[str, Any] = told["result"]
        return result

    async def page(self) -> Page:
        """Return a tab of its own."""
        target = await self.call("Target.createTarget", {"url": "about:blank"})
        attached = await self.call(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        session = attached["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            await self.call(f"{domain}.enable", {}, session)
        return page


@contextlib.asynccontextmanager
async def chromium(program: str, *, hosts: Mapping[str, tuple[str, int]]) -> AsyncIterator[Browser]:
    """Run the Chromium `program`, which finds `hosts` where they say, whatever their certificates.

    It keeps what it stores in a folder that is gone when the block is left, and so is it.

    Raises
    ------
    BrowserError
        When it does not start.
    """
    rules = ", ".join(f"MAP {name} {host}:{port}" for name, (host, port) in hosts.items())
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            program,
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={folder}",
            f"--host-resolver-rules={rules}",
            "--ignore-certificate-errors",
            # In a container there is no room for its sandbox and its shared memory; it opens our pages only.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            address = await _address(Path(folder) / "DevToolsActivePort", process)
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(address, max_msg_size=0) as socket,
            ):
                browser = Browser(socket)
                listening = asyncio.create_task(browser.listen())
                try:
                    yield browser
                finally:
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _address(file: Path, process: asyncio.subprocess.Process) -> str:
    """Return where it listens for commands: it writes that down in its folder when it does."""
    end = asyncio.get_running_loop().time() + _START_SECONDS
    while asyncio.get_running_loop().time() < end:
        if process.returncode is not None:
            raise BrowserError(f"Chromium ended with {process.returncode} before it listened")
        with contextlib.suppress(OSError, ValueError):
            written = await asyncio.to_thread(file.read_text, encoding="utf-8")
            port, path = written.split("\n")[:2]
            return f"ws://127.0.0.1:{int(port)}{path}"
        await asyncio.sleep(0.05)
    raise BrowserError("Chromium did not begin to listen in time")
