"""Where things are in this repository."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

LAMBDA: Final = ROOT / "lambda"
"""The functions' source and asset root."""

LAYERS: Final = ROOT / "build" / "layers"
"""Where `make setup` packs what the functions need beside Lambda's own runtime."""

CDK_JSON: Final = ROOT / "cdk.json"
