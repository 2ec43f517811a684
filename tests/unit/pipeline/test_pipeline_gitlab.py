"""The pipeline for GitLab: the same commands in the same order, without a stored key."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from cutover.paths import ROOT
from tests.unit.support.run_lines import must_be_ours

TEXT = (ROOT / "examples" / "gitlab-ci.yml").read_text(encoding="utf-8")
HELD: dict[str, Any] = yaml.safe_load(TEXT)
NO_JOBS = {"default", "variables", ".aws"}
JOBS: dict[str, dict[str, Any]] = {name: job for name, job in HELD.items() if name not in NO_JOBS}


def rule(job: dict[str, Any]) -> str:
    (only,) = job["rules"]
    return str(only["if"])


def test_there_is_a_job_for_each_step() -> None:
    assert list(JOBS) == ["test", "comment", "plan", "apply", "verify", "nightly"]


def test_every_line_is_a_command_of_ours_with_its_own_options() -> None:
    for job in JOBS.values():
        for line in job["script"]:
            must_be_ours(line)
    # The one line that is not ours hands the token on.
    assert HELD[".aws"]["before_script"] == ['printenv AWS_TOKEN > "$AWS_WEB_IDENTITY_TOKEN_FILE"']


@pytest.mark.parametrize("line", ["make nothing", ".venv/bin/cutover plan --app", "aws s3 ls"])
def test_a_line_that_is_none_of_ours_would_be_seen(line: str) -> None:
    with pytest.raises((AssertionError, SystemExit)):
        must_be_ours(line)


def test_each_job_becomes_the_role_of_its_step_and_no_key_is_stored() -> None:
    roles = {
        name: job["variables"]["AWS_ROLE_ARN"].rpartition("/cutover-ci-")[2]
        for name, job in JOBS.items()
        if job.get("extends") == ".aws"
    }
    assert roles == {
        "comment": "look",
        "plan": "plan",
        "apply": "apply",
        "verify": "look",
        "nightly": "look",
    }
    assert set(HELD[".aws"]["id_tokens"]) == {"AWS_TOKEN"}
    for stored in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert stored not in TEXT


def test_a_job_that_becomes_no_role_has_no_token_file() -> None:
    """Botocore ends with InvalidConfigError where a token file is named and no role."""
    file = "AWS_WEB_IDENTITY_TOKEN_FILE"
    assert file in HELD[".aws"]["variables"]
    assert file not in HELD["variables"]
    for job in JOBS.values():
        assert ("AWS_ROLE_ARN" in job.get("variables", {})) == (job.get("extends") == ".aws")
        # What extends keeps the variables of what it extends beside its own (GitLab Docs, ci/yaml, extends).
        assert file not in job.get("variables", {})


def test_a_person_starts_an_apply_of_what_was_planned_one_at_a_time() -> None:
    apply, plan = JOBS["apply"], JOBS["plan"]
    assert apply["rules"][0]["when"] == "manual"
    assert (apply["environment"], apply["resource_group"]) == ("production", "cutover")
    assert apply["needs"] == ["plan"]
    (file,) = plan["artifacts"]["paths"]
    assert f"--output {file}" in plan["script"][1]
    assert apply["script"][-1].endswith(f" apply {file}")
    assert JOBS["verify"]["needs"] == ["apply"]
    assert HELD["default"]["interruptible"] is False
    assert {rule(JOBS[name]) for name in ("plan", "apply", "verify")} == {
        '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE == "push"'
    }


def test_a_fork_is_not_asked_for_a_role() -> None:
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID" in rule(
        JOBS["comment"]
    )
