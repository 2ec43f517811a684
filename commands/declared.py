"""Which of the declared services a command is about."""

from __future__ import annotations

import os

from cutover.declaration.reading.context import Cutover, cdk_json_context, read_context
from cutover.declaration.reading.errors import nearest


class UsageError(Exception):
    """What was asked for makes no sense; the message says why."""


def one_service(service: str | None, declaration_file: str | None) -> Cutover:
    """Return the declared service that is called `service`, or the only one.

    `declaration_file` is where the declaration stands; None: where CUTOVER_DECLARATION says, or in cdk.json.

    Raises
    ------
    UsageError, DeclarationError
        When it cannot be told which, or there is none.
    """
    file = declaration_file or os.environ.get("CUTOVER_DECLARATION") or None
    services = {one.name: one for one in read_context(cdk_json_context(), file)}
    if service is None and len(services) == 1:
        return next(iter(services.values()))
    if service in services:
        return services[service]
    listed = f"Declared: {', '.join(services)}."
    if service is None:
        raise UsageError(
            f"{len(services)} services are declared: say which one with --service NAME. {listed}"
        )
    raise UsageError(f"--service {service} is not declared.{nearest(service, services)} {listed}")
