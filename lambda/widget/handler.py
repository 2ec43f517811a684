"""Shows the present status on the dashboard, with buttons to roll back and to release.

The buttons call the rollback function with the viewer's own rights; this function only reads.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from shared.aws import GLANCE, clients
from shared.settings import read
from shared.status.compare import compare
from shared.status.finding import Finding, Kind
from shared.status.look import known, look
from shared.status.standing import Standing, Unread
from shared.watch.hours import FULL, watch_of
from shared.watch.look import EDGE_REGION, HOURS_BEFORE, last_whole_hour, look_at_doors
from shared.widget_form.pressed import typed
from widget.page import page
from widget.settings import Settings

DESCRIPTION: Final = """## Cutover: status and buttons
Shows the deployed weight of new and the weight that each door really has, the switch, the share that new
serves, and every disagreement in a sentence. *Roll back now* and *Release* call the service's rollback
function with your own rights. The widget takes no parameters.
"""

_client = clients(GLANCE)


def handler(event: Mapping[str, Any], _context: object) -> str:
    """Return the widget's HTML, or its documentation as markdown to `{"describe": true}`."""
    if not isinstance(event, Mapping):
        # The console always sends an object; whoever calls by hand sees the widget.
        event = {}
    if event.get("describe"):
        return DESCRIPTION
    settings = read(Settings, os.environ)
    standing = look(settings.subject(), _client, datetime.now(UTC))
    context = event.get("widgetContext")
    return page(
        standing,
        [*compare(standing), *_watch(settings, standing)],
        rollback_arn=settings.rollback_function_arn,
        typed=typed(event),
        theme=str(context.get("theme", "")) if isinstance(context, Mapping) else "",
    )


def _watch(settings: Settings, standing: Standing) -> list[Finding]:
    """Return how far the watch after 100 % is; nothing below."""
    deployed = standing.deployed
    if isinstance(deployed, Unread) or deployed.weight < FULL:
        return []
    asked = settings.watch_hours
    watch = known(
        lambda: watch_of(
            look_at_doors(
                _client("cloudwatch", EDGE_REGION),
                settings.service,
                settings.watched_doors,
                last_whole_hour(standing.at),
                asked + HOURS_BEFORE,
            ),
            asked,
        )
    )
    said = f"How far the watch is: {watch.why}" if isinstance(watch, Unread) else watch.said
    return [Finding(Kind.NOTE, said)]
