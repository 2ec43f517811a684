"""The declaration of one service as the readiness checks read it: properties in CamelCase, from which the
gate (through CloudFormation) and the command (directly) make the same thing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel

from cutover.declaration.doors import Edge
from cutover.declaration.endpoints import Endpoint
from cutover.declaration.journeys import Journey, Session, Step
from cutover.declaration.service import Service
from cutover.declaration.side import Side
from cutover.naming import Names

MOST_EDGE_HOSTS: Final = 3
"""Of up to a hundred: each costs a side three requests an endpoint."""
_MANAGED_SECURITY_HEADERS: Final = (
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
)
"""What edge.security_headers adds, of what is compared (CloudFront Developer Guide,
using-managed-response-headers-policies)."""


def readiness_properties(name: str, service: Service) -> dict[str, Any]:
    """Return what is to be checked for the service called `name`; nothing in it depends on the weight."""
    readiness = service.readiness
    return {
        "Service": name,
        "Region": service.region,
        "Old": _side(service, service.old),
        "New": _side(service, service.new),
        "Endpoints": [_endpoint(endpoint) for endpoint in service.endpoints],
        "Latency": {
            "Samples": readiness.samples,
            "AverageMs": service.thresholds.latency_average_ms,
            "P95Ms": service.thresholds.latency_p95_ms,
            "SlowdownPercent": readiness.slowdown_percent,
        },
        "Load": {
            "AtOnce": readiness.at_once,
            "LoopSeconds": readiness.loop_seconds,
            "Rate": readiness.rate,
            "MaxRate": readiness.max_rate,
            "RampSeconds": readiness.ramp_seconds,
            "HoldSeconds": readiness.hold_seconds,
        },
        "TimeoutSeconds": readiness.timeout_seconds,
        "CertificateDays": readiness.certificate_days,
        "Headers": list(readiness.headers),
        "Discover": list(readiness.discover),
        "Exclude": list(readiness.exclude),
        "PublicHosts": _public_hosts(service),
        "Waivers": [camel_case(waiver) for waiver in readiness.waivers],
        "Attestations": [camel_case(attested) for attested in readiness.attestations],
        "PublicNames": _public_names(service),
        "Host": "viewer" if service.edge is False or service.edge.forward_host else "own",
        "ResponseTimeoutSeconds": (
            0 if service.edge is False else service.edge.response_timeout_seconds
        ),
        **_door(name, service.edge),
        "ViewerScheme": _viewer_scheme(service),
        "StaticPaths": [] if service.edge is False else list(service.edge.static_paths),
        "Journeys": [_journey(journey) for journey in readiness.journeys],
        "Session": _session(readiness.session),
        "Secrets": [camel_case(secret) for secret in readiness.secrets],
    }


def _door(name: str, edge: Edge | Literal[False]) -> dict[str, Any]:
    """Return where the edge door is, and what it is declared to hand on and to add."""
    if edge is False:
        return {}
    own = [one for one in edge.domain_names if "*" not in one]
    return {
        "TrafficStack": Names(name).stack("traffic"),
        "EdgeHosts": own[:MOST_EDGE_HOSTS] if edge.forward_host else [],
        "DoorName": own[0] if own else "",
        "DoorAdds": list(_MANAGED_SECURITY_HEADERS) if edge.security_headers else [],
    }


def _viewer_scheme(service: Service) -> str:
    """Return by what viewers come: the edge leads all to https, and at the dns door the sides decide."""
    if service.edge is not False:
        return "https"
    return service.old.scheme if service.old.scheme == service.new.scheme else ""


def _journey(journey: Journey) -> dict[str, Any]:
    return {"Name": journey.name, "Steps": [_step(step) for step in journey.steps]}


def _step(step: Step) -> dict[str, Any]:
    body, kind = step.body_text, "text" if step.body_text else ""
    # As text: CloudFormation would hand on a number in JSON as a string. Sorted: CDK may change the order.
    if step.body_json is not None:
        body, kind = json.dumps(step.body_json, sort_keys=True), "json"
    elif step.body_form:
        body, kind = json.dumps(step.body_form, sort_keys=True), "form"
    return {
        "Path": step.path,
        "Method": step.method,
        "Headers": _pairs(step.headers),
        "Body": body,
        "BodyKind": kind,
        "Follow": step.follow,
        "Expect": {
            "Status": step.expect.status,
            "Contains": step.expect.contains,
            "Headers": _pairs(step.expect.headers),
            "Values": _pairs(
                {k: json.dumps(v, sort_keys=True) for k, v in step.expect.values.items()}
            ),
        },
        "Take": [camel_case(take) for take in step.take],
    }


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted(values.items())]


def _session(session: Session | None) -> dict[str, Any]:
    return {} if session is None else camel_case(session)


def _public_names(service: Service) -> list[str]:
    at_edge = [] if service.edge is False else list(service.edge.domain_names)
    return [*at_edge, *([] if service.dns is None else [service.dns.record_name])]


def camel_case(model: BaseModel) -> dict[str, Any]:
    """Return the model's fields under the names that CloudFormation properties have."""
    return {_camel(key): value for key, value in model.model_dump(mode="json").items()}


def _public_hosts(service: Service) -> list[str]:
    """Return the names by which viewers ask both load balancers, beside each side's own: the weighted record
    leads to them, and what asks for it names it."""
    return [] if service.dns is None else [service.dns.record_name]


def _side(service: Service, side: Side) -> dict[str, str]:
    return {
        "Url": f"{side.scheme}://{side.reached_at}:{side.listener_port}",
        "LoadBalancer": side.load_balancer,
        "TargetGroup": side.target_group,
        **({} if side.stands_in == service.region else {"Region": side.stands_in}),
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "Path": endpoint.path,
        "Status": endpoint.status,
        "Contains": endpoint.contains or "",
        "Body": camel_case(endpoint.body),
    }


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
