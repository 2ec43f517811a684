"""Where the rollback function keeps its evidence: what was known each time it moved traffic, or did not."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cutover.acknowledge import acknowledge

KEPT = Duration.days(400)
"""A year, and one more month for questions about it."""


class Evidence(Construct):
    """Defines the bucket.

    It is kept when the stack is deleted: the old environment is taken down after the cutover, and people
    ask later how it came to that. CloudFormation makes its name, so that a stack that is created again
    does not meet the first one's bucket.

    Attributes
    ----------
    bucket : s3.Bucket
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Default",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=KEPT, noncurrent_version_expiration=KEPT)],
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(
            self.bucket,
            {
                "AwsSolutions-S1": "One function writes a few objects a year, and says each in its "
                "log; who reads them is CloudTrail's to tell."
            },
        )
