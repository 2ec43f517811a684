"""Which commit the drills were played at."""

from __future__ import annotations

import subprocess

from cutover.paths import ROOT

UNKNOWN_COMMIT = "a commit that nobody noted"


def commit() -> str:
    """Return the short name of the commit of this work tree, with a word where files differ from it; empty
    where git cannot tell."""
    named = _git("rev-parse", "--short=7", "HEAD")
    return f"{named} with changes" if named and _git("status", "--porcelain") else named


def _git(*words: str) -> str:
    try:
        run = subprocess.run(
            ["git", *words],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return run.stdout.strip()
