"""TLS is judged as the strictest client would, and ends in a sentence whatever the server does."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.inference.verdict import Verdict
from shared.readiness.checks.tls import Handshake, judge, tls
from shared.readiness.finding import Check, Finding
from shared.readiness.spec import Side
from tests.unit.support import bad_servers
from tests.unit.support.bad_servers import Authority, never_answers, raw
from tests.unit.support.virtual_time import run_with_sockets

GUARD_SECONDS = 20
"""Ends a test whose server was not got rid of; no figure of any kind."""


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Return an authority that every client of this test trusts."""
    made = bad_servers.authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    return made


def seen(
    *contexts: ssl.SSLContext | None,
    serve: bad_servers.Serve = never_answers,
    schemes: Sequence[str] = ("https", "https"),
    limit: float = 10,
    public_names: Sequence[str] = (),
) -> Check:
    """Return what `tls` says of two servers, old first; one context serves both sides."""

    async def run() -> Check:
        async with asyncio.timeout(GUARD_SECONDS), AsyncExitStack() as open_servers:
            urls = [
                await open_servers.enter_async_context(raw(serve, tls=context))
                for context in contexts
            ]
            sides = [
                Side(f"{scheme}{url[url.index(':') :]}")
                for scheme, url in zip(schemes, [*urls, *urls], strict=False)
            ]
            return await tls(
                *sides, least_days=21, timeout_seconds=limit, public_names=public_names
            )

    return run_with_sockets(run())


def by_id(made: Check) -> dict[str, Finding]:
    return {finding.id: finding for finding in made.findings}


def test_good_certificates_pass_and_their_days_are_told(trusted: Authority) -> None:
    made = seen(trusted.serves("127.0.0.1"), trusted.serves("127.0.0.1", "app.example"))
    assert made.verdict is Verdict.PASS
    assert list(by_id(made)) == ["tls:old", "tls:new"]
    ends = datetime.now(UTC) + timedelta(days=90)
    assert by_id(made)["tls:new"].said == (
        "new: TLSv1.3, the certificate for 127.0.0.1, app.example lasts 89 days, "
        f"until {ends:%Y-%m-%d}"
    )


def test_two_plain_sides_are_not_looked_at() -> None:
    made = run_with_sockets(
        tls(Side("http://a.invalid"), Side("http://b.invalid"), least_days=1, timeout_seconds=1)
    )
    assert made.skipped == "both sides are reached by plain HTTP"


def test_a_plain_side_beside_a_secure_one_is_a_difference(trusted: Authority) -> None:
    made = seen(trusted.serves("127.0.0.1"), schemes=("http", "https"))
    scheme = by_id(made)["tls:scheme"]
    assert (scheme.said, scheme.old, scheme.new, scheme.waivable) == (
        "old is reached by http and new reached by https",
        "http",
        "https",
        True,
    )
    assert by_id(made)["tls:new"].verdict is Verdict.PASS


def test_a_side_that_speaks_only_tls_1_2_differs_from_one_that_speaks_1_3(
    trusted: Authority,
) -> None:
    older = trusted.serves("127.0.0.1", newest=ssl.TLSVersion.TLSv1_2)
    version = by_id(seen(older, trusted.serves("127.0.0.1")))["tls:version"]
    assert (version.verdict, version.waivable) == (Verdict.FAIL, True)
    assert version.said == "TLS is TLSv1.2 on old and TLSv1.3 on new"
    assert (version.old, version.new) == ("TLSv1.2", "TLSv1.3")
    assert "tls:version" not in by_id(seen(older, older))


def test_a_certificate_with_few_days_left_fails_and_says_how_few(trusted: Authority) -> None:
    soon = trusted.serves("127.0.0.1", lasts=timedelta(days=5, hours=1))
    finding = by_id(seen(trusted.serves("127.0.0.1"), soon))["tls:new"]
    assert (finding.verdict, finding.waivable) == (Verdict.FAIL, True)
    assert "lasts only 5 days, until " in finding.said
    assert finding.said.endswith(", but must last 21")


def test_an_expired_certificate_fails_and_says_since_when(trusted: Authority) -> None:
    finding = by_id(seen(trusted.serves("127.0.0.1", lasts=timedelta(days=-3, hours=-1))))[
        "tls:old"
    ]
    ended = datetime.now(UTC) - timedelta(days=3, hours=1)
    assert (finding.verdict, finding.waivable) == (Verdict.FAIL, False)
    assert finding.said.endswith(
        f"the certificate does not fit: certificate has expired: it ended on {ended:%Y-%m-%d}, "
        "3 days ago"
    )


def test_a_certificate_for_another_name_fails_and_says_for_which(trusted: Authority) -> None:
    finding = by_id(seen(trusted.serves("other.example")))["tls:old"]
    assert finding.waivable is False
    assert "the certificate does not fit: " in finding.said
    assert "'127.0.0.1'" in finding.said
    assert finding.said.endswith(" It is for other.example")


def test_a_certificate_that_nobody_vouches_for_fails(tmp_path: Path) -> None:
    stranger = bad_servers.authority(tmp_path)
    finding = by_id(seen(stranger.serves("127.0.0.1")))["tls:old"]
    assert (finding.verdict, finding.waivable) == (Verdict.FAIL, False)
    assert "the certificate does not fit: unable to get" in finding.said


def _hangs_up() -> bad_servers.Serve:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    return serve


@pytest.mark.parametrize(
    ("serve", "limit", "said"),
    [
        (never_answers, 0.3, "no TLS within 0.3 s"),
        (bad_servers.speaks_first(b"220 mail.example ESMTP\r\n"), 5, "no TLS: "),
        (_hangs_up(), 5, "no "),
    ],
    ids=["silent", "plain", "hangs up"],
)
def test_a_server_that_speaks_no_tls_fails_in_time(
    serve: bad_servers.Serve, limit: float, said: str
) -> None:
    made = seen(None, serve=serve, limit=limit)
    assert [f.verdict for f in made.findings] == [Verdict.FAIL, Verdict.FAIL]
    for name in ("old", "new"):
        place, _, why = by_id(made)[f"tls:{name}"].said.partition(": ")
        assert place.startswith(f"{name} at 127.0.0.1:")
        assert why.startswith(said)


def refused(url: str) -> str:
    made = run_with_sockets(tls(Side(url), Side("http://x"), least_days=1, timeout_seconds=5))
    finding = by_id(made)["tls:old"]
    assert finding.verdict is Verdict.FAIL
    return finding.said


def test_a_side_that_is_not_there_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no connection: " in refused("https://127.0.0.1:1")

    def unknown(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    said = refused("https://nowhere.invalid")
    assert said == "old at nowhere.invalid:443: no connection: Name or service not known"


def test_a_name_that_is_no_name_fails() -> None:
    assert "no connection: " in refused(f"https://a..{'b' * 70}.invalid")


@pytest.mark.parametrize(
    ("days", "verdict"), [(20.9, Verdict.FAIL), (21.1, Verdict.PASS), (0.5, Verdict.FAIL)]
)
def test_days_are_counted_whole(days: float, verdict: Verdict) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    shown = Handshake("TLSv1.3", ("a",), now, now + timedelta(days=days))
    finding = judge("new", shown, 21, now)
    assert finding.verdict is verdict
    assert finding.waivable is (days == 20.9)


NAME = "app.example.com"


def test_a_certificate_that_does_not_cover_the_public_name_fails_and_says_so(
    trusted: Authority,
) -> None:
    knows = trusted.serves("127.0.0.1", NAME)
    made = seen(knows, trusted.serves("127.0.0.1"), public_names=(NAME,))
    found = by_id(made)
    assert found["tls:new"].verdict is Verdict.PASS
    assert found[f"tls:{NAME}:old"].said == f"old: its certificate covers {NAME} too"
    wrong = found[f"tls:{NAME}:new"]
    assert (wrong.verdict, wrong.waivable) == (Verdict.FAIL, False)
    assert f", asked for {NAME} as viewers do: the certificate does not fit: " in wrong.said
    assert wrong.said.endswith(" It is for 127.0.0.1")


def test_a_certificate_that_ends_soon_is_one_finding_under_both_names(trusted: Authority) -> None:
    soon = trusted.serves("127.0.0.1", NAME, lasts=timedelta(days=5))
    made = seen(soon, soon, public_names=(NAME,))
    wrong = [f.id for f in made.findings if f.verdict is not Verdict.PASS]
    assert wrong == ["tls:old", "tls:new"]


def test_another_version_is_one_finding_under_both_names(trusted: Authority) -> None:
    older = trusted.serves("127.0.0.1", NAME, newest=ssl.TLSVersion.TLSv1_2)
    made = seen(older, trusted.serves("127.0.0.1", NAME), public_names=(NAME,))
    assert [f.id for f in made.findings if f.verdict is not Verdict.PASS] == ["tls:version"]
