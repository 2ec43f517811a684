"""The dns door's switch: a Route 53 health check that is disabled and inverted when it is thrown.

Disabled and inverted counts as unhealthy (Route 53 API reference, UpdateHealthCheck). The check holds no
who and why: those stand in the edge's store.

IAM: route53:GetHealthCheck and (to write) UpdateHealthCheck on the check's ARN.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from doors.patience import DoorError, patiently
from doors.switch import SwitchState

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import HealthCheckTypeDef


class DnsDoor:
    """Reads and writes one health check, under Route 53's optimistic lock (HealthCheckVersion)."""

    name = "dns"

    def __init__(
        self,
        client: Route53Client,
        health_check_id: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._id = health_check_id
        self._sleep = sleep

    def read(self) -> SwitchState:
        """Return what the switch says.

        Raises
        ------
        DoorError
            When the check cannot be read, or somebody left it half-way: disabled alone counts as
            healthy whatever happens, inverted alone as the opposite of the truth.
        """
        flags = self._flags()
        if flags == (True, True):
            return SwitchState("thrown")
        if flags == (False, False):
            return SwitchState("released")
        raise DoorError(f"the health check is half-way: disabled {flags[0]}, inverted {flags[1]}")

    def write(self, state: SwitchState) -> None:
        """Write the switch and read it back.

        Raises
        ------
        DoorError
            When it cannot be written, or does not read as written.
        """

        def get_and_update() -> None:
            self._client.update_health_check(
                HealthCheckId=self._id,
                HealthCheckVersion=self._get()["HealthCheckVersion"],
                Disabled=state.thrown,
                Inverted=state.thrown,
            )

        patiently(get_and_update, also_retry=("HealthCheckVersionMismatch",), sleep=self._sleep)
        if self._flags() != (state.thrown, state.thrown):
            raise DoorError("the health check was written, but does not read as written")

    def _flags(self) -> tuple[bool, bool]:
        config = patiently(self._get, sleep=self._sleep)["HealthCheckConfig"]
        return bool(config.get("Disabled")), bool(config.get("Inverted"))

    def _get(self) -> HealthCheckTypeDef:
        return self._client.get_health_check(HealthCheckId=self._id)["HealthCheck"]
