"""Who runs a command, where, and of which commit."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Mapping

from cutover.paths import ROOT
from shared.shown import NAME, shown


def by(environment: Mapping[str, str] | None = None) -> str:
    """Return who it is: in GitHub Actions the person and the address of the run, in GitLab CI likewise, else
    the user of this machine."""
    told = os.environ if environment is None else environment
    if told.get("GITHUB_ACTIONS") == "true":
        where = "/".join(told.get(key, "") for key in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"))
        run = f"{where}/actions/runs/{told.get('GITHUB_RUN_ID', '')}"
        return shown(f"{told.get('GITHUB_ACTOR', 'GitHub Actions')} in {run}", NAME)
    if told.get("GITLAB_CI") == "true":
        return shown(
            f"{told.get('GITLAB_USER_LOGIN', 'GitLab CI')} in {told.get('CI_JOB_URL', '')}", NAME
        )
    try:
        return shown(getpass.getuser(), NAME)
    except (KeyError, OSError):
        return "somebody"


def commit() -> str:
    """Return the commit that is checked out, with `-changed` where files differ; empty without git."""
    head = _git("rev-parse", "HEAD")
    if not head:
        return ""
    return f"{head}-changed" if _git("status", "--porcelain", "--untracked-files=no") else head


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are this module's own
            ["git", *arguments],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
