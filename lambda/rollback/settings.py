"""What the rollback function's environment tells it, and the clients that reach it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from rollback.metrics import Series, fetch, of_edge_region, of_sentinel, of_side
from rollback.point_of_no_return import PointOfNoReturn, passed_by
from shared.aws import DOORS, GLANCE, clients
from shared.doors.door import DoorSettings
from shared.metrics import SideMetrics, by_region
from shared.side_settings import SideSettings

EDGE_REGION: Final = "us-east-1"

_acting: Final = clients(DOORS)
_glancing: Final = clients(GLANCE)


def client(service: str, region: str | None = None) -> Any:
    """Return a client; the rollback does not wait for what is only looked at, or only sent."""
    of = _glancing if service in {"cloudwatch", "s3", "events"} else _acting
    return of(service, region)


@dataclass(frozen=True, kw_only=True)
class Settings(DoorSettings, SideSettings):
    """The rollback function's variables, each by its name in capitals.

    Only the service, the store and the topic must be named. Whatever else is missing is not known, and what
    is not known never holds a rollback back.
    """

    service: str
    announcements_topic_arn: str
    chat_topic_arn: str = ""
    service_region: str = ""
    old_load_balancer: str = ""
    old_target_group: str = ""
    new_load_balancer: str = ""
    new_target_group: str = ""
    probes_a_minute: int = 0
    most_probes_a_minute: int = 0
    old_entry_health_check_id: str = ""
    evidence_bucket: str = ""
    cool_down_seconds: str = ""
    point_of_no_return: str = ""

    @property
    def cool_down(self) -> timedelta:
        """How long after a release an alarm must last to roll back; nothing where not said."""
        said = self.cool_down_seconds
        return timedelta(seconds=int(said) if said.isdecimal() else 0)

    def passed_point(self, now: datetime) -> PointOfNoReturn | None:
        """Return the declared point of no return, if there is one and its day has come."""
        return passed_by(self.point_of_no_return, now.astimezone(UTC).date())

    def metrics(self, now: datetime) -> dict[str, Callable[[], Series]]:
        """Return the calls that fetch what there is to know about both sides, one a region, and one of
        us-east-1."""
        found: dict[str, Callable[[], Series]] = {}
        for region, here in self._regions().items():
            asked = {
                id_: metric
                for side, metrics in here.items()
                for id_, metric in of_side(side, metrics).items()
            }
            if "old" in here:
                # The sentinel stands beside old.
                asked |= of_sentinel(self.service)
            whose = "load balancers'" if len(here) > 1 else f"{next(iter(here))}'s load balancer's"
            found[f"{whose} metrics"] = partial(fetch, client("cloudwatch", region), asked, now)
        edge = of_edge_region(
            self.service,
            doors=[door.name for door in self.doors(client)],
            old_entry_check_id=self.old_entry_health_check_id,
        )
        found["us-east-1's metrics"] = partial(fetch, client("cloudwatch", EDGE_REGION), edge, now)
        return found

    def _regions(self) -> dict[str, dict[str, SideMetrics]]:
        return by_region(self.sides(self.service_region)) if self.service_region else {}
