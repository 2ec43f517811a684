"""What is packed with each function: all that it imports, and no folder that it does not."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cutover.paths import LAMBDA

FUNCTIONS = (
    "bake",
    "capacity",
    "fast_log",
    "gate",
    "judge",
    "observer",
    "pin",
    "rollback",
    "sentinel",
    "widget",
)


@pytest.fixture(scope="module")
def packed(assembly: Callable[..., Path]) -> dict[str, Path]:
    """Where each function's asset lies, by the folder its handler is in."""
    return {
        handler.parent.name: handler.parents[1]
        for folder in (
            assembly(),
            assembly(declaration="tests/template/declarations/fast-log.json"),
        )
        for handler in folder.glob("asset.*/*/handler.py")
        if handler.parents[1].is_dir()
    }


def test_every_function_is_looked_at(packed: dict[str, Path]) -> None:
    assert sorted(packed) == sorted(FUNCTIONS)
    assert sorted(path.parent.name for path in LAMBDA.glob("*/handler.py")) == sorted(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_packed_with_all_that_it_imports(
    packed: dict[str, Path], function: str
) -> None:
    there = packed[function]
    imported = {module for file in there.rglob("*.py") for module in ours(file)}
    assert f"{function}.handler" not in imported
    missing = [module for module in imported if not exists(there, module)]
    assert missing == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_packed_with_no_folder_that_it_does_not_import(
    packed: dict[str, Path], function: str
) -> None:
    there = packed[function]
    reached: set[Path] = set()
    following = [there / function / "handler.py"]
    while following:
        file = following.pop()
        reached.add(file)
        for module in ours(file):
            path = there / module.replace(".", "/")
            for found in (path.with_suffix(".py"), path / "__init__.py"):
                if found.exists() and found not in reached:
                    following.append(found)
    folders = {file.parent for file in there.rglob("*.py") if file.name != "__init__.py"}
    assert folders - {file.parent for file in reached} == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_but_python_source_is_packed(packed: dict[str, Path], function: str) -> None:
    files = [path for path in packed[function].rglob("*") if path.is_file()]
    assert [path.name for path in files if path.suffix != ".py"] == []


def ours(file: Path) -> Iterator[str]:
    """Return the modules of lambda/ that `file` imports, wherever in it."""
    roots = {"shared", *FUNCTIONS}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module.split(".")[0] in roots:
                for alias in node.names:
                    name = f"{node.module}.{alias.name}"
                    yield name if exists(LAMBDA, name) else node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in roots)


def exists(root: Path, module: str) -> bool:
    path = root / module.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()
