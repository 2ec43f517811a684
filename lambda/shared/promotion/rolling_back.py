"""Whether CloudFormation is putting things back: that must never be stopped half-way, nor be watched."""

from __future__ import annotations

import logging
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

logger: Final = logging.getLogger(__name__)


def is_rolling_back(cloudformation: Any, stack_id: str) -> bool:
    """Return whether the stack is being rolled back; False where its state cannot be read."""
    try:
        (stack,) = cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
    except (ClientError, BotoCoreError):
        logger.exception("the stack's state cannot be read; it counts as an ordinary deploy")
        return False
    return "ROLLBACK" in str(stack["StackStatus"])
