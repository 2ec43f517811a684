"""Pack what the functions need beside Lambda's own runtime into build/layers, the same bytes everywhere.

The wheels are those that requirements.lock names, checked against its hashes, for the Python and the
architecture that the functions declare, whatever this machine is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from cutover.functions import lambda_python
from cutover.paths import LAYERS, ROOT

LAMBDA_PLATFORMS: Final = (
    f"manylinux2014_{lambda_python.ARCHITECTURE}",
    f"manylinux_2_28_{lambda_python.ARCHITECTURE}",
)
CONTENTS: Final = {
    # KeyValueStore calls are signed with SigV4A, which botocore leaves to awscrt.
    "awscrt": ("awscrt",),
    # Readiness speaks HTTP with aiohttp, reads XML safely, and knows the time zones.
    "readiness": (
        *("aiohttp", "aiohappyeyeballs", "aiosignal", "attrs", "frozenlist", "idna", "multidict"),
        *("propcache", "yarl", "defusedxml", "tzdata"),
    ),
}


def locked_requirement(name: str, lock: str) -> str:
    """Return the lock's entry for `name`, hashes included."""
    found = re.search(rf"^{re.escape(name)}==.*(?:\n +.*)*", lock, flags=re.MULTILINE)
    if found is None:
        sys.exit(f"requirements.lock has no {name}: run `make lock`")
    return found.group(0)


def pack(layer: str, packages: Sequence[str]) -> None:
    """Download, check and unpack the wheels; leave only what Python imports, and the licences."""
    staging = LAYERS.with_name("layer-staging")
    shutil.rmtree(staging, ignore_errors=True)
    target = staging / "python"
    staging.mkdir(parents=True)
    requirements = staging / "requirements.txt"
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    wanted = [locked_requirement(package, lock) for package in packages]
    requirements.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    platforms = [part for platform in LAMBDA_PLATFORMS for part in ("--platform", platform)]
    subprocess.run(  # noqa: S603 - our own arguments
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "--requirement", str(requirements), "--no-deps", "--no-compile"),
            *("--only-binary", ":all:", *platforms, "--implementation", "cp"),
            *("--python-version", lambda_python.VERSION, "--target", str(target)),
        ],
        check=True,
    )
    for metadata in target.glob("*.dist-info"):
        name = metadata.name.split("-")[0]
        for licence in sorted(p for p in metadata.rglob("LICEN[CS]E*") if p.is_file()):
            place = target / "licences" / name
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(licence, place / licence.name)
        shutil.rmtree(metadata)
    shutil.rmtree(target / "bin", ignore_errors=True)
    requirements.unlink()
    shutil.rmtree(LAYERS / layer, ignore_errors=True)
    LAYERS.mkdir(exist_ok=True)
    staging.rename(LAYERS / layer)


def main() -> None:
    """Pack every layer."""
    for layer, packages in CONTENTS.items():
        pack(layer, packages)


if __name__ == "__main__":
    main()
