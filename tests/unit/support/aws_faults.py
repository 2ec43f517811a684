"""boto3 clients that answer faults on command, and what nobody has prepared as moto does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from shared.aws import READS

Fault = Callable[[str], AWSResponse]


class FaultyClients:
    """Hands out clients of moto's AWS.

    `faults` are answered, one a request, in place of moto's answer, by operation, like DescribeRules.
    `asked` holds every operation that was asked for, tries included.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self.asked: list[str] = []
        monkeypatch.setattr(botocore.endpoint.time, "sleep", lambda _: None)
        _before_sending.by = self.answer

    def __call__(self, service: str, region: str) -> Any:
        return _client(service, region)

    def answer(self, operation: str, url: str) -> AWSResponse | None:
        self.asked.append(operation)
        waiting = self.faults[operation]
        return waiting.pop(0)(url) if waiting else None


class _BeforeSending:
    """Asks the test that runs: a client takes long to make and outlives it."""

    by: Callable[[str, str], AWSResponse | None]

    def __call__(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        return self.by(event_name.rsplit(".", 1)[1], request.url)


_before_sending = _BeforeSending()


@cache
def _client(service: str, region: str) -> Any:
    client = boto3.client(  # type: ignore[call-overload]
        service,
        region_name=region,
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=READS,
    )
    client.meta.events.register_first("before-send.*.*", _before_sending)
    return client


def refused(code: str, status: int = 403) -> Fault:
    """Return an answer that refuses in XML, as Elastic Load Balancing and EC2 do."""
    error = f"<Code>{code}</Code><Message>not allowed</Message>"
    return _answering(
        status,
        f"<ErrorResponse><Error>{error}</Error><Errors><Error>{error}</Error></Errors></ErrorResponse>",
    )


def answers(body: str) -> Fault:
    """Return an answer of 200 with `body`."""
    return _answering(200, body)


def times_out(url: str) -> AWSResponse:
    """Answer nothing in time."""
    raise ReadTimeoutError(endpoint_url=url)


def _answering(status: int, body: str) -> Fault:
    class Raw:
        def stream(self, **_: Any) -> Any:
            yield body.encode()

    return lambda url: AWSResponse(url, status, {}, Raw())
