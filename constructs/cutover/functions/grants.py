"""Rights that more than one function needs, to exactly one resource each."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam


def store_rights(store: cloudfront.IKeyValueStore, *, write: bool) -> iam.PolicyStatement:
    """Return the right to read `store`, and to write it if `write`.

    Source: Service Authorization Reference, Amazon CloudFront KeyValueStore.
    """
    actions = ["DescribeKeyValueStore", "GetKey", *(["PutKey"] if write else [])]
    return iam.PolicyStatement(
        actions=[f"cloudfront-keyvaluestore:{action}" for action in actions],
        resources=[store.key_value_store_arn],
    )


def health_check_arn(health_check_id: str) -> str:
    """Return the ARN of a health check (Service Authorization Reference, Amazon Route 53)."""
    return f"arn:{Aws.PARTITION}:route53:::healthcheck/{health_check_id}"
