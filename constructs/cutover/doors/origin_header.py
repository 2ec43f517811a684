"""The header by which both load balancers know the edge, and the secret that holds its value."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.naming import Names

ORIGIN_SECRET_HEADER: Final = "x-origin-verify"  # noqa: S105 - the name, not the secret


class OriginHeader(Construct):
    """Defines the secret."""

    def __init__(self, scope: Construct, construct_id: str, *, names: Names) -> None:
        super().__init__(scope, construct_id)
        secret = secretsmanager.Secret(
            self,
            "Default",
            secret_name=names.origin_secret,
            description=f"Header by which the load balancers of {names.service} know the edge",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                exclude_punctuation=True, password_length=48
            ),
        )
        acknowledge(
            secret,
            {
                "AwsSolutions-SMG4": "Both load balancers' listener rules state the value too: a "
                "rotation that they do not follow is an outage. The runbook has the order."
            },
        )


def origin_secret_value(names: Names) -> str:
    """Return the reference by which CloudFormation puts the secret's value into a template."""
    return f"{{{{resolve:secretsmanager:{names.origin_secret}:SecretString}}}}"
