"""make fails where a command of ours does, and says what its exit code meant."""

from __future__ import annotations

import os
import subprocess

import pytest

from cutover.paths import ROOT

UNREACHABLE = ("OLD=http://127.0.0.1:9", "NEW=http://127.0.0.1:10")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("readiness", "OLD=ftp://x", UNREACHABLE[1]), "make readiness: 2, that is: it could not tell"),
        (("readiness", *UNREACHABLE), "make readiness: 1, that is: new is not ready"),
        (("status",), "make status: 2, that is: it could not tell"),
    ],
)  # fmt: skip
def test_a_target_fails_and_says_what_the_code_meant(arguments: tuple[str, ...], said: str) -> None:
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MAKE", "MFLAGS"))
    }
    done = subprocess.run(
        # What is set up already need not be looked at.
        ["make", "--no-print-directory", "--old-file", ".venv/.ready", *arguments],
        cwd=ROOT,
        env=environment
        | {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}
        | {"AWS_SHARED_CREDENTIALS_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
