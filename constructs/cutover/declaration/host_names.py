"""Host names, as DNS and certificates hold them."""

from __future__ import annotations

import re
from typing import Final

DOMAIN_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)

WILDCARD_DOMAIN_NAME: Final = re.compile(rf"(?:\*\.)?{DOMAIN_NAME.pattern}")
