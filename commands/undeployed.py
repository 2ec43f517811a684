"""A service that was never deployed: one sentence, in the place of one for each thing that is not there."""

from __future__ import annotations

from collections.abc import Sequence

from commands.pipeline import change_sets
from commands.pipeline.errors import PipelineError
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.status.finding import Finding, Kind
from shared.status.look import ClientFor
from shared.status.standing import Standing, Unread


def undeployed(standing: Standing, client_for: ClientFor) -> str:
    """Return in a sentence that the service is not deployed; nothing where it is, or where nobody knows.

    CloudFormation is asked again only where it did not say what it holds.
    """
    if not isinstance(standing.deployed, Unread):
        return ""
    stack = Names(standing.service).stack("traffic")
    try:
        there = change_sets.described(client_for("cloudformation", EDGE_REGION), stack) is not None
    except PipelineError:
        return ""
    if there:
        return ""
    return (
        f"{standing.service} is not deployed: CloudFormation has no stack {stack} in {EDGE_REGION}. Its "
        "first deploy is cdk deploy --all, at new_weight 0."
    )


def in_one_sentence(
    standing: Standing, findings: Sequence[Finding], client_for: ClientFor
) -> list[Finding]:
    """Return `findings`; where the service is not deployed, that in place of all that could not be read."""
    said = undeployed(standing, client_for)
    if not said:
        return list(findings)
    return [
        Finding(Kind.UNREAD, said),
        *(finding for finding in findings if finding.kind is not Kind.UNREAD),
    ]
