"""A change of weight is the weights and nothing else; the same input is the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cutover.paths import ROOT

Templates = dict[str, dict[str, Any]]


def differences(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from differences(one.get(key), other.get(key), f"{path}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}/{index}")
    elif one != other:
        yield path, one, other


def test_without_dns_a_weight_change_is_one_number_at_gate_edge_and_bake(
    synthesise: Callable[..., Templates],
) -> None:
    before, after = synthesise(new_weight="10"), synthesise(new_weight="25")
    bake, edge, gate = differences(before, after)
    assert edge[0].startswith("/chatmrpt-traffic/Resources/EdgeRouter")
    assert edge[0].endswith("/Properties/FunctionCode/Fn::Sub/1/NewWeight")
    assert edge[1:] == ("10", "25")
    assert bake == ("/chatmrpt-traffic/Resources/Bake/Properties/NewWeight", 10, 25)
    assert gate == ("/chatmrpt-traffic/Resources/Gate/Properties/NewWeight", 10, 25)


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (
            "shop",
            {
                "DnsOldA": (90, 75),
                "DnsNewA": (10, 25),
                "DnsOldAAAA": (90, 75),
                "DnsNewAAAA": (10, 25),
                "Gate": (10, 25),
                "Bake": (10, 25),
            },
        ),
        (
            "reports",
            {
                "DnsOldCNAME": (90, 75),
                "DnsNewCNAME": (10, 25),
                "EdgeRouter": ("10", "25"),
                "Gate": (10, 25),
                "Bake": (10, 25),
            },
        ),
    ],
)
def test_at_the_dns_door_a_weight_change_is_the_records_weights(
    synthesise: Callable[..., Templates], service: str, expected: dict[str, Any]
) -> None:
    def at(weight: str) -> Templates:
        return synthesise(declaration="examples/dns-door.json", service=service, new_weight=weight)

    found = {}
    for path, old, new in differences(at("10"), at("25")):
        _, stack, section, logical_id, *rest = path.split("/")
        assert (stack, section) == (f"{service}-traffic", "Resources")
        assert rest[-1] in {"Weight", "NewWeight"}
        role = max((key for key in expected if logical_id.startswith(key)), key=len)
        found[role] = (old, new)
    assert found == expected


@pytest.mark.parametrize(("weight", "old", "new"), [("0", 100, 0), ("1", 99, 1), ("100", 0, 100)])
def test_both_ends_of_the_range_are_stated_outright(
    synthesise: Callable[..., Templates], weight: str, old: int, new: int
) -> None:
    template = synthesise(
        declaration="examples/dns-door.json", service="reports", new_weight=weight
    )["reports-traffic"]
    records = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Route53::RecordSet"
    ]
    assert {record["SetIdentifier"]: record["Weight"] for record in records} == {
        "old": old,
        "new": new,
    }


def test_the_same_input_is_the_same_bytes_in_any_folder(
    assembly: Callable[..., Path], tmp_path: Path
) -> None:
    """Caches, another process and another path must not show: a test run leaves __pycache__ in lambda/."""
    copy = tmp_path / "elsewhere" / "deep"
    for part in ("app.py", "cdk.json", "constructs", "stacks", "lambda"):
        source = ROOT / part
        if source.is_dir():
            left_out = shutil.ignore_patterns("*.egg-info", "__pycache__")
            shutil.copytree(source, copy / part, ignore=left_out)
        else:
            copy.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy / part)
    (copy / "build").symlink_to(ROOT / "build")
    # Ours has the caches of what was imported here, or none; the copy has one that no source has.
    stray = copy / "lambda" / "rollback" / "__pycache__"
    stray.mkdir()
    (stray / "stray.cpython-311.pyc").write_bytes(b"stray")
    context = json.loads((copy / "cdk.json").read_text(encoding="utf-8"))["context"]
    subprocess.run(
        [sys.executable, "app.py"],
        cwd=copy,
        env=os.environ
        | {
            "PYTHONPATH": str(copy / "constructs"),
            "CDK_OUTDIR": str(copy / "out"),
            "CDK_CONTEXT_JSON": json.dumps(context),
        },
        check=True,
    )
    ours, copied = (
        {file.name: file.read_bytes() for file in folder.glob("*.template.json")}
        for folder in (assembly(), copy / "out")
    )
    assert len(copied) == 4
    assert copied == ours
