"""One viewer at one side: carries cookies and follows redirects as a browser does behind the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from shared.readiness.http.fetch import Answer, Client, FetchError
from shared.readiness.http.jar import Jar

_HOPS: Final = 10
_KEEP_METHOD: Final = frozenset({307, 308})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SEE_OTHER: Final = 303
_OF_A_BODY: Final = "content-"


@dataclass(frozen=True)
class Viewer:
    """Under which name and scheme viewers know the service, and what the door tells a side of them.

    Attributes
    ----------
    door_name : str
        The name at the edge door, which a side is not asked for in TLS; empty: viewers ask for the name that
        the client asks for.
    scheme : str
        http or https; empty where it is not known.
    headers : mapping
        What the door sends beside the viewer's own.
    """

    door_name: str = ""
    scheme: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """The answers to a request and to each redirect that was followed, not empty, and those redirects, like
    `303 /inbox`, with the host that was asked for left out."""

    answers: list[Answer]
    hops: list[str]

    @property
    def last(self) -> Answer:
        """The answer at the end."""
        return self.answers[-1]


class Browser:
    """Asks one side for one viewer.

    Attributes
    ----------
    jar : Jar
        The viewer's cookies.
    """

    def __init__(self, client: Client, viewer: Viewer, jar: Jar | None = None) -> None:
        self._client = client
        self._viewer = viewer
        self.jar = jar or Jar(viewer.door_name or client.host, viewer.scheme)

    async def visit(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        follow: bool = True,
    ) -> Visit:
        """Return what a request leads to; each one on the way takes the client's time limit at most.

        A redirect to another place than the door is not followed. 303 is followed by GET, and so are 301 and
        302 after POST; 307 and 308 repeat the request (Fetch Standard, HTTP-redirect fetch).

        Raises
        ------
        FetchError
            When there is no answer, or more than 9 redirects.
        """
        answers: list[Answer] = []
        hops: list[str] = []
        said = {name.lower(): value for name, value in (headers or {}).items()}
        while True:
            answer = await self._client.fetch(
                path, method=method, headers=self._told(method, path, said), body=body
            )
            answers.append(answer)
            self.jar.keep(answer.all("set-cookie"), path)
            if not answer.location:
                break
            place, is_here = self._client.place(path, answer.location, self._viewer.door_name)
            hops.append(f"{answer.status} {place}")
            if not (follow and is_here):
                break
            if len(hops) >= _HOPS:
                wrong = f"more than {_HOPS - 1} redirects, the last: {hops[-1]}"
                raise FetchError(wrong, kind=wrong)
            if answer.status == _SEE_OTHER or (
                method == "POST" and answer.status not in _KEEP_METHOD
            ):
                method, body = "HEAD" if method == "HEAD" else "GET", None
                said = {k: v for k, v in said.items() if not k.startswith(_OF_A_BODY)}
            path = place
        return Visit(answers, hops)

    def _told(self, method: str, path: str, said: Mapping[str, str]) -> dict[str, str]:
        cookies = self.jar.header(path)
        origin = (
            f"https://{self._viewer.door_name}" if self._viewer.door_name else self._client.root
        )
        return {
            # Apps that guard against forged requests compare it with Host.
            **({} if method in _SAFE else {"origin": origin}),
            **said,
            **({"cookie": cookies} if cookies else {}),
            **self._viewer.headers,
        }
