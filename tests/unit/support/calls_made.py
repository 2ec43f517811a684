"""Notes which IAM action each call of AWS needs, so that a role can be held to what a command does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ClientFor = Callable[[str, str], Any]


class CallsMade:
    """Hands out clients as the one that it is given does; `actions` are what their calls need, like
    `cloudfront:GetFunction`."""

    def __init__(self, client_for: ClientFor) -> None:
        self._client_for = client_for
        self.actions: set[str] = set()

    def __call__(self, service: str, region: str) -> Any:
        return _Noted(service, self._client_for(service, region), self.actions)


class _Noted:
    def __init__(self, service: str, client: Any, actions: set[str]) -> None:
        self._service, self._client, self._actions = service, client, actions

    def __getattr__(self, method: str) -> Any:
        if method != "meta":
            # boto3 names an operation in words with underscores (Boto3 documentation, guide/clients).
            operation = "".join(part.capitalize() for part in method.split("_"))
            self._actions.add(f"{self._service}:{operation}")
        return getattr(self._client, method)
