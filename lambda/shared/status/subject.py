"""What to look at: the names of one service's parts in AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.doors.door import DoorSettings
from shared.metrics import SideMetrics
from shared.probes import Probes
from shared.side_settings import SideSettings
from shared.status.standing import Unread


@dataclass(frozen=True)
class Subject:
    """One service's parts.

    Attributes
    ----------
    store_arn, switch_check_id : str or Unread
        What the rollback function writes; the check is None where there is no dns door.
    router : str or None
        The edge function; None where there is no edge door.
    hosted_zone_id, record_name : str
        Of the dns door; empty where there is none.
    sides : mapping
        What each side's load balancer tells, and where.
    probes : Probes
        Requests a minute to each side that are probes, Route 53's and the sentinel's.
    line_parameter : str
        The line of the account.
    """

    service: str
    traffic_stack: str
    store_arn: str | Unread
    switch_check_id: str | Unread | None
    router: str | None
    hosted_zone_id: str
    record_name: str
    sides: Mapping[str, SideMetrics]
    probes: Probes
    line_parameter: str


@dataclass(frozen=True, kw_only=True)
class SubjectSettings(DoorSettings, SideSettings):
    """The variables by which a function is told of one service's parts, each by its name in capitals."""

    service: str
    service_region: str
    traffic_stack: str
    line_parameter: str
    router_function_name: str = ""
    hosted_zone_id: str = ""
    record_name: str = ""

    def subject(self) -> Subject:
        """Return what to look at."""
        return Subject(
            service=self.service,
            traffic_stack=self.traffic_stack,
            store_arn=self.kvs_arn,
            switch_check_id=self.switch_health_check_id or None,
            router=self.router_function_name or None,
            hosted_zone_id=self.hosted_zone_id,
            record_name=self.record_name,
            sides=self.sides(self.service_region),
            probes=self.probes,
            line_parameter=self.line_parameter,
        )
