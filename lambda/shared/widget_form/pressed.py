"""What a click on the dashboard asks: the button's own request, and what was typed beside it.

CloudWatch calls the function that a button names with the viewer's own rights. The payload is the button's
JSON and `widgetContext`, whose `forms.all` holds every field of the widget by its name (CloudWatch User
Guide, add_custom_widget_dashboard_about and _interactivity). Nothing in it says who the viewer is: the name
is what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.shown import shown

FIELDS: Final = ("by", "reason")
"""What a person types beside the buttons."""

_CONTEXT: Final = "widgetContext"
_FIELD_LENGTH: Final = 160
"""As long as a field of the widget lets one type."""


def is_click(event: object) -> bool:
    """Return whether a dashboard's widget calls."""
    return isinstance(event, Mapping) and isinstance(event.get(_CONTEXT), Mapping)


def typed(event: object) -> dict[str, str]:
    """Return what was typed into the fields, without blanks around it; empty fields are left out."""
    found: Any = event
    for key in (_CONTEXT, "forms", "all"):
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        return {}
    said = {field: found.get(field) for field in FIELDS}
    return {
        field: shown(text.strip(), _FIELD_LENGTH)
        for field, text in said.items()
        if isinstance(text, str) and text.strip()
    }


def as_request(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request as a person would write it: the button's JSON with what was typed."""
    return {key: value for key, value in event.items() if key != _CONTEXT} | typed(event)
