"""What must hold before anything moves: declared, deployed and live agree, or it is not begun."""

from __future__ import annotations

from datetime import datetime

import boto3
from botocore.exceptions import BotoCoreError

from commands.pipeline.errors import CouldNotTellError, RefusedError
from commands.status import subject_of
from commands.terminal import NO_CREDENTIALS
from commands.undeployed import in_one_sentence, undeployed
from cutover.declaration.reading.context import Cutover
from shared.promotion.line import said as said_of_line
from shared.status.compare import compare
from shared.status.finding import Finding, Kind, gravest
from shared.status.look import ClientFor, look
from shared.status.standing import Standing, Unread


def must_be_logged_in() -> None:
    """Do nothing where there are AWS credentials.

    Raises
    ------
    CouldNotTellError
        Where there are none.
    """
    try:
        found = boto3.Session().get_credentials()
    except BotoCoreError as error:
        raise CouldNotTellError(str(error)) from error
    if found is None:
        raise CouldNotTellError(NO_CREDENTIALS)


def looked_at(
    cutover: Cutover, client_for: ClientFor, now: datetime, *, before_promotion: bool = True
) -> tuple[Standing, list[Finding]]:
    """Return how the service stands, and what there is to say, as a rule before a promotion."""
    standing = look(subject_of(cutover, client_for), client_for, now, cutover.service.new_weight)
    findings = compare(standing, before_promotion=before_promotion)
    return standing, in_one_sentence(standing, findings, client_for)


def stopped(standing: Standing) -> str:
    """Return in a sentence that the line is stopped; nothing while it runs, or where it cannot be read."""
    said = "" if isinstance(standing.line, Unread) else said_of_line(standing.line)
    if not said:
        return ""
    return (
        f"{said[:1].upper()}{said[1:].rstrip('.')}. No weight rises in this account until somebody runs "
        "cutover line start 'WHY'."
    )


def must_agree(cutover: Cutover, client_for: ClientFor, now: datetime) -> Standing:
    """Return how the service stands.

    Raises
    ------
    RefusedError
        When what CloudFormation holds and what viewers meet disagree, or the service is not deployed.
    CouldNotTellError
        When not everything could be read, or a deploy is under way.
    """
    standing, findings = looked_at(cutover, client_for, now)
    kind = gravest(findings)
    said = [f"{cutover.name}: {finding.says}" for finding in findings if finding.kind is kind]
    if kind is Kind.DISAGREES:
        raise RefusedError(*said)
    if kind is Kind.UNREAD:
        missing = undeployed(standing, client_for)
        raise RefusedError(missing) if missing else CouldNotTellError(*said)
    return standing
