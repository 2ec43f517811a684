"""What is announced, as events on the account's default EventBridge bus; docs/events.md is their schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from shared.pointers import dashboard_of, watch_with
from shared.shown import shown

SOURCE: Final = "cutover"
VERSION: Final = 1
"""Of `detail`. A key that is added keeps it; one that goes, or means something else, makes it another."""

WEIGHT_SHIFTED: Final = "Weight Shifted"
BAKE_PASSED: Final = "Bake Passed"
BAKE_FAILED: Final = "Bake Failed"
GATE_REFUSED: Final = "Gate Refused"
GATE_OVERRIDDEN: Final = "Gate Overridden"
HOOK_FAILED: Final = "Hook Failed"
ROLLED_BACK: Final = "Rolled Back"
ROLLBACK_FAILED: Final = "Rollback Failed"
RELEASED: Final = "Released"
RELEASE_FAILED: Final = "Release Failed"
PERSON_CALLED: Final = "Person Called"
ALARM_MUTED: Final = "Alarm Muted"
ALARM_STOOD_DOWN: Final = "Alarm Stood Down"
MUTED: Final = "Muted"
UNMUTED: Final = "Unmuted"

_LONGEST_TEXT: Final = 20_000
"""An entry has at most 256 KB (EventBridge API reference, PutEvents)."""
_SENTENCE: Final = 2000


def entry(
    detail_type: str, service: str, at: datetime, says: str, text: str = "", **facts: Any
) -> dict[str, str]:
    """Return an entry of PutEvents.

    Parameters
    ----------
    detail_type : str
        One of those above.
    at : datetime
        When it happened, with its time zone.
    says : str
        It in one sentence.
    text : str
        All that people are told, in lines.
    facts
        More keys of `detail`, as docs/events.md has them; None and empty ones are left out.
    """
    detail = {
        "version": VERSION,
        "service": service,
        "at": at.isoformat(timespec="milliseconds"),
        "says": shown(says, _SENTENCE),
        "text": text[:_LONGEST_TEXT],
        "watch": watch_with(service),
        "dashboard": dashboard_of(service),
        **{key: value for key, value in facts.items() if value not in (None, "", [], {})},
    }
    return {
        "Source": SOURCE,
        "DetailType": detail_type,
        "Detail": json.dumps(detail, ensure_ascii=False, default=str),
    }


def send(client_for: Callable[[str], Any], event: dict[str, str]) -> str:
    """Send it to the default bus, and return why it was not taken, or nothing.

    It raises nothing that AWS can cause: what is told must never stand in the way of what is done.
    """
    try:
        answer = client_for("events").put_events(Entries=[event])
    except (ClientError, BotoCoreError) as error:
        return shown(str(error))
    # An entry may fail in a call that succeeds (EventBridge API reference, PutEvents).
    if not answer.get("FailedEntryCount"):
        return ""
    (result,) = answer["Entries"]
    return shown(f"{result.get('ErrorCode')}: {result.get('ErrorMessage')}")
