"""What is left in the account once the stacks are gone: what they kept, and what AWS's services made beside
them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from commands.dismantling.order import in_order
from commands.records.record_set import LEADING
from commands.records.watched_exchange import World
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.capacity import ours as held
from shared.capacity.settings import Place
from shared.doors.patience import DoorError, patiently
from shared.status.standing import Unread

_SKIPPED: Final = "DELETE_SKIPPED"


@dataclass(frozen=True)
class Left:
    """One thing that is left.

    Attributes
    ----------
    what, name : str
    then : str
        What becomes of it: how to delete it, or when it goes by itself.
    """

    what: str
    name: str
    then: str


@dataclass
class Inventory:
    """What was found, in the order in which it can be deleted, and what could not be read."""

    left: list[Left] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Kind:
    """How a kept resource is called, found and deleted."""

    what: str
    service: str
    read: Callable[[Any, str], Any]
    then: str


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


_KINDS: Final[Mapping[str, _Kind]] = {
    # In the order in which nothing that is left refers to what is gone.
    "AWS::Route53::RecordSet": _Kind(
        "record",
        "route53",
        lambda *_: None,
        "it answers for the name: never delete it while somebody asks",
    ),
    "AWS::CloudFront::Distribution": _Kind(
        "distribution",
        "cloudfront",
        lambda client, name: client.get_distribution(Id=name),
        "it serves whoever its names lead to it. When nobody comes: take its aliases out, disable it, wait "
        "until it is deployed, delete it",
    ),
    "AWS::CloudFront::Function": _Kind(
        "edge function",
        "cloudfront",
        lambda client, name: client.describe_function(Name=_last(name), Stage="LIVE"),
        "after the distribution: aws cloudfront delete-function --name {name} --if-match ETAG",
    ),
    "AWS::CloudFront::KeyValueStore": _Kind(
        "switch",
        "cloudfront",
        lambda client, name: client.describe_key_value_store(Name=_last(name)),
        "after the function: aws cloudfront delete-key-value-store --name {name} --if-match ETAG",
    ),
    "AWS::CloudFront::CachePolicy": _Kind(
        "cache policy",
        "cloudfront",
        lambda client, name: client.get_cache_policy(Id=name),
        "after the distribution: aws cloudfront delete-cache-policy --id {name} --if-match ETAG",
    ),
    "AWS::CloudFront::RealtimeLogConfig": _Kind(
        "real-time log",
        "cloudfront",
        lambda client, name: client.get_realtime_log_config(ARN=name),
        "after the distribution: aws cloudfront delete-realtime-log-config --arn {name}",
    ),
    "AWS::Kinesis::Stream": _Kind(
        "stream of the real-time log, which costs money by the hour",
        "kinesis",
        lambda client, name: client.describe_stream_summary(StreamName=name),
        "after the real-time log: aws kinesis delete-stream --region us-east-1 --stream-name {name}",
    ),
    "AWS::IAM::Role": _Kind(
        "role of the real-time log",
        "iam",
        lambda client, name: client.get_role(RoleName=name),
        "after the real-time log: aws iam delete-role --role-name {name}",
    ),
    "AWS::KMS::Key": _Kind(
        "key of the stream",
        "kms",
        lambda client, name: client.describe_key(KeyId=name)["KeyMetadata"]["KeyState"],
        "after the stream: aws kms schedule-key-deletion --region us-east-1 --key-id {name}",
    ),
    "AWS::Route53::HealthCheck": _Kind(
        "health check",
        "route53",
        lambda client, name: client.get_health_check(HealthCheckId=name),
        "after the weighted records: aws route53 delete-health-check --health-check-id {name}",
    ),
    "AWS::S3::Bucket": _Kind(
        "bucket",
        "s3",
        lambda client, name: client.head_bucket(Bucket=name),
        "evidence or access logs: keep it as long as people may ask. CloudFront may write to it a while yet",
    ),
}
_OTHER: Final = "it was kept on purpose: look at it before you delete it"
_NOT_THERE: Final = ("NoSuch", "NotFound", "404", "EntityNotFound")
_GOES: Final = "PendingDeletion"


def left_behind(world: World, cutover: Cutover) -> Inventory:
    """Return what is left of `cutover`, as far as the account can be read."""
    found = Inventory()
    _extend(found, lambda: _records(world, cutover))
    kept = dict.fromkeys(_kept(world, cutover, found))
    order = list(_KINDS)
    for kind, name in sorted(
        kept, key=lambda one: order.index(one[0]) if one[0] in _KINDS else len(order)
    ):
        _add(found, world, kind, name)
    if cutover.service.promotion.capacity is not None:
        _extend(found, lambda: _reservation(world, cutover))
    _extend(found, lambda: _log_groups(world, cutover))
    _extend(found, lambda: _secrets(world, cutover))
    return found


def _extend(found: Inventory, read: Callable[[], list[Left]]) -> None:
    try:
        found.left += read()
    except DoorError as error:
        found.unread.append(str(error))


def _kept(world: World, cutover: Cutover, found: Inventory) -> Iterator[tuple[str, str]]:
    """Yield type and physical id of each resource that a deleted stack of this cutover kept.

    CloudFormation tells of a deleted stack for 90 days, by its id (CloudFormation API reference,
    DescribeStackEvents).
    """
    for name, region in in_order(cutover):
        client = world.client_for("cloudformation", region)
        try:
            for stack_id in _deleted(world, client, name):
                for event in _pages(
                    world, client.describe_stack_events, "StackEvents", StackName=stack_id
                ):
                    if event["ResourceStatus"] == _SKIPPED and event.get("PhysicalResourceId"):
                        yield event["ResourceType"], event["PhysicalResourceId"]
        except DoorError as error:
            found.unread.append(f"what {name} kept: {Unread(str(error)).why}")


def _deleted(world: World, client: Any, name: str) -> list[str]:
    stacks = _pages(
        world, client.list_stacks, "StackSummaries", StackStatusFilter=["DELETE_COMPLETE"]
    )
    return [stack["StackId"] for stack in stacks if stack["StackName"] == name]


def _pages(world: World, call: Callable[..., Any], key: str, **asked: Any) -> list[Any]:
    found: list[Any] = []
    page: dict[str, str] = {}
    while True:
        answer = patiently(partial(call, **asked, **page), sleep=world.sleep)
        found += answer[key]
        token = answer.get("NextToken") or answer.get("nextToken")
        if not token:
            return found
        page = {"nextToken" if "nextToken" in answer else "NextToken": token}


def _add(found: Inventory, world: World, kind: str, name: str) -> None:
    known = _KINDS.get(kind)
    if known is None:
        found.left.append(Left(kind, name, _OTHER))
        return
    if kind == "AWS::Route53::RecordSet":
        return  # the zone itself says which are there
    client = world.client_for(known.service, EDGE_REGION)
    try:
        state = patiently(partial(known.read, client, name), sleep=world.sleep)
    except DoorError as error:
        if not any(code in error.code for code in _NOT_THERE):
            found.unread.append(f"{known.what} {name}: {Unread(str(error)).why}")
        return
    if state != _GOES:
        found.left.append(Left(known.what, name, known.then.format(name=_last(name))))


def _records(world: World, cutover: Cutover) -> list[Left]:
    dns = cutover.service.dns
    if dns is None:
        return []
    records = world.zone(dns.hosted_zone_id).records(dns.record_name)
    kind = _KINDS["AWS::Route53::RecordSet"]
    return [
        Left(
            kind.what,
            f"{dns.record_name} {record['Type']}"
            + (f" {record['SetIdentifier']}, weighted" if "Weight" in record else ""),
            kind.then,
        )
        for record in records
        if record["Type"] in LEADING
    ]


def _reservation(world: World, cutover: Cutover) -> list[Left]:
    """Return what the gate reserved and nobody released."""
    parameter = Names(cutover.name).capacity
    ours = held.read(world.client_for("ssm", EDGE_REGION), parameter)
    if ours is None:
        return []
    place = Place(ours.load_balancer.split(":")[3], ours.load_balancer, parameter)
    what = "reservation of load balancer capacity, which costs money by the hour"
    return [Left(what, f"{ours.asked[-1]} LCU on {ours.load_balancer}", place.by_hand)]


def _log_groups(world: World, cutover: Cutover) -> list[Left]:
    """Return log groups that services made by themselves: CloudFront for the edge function (CloudFront
    Developer Guide, edge-functions-logs), Lambda for a function that ran after its group was deleted."""
    names = Names(cutover.name)
    functions = {f"/aws/lambda/{name}" for kind, name in names.all() if kind == "function"}
    edge = {f"/aws/cloudfront/function/{names.router}"}
    places = [
        (EDGE_REGION, "/aws/cloudfront/function/", edge),
        (EDGE_REGION, "/aws/lambda/", functions),
    ]
    places += [
        (region, "/aws/lambda/", functions)
        for region in cutover.service.regions
        if region != EDGE_REGION
    ]
    return [
        Left(
            f"log group in {region}",
            group["logGroupName"],
            f"aws logs delete-log-group --region {region} --log-group-name {group['logGroupName']}",
        )
        for region, prefix, wanted in places
        for group in _pages(
            world,
            world.client_for("logs", region).describe_log_groups,
            "logGroups",
            logGroupNamePrefix=f"{prefix}{cutover.name}-",
        )
        if group["logGroupName"] in wanted
    ]


def _secrets(world: World, cutover: Cutover) -> list[Left]:
    names = Names(cutover.name)
    listed = _pages(
        world,
        world.client_for("secretsmanager", EDGE_REGION).list_secrets,
        "SecretList",
        IncludePlannedDeletion=True,
        Filters=[{"Key": "name", "Values": [f"{cutover.name}/"]}],
    )
    return [
        Left(
            "secret",
            secret["Name"],
            "nobody uses it any more: aws secretsmanager delete-secret --region us-east-1 --secret-id "
            f"{secret['Name']}"
            if secret.get("DeletedDate") is None
            else "it is in its recovery window, 7 to 30 days: until then its name is taken",
        )
        for secret in listed
        if secret["Name"] in {names.origin_secret, names.pin_secret}
    ]
