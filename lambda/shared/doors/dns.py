"""The dns door's switch: a Route 53 health check that is disabled and inverted when it is thrown.

Disabled and inverted counts as unhealthy (Route 53 API reference, UpdateHealthCheck). The check holds no
who and why: the edge's store has them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from shared.doors.patience import DoorError, patiently, settles
from shared.doors.switch import SwitchState

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import HealthCheckTypeDef

Result = TypeVar("Result")


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
            When the check cannot be read, or was left half-way: disabled alone counts as
            healthy whatever happens, inverted alone as the opposite of the truth.
        """
        flags = self._patiently(lambda: _flags(self._get()))
        if flags == (True, True):
            return SwitchState("thrown")
        if flags == (False, False):
            return SwitchState("released")
        raise DoorError(f"the health check is half-way: disabled {flags[0]}, inverted {flags[1]}")

    def bring(self, state: SwitchState) -> bool:
        """Bring the switch to `state`, read it back, and return whether it had to be written for that.

        The update holds for the version that was compared: of two at once one alone writes.

        Raises
        ------
        DoorError
            When it cannot be written, or does not read as written.
        """
        wanted = (state.thrown, state.thrown)

        def compare_and_update() -> bool:
            check = self._get()
            if _flags(check) == wanted:
                return False
            self._client.update_health_check(
                HealthCheckId=self._id,
                HealthCheckVersion=check["HealthCheckVersion"],
                Disabled=state.thrown,
                Inverted=state.thrown,
            )
            return True

        written = self._patiently(compare_and_update)
        if written and not settles(
            lambda: self._patiently(lambda: _flags(self._get())) == wanted, self._sleep
        ):
            raise DoorError("the health check was written, but does not read back as written")
        return written

    def _patiently(self, action: Callable[[], Result]) -> Result:
        return patiently(
            action,
            also_retry=("HealthCheckVersionMismatch",),
            plainly={
                # Route 53 API reference, DeleteHealthCheck: "the future status of the health check
                # can't be predicted".
                "NoSuchHealthCheck": f"the health check {self._id} does not exist. Deploy the Safety "
                "stack. Until then it is not known how Route 53 treats new's record"
            },
            sleep=self._sleep,
        )

    def _get(self) -> HealthCheckTypeDef:
        return self._client.get_health_check(HealthCheckId=self._id)["HealthCheck"]


def _flags(check: HealthCheckTypeDef) -> tuple[bool, bool]:
    config = check["HealthCheckConfig"]
    return bool(config.get("Disabled")), bool(config.get("Inverted"))
