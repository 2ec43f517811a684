"""Teaches MiniStack AWS::Route53::HealthCheck, and the optimistic lock of UpdateHealthCheck.

Type, RequestInterval and MeasureLatency are create-only (CloudFormation reference,
AWS::Route53::HealthCheck). What CloudFormation sends along when it updates another property of a check
that was disabled outside is not documented: here it sends what the template states, and no more.
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import route53
from ministack.services.cloudformation import provisioners

_CREATE_ONLY = ("Type", "RequestInterval", "MeasureLatency")
_NUMBERS = ("Port", "RequestInterval", "FailureThreshold", "HealthThreshold")
_FLAGS = ("MeasureLatency", "EnableSNI", "Inverted")


def teach() -> None:
    """Register the type and the lock."""
    provisioners._RESOURCE_HANDLERS["AWS::Route53::HealthCheck"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }
    plain_element = route53._build_health_check_el

    def element_with_xml_booleans(parent: Any, check: dict[str, Any]) -> None:
        config = {
            key: str(value).lower() if isinstance(value, bool) else value
            for key, value in check["config"].items()
        }
        plain_element(parent, check | {"config": config})

    route53._build_health_check_el = element_with_xml_booleans
    plain = route53._update_health_check

    def update_if_version_matches(check_id: str, body: bytes) -> Any:
        root = route53._parse_body(body)
        wanted = route53._text(root, "HealthCheckVersion") if root is not None else None
        check = route53._health_checks.get(check_id)
        if wanted and check and int(wanted) != check["version"]:
            return route53._error_response(
                "HealthCheckVersionMismatch",
                f"The health check is at version {check['version']}, not {wanted}.",
                409,
            )
        return plain(check_id, body)

    route53._update_health_check = update_if_version_matches


def _config(props: dict[str, Any]) -> dict[str, Any]:
    config = dict(props["HealthCheckConfig"])
    config |= {key: int(config[key]) for key in _NUMBERS if key in config}
    config |= {key: str(config[key]).lower() == "true" for key in _FLAGS if key in config}
    if config["Type"] not in {"CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"}:
        config = {"RequestInterval": 30, "FailureThreshold": 3, "Inverted": False} | config
    return config


def _create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    check_id = new_uuid()
    reference = f"{stack_name}-{logical_id}-{check_id}"
    with route53._lock:
        route53._health_checks[check_id] = {
            "id": check_id,
            "caller_reference": reference,
            "config": {"Disabled": False, "Inverted": False} | _config(props),
            "version": 1,
        }
        route53._hc_caller_refs[reference] = check_id
        route53._tags["healthcheck", check_id] = {
            tag["Key"]: tag["Value"] for tag in props.get("HealthCheckTags") or []
        }
    return check_id, {"HealthCheckId": check_id}


def _update(
    physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str
) -> tuple[str, dict[str, Any]]:
    before, after = _config(old), _config(new)
    if any(before.get(key) != after.get(key) for key in _CREATE_ONLY):
        return _create(physical_id, new, stack_name)
    with route53._lock:
        check = route53._health_checks[physical_id]
        check["config"] = check["config"] | after
        check["version"] += 1
    return physical_id, {"HealthCheckId": physical_id}


def _delete(physical_id: str, _props: dict[str, Any]) -> None:
    with route53._lock:
        check = route53._health_checks.pop(physical_id, None)
        if check is not None:
            route53._hc_caller_refs.pop(check["caller_reference"], None)
