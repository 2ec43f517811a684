"""Compares what git declares, what CloudFormation holds, and what viewers meet.

The exit code is 0 when all agree, 1 when two disagree, and 2 when it could not tell. It changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands import capacity
from commands.declared import declared_services, takes_declaration
from commands.drift import drift
from commands.report.wording import plain
from commands.terminal import NO_CREDENTIALS, Parser, page, refuse
from commands.undeployed import in_one_sentence
from commands.watched_hours import watched_hours
from cutover.alarms.probes import probes_of
from cutover.declaration.reading.context import Cutover
from cutover.declaration.reading.errors import DeclarationError
from cutover.naming import LINE, Names
from shared.aws import READS, clients
from shared.doors.patience import patiently
from shared.doors.switch import SwitchState
from shared.metrics import SideMetrics
from shared.probes import Probes
from shared.status.as_json import as_json
from shared.status.compare import compare, headline
from shared.status.facts import UNKNOWN, facts, percent
from shared.status.finding import Finding, Kind, by_gravity, gravest
from shared.status.look import EDGE_REGION, ClientFor, known, look
from shared.status.standing import Standing, Unread
from shared.status.subject import Subject
from shared.status.times import shown

COULD_NOT_TELL: Final = 2
_EXIT: Final = {Kind.NOTE: 0, Kind.DISAGREES: 1, Kind.UNREAD: COULD_NOT_TELL}
_COLOUR: Final = {Kind.NOTE: "green", Kind.DISAGREES: "red", Kind.UNREAD: "yellow"}
_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Look, tell, and return the exit code: the gravest of all services looked at."""
    arguments = _parser().parse_args(given)
    try:
        cutovers = declared_services(arguments.service, arguments.declaration)
        if boto3.Session().get_credentials() is None:
            return refuse(NO_CREDENTIALS)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except BotoCoreError as error:
        return refuse(str(error))
    found = []
    for cutover in cutovers:
        subject = subject_of(cutover, _client)
        now = datetime.now(UTC)
        standing = look(subject, _client, now, cutover.service.new_weight)
        findings = compare(standing, before_promotion=arguments.before_promotion)
        findings = in_one_sentence(standing, findings, _client)
        if cutover.service.dns is not None:
            cloudformation = _client("cloudformation", EDGE_REGION)
            findings += drift(cloudformation, subject.traffic_stack, standing)
        findings += watched_hours(cutover, standing, _client)
        findings += capacity.reserved(cutover, standing, _client, now)
        found.append((standing, by_gravity(findings)))
    if arguments.json:
        print(json.dumps([as_json(*each) for each in found], indent=2))
    else:
        for standing, findings in found:
            _tell(page(), standing, findings)
    return _EXIT[gravest(finding for _, findings in found for finding in findings)]


def _parser() -> Parser:
    parser = Parser(prog="cutover status", description=__doc__)
    takes_declaration(parser)
    parser.add_argument(
        "--before-promotion",
        action="store_true",
        help="the declared weight is deployed next: a difference from the deployed weight is reported, "
        "but it is not a disagreement",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, a list of services")
    return parser


def subject_of(cutover: Cutover, client_for: ClientFor) -> Subject:
    """Return what to look at: the declaration's names, and the two ids that the rollback function holds.

    What that function writes is the switch, whatever a template says.
    """
    names, service = Names(cutover.name), cutover.service
    probes = probes_of(service)
    client = client_for("lambda", EDGE_REGION)
    variables = known(partial(_variables, client, names.function("rollback")))
    return Subject(
        service=cutover.name,
        traffic_stack=names.stack("traffic"),
        store_arn=_held(variables, "KVS_ARN"),
        switch_check_id=None if service.dns is None else _held(variables, "SWITCH_HEALTH_CHECK_ID"),
        router=None if service.edge is False else names.router,
        hosted_zone_id="" if service.dns is None else service.dns.hosted_zone_id,
        record_name="" if service.dns is None else service.dns.record_name,
        sides={
            which: SideMetrics(side.load_balancer, side.target_group, side.stands_in)
            for which, side in service.sides.items()
        },
        probes=Probes(probes.about, probes.at_most),
        line_parameter=LINE,
    )


def _variables(client: Any, function: str) -> dict[str, str]:
    answer = patiently(
        lambda: client.get_function_configuration(FunctionName=function),
        plainly={
            "ResourceNotFoundException": f"the function {function} does not exist in {EDGE_REGION}: "
            "deploy the Safety stack"
        },
    )
    variables: dict[str, str] = answer.get("Environment", {}).get("Variables", {})
    return variables


def _held(variables: dict[str, str] | Unread, name: str) -> str | Unread:
    if isinstance(variables, Unread):
        return variables
    return variables.get(name) or Unread(f"the rollback function has no {name}: deploy Safety")


def _tell(console: Console, standing: Standing, findings: Sequence[Finding]) -> None:
    console.print(
        Text(
            f"{standing.service}: {headline(standing, findings)}",
            style=f"bold {_COLOUR[gravest(findings)]}",
        ),
        soft_wrap=True,
    )
    console.print(_doors(standing))
    for what, said in facts(standing).items():
        console.print(Text(f"  {what:<14}{plain(said)}"), soft_wrap=True)
    if findings:
        console.print()
    for finding in findings:
        line = Text(f"{finding.kind.value}: ", style=_COLOUR[finding.kind])
        console.print(line.append(plain(finding.says), style="default"), soft_wrap=True)
    console.print()


def _doors(standing: Standing) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("door", no_wrap=True)
    table.add_column("weight of new in", no_wrap=True)
    for column in ("declared", "deployed", "live"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("switch", overflow="fold")
    deployed = standing.deployed
    nothing: dict[str, float | Unread | None] = {"its store only": None}
    for door in standing.doors:
        for holder, weight in (door.weights or nothing).items():
            table.add_row(
                door.name,
                holder,
                percent(standing.declared),
                percent(deployed if isinstance(deployed, Unread) else deployed.weight),
                percent(weight),
                Text(plain(_switch(door.switch))),
            )
    return table


def _switch(switch: SwitchState | Unread) -> str:
    if isinstance(switch, Unread):
        return UNKNOWN
    told = [f"by {switch.by}" if switch.by else "", shown(switch.at), switch.reason]
    return ", ".join(["THROWN" if switch.thrown else "released", *filter(None, told)])
