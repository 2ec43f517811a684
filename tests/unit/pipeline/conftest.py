"""A desk at which somebody plans and applies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.support.pipeline_desk import Desk, at_a_desk


@pytest.fixture
def desk(
    tmp_path: Path, context: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    with at_a_desk(tmp_path, context, monkeypatch) as desk:
        yield desk
