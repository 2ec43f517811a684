"""Where a function logs, and a role that may write there and nowhere else."""

from __future__ import annotations

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

_LAMBDA: Final = iam.ServicePrincipal("lambda.amazonaws.com")


def log_of(scope: Construct, construct_id: str, name: str) -> logs.LogGroup:
    """Define the log group called `name`: it keeps three months, and goes with its stack."""
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=logs.RetentionDays.THREE_MONTHS,
        removal_policy=RemovalPolicy.DESTROY,
    )


def role_that_logs(
    scope: Construct, construct_id: str, log_group: logs.ILogGroup, *, description: str
) -> iam.Role:
    """Define the role of a function that may write to `log_group`. The managed policy that CDK would attach
    may write to every log group."""
    role = iam.Role(scope, construct_id, assumed_by=_LAMBDA, description=description)
    log_group.grant_write(role)
    return role
