"""The CDK runs on the Node that is installed with it, whatever else a machine has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cutover.paths import ROOT


def test_another_node_on_the_path_is_not_asked(tmp_path: Path) -> None:
    other = tmp_path / "node"
    other.write_text("#!/bin/sh\necho this Node is end of life >&2\nexit 1\n", encoding="utf-8")
    other.chmod(0o755)
    clean = {name: value for name, value in os.environ.items() if name != "JSII_NODE"}
    ran = subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=ROOT,
        env=clean | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
