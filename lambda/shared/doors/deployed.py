"""The weight of new that each door has by now, read where it is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.doors.weights import NoRecordsError, weight_in_code, weight_in_records

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_route53 import Route53Client


def edge_weight(client: CloudFrontClient, function_name: str) -> int:
    """Return the weight in percent that the live edge function holds.

    Raises
    ------
    ClientError, BotoCoreError
        When CloudFront does not tell.
    WeightError
        When the code states no weight.
    """
    code = client.get_function(Name=function_name, Stage="LIVE")["FunctionCode"].read()
    return weight_in_code(code.decode())


def dns_weight(client: Route53Client, hosted_zone_id: str, record_name: str) -> float:
    """Return the weight in percent that the records of `record_name` hold.

    Raises
    ------
    ClientError, BotoCoreError
        When Route 53 does not tell.
    WeightError
        When the weight cannot be told.
    """
    # The listing is sorted by name, so the name's own records come first.
    answer = client.list_resource_record_sets(
        HostedZoneId=hosted_zone_id, StartRecordName=record_name, MaxItems="10"
    )
    records = [dict(record) for record in answer["ResourceRecordSets"]]
    return weight_in_records(records, record_name)


def is_not_there(error: Exception) -> bool:
    """Return whether `error` says that the door itself is not there."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code") == "NoSuchFunctionExists"
    return isinstance(error, NoRecordsError)
