"""The Python and the processor that the functions run on. Nothing else states them: the functions, the layers
and what packs the layers read them here, so no layer holds a wheel that its function cannot load."""

from __future__ import annotations

from typing import Final

VERSION: Final = "3.14"
ARCHITECTURE: Final = "x86_64"
