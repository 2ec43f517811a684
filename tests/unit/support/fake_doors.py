"""A KeyValueStore and a Route 53 that fail on command, for the functions' tests."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError


def refusal(code: str, status: int = 400) -> ClientError:
    """Return what boto3 raises when AWS answers `code`."""
    return ClientError(
        {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}},
        "Operation",
    )


class FakeLine:
    """SSM with the one parameter of the line; None: it was never written. `faults` are raised, one a call."""

    def __init__(self) -> None:
        self.value: str | None = None
        self.faults: list[ClientError] = []
        self.asked: list[str] = []

    def stop(self) -> None:
        """Stop the line."""
        self.value = json.dumps(
            {
                "state": "stopped",
                "by": "grace",
                "reason": "the certificate expires",
                "at": "2026-11-24T03:00:00+00:00",
            }
        )

    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(Name)
        if self.faults:
            raise self.faults.pop(0)
        if self.value is None:
            raise refusal("ParameterNotFound")
        return {"Parameter": {"Name": Name, "Value": self.value}}


class FakeStore:
    """The KeyValueStore data API; its ETag versions the whole store.

    `faults` are raised, one a call, before anything happens; `meddle` writes from elsewhere between
    our describe and our put so many times; `lost` answers are carried out, but never arrive; `gone`:
    there is no such store.
    """

    def __init__(self, items: dict[str, str] | None = None) -> None:
        self.items = dict(items or {})
        self.version = 1
        self.faults: list[ClientError] = []
        self.meddle = 0
        self.lost = 0
        self.gone = False
        self.gets = 0
        self.puts = 0

    def _fault(self) -> None:
        if self.gone:
            raise refusal("ResourceNotFoundException", 404)
        if self.faults:
            raise self.faults.pop(0)

    def describe_key_value_store(self, *, KvsARN: str) -> dict[str, Any]:  # noqa: N803
        self._fault()
        etag = str(self.version)
        if self.meddle:
            self.meddle -= 1
            self.version += 1
        return {"ETag": etag}

    def get_key(self, *, KvsARN: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self.gets += 1
        self._fault()
        if Key not in self.items:
            raise refusal("ResourceNotFoundException", 404)
        return {"Value": self.items[Key]}

    def put_key(self, *, KvsARN: str, Key: str, Value: str, IfMatch: str) -> None:  # noqa: N803
        self._fault()
        if IfMatch != str(self.version):
            raise refusal("ConflictException", 409)
        self.items[Key] = Value
        self.version += 1
        self.puts += 1
        if self.lost:
            self.lost -= 1
            raise ReadTimeoutError(endpoint_url="https://store.example")


class FakeRoute53:
    """GetHealthCheck and UpdateHealthCheck of one check, under its version; `gone`: no such check."""

    def __init__(self) -> None:
        self.disabled = self.inverted = False
        self.version = 1
        self.faults: list[ClientError] = []
        self.gone = False
        self.updates = 0

    def _fault(self) -> None:
        if self.gone:
            raise refusal("NoSuchHealthCheck", 404)
        if self.faults:
            raise self.faults.pop(0)

    def get_health_check(self, *, HealthCheckId: str) -> dict[str, Any]:  # noqa: N803
        self._fault()
        return {
            "HealthCheck": {
                "HealthCheckVersion": self.version,
                "HealthCheckConfig": {"Disabled": self.disabled, "Inverted": self.inverted},
            }
        }

    def update_health_check(
        self,
        *,
        HealthCheckId: str,  # noqa: N803
        HealthCheckVersion: int,  # noqa: N803
        Disabled: bool,  # noqa: N803
        Inverted: bool,  # noqa: N803
    ) -> None:
        self._fault()
        if HealthCheckVersion != self.version:
            raise refusal("HealthCheckVersionMismatch", 409)
        self.disabled, self.inverted = Disabled, Inverted
        self.version += 1
        self.updates += 1


class FakeSns:
    """Remembers what was published, or refuses."""

    def __init__(self) -> None:
        self.published: list[dict[str, str]] = []
        self.refuses = False

    def publish(self, **message: str) -> None:
        if self.refuses:
            raise refusal("AuthorizationError", 403)
        self.published.append(message)


class FakeEvents:
    """Remembers what was put on the bus; refuses the call, or takes it and not the entry."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.refuses = self.loses = False

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        if self.refuses:
            raise refusal("AccessDeniedException", 403)
        if self.loses:
            failed = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
            return {"FailedEntryCount": 1, "Entries": [failed]}
        for one in Entries:
            assert one.keys() == {"Source", "DetailType", "Detail"}
            self.sent.append(
                {"type": one["DetailType"], "source": one["Source"]} | json.loads(one["Detail"])
            )
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}

    @property
    def types(self) -> list[str]:
        """The detail types, in order."""
        return [one["type"] for one in self.sent]


def no_sleep(_seconds: float) -> None:
    """Wait for nothing."""


def always(code: str, status: int = 400) -> list[ClientError]:
    """Return more refusals than anybody's patience."""
    return [refusal(code, status) for _ in range(100)]
