"""The process of the embedded cloud: teaches MiniStack what it lacks, then runs it.

Started by `rehearsal.cloud.process`; it ends when its standard input does, so that it cannot outlive
whoever started it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def _end_with_the_parent() -> None:
    while os.read(0, 1):  # unbuffered: a buffered read would hold a lock at exit
        pass
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Teach and serve."""
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    # MiniStack reads the environment when it is imported, so not before this process is set up.
    from ministack.app import main as serve  # noqa: PLC0415

    from rehearsal.cloud import taught  # noqa: PLC0415

    taught.teach()
    sys.argv = ["ministack"]
    serve()


if __name__ == "__main__":
    main()
