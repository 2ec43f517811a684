"""Cookies that a browser would not keep behind the door: for another name, Secure by http, or against the
rules of their own prefix or SameSite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.inference.verdict import Verdict
from shared.readiness.finding import Finding
from shared.readiness.http.fetch import Answer
from shared.readiness.http.jar import Cookie, covers, parsed, refusal


def lost_cookies(
    place: str, name: str, answers: Sequence[Answer], own_host: str, public_name: str, scheme: str
) -> Iterator[Finding]:
    """Yield a finding for each cookie of the side called `name` that viewers lose.

    Parameters
    ----------
    place : str
        What the ids begin with.
    own_host : str
        The side's own name.
    public_name, scheme : str
        What viewers ask for and by, empty where it is not known. Without a public name, a Domain that is the
        side's own is lost; of any other nothing is known.
    """
    told: set[str] = set()
    for cookie in (parsed(header) for one in answers for header in one.all("set-cookie")):
        if cookie is None or cookie.name in told:
            continue
        why = refusal(cookie, public_name, scheme) or (
            "" if public_name else _own(cookie, own_host)
        )
        if why:
            told.add(cookie.name)
            where = place.partition(":")[2]
            lost = f"a browser does not keep the cookie {cookie.name} behind the door"
            said = f"{where} on {name}: {lost}: {why}"
            yield Finding(
                f"{place}:cookie-lost:{cookie.name}:{name}", Verdict.FAIL, said, waivable=True
            )


def _own(cookie: Cookie, own_host: str) -> str:
    if cookie.domain and covers(cookie.domain, own_host):
        return f"its Domain {cookie.domain} is of the side's own name, not of the one that viewers ask for"
    return ""
