"""The function that signs a tester's pin to one side, and the secret that it signs with."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.doors.switch import Switches
from cutover.functions import grants
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names

_TIMEOUT: Final = Duration.seconds(30)


class PinFunction(Construct):
    """Defines the function that signs a tester's pin to one side, and the secret it signs with."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        switches: Switches,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        self.secret = secretsmanager.Secret(
            self,
            "Key",
            secret_name=names.pin_secret,
            description=f"Signs testers' pins for {names.service}",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                exclude_punctuation=True, password_length=48
            ),
        )
        acknowledge(
            self.secret,
            {
                "AwsSolutions-SMG4": "It only signs testers' pins, which expire; a new "
                "key is a new secret value, which the next pin brings to the edge."
            },
        )
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("pin"),
            package="pin",
            shared=("doors",),
            description=f"Signs a pin to one side of {names.service}",
            grants=[
                grants.told(SERVICE=names.service),
                grants.store_of(switches, write=True),
                grants.pin_secret(self.secret),
            ],
            layers=[layer],
            timeout=_TIMEOUT,
        ).function
