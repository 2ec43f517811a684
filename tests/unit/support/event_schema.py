"""The schema of events, for what a FakeEvents has taken: detail, and beside it the type and the source."""

from __future__ import annotations

import json
from typing import Any, Final

from cutover.paths import ROOT

FILE: Final = ROOT / "docs" / "events.schema.json"


def _flat() -> dict[str, Any]:
    written = json.loads(FILE.read_text(encoding="utf-8"))
    detail = written["properties"]["detail"]
    properties = detail["properties"] | {
        "type": written["properties"]["detail-type"],
        "source": written["properties"]["source"],
    }
    return {**detail, "properties": properties, "$defs": {}}


EVENTS: Final = _flat()
