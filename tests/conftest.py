"""What every test shares: the declarations of this repository, as CDK reads them."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from cutover.node import use_own_node
from cutover.paths import CDK_JSON

# On a busy machine any example may take a second: that says nothing about the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

use_own_node()


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups right after
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file on one worker, so that what it sets up for all of its tests is set up once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def _context() -> dict[str, Any]:
    context: dict[str, Any] = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    return context


@pytest.fixture
def context() -> dict[str, Any]:
    """The context of cdk.json, fresh, to be changed at will."""
    return copy.deepcopy(_context())


@pytest.fixture
def declared(context: dict[str, Any]) -> dict[str, Any]:
    """The declaration of chatmrpt inside `context`: change one and the other has changed."""
    body: dict[str, Any] = context["cutover"]["chatmrpt"]
    return body
