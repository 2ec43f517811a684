"""The edge's real-time log: one line a request, within seconds, in a stream
(docs/decisions/084-the-fast-log.md)."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.kept import keep
from cutover.naming import Names

FIELDS: Final = (
    "timestamp",
    "time-to-first-byte",
    "sc-status",
    "x-edge-request-id",
    "x-edge-result-type",
    "cache-behavior-path-pattern",
    "r-host",
    "sr-reason",
    "viewer-request-log-data",
)
"""What a line holds, in the order in which CloudFront writes it, whatever the order here (CloudFront
Developer Guide, real-time-logs, consumer). None of it says who the viewer was. Where the last one stands is
not documented: a line that does not fit counts as unread, never as good."""

EVERY_REQUEST: Final = 100
"""Percent."""

_KEPT: Final = Duration.hours(24)
"""The least that there is."""


class EdgeLog(Construct):
    """Defines the log's configuration, the stream that it goes to, and what CloudFront may do there.

    The stream has a fixed number of shards: on demand it would cost three to six times as much
    (docs/fast-log.md). It is encrypted with a key of our own: whether CloudFront may use the
    AWS-managed one is not documented.

    Attributes
    ----------
    stream : kinesis.CfnStream
    key : kms.Key
        For who reads the stream.
    config_arn : str
        For every behaviour of the distribution.
    """

    def __init__(self, scope: Construct, construct_id: str, *, names: Names, shards: int) -> None:
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            description=f"Encrypts the edge's real-time log of {names.service}",
            enable_key_rotation=True,
        )
        self.stream = kinesis.CfnStream(
            self,
            "Stream",
            shard_count=shards,
            retention_period_hours=_KEPT.to_hours(),
            stream_encryption=kinesis.CfnStream.StreamEncryptionProperty(
                encryption_type="KMS", key_id=self.key.key_arn
            ),
        )
        acknowledge(
            self.stream,
            {
                "AwsSolutions-KDS3": "Whether CloudFront may write with the AWS-managed key is not "
                "documented; with a key of our own it is (CloudFront Developer Guide, real-time-logs)."
            },
        )
        role = iam.Role(
            self,
            "Role",
            # CloudFront Developer Guide, real-time-logs, IAM role.
            assumed_by=iam.ServicePrincipal("cloudfront.amazonaws.com"),
            description=f"lets CloudFront write the real-time log of {names.service}",
        )
        policy = iam.Policy(
            self,
            "MayWrite",
            statements=[
                iam.PolicyStatement(
                    actions=[
                        "kinesis:DescribeStream",
                        "kinesis:DescribeStreamSummary",
                        "kinesis:PutRecord",
                        "kinesis:PutRecords",
                    ],
                    resources=[self.stream.attr_arn],
                ),
                iam.PolicyStatement(actions=["kms:GenerateDataKey"], resources=[self.key.key_arn]),
            ],
            roles=[role],
        )
        config = cloudfront.CfnRealtimeLogConfig(
            self,
            "Default",
            name=names.edge_log,
            sampling_rate=EVERY_REQUEST,
            fields=list(FIELDS),
            end_points=[
                cloudfront.CfnRealtimeLogConfig.EndPointProperty(
                    stream_type="Kinesis",
                    kinesis_stream_config=cloudfront.CfnRealtimeLogConfig.KinesisStreamConfigProperty(
                        role_arn=role.role_arn, stream_arn=self.stream.attr_arn
                    ),
                )
            ],
        )
        config.node.add_dependency(policy)
        # A distribution that is kept refers to it, and CloudFront deletes none that is in use (CloudFront API
        # reference, DeleteRealtimeLogConfig, RealtimeLogConfigInUse).
        keep(self.key, self.stream, role, config)
        self.config_arn = config.attr_arn
