"""A synthesis says which quotas the app comes close to, before anybody deploys."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk

import app


def test_what_a_new_account_would_not_take_is_told(tmp_path: Path) -> None:
    root = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    for number, region in enumerate(["us-east-1", "us-east-2"]):
        stack = cdk.Stack(root, f"s{number}", env=cdk.Environment(region=region))
        for policy in range(8 + number):
            cdk.CfnResource(stack, f"P{policy}", type="AWS::CloudFront::CachePolicy")
    (said,) = app.quotas_met(root)
    assert not said.beyond
    assert said.text.startswith(
        "this app has 17 CloudFront cache policies, and an account has 20 unless"
    )
