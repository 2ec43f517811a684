"""Layers with what the functions need beside Lambda's own runtime (docs/decisions/021)."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cutover.functions.runtime import ARCHITECTURE, RUNTIME
from cutover.paths import LAYERS

AWSCRT: Final = "awscrt"
"""Signs KeyValueStore calls with SigV4A; the Lambda Python runtime does not promise it (CloudFront
KeyValueStore API reference)."""

READINESS: Final = "readiness"
"""aiohttp, defusedxml and tzdata, with what they need."""


def missing_layers() -> list[str]:
    """Return the layers that have not been packed on this machine."""
    return [name for name in (AWSCRT, READINESS) if not (LAYERS / name).is_dir()]


class PackedLayer(Construct):
    """Defines the layer called `name` from what was packed."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, description: str) -> None:
        super().__init__(scope, construct_id)
        self.layer = lambda_.LayerVersion(
            self,
            "Default",
            description=description,
            code=lambda_.Code.from_asset(str(LAYERS / name), exclude=["**/__pycache__"]),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )
