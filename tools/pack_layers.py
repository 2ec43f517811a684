"""Pack awscrt for Lambda into build/awscrt-layer, the same bytes on every machine.

KeyValueStore calls are signed with SigV4A, which botocore leaves to awscrt; the Lambda Python runtime
does not promise it. The wheel is the one that requirements.lock names, checked against its hashes, for
the architecture that the functions declare (x86_64), whatever this machine is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "awscrt-layer"
LAMBDA_PLATFORM = "manylinux2014_x86_64"
LAMBDA_PYTHON = "3.14"


def locked_requirement(name: str, lock: str) -> str:
    """Return the lock's entry for `name`, hashes included."""
    found = re.search(rf"^{re.escape(name)}==.*(?:\n +.*)*", lock, flags=re.MULTILINE)
    if found is None:
        sys.exit(f"requirements.lock has no {name}: run `make lock`")
    return found.group(0)


def pack() -> None:
    """Download, check and unpack the wheel; leave only what Python imports, and the licence."""
    staging = ROOT / "build" / "awscrt-staging"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    requirement = staging / "requirement.txt"
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    requirement.write_text(locked_requirement("awscrt", lock) + "\n", encoding="utf-8")
    subprocess.run(  # noqa: S603 - our own arguments
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "--requirement", str(requirement), "--no-deps", "--no-compile"),
            *("--only-binary", ":all:", "--platform", LAMBDA_PLATFORM, "--implementation", "cp"),
            *("--python-version", LAMBDA_PYTHON, "--target", str(staging / "python")),
        ],
        check=True,
    )
    for metadata in (staging / "python").glob("*.dist-info"):
        licences = [p for p in metadata.rglob("LICENSE*") if p.is_file()]
        for licence in licences:
            shutil.copy(licence, staging / "python" / "awscrt" / licence.name)
        shutil.rmtree(metadata)
    requirement.unlink()
    shutil.rmtree(TARGET, ignore_errors=True)
    staging.rename(TARGET)


if __name__ == "__main__":
    pack()
