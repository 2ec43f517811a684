"""Reads one service everywhere at once. What cannot be read is reported, and hides nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared.answers import CLASSES
from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.doors.mute import MUTE_KEY, Mute, mute_in
from shared.doors.patience import DoorError, patiently
from shared.doors.switch import SwitchState
from shared.doors.weights import WeightError, groups_in_code, weight_in_code, weights_by_type
from shared.metrics import by_region, own
from shared.promotion import line
from shared.status.standing import Deployed, Door, Judged, Requests, Standing, Unread
from shared.status.subject import Subject

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

Value = TypeVar("Value")
ClientFor = Callable[[str, str], Any]

EDGE_REGION: Final = "us-east-1"
MINUTES: Final = 5
"""The share is of the requests in this many whole minutes."""

VERDICTS: Final[Mapping[float, str]] = {0.0: "PASS", 1.0: "INCONCLUSIVE", 2.0: "FAIL"}
"""What the values of the metric JudgeVerdict say."""

_GATE: Final = "Custom::WeightGate"
_LATEST_MINUTES: Final = 15


class LookError(Exception):
    """An answer of AWS does not hold what it should; the message says what."""


def look(
    subject: Subject, client_for: ClientFor, now: datetime, declared: int | None = None
) -> Standing:
    """Return the present status of `subject`.

    Parameters
    ----------
    subject : Subject
        What to look at.
    client_for : callable
        A boto3 client by service and region.
    now : datetime
        With its time zone.
    declared : int, optional
        Weight of new in percent that git holds, where that is at hand.
    """
    store = _door(subject.store_arn, partial(_store, client_for))
    check = _door(subject.switch_check_id, partial(_check, client_for))
    asked: dict[str, Callable[[], Any]] = {
        "deployed": partial(
            deployed, client_for("cloudformation", EDGE_REGION), subject.traffic_stack
        ),
        "edge switch": partial(_read, store),
        "mute": partial(mute, store, now),
        "line": partial(line.read, client_for("ssm", EDGE_REGION), subject.line_parameter),
        "requests": partial(requests, client_for, subject, now),
        "judged": partial(judged, client_for("cloudwatch", EDGE_REGION), subject.service, now),
    }
    if subject.router is not None:
        asked["edge code"] = partial(
            edge_code, client_for("cloudfront", EDGE_REGION), subject.router
        )
    if subject.record_name:
        asked["records"] = partial(records, client_for("route53", EDGE_REGION), subject)
        asked["dns switch"] = partial(_read, check)
    with ThreadPoolExecutor(max_workers=len(asked)) as pool:
        running = {what: pool.submit(known, call) for what, call in asked.items()}
        seen = {what: future.result() for what, future in running.items()}
    return Standing(
        service=subject.service,
        at=now,
        declared=declared,
        deployed=seen["deployed"],
        doors=_doors(subject, seen),
        mute=seen["mute"],
        requests=seen["requests"],
        judged=seen["judged"],
        probes=subject.probes,
        line=seen["line"],
    )


def known(call: Callable[[], Value]) -> Value | Unread:
    """Return what `call` returns, or why it could not."""
    try:
        return call()
    except (DoorError, WeightError, LookError, ClientError, BotoCoreError) as error:
        return Unread(str(error))


def deployed(client: Any, name: str) -> Deployed:
    """Return what CloudFormation holds of the Traffic stack `name`: the weight that its gate was given.

    Raises
    ------
    DoorError, LookError
        When it cannot be read, or holds no gate.
    """
    (stack,) = patiently(lambda: client.describe_stacks(StackName=name))["Stacks"]
    template = patiently(lambda: client.get_template(StackName=name, TemplateStage="Processed"))
    body = template["TemplateBody"]
    try:
        # boto3 makes an object of JSON and leaves anything else as text.
        resources = (json.loads(body) if isinstance(body, str) else body)["Resources"]
        (gate,) = (
            resource
            for logical_id, resource in resources.items()
            if logical_id.startswith("Gate") and resource["Type"] == _GATE
        )
        weight = int(gate["Properties"]["NewWeight"])
    except (KeyError, ValueError, TypeError) as error:
        raise LookError(
            f"the template of the stack {name} states no weight in a {_GATE}"
        ) from error
    return Deployed(
        stack=name,
        status=stack["StackStatus"],
        weight=weight,
        changed=stack.get("LastUpdatedTime", stack["CreationTime"]),
    )


def edge_code(client: Any, function: str) -> str:
    """Return the code of the live edge function, which holds the weight and the groups.

    Raises
    ------
    DoorError
        When it cannot be read.
    """
    answer = patiently(lambda: client.get_function(Name=function, Stage="LIVE"))
    return str(answer["FunctionCode"].read().decode())


def records(client: Any, subject: Subject) -> list[dict[str, Any]]:
    """Return the records of the dns door's name, old and new, of every type.

    Raises
    ------
    DoorError
        When they cannot be read.
    """
    # The listing is sorted by name, so the name's own records come first.
    answer = patiently(
        lambda: client.list_resource_record_sets(
            HostedZoneId=subject.hosted_zone_id, StartRecordName=subject.record_name, MaxItems="20"
        )
    )
    return [
        record
        for record in answer["ResourceRecordSets"]
        if record["Name"].rstrip(".") == subject.record_name and "Weight" in record
    ]


def mute(store: EdgeDoor | Unread, now: datetime) -> Mute | None:
    """Return the mute that holds now, if there is one.

    Raises
    ------
    DoorError, LookError
        When the store cannot be read.
    """
    return mute_in(_opened(store).get(MUTE_KEY), now)


def requests(client_for: ClientFor, subject: Subject, now: datetime) -> Requests:
    """Return what both load balancers counted in the last whole minutes that have been published.

    Raises
    ------
    DoorError
        When CloudWatch does not answer.
    """
    # A minute's metrics come after it has ended (Elastic Load Balancing User Guide,
    # load-balancer-cloudwatch-metrics).
    end = now.replace(second=0, microsecond=0) - timedelta(minutes=1)
    since = end - timedelta(minutes=MINUTES)
    counted = {
        side: sum(values)
        for region, here in by_region(subject.sides).items()
        for side, (_, values) in metric_data(
            client_for("cloudwatch", region),
            [metrics.requests().query(side) for side, metrics in here.items()],
            since,
            end,
        ).items()
    }
    return Requests(
        old=round(counted["old"]), new=round(counted["new"]), since=since, minutes=MINUTES
    )


def judged(client: Any, service: str, now: datetime) -> Judged | None:
    """Return the judge's latest verdict, if it gave one in the last quarter of an hour.

    Raises
    ------
    DoorError, LookError
        When CloudWatch does not answer, or the metric holds no verdict.
    """
    asked = {"verdict": "JudgeVerdict"} | {f"more_{name}": f"JudgeMore{name}" for name in CLASSES}
    queries = [own(name, service).query(id_) for id_, name in asked.items()]
    since = now.replace(second=0, microsecond=0) - timedelta(minutes=_LATEST_MINUTES)
    told = {
        id_: dict(zip(*series, strict=True))
        for id_, series in metric_data(client, queries, since, now).items()
    }
    verdicts = told["verdict"]
    if not verdicts:
        return None
    at = max(verdicts)
    value = verdicts[at]
    if value not in VERDICTS:
        raise LookError(f"JudgeVerdict is {value:g}, which is not a verdict")
    more = {name: points[at] for name in CLASSES if at in (points := told.get(f"more_{name}", {}))}
    return Judged(VERDICTS[value], at, more)


def metric_data(
    client: Any, queries: Sequence[MetricDataQueryTypeDef], since: datetime, until: datetime
) -> dict[str, tuple[list[datetime], list[float]]]:
    """Return the datapoints of each query by its id: times and values, in no order.

    Raises
    ------
    DoorError
        When CloudWatch does not answer.
    """
    answer = patiently(
        lambda: client.get_metric_data(MetricDataQueries=queries, StartTime=since, EndTime=until)
    )
    return {
        result["Id"]: (
            [at if at.tzinfo else at.replace(tzinfo=UTC) for at in result["Timestamps"]],
            result["Values"],
        )
        for result in answer["MetricDataResults"]
    }


def _doors(subject: Subject, seen: Mapping[str, Any]) -> tuple[Door, ...]:
    edge = _edge(seen["edge code"] if subject.router is not None else None, seen["edge switch"])
    if not subject.record_name:
        return (edge,)
    held = seen["records"]
    if isinstance(held, Unread):
        return (edge, Door("dns", {"the records": held}, seen["dns switch"]))
    weights: dict[str, float | Unread] | Unread = known(
        lambda: {
            f"the {kind} record": weight
            for kind, weight in weights_by_type(held, subject.record_name).items()
        }
    )
    unguarded = [
        f"{record['Type']} record"
        for record in held
        if record["SetIdentifier"] == "new"
        and isinstance(subject.switch_check_id, str)
        and record.get("HealthCheckId") != subject.switch_check_id
    ]
    return (
        edge,
        Door(
            "dns",
            {"the records": weights} if isinstance(weights, Unread) else weights,
            seen["dns switch"],
            tuple(unguarded),
        ),
    )


def _edge(code: str | Unread | None, switch: SwitchState | Unread) -> Door:
    if code is None:
        return Door("edge", {}, switch)
    holder = "the edge function"
    if isinstance(code, Unread):
        return Door("edge", {holder: code}, switch)
    return Door(
        "edge",
        {holder: known(lambda: weight_in_code(code))},
        switch,
        groups=known(lambda: groups_in_code(code)),
    )


def _store(client_for: ClientFor, arn: str) -> EdgeDoor:
    return EdgeDoor(client_for("cloudfront-keyvaluestore", EDGE_REGION), arn)


def _check(client_for: ClientFor, check_id: str) -> DnsDoor:
    return DnsDoor(client_for("route53", EDGE_REGION), check_id)


OpenDoor = TypeVar("OpenDoor", EdgeDoor, DnsDoor)


def _door(named: str | Unread | None, opens: Callable[[str], OpenDoor]) -> OpenDoor | Unread:
    if named is None:
        return Unread("the rollback function has no such door")
    return named if isinstance(named, Unread) else opens(named)


def _opened(door: OpenDoor | Unread) -> OpenDoor:
    if isinstance(door, Unread):
        raise LookError(door.why)
    return door


def _read(door: EdgeDoor | DnsDoor | Unread) -> Any:
    if isinstance(door, Unread):
        raise LookError(door.why)
    return door.read()
