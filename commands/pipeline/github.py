"""One comment of ours on a pull request, or one issue: made, kept up to date, taken away."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from commands.pipeline.errors import CouldNotTellError
from commands.pipeline.markdown import MARKER
from shared.shown import shown

AUTHOR: Final = "github-actions[bot]"
"""Whose comments the token of a workflow writes. A person may write our marker too: that one is not ours."""
ISSUE: Final = "cutover: declared, deployed and live disagree"
"""The title by which our issue is found again."""
_A_PAGE: Final = 100
_PAGES: Final = 30
_SECONDS: Final = 30

Send = Callable[[str, str, Any], Any]
"""Sends a method, a path and a body, and returns the answer's body."""


@dataclass(frozen=True)
class Repository:
    """Where the pull request is: GitHub's API, `owner/name`, and a token that may write comments."""

    api: str
    name: str
    token: str

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Return what GitHub answers.

        Raises
        ------
        CouldNotTellError
            When it refuses, or cannot be reached.
        """
        request = urllib.request.Request(  # noqa: S310 - the address is the API's own
            f"{self.api}/repos/{self.name}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "User-Agent": "cutover",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                data = answer.read()
        except urllib.error.HTTPError as error:
            raise CouldNotTellError(
                f"GitHub answers {error.code} to {method} {path}: a workflow of a fork may not comment; any "
                "other needs `pull-requests: write`."
            ) from error
        except (OSError, ValueError) as error:
            raise CouldNotTellError(f"GitHub cannot be reached: {shown(str(error))}.") from error
        return json.loads(data) if data else None


def repository(environment: Mapping[str, str]) -> Repository:
    """Return the repository that GitHub Actions tells of.

    Raises
    ------
    CouldNotTellError
        When it is not told.
    """
    token = environment.get("GH_TOKEN") or environment.get("GITHUB_TOKEN")
    name = environment.get("GITHUB_REPOSITORY")
    if not token or not name:
        raise CouldNotTellError(
            "A comment needs GITHUB_REPOSITORY, as owner/name, and GITHUB_TOKEN. Without --pull-request the "
            "text is only printed."
        )
    return Repository(environment.get("GITHUB_API_URL", "https://api.github.com"), name, token)


def keep(send: Send, number: int, text: str, author: str = AUTHOR) -> str:
    """Let `text` be the one comment of ours on the pull request; empty: none. Return what was done.

    Raises
    ------
    CouldNotTellError
        When GitHub does not do it.
    """
    first, *others = _ours(send, number, author) or [None]
    for other in others:
        send("DELETE", f"issues/comments/{other['id']}", None)
    if first is None:
        if not text:
            return "nothing changes, and there is no comment"
        send("POST", f"issues/{number}/comments", {"body": text})
        return "the comment was made"
    if not text:
        send("DELETE", f"issues/comments/{first['id']}", None)
        return "nothing changes any more: the comment was deleted"
    if first.get("body", "").replace("\r\n", "\n").strip() == text.strip():
        return "the comment is up to date"
    send("PATCH", f"issues/comments/{first['id']}", {"body": text})
    return "the comment was updated"


def keep_issue(send: Send, text: str, author: str = AUTHOR) -> str:
    """Let `text` be our one open issue; empty: close it. Return what was done.

    Raises
    ------
    CouldNotTellError
        When GitHub does not do it.
    """
    creator = urllib.parse.quote(author)
    asked = f"issues?state=open&creator={creator}&per_page={_A_PAGE}"
    open_now = [
        each
        for each in send("GET", asked, None)
        if each.get("title") == ISSUE and (each.get("user") or {}).get("login") == author
    ]
    if not text:
        for each in open_now:
            send("PATCH", f"issues/{each['number']}", {"state": "closed"})
        return "the issue was closed" if open_now else "there is no issue, and none is needed"
    if not open_now:
        send("POST", "issues", {"title": ISSUE, "body": text})
        return "an issue was opened"
    if (open_now[0].get("body") or "").replace("\r\n", "\n").strip() == text.strip():
        return "the issue is up to date"
    send("PATCH", f"issues/{open_now[0]['number']}", {"body": text})
    return "the issue was updated"


def _ours(send: Send, number: int, author: str) -> list[Any]:
    found: list[Any] = []
    for page in range(1, _PAGES + 1):
        comments = send("GET", f"issues/{number}/comments?per_page={_A_PAGE}&page={page}", None)
        found += [
            each
            for each in comments
            if each.get("body", "").startswith(MARKER)
            and (each.get("user") or {}).get("login") == author
        ]
        if len(comments) < _A_PAGE:
            break
    return found
