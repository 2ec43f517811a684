"""The workflows: pinned, without rights they do not need, and every line a command that exists."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cutover.paths import ROOT
from tests.unit.support.run_lines import must_be_ours

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ROLES = {"look", "plan", "apply"}


def held(workflow: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    return found


def steps(workflow: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in held(workflow)["jobs"].items():
        for step in job["steps"]:
            yield name, step


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_there_is_one_for_review_deploy_and_night() -> None:
    assert [path.stem for path in WORKFLOWS] == ["deploy", "nightly", "review"]


def test_every_action_is_pinned_by_its_commit_and_says_its_version(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert used
    for action, beside in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", beside), action


def test_the_same_action_has_one_pin_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for workflow in WORKFLOWS:
        for _, step in steps(workflow):
            if "uses" in step:
                action, pin = step["uses"].split("@")
                pins.setdefault(action, set()).add(pin)
    assert [action for action, each in pins.items() if len(each) > 1] == []


def test_nothing_is_permitted_but_what_a_job_says(workflow: Path) -> None:
    whole = held(workflow)
    assert whole["permissions"] == {}
    allowed = {"contents": "read", "id-token": "write", "pull-requests": "write", "issues": "write"}
    for job in whole["jobs"].values():
        assert job["permissions"].items() <= allowed.items()
        assert 0 < job["timeout-minutes"] <= 240


def test_no_key_is_stored_and_no_code_of_a_fork_gets_rights(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "pull_request_target" not in text
    for name, job in held(workflow)["jobs"].items():
        gets = {"id-token", "pull-requests", "issues"} & set(job["permissions"])
        if workflow.stem == "review" and gets:
            assert name == "comment"
            assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
        for step in job["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_what_others_wrote_reaches_a_shell_only_as_a_variable(workflow: Path) -> None:
    assert [step["run"] for _, step in steps(workflow) if "${{" in step.get("run", "")] == []


def test_every_line_that_is_run_is_a_command_of_ours_with_its_own_options(workflow: Path) -> None:
    lines = [line for _, step in steps(workflow) for line in step.get("run", "").splitlines()]
    for line in lines:
        must_be_ours(line, {"$NUMBER": "7", "$APPROVED": "0" * 64})
    assert lines


def test_a_job_becomes_the_role_of_its_step_and_no_other() -> None:
    found = {}
    for workflow in WORKFLOWS:
        for job, step in steps(workflow):
            if "configure-aws-credentials" in step.get("uses", ""):
                role = step["with"]["role-to-assume"].rsplit("/cutover-ci-", 1)[1]
                found.setdefault((workflow.stem, job), set()).add(role)
    assert found == {
        ("review", "comment"): {"look"},
        ("deploy", "plan"): {"plan"},
        ("deploy", "apply"): {"apply"},
        ("deploy", "verify"): {"look"},
        ("nightly", "drift"): {"look"},
    }


def test_an_apply_waits_for_its_environment_and_is_told_what_was_approved() -> None:
    jobs = held(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]
    assert [name for name, job in jobs.items() if "environment" in job] == ["apply"]
    assert jobs["apply"]["needs"] == "plan"
    applies = [step for step in jobs["apply"]["steps"] if "cutover apply" in step.get("run", "")]
    assert len(applies) == 2
    for step in applies:
        assert '--id "$APPROVED"' in step["run"]
        assert step["env"]["APPROVED"] == "${{ needs.plan.outputs.id }}"
    # What fails at first is what is asked again; what fails then fails the job.
    assert [step.get("continue-on-error", False) for step in applies] == [True, False]


def test_a_deploy_is_never_cancelled_and_only_the_newest_waits() -> None:
    for name in ("deploy", "nightly"):
        whole = held(ROOT / ".github" / "workflows" / f"{name}.yml")
        assert whole["concurrency"] == {"group": name, "cancel-in-progress": False}


def test_zizmor_finds_nothing() -> None:
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "zizmor"), "--offline", "--no-progress"),
            *("--persona", "pedantic", str(ROOT / ".github" / "workflows")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
