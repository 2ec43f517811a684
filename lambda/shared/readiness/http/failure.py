"""Why a request has no whole answer, in words, and what such failures of both sides have in common."""

from __future__ import annotations

import ssl

import aiohttp


def kind_of(error: Exception) -> str:
    """Return what a failure has in common with the other side's, or nothing: see FetchError."""
    if isinstance(error, TimeoutError):
        return "late"
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError):
        return ""
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
        return type(error).__name__
    if isinstance(error, aiohttp.ClientResponseError):
        return "no HTTP"
    return str(error) if isinstance(error, ValueError) else ""


def said_of(error: Exception, timeout_seconds: float, received: int) -> str:
    """Return why there is no whole answer, in one line; `received` bytes of the body had come."""
    if isinstance(error, TimeoutError):
        came = f"{received} bytes of the body" if received else "nothing of the body"
        return f"no whole answer within {timeout_seconds:g} s, {came} came"
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError):
        return _why_no_connection(error)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server hung up before it answered"
    if isinstance(error, aiohttp.ClientPayloadError):
        return f"the body broke off or is broken after {received} bytes"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"the answer is not HTTP: {' '.join(error.message.split()) or 'nothing of it'}"
    said = error.strerror if isinstance(error, OSError) else ""
    return said or str(error) or type(error).__name__


def _why_no_connection(
    error: aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError,
) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        said = getattr(error.certificate_error, "verify_message", "") or error.certificate_error
        return f"the certificate does not fit: {said}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {error.host} does not resolve"
    cause = error.os_error
    if isinstance(cause, ssl.SSLError):
        return f"no TLS with {error.host}:{error.port}: {cause.reason or cause}"
    return f"no connection to {error.host}:{error.port}: {cause.strerror or cause}"
