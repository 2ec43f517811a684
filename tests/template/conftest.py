"""Synthesised templates, once a worker: JSII makes each synthesis cost a second."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

import aws_cdk as cdk
import pytest

from app import build
from cutover.paths import CDK_JSON
from tests.template.templates import Templates


@cache
def _synthesised(given: str) -> Templates:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context | json.loads(given), analytics_reporting=False)
    build(app)
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


@pytest.fixture(scope="session")
def synthesise() -> Callable[..., Templates]:
    """Return the templates by stack name for the context keys given; treat them as read-only."""
    return lambda **given: _synthesised(json.dumps(given, sort_keys=True))


@pytest.fixture(scope="session")
def chatmrpt(synthesise: Callable[..., Templates]) -> Templates:
    """The stacks of cdk.json as it stands: the edge door alone."""
    return synthesise()


@pytest.fixture(scope="session")
def dns_doors(synthesise: Callable[..., Templates]) -> Templates:
    """The stacks of examples/dns-door.json: shop (alias, no edge) and reports (both doors)."""
    return synthesise(declaration="examples/dns-door.json")
