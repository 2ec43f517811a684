"""Lambda's Python and processor, as CDK knows them."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_lambda as lambda_

from cutover.functions import lambda_python

RUNTIME: Final[lambda_.Runtime] = getattr(
    lambda_.Runtime, f"PYTHON_{lambda_python.VERSION.replace('.', '_')}"
)
ARCHITECTURE: Final[lambda_.Architecture] = getattr(
    lambda_.Architecture, lambda_python.ARCHITECTURE.upper()
)
