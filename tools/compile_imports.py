"""Keep the byte code of all that app.py, the functions and the rehearsal import: `make setup`.

pip installs without compiling, because nine tenths of aws_cdk are never imported. Where Python may not
write byte code, as in most containers, each `cdk` command would compile the other tenth again: four
seconds. It goes where this environment looks for it: beside the source, or under PYTHONPYCACHEPREFIX.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

from commands.__main__ import COMMANDS, module_of
from cutover.paths import LAMBDA, ROOT


def modules() -> Iterator[str]:
    """Yield what is run: the app, each function, each command, the rehearsal and its cloud."""
    yield "app"
    for handler in sorted(LAMBDA.glob("*/handler.py")):
        yield f"{handler.parent.name}.handler"
    yield from map(module_of, COMMANDS)
    yield from ("rehearsal.__main__", "rehearsal.cloud.taught")


if __name__ == "__main__":
    sys.dont_write_bytecode = False
    sys.path[:0] = [str(ROOT), str(LAMBDA)]
    for module in modules():
        importlib.import_module(module)
