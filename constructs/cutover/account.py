"""The account that everything stands in, as templates refer to it.

Read once for the whole app: CDK's own code runs in Node, and each look at `Aws` is a message there and back.
"""

from __future__ import annotations

from typing import Final

from aws_cdk import Aws

ACCOUNT_ID: Final = Aws.ACCOUNT_ID
PARTITION: Final = Aws.PARTITION
