"""Whether the account has room for what a deploy adds.

What was not measured is said, and never taken for room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from botocore.exceptions import BotoCoreError

from cutover.quotas import CLOSE, QUOTAS, Quota, Template, counts
from cutover.regions import EDGE_REGION
from shared.doors.patience import DoorError, patiently
from shared.shown import shown
from shared.status.look import ClientFor, known
from shared.status.standing import Unread

_NEVER_RAISED: Final = "NoSuchResourceException"
"""No value was ever applied: the default holds (Service Quotas API reference, GetServiceQuota)."""
_MOST_PAGES: Final = 60


class Room(Enum):
    """How much of it is left."""

    ENOUGH = "enough"
    CLOSE = "close"
    UNKNOWN = "not measured"
    BEYOND = "beyond"
    TAKEN = "taken"


@dataclass(frozen=True)
class Found:
    """A sentence about one quota, and what it is."""

    room: Room
    says: str


@dataclass(frozen=True)
class Measured:
    """What an account may have, and has; why not, where it could not be read. `documented`: the limit is what
    every account has, and nobody could ask whether AWS raised it."""

    limit: int | None
    used: int | None
    why: str = ""
    documented: bool = False


def room_for(
    stacks: Iterable[tuple[str, Template, Template]], client_for: ClientFor
) -> list[Found]:
    """Return a sentence for each quota that the deploy counts towards, the gravest first.

    Parameters
    ----------
    stacks : iterable
        Region, deployed template and new template of each stack; an empty one where it is not deployed.
    client_for : callable
        A boto3 client by service and region.
    """
    found = []
    held = list(stacks)
    for quota in QUOTAS:
        for region, count in _adds(quota, held).items():
            if count > 0:
                found.append(judged(quota, region, count, _measured(quota, region, client_for)))
    order = [Room.BEYOND, Room.UNKNOWN, Room.CLOSE, Room.ENOUGH]
    return sorted(found, key=lambda one: order.index(one.room))


def judged(quota: Quota, region: str, adds: int, measured: Measured) -> Found:
    """Return what is to be said of `adds` more."""
    where = "" if quota.everywhere else f" in {region}"
    this = f"{quota.what}{where}: this deploy adds {adds}"
    if measured.limit is None or measured.used is None:
        known = "" if measured.used is None else f", {measured.used} are there"
        limit = (
            f"an account has {quota.default} unless AWS raised that"
            if measured.limit is None or measured.documented
            else f"the account has {measured.limit}"
        )
        return Found(
            Room.UNKNOWN,
            f"{this}{known}, {limit}. NOT MEASURED: {shown(measured.why).rstrip('.')}.",
        )
    after = measured.used + adds
    if measured.documented:
        told = f"{this} to {measured.used}, and every account has {measured.limit}"
        if after > measured.limit:
            return Found(
                Room.UNKNOWN,
                f"{told}. NOT MEASURED: whether AWS raised that; no document gives a code by which Service "
                "Quotas would tell. Look in its console.",
            )
    else:
        told = f"{this} to {measured.used}, and the account has {measured.limit}"
    if after > measured.limit:
        return Found(
            Room.BEYOND,
            f"{told}: {after - measured.limit} too many. Ask AWS for more before you deploy (Service Quotas, "
            "or a support case), or take away what is not needed any more.",
        )
    close = after >= CLOSE * measured.limit
    return Found(
        Room.CLOSE if close else Room.ENOUGH, f"{told}: {measured.limit - after} are left."
    )


def _adds(quota: Quota, stacks: Iterable[tuple[str, Template, Template]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for region, old, new in stacks:
        place = "" if quota.everywhere else region
        more = counts(new)[quota.type] - counts(old)[quota.type]
        found[place] = found.get(place, 0) + more
    return found


def quota_limit(service: str, code: str, region: str, client_for: ClientFor) -> int | Unread:
    """Return what the account may have in `region` of the quota `code` of Service Quotas."""
    asked = {"ServiceCode": service, "QuotaCode": code}
    return known(lambda: _value(asked, client_for("service-quotas", region)))


def _measured(quota: Quota, region: str, client_for: ClientFor) -> Measured:
    at = region or EDGE_REGION
    by_itself = _BY_ITSELF.get(quota.type)
    if by_itself is not None:
        return _known(lambda: by_itself(client_for, at))
    counted = _known(lambda: Measured(None, _COUNT[quota.type](client_for, at)))
    if not quota.code:
        return Measured(quota.default, counted.used, counted.why, documented=True)
    limit = _known(lambda: Measured(_limit(quota, client_for, at), None))
    return Measured(limit.limit, counted.used, limit.why or counted.why)


def _known(measure: Callable[[], Measured]) -> Measured:
    try:
        return measure()
    except (DoorError, BotoCoreError) as error:
        return Measured(None, None, str(error))


def _limit(quota: Quota, client_for: ClientFor, region: str) -> int:
    asked = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    return _value(asked, client_for("service-quotas", region))


def _value(asked: Mapping[str, str], client: Any) -> int:
    try:
        answer = patiently(lambda: client.get_service_quota(**asked))
    except DoorError as error:
        if error.code != _NEVER_RAISED:
            raise
        answer = patiently(lambda: client.get_aws_default_service_quota(**asked))
    return int(answer["Quota"]["Value"])


def _health_checks(client_for: ClientFor, region: str) -> Measured:
    client = client_for("route53", region)
    answer = patiently(lambda: client.get_account_limit(Type="MAX_HEALTH_CHECKS_BY_OWNER"))
    return Measured(int(answer["Limit"]["Value"]), int(answer["Count"]))


def _roles(client_for: ClientFor, region: str) -> Measured:
    client = client_for("iam", region)
    told: Mapping[str, int] = patiently(client.get_account_summary)["SummaryMap"]
    return Measured(told["RolesQuota"], told["Roles"])


def _executions(client_for: ClientFor, region: str) -> Measured:
    # What others run is not known; what they reserved is off already.
    client = client_for("lambda", region)
    told = patiently(client.get_account_settings)["AccountLimit"]
    return Measured(int(told["UnreservedConcurrentExecutions"]), 0)


def _cloudfront(operation: str, listed: str, **asked: str) -> Callable[[ClientFor, str], int]:
    def count(client_for: ClientFor, region: str) -> int:
        client = client_for("cloudfront", region)
        total, marker = 0, ""
        for _ in range(_MOST_PAGES):
            page = {**asked, **({"Marker": marker} if marker else {})}
            answer = patiently(lambda page=page: getattr(client, operation)(**page))[listed]  # type: ignore[misc]
            total += len(answer.get("Items", ()))
            marker = answer.get("NextMarker", "")
            if not marker:
                return total
        raise DoorError(f"{operation} has more than {_MOST_PAGES} pages")

    return count


def _rules(client_for: ClientFor, region: str) -> int:
    client = client_for("events", region)
    total = 0
    page: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        answer: Any = patiently(lambda page=page: client.list_rules(Limit=100, **page))  # type: ignore[misc]
        total += len(answer["Rules"])
        if not answer.get("NextToken"):
            return total
        page = {"NextToken": answer["NextToken"]}
    raise DoorError(f"list_rules has more than {_MOST_PAGES} pages")


_BY_ITSELF: Final[Mapping[str, Callable[[ClientFor, str], Measured]]] = {
    "AWS::Route53::HealthCheck": _health_checks,
    "AWS::IAM::Role": _roles,
    "AWS::Lambda::Function": _executions,
}
"""Services that tell limit and use in one answer (Route 53 API reference, GetAccountLimit; IAM API reference,
GetAccountSummary; Lambda API reference, GetAccountSettings)."""

_COUNT: Final[Mapping[str, Callable[[ClientFor, str], int]]] = {
    # Each function is in this stage once, published or not.
    "AWS::CloudFront::Function": _cloudfront("list_functions", "FunctionList", Stage="DEVELOPMENT"),
    "AWS::CloudFront::CachePolicy": _cloudfront(
        "list_cache_policies", "CachePolicyList", Type="custom"
    ),
    "AWS::CloudFront::KeyValueStore": _cloudfront("list_key_value_stores", "KeyValueStoreList"),
    "AWS::CloudFront::Distribution": _cloudfront("list_distributions", "DistributionList"),
    "AWS::Events::Rule": _rules,
}
