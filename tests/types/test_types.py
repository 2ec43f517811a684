"""mypy is one of the tests: it runs beside the others, and what it says is shown whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cutover.paths import ROOT


@pytest.mark.timeout(600)  # with nothing cached, on a machine that is busy
def test_every_type_fits() -> None:
    mypy = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if mypy.returncode != 0:
        pytest.fail(
            f"mypy ended with {mypy.returncode}:\n{mypy.stdout}{mypy.stderr}", pytrace=False
        )
