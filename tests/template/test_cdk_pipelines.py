"""The example for CDK Pipelines: a person approves between a door's change set and its execution."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from cutover.paths import CDK_JSON
from examples.cdk_pipelines import PipelineStack
from tests.template.templates import resources
from tests.unit.support.run_lines import must_be_ours


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The template of the pipeline."""
    folder = tmp_path_factory.mktemp("pipeline")
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context, outdir=str(folder), analytics_reporting=False)
    PipelineStack(app)
    app.synth()
    made: dict[str, Any] = json.loads(
        (folder / "cutover-pipeline.template.json").read_text("utf-8")
    )
    return made


@pytest.fixture(scope="module")
def production(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The actions of the stage that deploys, in their order."""
    ((_, pipeline),) = resources(template, "AWS::CodePipeline::Pipeline").items()
    (stage,) = (stage for stage in pipeline["Stages"] if stage["Name"] == "production")
    return sorted(stage["Actions"], key=lambda action: action["RunOrder"])


def test_a_door_waits_for_a_person_between_its_change_set_and_its_execution(
    production: list[dict[str, Any]],
) -> None:
    assert [action["Name"] for action in production] == [
        "before",
        *(f"chatmrpt-safety.{step}" for step in ("Prepare", "Deploy")),
        *(f"chatmrpt-environment.{step}" for step in ("Prepare", "Deploy")),
        "chatmrpt-traffic.Prepare",
        "chatmrpt-traffic.approve-chatmrpt-traffic",
        "chatmrpt-traffic.Deploy",
        *(f"chatmrpt-observability.{step}" for step in ("Prepare", "Deploy")),
        "after",
    ]
    # Each waits for the one before.
    assert len({action["RunOrder"] for action in production}) == len(production)


def test_the_stacks_have_the_names_that_the_commands_know(
    production: list[dict[str, Any]],
) -> None:
    names = {action.get("Configuration", {}).get("StackName") for action in production}
    assert names - {None} == {
        f"chatmrpt-{role}" for role in ("safety", "environment", "traffic", "observability")
    }


def test_every_line_that_is_run_is_a_command_of_ours(template: dict[str, Any]) -> None:
    lines = []
    for project in resources(template, "AWS::CodeBuild::Project").values():
        held = json.loads(str(project["Source"].get("BuildSpec", "{}")))
        phases = held.get("phases", {})
        lines.append([line for phase in phases.values() for line in phase["commands"]])
    ours = [each for each in lines if each[:1] == ["make setup"]]
    assert len(ours) == 3
    for _, activate, line in ours:
        # CodeBuild runs all lines in one shell, sh (CodeBuild User Guide, build-env-ref-cmd).
        assert activate == ". .venv/bin/activate"
        if not line.startswith("cdk synth"):
            must_be_ours(f".venv/bin/{line}")
