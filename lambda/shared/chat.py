"""What is announced, as Slack and Teams show it.

Source: Amazon Q Developer in chat applications Administrator Guide, custom-notifs. A message in another form
is not shown there.
"""

from __future__ import annotations

import json
from typing import Final

from shared.pointers import dashboard_of, watch_with

_TITLE: Final = 250
_DESCRIPTION: Final = 8000
_FENCE: Final = "```"


def notification(service: str, says: str, text: str, event: str) -> str:
    """Return the message; all of one service are one thread.

    What people typed stands in a block in which a chat marks nothing up and mentions nobody.
    """
    body = text.replace("`", "'").replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")
    most = _DESCRIPTION - 2 * len(_FENCE) - 2
    return json.dumps(
        {
            "version": "1.0",
            "source": "custom",
            "content": {
                "textType": "client-markdown",
                "title": says[:_TITLE],
                "description": f"{_FENCE}\n{body[:most]}\n{_FENCE}",
                "nextSteps": [dashboard_of(service), f"In a terminal: {watch_with(service)}"],
            },
            "metadata": {
                "threadId": f"cutover-{service}",
                "summary": says[:_TITLE],
                "eventType": event,
                "enableCustomActions": True,
            },
        },
        ensure_ascii=False,
    )
