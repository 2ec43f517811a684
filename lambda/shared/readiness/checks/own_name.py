"""Whether a side's answers lead viewers away from the door, to the side's own name.

A side is asked once more the way the door asks it for a viewer: an app that builds its links from what it
hears names the viewer's name then, and one that holds its own name in its settings does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from shared.inference.verdict import Verdict
from shared.readiness.finding import Finding
from shared.readiness.http.fetch import OWN_HOST, Answer, Client, FetchError
from shared.readiness.spec import Heard, Scheme

NOBODYS_NAME: Final = "readiness.example"
"""Stands for the name that viewers ask for, where none is declared (RFC 6761: nobody has it)."""


@dataclass(frozen=True)
class Door:
    """How the door asks a side for a viewer.

    Attributes
    ----------
    public_name : str
        What viewers ask for; empty where none is declared.
    host : str
        What the side hears as Host: that name, or its own.
    scheme : str
        By what viewers come; empty where it is not known.
    """

    public_name: str = ""
    host: Heard = "viewer"
    scheme: Scheme = ""

    @property
    def headers(self) -> dict[str, str]:
        """What the door sends of the viewer's name."""
        name = self.public_name or NOBODYS_NAME
        return {"X-Forwarded-Host": name} | ({"Host": name} if self.host == "viewer" else {})


USUAL: Final = Door()


async def ask_as_door(
    client: Client, path: str, first: Answer, door: Door
) -> Answer | FetchError | None:
    """Return the answer at `path` for a viewer; None where no name is declared and nothing makes one doubt
    the `first` answer. It is one request, and takes the client's time limit at most."""
    if not door.public_name:
        # A long body takes a moment, in which the other answers must not wait.
        where = await asyncio.to_thread(_where, first, client.impersonal)
        if not where:
            return None
    try:
        return await client.fetch(path, headers=door.headers)
    except FetchError as error:
        return error


def away(
    place: str,
    name: str,
    first: Answer,
    asked: Answer | FetchError | None,
    impersonal: Callable[[str], str],
    door: Door,
) -> Iterator[Finding]:
    """Yield what is wrong with the answer that a viewer gets of the side called `name`."""
    if asked is None:
        return
    path = place.partition(":")[2]
    whom = door.public_name or NOBODYS_NAME
    if isinstance(asked, FetchError) or asked.status != first.status:
        got = str(asked) if isinstance(asked, FetchError) else f"status {asked.status}"
        said = f"{path} on {name}: asked for {whom} as the door asks, it gives {got}"
        told = f"asked by its own name, status {first.status}"
        if door.public_name:
            said += f"; {told}"
            yield Finding(f"{place}:public-name:{name}", Verdict.FAIL, said, waivable=True)
        else:
            said += (
                f"; {told}, and it names itself. It is not known where it leads viewers: declare "
                "edge.domain_names"
            )
            yield Finding(f"{place}:own-name:{name}", Verdict.INCONCLUSIVE, said, waivable=True)
        return
    where = _where(asked, impersonal)
    if where:
        said = (
            f"{path} on {name}: {where} leads viewers out of the door, to the side's own name, when it is "
            f"asked for {whom} as the door asks. Let the app build its links from "
            + ("Host" if door.host == "viewer" else "X-Forwarded-Host, or set edge.forward_host")
        )
        yield Finding(f"{place}:own-name:{name}", Verdict.FAIL, said, waivable=True)


def _where(answer: Answer, impersonal: Callable[[str], str]) -> str:
    """Return where `answer` has an absolute link to the side itself, or nothing."""
    own = f"//{OWN_HOST}"
    if own in impersonal(answer.header("location")):
        return "its Location"
    # JSON may spell a slash as \/ (RFC 8259, 7).
    body = answer.body.decode("utf-8", "replace").replace("\\/", "/")
    return "a link in its body" if own in impersonal(body) else ""
