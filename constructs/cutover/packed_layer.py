"""The layer that lets the functions sign with SigV4A."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cutover.python_function import ROOT

AWSCRT_LAYER = ROOT / "build" / "awscrt-layer"


class AwscrtLayer(Construct):
    """Defines the layer with awscrt, which signs KeyValueStore calls with SigV4A; the Lambda Python
    runtime does not promise it (CloudFront KeyValueStore API reference; docs/decisions/021)."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.layer = lambda_.LayerVersion(
            self,
            "Default",
            description="awscrt for SigV4A",
            code=lambda_.Code.from_asset(str(AWSCRT_LAYER), exclude=["**/__pycache__"]),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_14],
            compatible_architectures=[lambda_.Architecture.X86_64],
        )
