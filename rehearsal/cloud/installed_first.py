"""The layers are built for Lambda's Python and processor, not for this machine's: here what is installed
beside this project wins over what a layer holds under the same name."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Final

_PACKED: Final = frozenset(
    {
        "awscrt",
        "_awscrt",
        "aiohttp",
        "aiohappyeyeballs",
        "aiosignal",
        "attr",
        "attrs",
        "frozenlist",
        "idna",
    }
    | {"multidict", "propcache", "yarl", "defusedxml", "tzdata"}
)


class _Installed(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if path is not None or fullname not in _PACKED:
            return None
        return PathFinder.find_spec(fullname, [sysconfig.get_paths()["platlib"]], target)


def teach() -> None:
    """Let this process import the packed packages from where they are installed."""
    sys.meta_path.insert(0, _Installed())
