"""cfn-lint and cdk-nag find nothing that is not suppressed with a reason, and would if there were."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from conftest import Templates

from app import build

ROOT = Path(__file__).resolve().parents[2]


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


def test_cfn_lint_finds_nothing(chatmrpt: Templates, dns_doors: Templates, tmp_path: Path) -> None:
    for name, template in (chatmrpt | dns_doors).items():
        (tmp_path / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == 12
    found = cfn_lint(tmp_path)
    assert (found.returncode, found.stdout) == (0, "")


def test_cfn_lint_would_find_a_misspelt_property(dns_doors: Templates, tmp_path: Path) -> None:
    broken = json.dumps(dns_doors["reports-traffic"]).replace('"SetIdentifier"', '"SetIdentifer"')
    (tmp_path / "broken.json").write_text(broken, encoding="utf-8")
    assert "'SetIdentifer' was unexpected" in cfn_lint(tmp_path).stdout


def test_cdk_nag_would_stop_the_synthesis() -> None:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context)
    build(app)
    sqs.Queue(cdk.Stack(app, "careless"), "Queue")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
