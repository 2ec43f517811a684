"""Where a load balancer puts its access log, as the account tells it."""

from __future__ import annotations

from typing import Any


def access_log_of(elbv2: Any, arn: str) -> str:
    """Return the place, like s3://bucket/prefix; empty where the log is off.

    Source: Elastic Load Balancing API reference, LoadBalancerAttribute: `access_logs.s3.enabled`, `.bucket`
    and `.prefix`.

    Raises
    ------
    ClientError, BotoCoreError
        When the account does not tell.
    """
    told = elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    said = {one["Key"].removeprefix("access_logs.s3."): one["Value"] for one in told}
    if said.get("enabled") != "true" or not said.get("bucket"):
        return ""
    return f"s3://{said['bucket']}/{said.get('prefix') or ''}".strip("/")
