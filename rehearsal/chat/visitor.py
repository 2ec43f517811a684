"""One person in a real browser: what the page shows is what counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from rehearsal.browser.chromium import BrowserError, Page

_SHOWN: Final = "document.getElementById({id}).value"


@dataclass(frozen=True)
class Shown:
    """What the page shows: the build that it is of, who answers now, and who is at the other end of its
    WebSocket."""

    build: str
    answered_by: str
    socket_side: str


class Visitor:
    """Somebody before one page of the chat at `origin`, like https://d111111abcdef8.cloudfront.net."""

    def __init__(self, page: Page, origin: str, name: str) -> None:
        self._page = page
        self._origin = origin
        self._name = name

    async def log_in(self) -> None:
        """Come as a stranger, be led to the login, and fill it in.

        Raises
        ------
        BrowserError
            When the page that is shown then is not this person's.
        """
        await self._page.open(f"{self._origin}/chat")
        await self._page.until("document.getElementById('login') !== null")
        name = json.dumps(self._name)
        await self._page.evaluate(
            "(() => { const form = document.getElementById('login');"
            f" form.elements.user.value = {name}; form.requestSubmit(); }})()"
        )
        await self._is_in()

    async def reload(self) -> None:
        """Open the page anew, still logged in."""
        await self._page.open(f"{self._origin}/chat")
        await self._is_in()

    async def ask(self) -> None:
        """Ask something; the answer begins."""
        await self._page.evaluate(
            "(() => { document.getElementById('answer').value = '';"
            " document.getElementById('ask').requestSubmit(); })()"
        )
        await self._page.until(f"{_shown('answer')} !== ''")

    async def answer(self) -> str:
        """Read the answer to its end, and return who gave it."""
        await self._page.until(f"/end of (old|new)$/.test({_shown('answer')})")
        return str(await self._page.evaluate(_shown("answer"))).rpartition(" ")[2]

    async def late_part(self) -> str:
        """Let the page load what it needs late, and return the build that this is of."""
        return str(await self._page.evaluate("window.loadLate()"))

    async def look(self) -> Shown:
        """Ask, read, and see events and the WebSocket go on."""
        await self._goes_on("events")
        await self._goes_on("socket")
        await self.ask()
        answered_by = await self.answer()
        socket = str(await self._page.evaluate(_shown("socket")))
        build = str(await self._page.evaluate("document.body.dataset.build"))
        return Shown(build, answered_by, socket.partition(" ")[0])

    def see_nothing_wrong(self) -> None:
        """See that the browser complained of nothing.

        Raises
        ------
        BrowserError
            With everything that it complained of.
        """
        if self._page.wrong:
            raise BrowserError("; ".join(self._page.wrong))

    async def _is_in(self) -> None:
        heading = json.dumps(f"Chat of {self._name}")
        await self._page.until(
            f"document.querySelector('h1')?.textContent === {heading} && document.body.dataset.build"
        )
        # The style sheet is one of the files with a hash in their names.
        await self._page.until("getComputedStyle(document.body).fontFamily === 'sans-serif'")

    async def _goes_on(self, what: str) -> None:
        before = json.dumps(await self._page.evaluate(_shown(what)))
        await self._page.until(
            f"{_shown(what)} !== {before} && !['closed', '0'].includes({_shown(what)})"
        )


def _shown(what: str) -> str:
    return _SHOWN.replace("{id}", json.dumps(what))
