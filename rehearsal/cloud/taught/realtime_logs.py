"""Teaches MiniStack real-time log configurations: AWS::CloudFront::RealtimeLogConfig, and
ListRealtimeLogConfigs to show them.

A list shows the fields in the order in which CloudFront writes them, whatever the order of the template
(CloudFront Developer Guide, real-time-logs; CloudFront API reference, RealtimeLogConfig). Where
viewer-request-log-data stands is not documented; here it is last.
"""

from __future__ import annotations

from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from ministack.core.responses import get_account_id
from ministack.services import cloudfront
from ministack.services.cloudformation import provisioners

_ORDER: Final = (
    *("timestamp", "c-ip", "time-to-first-byte", "sc-status", "sc-bytes", "cs-method"),
    *("x-edge-request-id", "time-taken", "x-edge-result-type", "x-edge-detailed-result-type"),
    *("cache-behavior-path-pattern", "r-host", "sr-reason", "viewer-request-log-data"),
)
"""Those that the local edge writes, or that a log is likely to ask for."""
_configs: dict[str, dict[str, Any]] = {}


def teach() -> None:
    """Register the type and the call."""
    provisioners._RESOURCE_HANDLERS["AWS::CloudFront::RealtimeLogConfig"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }
    cloudfront._list_realtime_log_configs = _list


def in_order(fields: list[str]) -> list[str]:
    """Return `fields` as CloudFront writes them.

    Raises
    ------
    ValueError
        When one is not among those that are known here.
    """
    unknown = [field for field in fields if field not in _ORDER]
    if unknown:
        raise ValueError(f"the embedded cloud knows no log field {', '.join(unknown)}")
    return sorted(fields, key=_ORDER.index)


def _create(_logical_id: str, props: dict[str, Any], _stack: str) -> tuple[str, dict[str, Any]]:
    arn = f"arn:aws:cloudfront::{get_account_id()}:realtime-log-config/{props['Name']}"
    _configs[arn] = {**props, "Fields": in_order(props["Fields"])}
    return arn, {"Arn": arn}


def _update(
    _physical_id: str, _old: dict[str, Any], new: dict[str, Any], stack: str
) -> tuple[str, dict[str, Any]]:
    return _create("", new, stack)


def _delete(physical_id: str, _props: dict[str, Any]) -> None:
    _configs.pop(physical_id, None)


def _list(_query: Any) -> Any:
    def build(root: Element) -> None:
        for name, value in (("MaxItems", "100"), ("IsTruncated", "false"), ("Marker", "")):
            SubElement(root, name).text = value
        items = SubElement(root, "Items")
        for arn, config in _configs.items():
            _show(SubElement(items, "member"), arn, config)

    return cloudfront._xml_response("RealtimeLogConfigs", build)


def _show(member: Element, arn: str, config: dict[str, Any]) -> None:
    SubElement(member, "ARN").text = arn
    SubElement(member, "Name").text = config["Name"]
    SubElement(member, "SamplingRate").text = str(config["SamplingRate"])
    ends = SubElement(member, "EndPoints")
    for end in config["EndPoints"]:
        one = SubElement(ends, "member")
        SubElement(one, "StreamType").text = end["StreamType"]
        kinesis = SubElement(one, "KinesisStreamConfig")
        SubElement(kinesis, "RoleARN").text = end["KinesisStreamConfig"]["RoleArn"]
        SubElement(kinesis, "StreamARN").text = end["KinesisStreamConfig"]["StreamArn"]
    fields = SubElement(member, "Fields")
    for field in config["Fields"]:
        SubElement(fields, "Field").text = field
