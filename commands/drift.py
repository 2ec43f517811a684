"""CloudFormation's own drift detection, as a witness beside the three-way check.

`AWS::Route53::RecordSet` has a read handler in the registry's schemas since August 2026 (cfn-lint 1.56.0).
Whether an account offers it is asked each time, because nobody has been seen using it. Without it nothing is
missing: `cutover status` reads the records themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.doors.patience import DoorError, patiently
from shared.shown import shown
from shared.status.finding import Finding, Kind
from shared.status.standing import Standing, Unread

RECORD: Final = "AWS::Route53::RecordSet"
_READABLE: Final = "FULLY_MUTABLE"
"""A NON_PROVISIONABLE type has no read handler (CloudFormation API reference, DescribeType)."""
_UNKNOWN_ACTION: Final = "InvalidAction"
"""What a CloudFormation answers that does not know a call (CloudFormation API reference, CommonErrors)."""
_DRIFTED: Final = ("MODIFIED", "DELETED")


def drift(client: Any, stack: str, standing: Standing) -> list[Finding]:
    """Return what CloudFormation says of the weighted records of `stack` that are not as its template says.

    It is one DescribeType, one ListStackResources and one DetectStackResourceDrift a record, all free of
    charge; the last waits for its result (CloudFormation API reference). While a deploy is under way nobody
    is asked. What it does not offer, or refuses, is a note: it is a witness, and no judge.
    """
    if isinstance(standing.deployed, Unread) or standing.deployed.moving:
        return []
    try:
        offered = patiently(
            lambda: client.describe_type(Type="RESOURCE", TypeName=RECORD),
            plainly={
                _UNKNOWN_ACTION: "this CloudFormation has none, as the embedded cloud has none"
            },
        )
        if offered.get("ProvisioningType") != _READABLE:
            return [_not_asked(f"this account's registry has no read handler for {RECORD}")]
        said = [
            _detected(client, stack, logical_id) for logical_id in list(_records(client, stack))
        ]
    except DoorError as error:
        return [_not_asked(f"{error}".rstrip("."))]
    found = [finding for resource in said for finding in _findings(resource)]
    alike = sum(resource.get("StackResourceDriftStatus") == "IN_SYNC" for resource in said)
    if alike:
        found.append(
            Finding(
                Kind.NOTE,
                f"CloudFormation's own drift detection finds {alike} of {len(said)} "
                "records as its template says.",
            )
        )
    return found


def _records(client: Any, stack: str) -> Iterator[str]:
    asked: dict[str, str] = {"StackName": stack}
    while True:
        page = patiently(lambda: client.list_stack_resources(**asked))
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceType"] == RECORD:
                yield resource["LogicalResourceId"]
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def _detected(client: Any, stack: str, logical_id: str) -> Mapping[str, Any]:
    answer = patiently(
        lambda: client.detect_stack_resource_drift(StackName=stack, LogicalResourceId=logical_id)
    )
    drifted: Mapping[str, Any] = answer["StackResourceDrift"]
    return drifted


def _findings(resource: Mapping[str, Any]) -> Iterator[Finding]:
    status, logical_id = (
        resource.get("StackResourceDriftStatus"),
        resource.get("LogicalResourceId", ""),
    )
    if status == "IN_SYNC":
        return
    if status not in _DRIFTED:
        why = shown(resource.get("DriftStatusReason") or f"{status}")
        yield Finding(
            Kind.NOTE,
            f"CloudFormation could not tell whether the record {logical_id} drifted: {why}.",
        )
        return
    differences = "; ".join(
        f"{shown(each['PropertyPath'])} is {shown(each['ActualValue'])}, and the template says "
        f"{shown(each['ExpectedValue'])}"
        for each in resource.get("PropertyDifferences", ())
    )
    what = (
        "is gone"
        if status == "DELETED"
        else f"was changed: {differences or 'it does not say what'}"
    )
    yield Finding(
        Kind.DISAGREES,
        f"CloudFormation's own drift detection says that the record {logical_id} {what}. It was "
        "changed outside CloudFormation: set it back by hand, or deploy another weight and then this one.",
    )


def _not_asked(why: str) -> Finding:
    return Finding(
        Kind.NOTE,
        f"CloudFormation's own drift detection was not asked: {why}. The records themselves were read.",
    )
