"""One build of the chat's page: its files carry hashes in their names, so that no two builds share one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True)
class Asset:
    """A file of the page, as it is served."""

    path: str
    content_type: str
    text: str


class Build:
    """The page and its files as they came out of the build called `name`."""

    def __init__(self, name: str) -> None:
        style, script, late = (
            _asset(Path(file), name) for file in ("page.css", "page.js", "late.js")
        )
        self.assets = {one.path: one for one in (style, script, late)}
        self._paths = {"style": style.path, "script": script.path, "late": late.path}

    def page(self, user: str, csrf: str) -> str:
        """Return the page of somebody who is logged in."""
        return _filled("page.html", user=user, csrf=csrf, **self._paths)

    def login(self) -> str:
        """Return the page that asks who is there."""
        return _filled("login.html", **self._paths)


def _asset(file: Path, build: str) -> Asset:
    text = _filled(file.name, build=build)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Asset(f"/static/{file.stem}.{digest}{file.suffix}", _TYPES[file.suffix], text)


def _filled(file: str, **values: str) -> str:
    text = (_HERE / file).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
