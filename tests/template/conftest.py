"""Synthesised templates, once a run: a synthesis costs seconds, and the worker that asks first makes it."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from cutover.paths import CDK_JSON, ROOT
from tests.template.environment import environment
from tests.template.templates import Templates


def _synthesised_into(folder: Path, given: str) -> None:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    app = cdk.App(
        context=context | json.loads(given), outdir=str(folder), analytics_reporting=False
    )
    build(app)
    app.synth()


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[..., Path]:
    """Return the folder of what is synthesised for the context keys given; treat it as read-only."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    @cache
    def asked(given: str) -> Path:
        folder = shared / f"assembly-{hashlib.sha256(given.encode()).hexdigest()[:16]}"
        # Touched last: a synthesis that fails must fail for every worker.
        complete = folder.with_suffix(".complete")
        with folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not complete.exists():
                _synthesised_into(folder, given)
                complete.touch()
        return folder

    return lambda **given: asked(json.dumps(given, sort_keys=True))


@pytest.fixture(scope="session")
def synthesise(assembly: Callable[..., Path]) -> Callable[..., Templates]:
    """Return the templates by stack name for the context keys given; treat them as read-only."""

    @cache
    def templates(folder: Path) -> Templates:
        return {
            file.name.removesuffix(".template.json"): json.loads(file.read_text(encoding="utf-8"))
            for file in folder.glob("*.template.json")
        }

    return lambda **given: templates(assembly(**given))


@pytest.fixture(scope="session")
def chatmrpt(synthesise: Callable[..., Templates]) -> Templates:
    """The stacks of cdk.json as it stands: the edge door alone."""
    return synthesise()


@pytest.fixture(scope="session")
def fast_log(synthesise: Callable[..., Templates]) -> Templates:
    """The stacks of a service with edge.fast_log: news."""
    return synthesise(declaration="tests/template/declarations/fast-log.json")


@pytest.fixture(scope="session")
def desk() -> dict[str, Any]:
    """The environment stack of a service with last_users: desk."""
    declared = ROOT / "examples/last-users.json"
    return environment(json.loads(declared.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def two_regions(synthesise: Callable[..., Templates]) -> Templates:
    """The stacks of a service whose old side is in eu-west-1 and whose new one is in eu-central-1: desk."""
    return synthesise(declaration="examples/two-regions.json")


@pytest.fixture(scope="session")
def groups(synthesise: Callable[..., Templates]) -> Templates:
    """The stacks of a service with promotion.groups and edge.fast_log: club."""
    return synthesise(declaration="examples/groups.json")


@pytest.fixture(scope="session")
def dns_doors(synthesise: Callable[..., Templates]) -> Templates:
    """The stacks of examples/dns-door.json: shop (alias, no edge) and reports (both doors)."""
    return synthesise(declaration="examples/dns-door.json")
