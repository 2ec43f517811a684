"""Declared services, as the examples have them."""

from __future__ import annotations

import json
from typing import Any, Final

from cutover.paths import ROOT

SHOP: Final[dict[str, Any]] = json.loads(
    (ROOT / "examples" / "dns-door.json").read_text(encoding="utf-8")
)["shop"]
"""A service with a dns door alone, at the apex of its zone."""
