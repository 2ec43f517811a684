"""The names of the load balancers and of the edge, which no resolver here knows, are servers of this machine:
the world writes down which port each listens on, and the functions look there."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

VARIABLE: Final = "REHEARSAL_NAMES"
"""Names the file in which the world writes them down, as JSON: name to port."""

_LOCAL: Final = (".elb.amazonaws.com", ".cloudfront.net")


def write(file: Path, ports: Mapping[str, int]) -> None:
    """Write down on which port of loopback each name is served; readers see all of it or none."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(dict(ports)), encoding="utf-8")
    draft.replace(file)


def teach() -> None:
    """Let this process reach the names in the file, at whatever port it asks for."""
    file = os.environ.get(VARIABLE)
    if not file:
        return
    resolve = socket.getaddrinfo

    def resolve_local_names(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if isinstance(host, str) and host.endswith(_LOCAL):
            try:
                known = json.loads(Path(file).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                known = {}
            if host in known:
                host, port = "127.0.0.1", known[host]
        return resolve(host, port, *rest, **options)

    socket.getaddrinfo = resolve_local_names
