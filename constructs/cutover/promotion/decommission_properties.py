"""What must be shown before old leaves the doors, as the gate (through CloudFormation) and the command
(directly) read it: properties in CamelCase."""

from __future__ import annotations

from typing import Any

from cutover.alarms.probes import probes_of
from cutover.declaration.service import Service
from cutover.promotion.readiness_properties import camel_case


def decommission_properties(service: Service) -> dict[str, Any]:
    """Return the rules of the decommission of `service`."""
    rules = service.decommission
    return {
        "Region": service.old.stands_in,
        "LoadBalancer": service.old.load_balancer,
        "Doors": list(service.doors),
        "WatchHours": service.promotion.watch_hours,
        "QuietDays": rules.quiet_days,
        "ResidualRequestsADay": rules.residual_requests_a_day,
        "MostProbesAMinute": probes_of(service).at_most,
        "Attestations": [camel_case(attested) for attested in rules.attestations],
    }
