"""What every test shares: the declarations of this repository, as CDK reads them."""

from __future__ import annotations

import copy
import gc
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from cutover.node import use_own_node
from cutover.paths import CDK_JSON, ROOT

# On a busy machine any example may take a second: that says nothing about the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

use_own_node()

_TEMPLATE = ROOT / "tests" / "template"


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups right after
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file on one worker, so that what it sets up for all of its tests is set up once.

    All that synthesises is on one worker too: the first synthesis of a process costs six seconds of
    processor, each further one costs one; the same holds for cfn-lint.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            synthesises = _TEMPLATE in item.path.parents
            item.add_marker(pytest.mark.xdist_group("synthesis" if synthesises else item.path.stem))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: Python need not look through all of it again whenever it clears up."""
    gc.collect()
    gc.freeze()


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
