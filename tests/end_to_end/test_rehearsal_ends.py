"""Whatever ends a rehearsal, it leaves nothing running and says so by its exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from cutover.paths import ROOT

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_rehearsal_takes_everything_with_it(ending: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "rehearsal"],
        cwd=ROOT,
        env=os.environ | {"TERM": "dumb"},
        stdout=subprocess.PIPE,
        text=True,
    ) as rehearsal:
        assert rehearsal.stdout is not None
        # A slow machine is told first.
        said = next((line for line in rehearsal.stdout if "cdk bootstrap" in line), "")
        assert "cdk bootstrap" in said
        children = psutil.Process(rehearsal.pid).children(recursive=True)
        assert any("rehearsal.cloud.server" in " ".join(child.cmdline()) for child in children)
        rehearsal.send_signal(ending)
        rest = rehearsal.stdout.read()
    assert rehearsal.returncode == 130
    rest = " ".join(rest.split())
    assert "stopped; nothing is left running" in rest
    assert "`make rehearse` begins anew" in rest
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
