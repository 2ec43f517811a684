"""TLS as a client of the strictest kind sees it: which version, which certificate, for how long; under each
side's own name and under the names that viewers use."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, check
from shared.readiness.spec import Side

_NO_CHECK_TIME: Final = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME (X509_VERIFY_PARAM_set_flags), which Python's ssl has no name for."""


@dataclass(frozen=True)
class Handshake:
    """What a TLS handshake showed.

    Attributes
    ----------
    version : str
        Like TLSv1.3.
    names : tuple of str
        What the certificate is for.
    begins, expires : datetime
        UTC.
    """

    version: str
    names: tuple[str, ...]
    begins: datetime
    expires: datetime


async def tls(
    old: Side,
    new: Side,
    *,
    least_days: int,
    timeout_seconds: float,
    public_names: Sequence[str] = (),
) -> Check:
    """Look at both sides' TLS; a certificate must last `least_days` more.

    Each side is asked for its own name and for each of `public_names`, which its certificate must cover too.
    It takes `timeout_seconds` at most, and one connection a side and name; one more where a certificate does
    not fit.
    """
    if not (old.is_secure or new.is_secure):
        return Check("tls", skipped="both sides are reached by plain HTTP")
    if old.is_secure is not new.is_secure:
        shown = [f"reached by {side.scheme}" for side in (old, new)]
        said = f"old is {shown[0]} and new {shown[1]}"
        scheme = [Finding("tls:scheme", Verdict.FAIL, said, old.scheme, new.scheme, waivable=True)]
    else:
        scheme = []
    sides = [(name, side) for name, side in (("old", old), ("new", new)) if side.is_secure]
    names = ("", *dict.fromkeys(public_names))
    found = dict(
        zip(
            names,
            await asyncio.gather(
                *(_named(sides, name, least_days, timeout_seconds) for name in names)
            ),
            strict=True,
        )
    )
    own = found.pop("")
    versions = _versions(own, "")
    if not versions:
        versions = [one for name, shaken in found.items() for one in _versions(shaken, name)]
    beyond = [
        finding if shown is None or shown != own_shown else _fits_too(finding, name)
        for name, shaken in found.items()
        for (finding, shown), (_, own_shown) in zip(shaken, own, strict=True)
    ]
    return check("tls", [*scheme, *(finding for finding, _ in own), *beyond, *versions])


_Shaken = tuple[Finding, "Handshake | None"]


async def _named(
    sides: Sequence[tuple[str, Side]], asked_as: str, least_days: int, timeout_seconds: float
) -> list[_Shaken]:
    return await asyncio.gather(
        *(_look(name, side, asked_as, least_days, timeout_seconds) for name, side in sides)
    )


def _fits_too(finding: Finding, name: str) -> Finding:
    """Return what there is to say of a certificate that was judged under the side's own name already."""
    which = finding.id.rpartition(":")[2]
    return replace(
        finding,
        verdict=Verdict.PASS,
        said=f"{which}: its certificate covers {name} too",
        waivable=False,
    )


def _versions(shaken: Sequence[_Shaken], asked_as: str) -> list[Finding]:
    shown = [one.version for _, one in shaken if one is not None]
    if len(set(shown)) < 2:  # noqa: PLR2004 - two sides
        return []
    before, after = shown
    also = f" for {asked_as}" if asked_as else ""
    said = f"TLS{also} is {before} on old and {after} on new"
    place = _id("version", asked_as)
    return [Finding(place, Verdict.FAIL, said, before, after, waivable=True)]


def _id(what: str, asked_as: str) -> str:
    return f"tls:{asked_as}:{what}" if asked_as else f"tls:{what}"


async def _look(
    name: str, side: Side, asked_as: str, least_days: int, timeout_seconds: float
) -> _Shaken:
    place = _id(name, asked_as)
    try:
        async with asyncio.timeout(timeout_seconds):
            try:
                shown = await shake_hands(side, ssl.create_default_context(), asked_as)
            except ssl.SSLCertVerificationError as error:
                said = await _why_unfit(side, error, asked_as)
            else:
                return replace(judge(name, shown, least_days, datetime.now(UTC)), id=place), shown
    # A host name may be none that can be looked up: that is a UnicodeError, which is a ValueError.
    except (OSError, ValueError) as error:
        said = _why(error, timeout_seconds)
    where = f"{name} at {side.host}:{side.port}"
    if asked_as:
        where += f", asked for {asked_as} as viewers do"
    return Finding(place, Verdict.FAIL, f"{where}: {said}"), None


def judge(name: str, shown: Handshake, least_days: int, now: datetime) -> Finding:
    """Return whether a side's certificate lasts long enough."""
    days = (shown.expires - now).days
    what = f"{name}: {shown.version}, the certificate for {', '.join(shown.names)}"
    until = f"{days} days, until {shown.expires:%Y-%m-%d}"
    if days < least_days:
        said = f"{what} lasts only {until}, but must last {least_days}"
        return Finding(f"tls:{name}", Verdict.FAIL, said, waivable=days > 0)
    return Finding(f"tls:{name}", Verdict.PASS, f"{what} lasts {until}")


async def shake_hands(side: Side, context: ssl.SSLContext, asked_as: str = "") -> Handshake:
    """Return what TLS with `side` shows to a client that asks for `asked_as`, or for the side's own name.

    Raises
    ------
    OSError
        When there is no connection, or the certificate is not what `context` wants (ssl.SSLError).
    ValueError
        When the host's name is none.
    """
    _, writer = await asyncio.open_connection(
        side.host, side.port, ssl=context, server_hostname=asked_as or None
    )
    try:
        secured: ssl.SSLObject = writer.get_extra_info("ssl_object")
        certificate: dict[str, Any] = secured.getpeercert() or {}
        names = tuple(value for _, value in certificate.get("subjectAltName", ()))
        begins, expires = (
            datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate[which])), UTC)
            for which in ("notBefore", "notAfter")
        )
        return Handshake(secured.version() or "", names, begins, expires)
    finally:
        # Nothing is left to say, and a side that does not say goodbye must not keep us.
        writer.transport.abort()


async def _why_unfit(side: Side, error: ssl.SSLCertVerificationError, asked_as: str) -> str:
    """Look once more, without asking for name and time, and return what is wrong with them."""
    said = f"the certificate does not fit: {error.verify_message}"
    lenient = ssl.create_default_context()
    lenient.check_hostname = False
    lenient.verify_flags = ssl.VerifyFlags(lenient.verify_flags | _NO_CHECK_TIME)
    try:
        shown = await shake_hands(side, lenient, asked_as)
    except ssl.SSLError:
        return said
    now = datetime.now(UTC)
    if shown.expires < now:
        ago = (now - shown.expires).days
        return f"{said}: it ended on {shown.expires:%Y-%m-%d}, {ago} days ago"
    if shown.begins > now:
        return f"{said}: it begins on {shown.begins:%Y-%m-%d}"
    return f"{said} It is for {', '.join(shown.names) or 'no name'}"


def _why(error: Exception, timeout_seconds: float) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no TLS: {error.reason or error}"
    if isinstance(error, TimeoutError):
        return f"no TLS within {timeout_seconds:g} s"
    if isinstance(error, OSError):
        return f"no connection: {error.strerror or error}"
    return f"no connection: {error}"
