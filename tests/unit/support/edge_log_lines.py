"""Lines of the edge's real-time log, as CloudFront writes them."""

from __future__ import annotations

from cutover.doors.edge_log import FIELDS
from fast_log.line import Form

OLD, NEW = "old-1.eu-west-1.elb.amazonaws.com", "new-2.eu-west-1.elb.amazonaws.com"
NOW = 1_795_000_004.0
FORM = Form(FIELDS, origins={"old": OLD, "new": NEW}, static_paths=frozenset({"/static/*"}))


def line(id_: str = "r1", **fields: str) -> str:
    """Return the line of a request that new answered, with `fields` (`_` for `-`) otherwise."""
    told = {
        "timestamp": f"{NOW - 2:.3f}",
        "time-to-first-byte": "0.120",
        "sc-status": "200",
        "x-edge-request-id": id_,
        "x-edge-result-type": "Miss",
        "cache-behavior-path-pattern": "*",
        "r-host": NEW,
        "sr-reason": "-",
        "viewer-request-log-data": "new",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    return "\t".join(told[name] for name in FIELDS) + "\n"
