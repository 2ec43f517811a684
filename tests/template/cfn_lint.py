"""Runs cfn-lint as this repository configures it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cutover.paths import ROOT


def cfn_lint(folder: Path) -> subprocess.CompletedProcess[str]:
    templates = [str(path) for path in sorted(folder.glob("*.json"))]
    return subprocess.run(
        [
            Path(sys.executable).with_name("cfn-lint"),
            "--config-file",
            str(ROOT / ".cfnlintrc"),
            *templates,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
