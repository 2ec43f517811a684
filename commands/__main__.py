"""The console script `cutover`: commands that CDK does not have. People deploy with `cdk`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Final

from commands.as_a_process import run
from commands.terminal import refuse
from shared.shown import NAME, shown

COMMANDS: Final = {
    "adopt": "make weighted records of a name that has a simple one, and take that back",
    "apply": "execute a plan: exactly the change sets that were reviewed, or none",
    "comment": "say what a change does, as one comment on a pull request that is kept up to date",
    "declare": "read the account, and suggest the declaration of a cutover",
    "decommission": "say what is missing before old may go, and what can be deleted then",
    "dismantle": "end a cutover: prove that nobody comes, leave a plain record, list what is left",
    "documents": "write checklist, rollback plan, production readiness report and notice",
    "last-users": "say who still asks old by its load balancer's own name, from its access log",
    "line": "stop every rise of every service in this account, start it again, or show it",
    "nightly": "compare declared, deployed and live, and keep one issue on GitHub about it",
    "plan": "prepare change sets for what is declared, and write a plan of them",
    "promote": "declare the next step from the weight that is live, and show what is left",
    "quotas": "say whether this account has room for what a deploy adds",
    "readiness": "compare old with new, measure both, and say whether new is ready",
    "status": "say what is declared, deployed and live, and whether they agree",
    "watch": "show a cutover as it happens: deploy, bake, alarms, both sides, judge, switch",
}
"""Each is the module of this name (with _ for -), and its first line here."""


def main(given: Sequence[str] | None = None) -> int:
    """Run the command that is named first, and return its exit code; `given` None: as this process."""
    if given is None:
        arguments = sys.argv[1:]
        name = next((one for one in arguments if one in COMMANDS), "")
        return run(name, lambda: main(arguments))
    name, *rest = list(given) or ["--help"]
    if name in {"-h", "--help"}:
        print(_help())
        return 0
    if name not in COMMANDS:
        return refuse(
            f"cutover {shown(name, NAME)} is not a command. There are: {', '.join(COMMANDS)}. "
            "To deploy, use cdk."
        )
    try:
        # Only what is asked for: each command brings what it needs, and that takes its time.
        command = importlib.import_module(module_of(name))
    except ModuleNotFoundError as missing:
        sys.exit(
            f"cutover: the Python package {missing.name} is missing from {sys.executable}. "
            "Run `make setup`, then `source .venv/bin/activate`, and try again."
        )
    code: int = command.main(rest)
    return code


def module_of(command: str) -> str:
    """Return the module of a command."""
    return f"commands.{command.replace('-', '_')}"


def _help() -> str:
    width = max(map(len, COMMANDS))
    return "\n".join(
        [
            "usage: cutover COMMAND [options]     (cutover COMMAND --help tells its options)",
            "",
            *(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items()),
            "",
            "Traffic is moved with cdk: cdk diff, cdk deploy.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
