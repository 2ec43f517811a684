"""The roles of the pipeline: there only where they are declared, and each with the least."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from commands import comment, status
from cutover.declaration.ci import Ci
from cutover.declaration.reading.context import read_ci, read_context
from cutover.declaration.reading.errors import DeclarationError
from examples.cdk_pipelines import READS
from stacks.ci import CiStack
from tests.template.cfn_lint import cfn_lint
from tests.template.templates import Templates, resources
from tests.template.test_snapshots import readable
from tests.unit.support.calls_made import CallsMade
from tests.unit.support.drifts import drifted
from tests.unit.support.fake_cloud import NAME, ZONE, fake_cloud
from tests.unit.support.pipeline_desk import at_a_desk

CI = {"owner": "acme", "owner_id": 42, "repository": "shop", "repository_id": 7}
DNS = {
    "hosted_zone_id": ZONE,
    "zone_name": "example.com",
    "record_name": NAME,
    "record": "alias",
    "ipv6": True,
}


@pytest.fixture(scope="module")
def ci(synthesise: Callable[..., Templates]) -> dict[str, Any]:
    # cdk-nag refuses a synthesis that it has something against.
    return synthesise(cutover_ci=CI)["cutover-ci"]


def role(ci: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (
        properties
        for properties in resources(ci, "AWS::IAM::Role").values()
        if properties["RoleName"] == f"cutover-ci-{name}"
    )
    return found


def may(ci: dict[str, Any], name: str) -> set[str]:
    found: set[str] = set()
    for policy in role(ci, name)["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            actions = statement["Action"]
            found |= {actions} if isinstance(actions, str) else set(actions)
    return found


def test_without_the_key_there_is_no_stack_for_ci(chatmrpt: Templates) -> None:
    assert "cutover-ci" not in chatmrpt


def test_with_the_key_the_other_stacks_are_as_they_were(
    chatmrpt: Templates, synthesise: Callable[..., Templates]
) -> None:
    beside = {k: v for k, v in synthesise(cutover_ci=CI).items() if k != "cutover-ci"}
    assert beside == chatmrpt


def test_the_stack_is_as_it_was_reviewed(ci: dict[str, Any], snapshot: SnapshotAssertion) -> None:
    assert readable(ci) == snapshot.use_extension(JSONSnapshotExtension)


def test_cfn_lint_has_nothing_against_it(ci: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "cutover-ci.template.json").write_text(json.dumps(ci), encoding="utf-8")
    assert cfn_lint(tmp_path) == []


def test_nobody_but_the_named_repository_becomes_a_role(ci: dict[str, Any]) -> None:
    subjects = {
        "look": ["pull_request", "ref:refs/heads/main"],
        "plan": ["ref:refs/heads/main"],
        "apply": ["environment:production"],
    }
    for name, what in subjects.items():
        (statement,) = role(ci, name)["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert statement["Condition"] == {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": [
                    f"repo:{named}:{each}"
                    for each in what
                    for named in ("acme/shop", "acme@42/shop@7")
                ],
            }
        }


def test_who_plans_cannot_execute_and_who_applies_cannot_make(ci: dict[str, Any]) -> None:
    look, plan, apply = (may(ci, name) for name in ("look", "plan", "apply"))
    reads = ("Get", "List", "Describe")
    assert {action for action in look if not action.split(":")[1].startswith(reads)} == {
        # It compares; what it writes is the drift status that CloudFormation shows of the stack.
        "cloudformation:DetectStackResourceDrift"
    }
    assert plan - look == {
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "cloudformation:DescribeChangeSet",
        "iam:PassRole",
        "sts:AssumeRole",
        "ssm:GetParameters",
    }
    assert apply - look == {
        "cloudformation:DescribeChangeSet",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:DescribeStackEvents",
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
    }


def test_who_looks_may_make_every_call_that_cutover_status_makes(
    context: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context["cutover"]["chatmrpt"] |= {"new_weight": 25, "dns": DNS}
    file = tmp_path / "declaration.json"
    file.write_text(json.dumps(context["cutover"]), encoding="utf-8")
    with fake_cloud() as cloud:
        made = CallsMade(cloud.client)
        cloud.formation.drifts = {"DnsNewA": drifted("DnsNewA", "IN_SYNC")}
        monkeypatch.setattr(status, "_client", made)
        assert status.main(["--declaration", str(file)]) == 0
    assert {
        "cloudformation:DescribeType",
        "cloudformation:ListStackResources",
        "cloudformation:DetectStackResourceDrift",
        "ssm:GetParameter",
    } <= made.actions
    assert made.actions - may(roles(context, tmp_path), "look") == set()
    assert set(READS.actions) == made.actions


def test_who_looks_may_make_every_call_that_cutover_comment_makes(
    context: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_a_desk(tmp_path, context, monkeypatch) as desk:
        made = CallsMade(desk.client)
        monkeypatch.setattr(comment, "_client", made)
        file = desk.declare(25)
        desk.synthesise(25)
        app = str(tmp_path / "cdk.out")
        assert comment.main(["--declaration", str(file), "--app", app]) == 0
    assert {"cloudwatch:GetMetricData", "ssm:GetParameter"} <= made.actions
    assert made.actions - may(roles(context, tmp_path), "look") == set()


def roles(context: dict[str, Any], folder: Path) -> dict[str, Any]:
    app = cdk.App(outdir=str(folder / "out"), analytics_reporting=False)
    CiStack(app, ci=Ci.model_validate(CI), cutovers=read_context(context))
    app.synth()
    template: dict[str, Any] = json.loads(
        (folder / "out" / "cutover-ci.template.json").read_text(encoding="utf-8")
    )
    return template


def test_nobody_in_ci_may_stop_or_start_the_line(ci: dict[str, Any]) -> None:
    assert "ssm:PutParameter" not in json.dumps(ci)
    reads = [
        statement["Resource"]
        for policy in role(ci, "look")["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "ssm:GetParameter"
    ]
    assert json.dumps(reads).endswith(':parameter/cutover/line"]]}]')


def test_nobody_becomes_the_deploy_role_and_cloudformation_alone_gets_the_other(
    ci: dict[str, Any],
) -> None:
    text = json.dumps(ci)
    assert "deploy-role" not in text
    passes = [
        statement
        for policy in role(ci, "plan")["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "iam:PassRole"
    ]
    assert [statement["Condition"] for statement in passes] == [
        {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    ]
    assert json.dumps(passes).count("cfn-exec-role") == 2  # a region each


def test_an_apply_outlives_the_longest_bake(ci: dict[str, Any]) -> None:
    assert role(ci, "apply")["MaxSessionDuration"] == 7200


def test_a_provider_that_the_account_has_already_is_not_made_again(
    context: dict[str, Any], tmp_path: Path
) -> None:
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    declared = CI | {"provider_arn": arn, "environment": "live", "branch": "trunk"}
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    CiStack(app, ci=Ci.model_validate(declared), cutovers=read_context(context))
    app.synth()
    text = (tmp_path / "cutover-ci.template.json").read_text(encoding="utf-8")
    assert "AWS::IAM::OIDCProvider" not in text
    assert text.count(arn) == 3
    assert "repo:acme/shop:environment:live" in text
    assert "repo:acme@42/shop@7:ref:refs/heads/trunk" in text


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("acme/shop", "must be: an object that names a repository"),
        ({**CI, "owner": "acme/*"}, "cutover_ci.owner is"),
        ({**CI, "owner_id": "42"}, "cutover_ci.owner_id is"),
        ({**CI, "branch": "*"}, "cutover_ci.branch is"),
        ({**CI, "environment": "a:b"}, "cutover_ci.environment is"),
        ({**CI, "repositry": "x"}, "Did you mean repository?"),
        ({**CI, "provider_arn": "arn:aws:iam::1:oidc-provider/evil"}, "cutover_ci.provider_arn is"),
        ({**CI, "owner": "${Token[x]}"}, "plain text"),
        ({}, "cutover_ci.owner is missing"),
    ],
)
def test_a_wrong_declaration_is_a_sentence(declared: Any, said: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        read_ci({"cutover_ci": declared})
    assert said in str(refused.value)


def test_who_looks_may_see_a_reservation_where_one_is_declared_and_change_none(
    ci: dict[str, Any], context: dict[str, Any], tmp_path: Path
) -> None:
    context["cutover"]["chatmrpt"]["promotion"] = {"capacity": {}}
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    CiStack(app, ci=Ci.model_validate(CI), cutovers=read_context(context))
    app.synth()
    template = json.loads((tmp_path / "cutover-ci.template.json").read_text("utf-8"))
    reads = {
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeLoadBalancers",
    }
    for name in ("look", "plan", "apply"):
        assert may(template, name) - may(ci, name) == reads
    assert "parameter/cutover/chatmrpt/capacity" in json.dumps(template)
    assert "capacity" not in json.dumps(ci).lower()
