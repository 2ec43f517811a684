"""Runs cfn-lint as this repository configures it, in this process: its schemas take seconds to read, once."""

from __future__ import annotations

from pathlib import Path

from cutover.paths import ROOT


def cfn_lint(folder: Path) -> list[str]:
    """Return what it finds in the templates of `folder`, each as rule, message, file and line."""
    # Here, so that only who lints waits for it.
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    templates = [str(path) for path in sorted(folder.glob("*.json"))]
    assert templates, f"{folder} holds no template"
    config = ConfigMixIn(["--config-file", str(ROOT / ".cfnlintrc"), "--", *templates])
    return [
        f"{match.rule.id} {match.message} ({Path(match.filename or '').name}:{match.linenumber})"
        for match in Runner(config).run()
    ]
