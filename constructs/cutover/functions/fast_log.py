"""The function that counts the edge's real-time log by side, and how it is called."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.declaration.doors import Edge
from cutover.declaration.service import Service
from cutover.doors.edge_log import FIELDS, EdgeLog
from cutover.functions import grants
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names

BATCH_RECORDS: Final = 1000
BATCH_SECONDS: Final = 2
GIVEN_UP_AFTER_SECONDS: Final = 60
"""So old, a record is of no use: no alarm looks at its ten seconds any more."""
_RETRIES: Final = 2
_TIMEOUT: Final = Duration.seconds(15)
_DISCARDED_KEPT: Final = Duration.days(14)


class FastLogFunction(Construct):
    """Defines the function, what hands it the stream's records, and where is told what it gave up.

    A batch that fails is halved and tried again, and never holds up the shard for longer than a minute
    (Lambda Developer Guide, services-kinesis-parameters and kinesis-on-failure-destination).

    Attributes
    ----------
    function : lambda_.Function
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        service: Service,
        edge: Edge,
        log: EdgeLog,
    ) -> None:
        super().__init__(scope, construct_id)
        discarded = sqs.Queue(
            self,
            "Discarded",
            enforce_ssl=True,
            retention_period=_DISCARDED_KEPT,
        )
        acknowledge(
            discarded,
            {"AwsSolutions-SQS3": "It is where Lambda tells of batches that it gave up."},
        )
        known = {
            "SERVICE": names.service,
            "LOG_FIELDS": ",".join(FIELDS),
            "OLD_ORIGIN": service.old.reached_at,
            "NEW_ORIGIN": service.new.reached_at,
            "SLOW_MS": str(service.thresholds.fast_slow_ms),
        }
        if edge.static_paths:
            known["STATIC_PATHS"] = ",".join(edge.static_paths)
        if service.promotion.groups:
            known["WITH_GROUPS"] = "true"
        made = PythonFunction(
            self,
            "Default",
            name=names.function("fast-log"),
            package="fast_log",
            description=f"Counts the edge's real-time log of {names.service} by side",
            grants=[
                grants.told(**known),
                grants.stream(log.stream.attr_arn, log.key.key_arn),
                grants.discards_to(discarded.queue_arn),
                grants.own_metrics(),
            ],
            timeout=_TIMEOUT,
        )
        self.function = made.function
        mapping = lambda_.CfnEventSourceMapping(
            self,
            "Reads",
            function_name=self.function.function_name,
            event_source_arn=log.stream.attr_arn,
            starting_position="LATEST",
            batch_size=BATCH_RECORDS,
            maximum_batching_window_in_seconds=BATCH_SECONDS,
            maximum_record_age_in_seconds=GIVEN_UP_AFTER_SECONDS,
            maximum_retry_attempts=_RETRIES,
            bisect_batch_on_function_error=True,
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(
                    destination=discarded.queue_arn
                )
            ),
        )
        # Lambda tries the role's rights when the mapping is made.
        mapping.node.add_dependency(made.role)
