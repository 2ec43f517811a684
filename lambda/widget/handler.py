"""Shows on the dashboard how things stand, with the buttons to roll back and to release.

The buttons call the rollback function with the viewer's own rights; this function only reads.

IAM: what standing.look says.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config

from shared.doors.settings import required
from shared.status.compare import compare
from shared.status.look import look
from shared.status.subject import from_environment
from shared.widget_form.pressed import typed
from widget.page import page

DESCRIPTION: Final = """## Cutover: how things stand, and by hand
Shows the weight of new that is deployed and the one that each door really has, the switch, the share that
new serves, and every disagreement in a sentence. *Roll back now* and *Release* call the service's rollback
function with the rights of whoever presses them. It takes no parameters.
"""

_QUICK: Final = Config(
    connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2}
)


def handler(event: Mapping[str, Any], _context: object) -> str:
    """Return the widget's HTML, or its documentation as markdown to `{"describe": true}`."""
    if event.get("describe"):
        return DESCRIPTION
    standing = look(from_environment(os.environ), _client, datetime.now(UTC))
    context = event.get("widgetContext")
    return page(
        standing,
        compare(standing),
        rollback_arn=required(os.environ, "ROLLBACK_FUNCTION_ARN"),
        typed=typed(event),
        theme=str(context.get("theme", "")) if isinstance(context, Mapping) else "",
    )


@cache
def _client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, config=_QUICK)  # type: ignore[call-overload]
