"""A Lambda function from `lambda/`: its own folder and the shared ones it imports, nothing more."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, IgnoreMode
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.functions.function_log import log_of, role_that_logs
from cutover.functions.grants import Grant, together
from cutover.functions.runtime import ARCHITECTURE, RUNTIME
from cutover.paths import LAMBDA


class PythonFunction(Construct):
    """Defines a function, its log group and its role, with exactly what it is granted.

    Attributes
    ----------
    function : lambda_.Function
        The function, for grants and targets.
    role : Role
        What it may do.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        package: str,
        shared: Sequence[str] = (),
        description: str,
        grants: Sequence[Grant],
        layers: Sequence[lambda_.ILayerVersion] = (),
        timeout: Duration,
        memory_mb: int = 256,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = log_of(self, "Logs", f"/aws/lambda/{name}")
        self.role = role_that_logs(self, "Role", log_group, description=f"what {name} may do")
        granted = together(grants)
        self.function = lambda_.Function(
            self,
            "Default",
            function_name=name,
            description=description,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=f"{package}.handler.handler",
            code=lambda_.Code.from_asset(
                str(LAMBDA),
                exclude=_all_but(package, shared),
                ignore_mode=IgnoreMode.DOCKER,
            ),
            layers=list(layers),
            role=self.role,
            initial_policy=list(granted.statements),
            environment=dict(granted.environment),
            timeout=timeout,
            memory_size=memory_mb,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
        )
        acknowledge(self, dict(granted.acknowledged))


def _all_but(package: str, shared: Sequence[str]) -> list[str]:
    """Return ignore patterns that leave only Python source of `package` and of the named folders of
    lambda/shared, so that a test run's caches never move the asset's hash."""
    kept = [package, "shared/*.py", *(f"shared/{folder}" for folder in shared)]
    return ["*", *(f"!{path}" for path in kept), "**/__pycache__", "**/*.md"]
