"""cfn-lint and cdk-nag find nothing that is not suppressed with a reason, and would if there were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from app import build
from cutover.paths import CDK_JSON
from tests.template.cfn_lint import cfn_lint
from tests.template.templates import Templates


def test_cfn_lint_finds_nothing(
    chatmrpt: Templates,
    dns_doors: Templates,
    fast_log: Templates,
    desk: dict[str, Any],
    two_regions: Templates,
    tmp_path: Path,
) -> None:
    # Without what is the same in every service.
    last_users = {name: one for name, one in desk["Resources"].items() if "LastUsers" in name}
    others = {
        "news-traffic": fast_log["news-traffic"],
        "desk-environment": {"Resources": last_users},
        "desk-environment-eu-central-1": two_regions["desk-environment-eu-central-1"],
    }
    for name, template in (chatmrpt | dns_doors | others).items():
        (tmp_path / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == 15
    assert cfn_lint(tmp_path) == []


def test_cfn_lint_would_find_a_misspelt_property(dns_doors: Templates, tmp_path: Path) -> None:
    broken = json.dumps(dns_doors["reports-traffic"]).replace('"SetIdentifier"', '"SetIdentifer"')
    (tmp_path / "broken.json").write_text(broken, encoding="utf-8")
    assert any("'SetIdentifer' was unexpected" in found for found in cfn_lint(tmp_path))


def test_cdk_nag_would_stop_the_synthesis() -> None:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context)
    build(app)
    sqs.Queue(cdk.Stack(app, "careless"), "Queue")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
