"""Teaches MiniStack a KeyValueStore's ImportSource: the keys that it holds when it is created.

Source: CloudFormation reference, AWS::CloudFront::KeyValueStore ("Updates are not supported").
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import cloudfront_keyvaluestore, s3
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::CloudFront::KeyValueStore"


def teach() -> None:
    """Register the import."""
    plain = provisioners._RESOURCE_HANDLERS[_TYPE]

    def create(
        logical_id: str, props: dict[str, Any], stack_name: str
    ) -> tuple[str, dict[str, Any]]:
        name, attributes = plain["create"](logical_id, props, stack_name)
        source = props.get("ImportSource")
        keys = _imported(source["SourceArn"]) if source else {}
        cloudfront_keyvaluestore._stores[attributes["Arn"]] = {"etag": new_uuid(), "items": keys}
        return name, attributes

    def delete(physical_id: str, props: dict[str, Any]) -> None:
        arn = provisioners._cf._kvs_arn(physical_id)
        cloudfront_keyvaluestore._stores.pop(arn, None)
        plain["delete"](physical_id, props)

    provisioners._RESOURCE_HANDLERS[_TYPE] = {**plain, "create": create, "delete": delete}


def _imported(source_arn: str) -> dict[str, str]:
    bucket, key = source_arn.split(":::", 1)[1].split("/", 1)
    body = s3._get_object_data(bucket, key)
    if body is None:
        raise ValueError(f"The import source {source_arn} cannot be read.")
    return {pair["key"]: pair["value"] for pair in json.loads(body)["data"]}
