"""No stack goes away by a destroy that nobody prepared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize("given", [{}, {"declaration": "examples/dns-door.json"}])
def test_every_stack_is_protected(assembly: Callable[..., Path], given: dict[str, str]) -> None:
    manifest = json.loads((assembly(**given) / "manifest.json").read_text(encoding="utf-8"))
    stacks = {
        name: artifact["properties"].get("terminationProtection", False)
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    assert len(stacks) >= 4
    assert all(stacks.values()), stacks
