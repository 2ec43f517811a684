"""`make local`: what it tells a person to export is what the commands need."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from rehearsal.local import exported


def test_commands_reach_the_sides_and_the_edge() -> None:
    certificate = SimpleNamespace(trusted=Path("edge.pem"))
    cloud = SimpleNamespace(names=Path("names.json"), certificate=certificate)
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    stage = cast("Any", SimpleNamespace(cloud=cloud, environment=environment))
    told = exported(stage)
    assert told["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert (told["REHEARSAL_NAMES"], told["SSL_CERT_FILE"]) == ("names.json", "edge.pem")
    site, root = map(Path, told["PYTHONPATH"].split(os.pathsep))
    # Python runs it before anything else.
    assert (site / "sitecustomize.py").is_file()
    assert (root / "rehearsal").is_dir()
