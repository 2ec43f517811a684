"""Servers on loopback that misbehave, each in its own way, and certificates that do not fit."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def raw(serve: Serve, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve raw bytes on a port of its own; yield the server's root URL."""
    open_now: set[asyncio.Task[None]] = set()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            open_now.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(accepted, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in open_now.copy():
            task.cancel()
        await asyncio.gather(*open_now.copy(), return_exceptions=True)


@asynccontextmanager
async def site(handler: Handler) -> AsyncIterator[str]:
    """Serve every path and method with `handler`; yield the site's root URL."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def says(answer: bytes) -> Serve:
    """Answer every connection's first request with these bytes, and hang up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.write_eof()
        await reader.read()

    return serve


def repeats(head: bytes, again: bytes | Callable[[], bytes], *, pause: float = 0) -> Serve:
    """Answer with `head` and then `again`, over and over, until nobody listens."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        while True:
            writer.write(again() if callable(again) else again)
            await writer.drain()
            await asyncio.sleep(pause)

    return serve


def speaks_first(answer: bytes) -> Serve:
    """Say this as soon as somebody connects, whatever is asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        await reader.read()

    return serve


async def never_answers(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Take every connection and whatever is sent, and say nothing."""
    while await reader.read(4096):
        pass


def ok(body: bytes, **headers: str) -> bytes:
    """Return a whole answer with status 200."""
    told = {
        "content-length": str(len(body)),
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode("latin-1") + body


def redirects(places: Mapping[str, str]) -> Handler:
    """Redirect each path to the place it has in `places`; answer any other path with its name."""

    async def handle(request: web.Request) -> web.StreamResponse:
        place = places.get(request.path)
        if place is None:
            return web.Response(text=f"this is {request.path}")
        return web.Response(status=302, headers={"Location": place})

    return handle


def gzip_bomb(unpacked_mib: int) -> bytes:
    """Return a gzip body of zeros, a thousandth of what it unpacks to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    mebibyte = bytes(1 << 20)
    return b"".join([packer.compress(mebibyte) for _ in range(unpacked_mib)]) + packer.flush()


@dataclass(frozen=True)
class Authority:
    """A certificate authority for the length of a test.

    Attributes
    ----------
    path : Path
        Its own certificate, for whoever is to trust it (SSL_CERT_FILE).
    """

    path: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def serves(
        self,
        *names: str,
        lasts: timedelta = timedelta(days=90),
        newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    ) -> ssl.SSLContext:
        """Return what a server needs that has a certificate for `names`, good for `lasts` from now."""
        now = datetime.now(UTC)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(names[0], self.certificate.subject, key, min(now, now + lasts), now + lasts)
            .add_extension(x509.SubjectAlternativeName([_name(n) for n in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        return _context(
            self.path.with_name(f"{certificate.serial_number}.pem"), key, certificate, newest
        )


def authority(folder: Path) -> Authority:
    """Make an authority whose files are in `folder`."""
    now = datetime.now(UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    certificate = (
        _builder("Test authority", name, key, now, now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "authority.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(path, key, certificate)


def _builder(
    subject: str,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - timedelta(days=1))
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _context(
    path: Path,
    key: ec.EllipticCurvePrivateKey,
    certificate: x509.Certificate,
    newest: ssl.TLSVersion,
) -> ssl.SSLContext:
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = newest
    context.load_cert_chain(path)
    return context
