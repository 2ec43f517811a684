"""Which of the declared services a command is about."""

from __future__ import annotations

import argparse
import os

from cutover.declaration.fleet import Fleet
from cutover.declaration.reading.context import (
    Cutover,
    cdk_json_context,
    read_context,
    read_fleet,
)
from cutover.declaration.reading.errors import DeclarationError, nearest
from cutover.declaration.shown import shown


class UsageError(Exception):
    """What was asked for makes no sense; the message says why."""


def declared_services(service: str | None, declaration: str | None) -> list[Cutover]:
    """Return the declared services, or the one that is named, of cdk.json or the file `declaration`.

    Raises
    ------
    DeclarationError
        When the declaration cannot be used.
    """
    context = cdk_json_context()
    if service is not None:
        # Whom cdk.json names is overruled, and what is said names the option.
        context.pop("service", None)
    declared = read_context(context, declaration_file(declaration))
    if service is None:
        return declared
    found = [one for one in declared if one.name == service]
    if not found:
        names = [one.name for one in declared]
        raise DeclarationError(
            [
                f"--service {shown(service)} is not declared in {declared[0].source}."
                f"{nearest(service, names)} Declared: {', '.join(names)}."
            ]
        )
    return found


def declared_fleet(declaration: str | None) -> Fleet | None:
    """Return how many services move at once and in which order; None where nothing is declared, and for
    services of the file `declaration`.

    Raises
    ------
    DeclarationError
        When it cannot be used.
    """
    return read_fleet(cdk_json_context(), declaration_file(declaration))


def declaration_file(option: str | None) -> str | None:
    """Return the file that the `option` names, or without one CUTOVER_DECLARATION; None: cdk.json.

    An empty variable is none. An empty option is a mistake, and not another way to say cdk.json.
    """
    return option if option is not None else os.environ.get("CUTOVER_DECLARATION") or None


def one_service(service: str | None, declaration: str | None) -> Cutover:
    """Return the declared service that is called `service`, or the only one.

    `declaration` is where the declaration stands; None: where CUTOVER_DECLARATION says, or in cdk.json.

    Raises
    ------
    UsageError
        When several are declared, and none is named.
    DeclarationError
        When the declaration cannot be used, or the one that is named is not declared.
    """
    found = declared_services(service, declaration)
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} services are declared: say which one with --service NAME. "
            f"Declared: {', '.join(one.name for one in found)}."
        )
    return found[0]


def takes_declaration(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which of the declared services, and where they are declared."""
    parser.add_argument("--service", metavar="NAME", help="one of the declared services")
    parser.add_argument(
        "--declaration", metavar="FILE", help="JSON file of the services, instead of cdk.json"
    )
