"""What is packed for the functions fits the Python and the processor that they declare."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cutover.functions import lambda_python
from cutover.functions.packed_layer import AWSCRT, READINESS
from cutover.paths import LAYERS
from tests.template.templates import Templates, resources

CPYTHON = f"cpython-{lambda_python.VERSION.replace('.', '')}"
MACHINES = {"x86_64": 0x3E}
"""e_machine of an ELF file (System V ABI, AMD64 supplement)."""


@pytest.mark.parametrize("layer", [AWSCRT, READINESS])
def test_every_native_module_is_for_the_functions_python_and_processor(layer: str) -> None:
    native = sorted((LAYERS / layer).rglob("*.so"))
    assert native
    for module in native:
        tag = re.fullmatch(r"[^.]+\.(?:(cpython-\d+)-(\w+?)-linux-gnu|(abi3))\.so", module.name)
        assert tag is not None, module.name
        if tag[3] is None:
            assert (tag[1], tag[2]) == (CPYTHON, lambda_python.ARCHITECTURE)
        header = module.read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        machine = int.from_bytes(header[18:20], "little")
        assert machine == MACHINES[lambda_python.ARCHITECTURE], module.name


def test_functions_and_layers_declare_the_one_python(chatmrpt: Templates) -> None:
    safety = chatmrpt["chatmrpt-safety"]
    runtime = f"python{lambda_python.VERSION}"
    ours: list[dict[str, Any]] = [
        function
        for function in resources(safety, "AWS::Lambda::Function").values()
        if function["Handler"].endswith(".handler.handler")
    ]
    assert len(ours) == 7
    assert {function["Runtime"] for function in ours} == {runtime}
    assert {tuple(f["Architectures"]) for f in ours} == {(lambda_python.ARCHITECTURE,)}
    for layer in resources(safety, "AWS::Lambda::LayerVersion").values():
        assert layer["CompatibleRuntimes"] == [runtime]
        assert layer["CompatibleArchitectures"] == [lambda_python.ARCHITECTURE]
