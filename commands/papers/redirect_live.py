"""Since when old's listener sends people on, as CloudFormation tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from cutover.declaration.reading.context import Cutover
from cutover.naming import Names

_TYPE: Final = "AWS::ElasticLoadBalancingV2::ListenerRule"
_REDIRECTS: Final = "Redirect"
_IS_THERE: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def redirected_since(cutover: Cutover, cloudformation: Any) -> datetime | None:
    """Return when the first of the rules that redirect was deployed, or changed last; None where none is
    there, or nobody tells.

    `cloudformation` is a boto3 client of old's region.
    """
    service = cutover.service
    stack = Names(cutover.name).environment(service.old.stands_in, service.region)
    try:
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        times: list[datetime] = [
            one["LastUpdatedTimestamp"]
            for page in pages
            for one in page["StackResourceSummaries"]
            if one["ResourceType"] == _TYPE
            and _REDIRECTS in one["LogicalResourceId"]
            and one["ResourceStatus"] in _IS_THERE
        ]
    except (ClientError, BotoCoreError):
        return None
    return min(times, default=None)
