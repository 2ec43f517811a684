"""The function that releases what the gate reserved on new's load balancer."""

from __future__ import annotations

from typing import Final

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_sns as sns
from constructs import Construct

from cutover.declaration.service import Service
from cutover.functions import grants
from cutover.functions.each_minute import WITHIN_THE_MINUTE, call_each_minute, keeps_failing
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names

_ANSWERED_WITHIN: Final = Duration.seconds(110)
"""CloudFormation waits a little longer than the function runs, and not the hour that is usual."""


class CapacityFunction(Construct):
    """Defines the function, which looks each minute, and a custom resource: when it goes, with the stack or
    with the key, CloudFormation deletes it before the function and its rights, and it releases.

    Attributes
    ----------
    watches : list of Watch
        Over the function itself; for people.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        service: Service,
        announcements: sns.ITopic,
        chat: sns.ITopic | None,
    ) -> None:
        super().__init__(scope, construct_id)
        function = PythonFunction(
            self,
            "Default",
            name=names.function("capacity"),
            package="capacity",
            shared=("capacity", "doors", "promotion", "watch"),
            description=f"Releases what was reserved on the load balancer of new, for {names.service}",
            grants=[
                grants.told(
                    SERVICE=names.service,
                    DOORS=",".join(service.doors),
                    WATCH_HOURS=str(service.promotion.watch_hours),
                ),
                grants.capacity(names, service.new),
                grants.metrics(),
                grants.announcements(announcements),
                grants.chat(chat),
            ],
            timeout=WITHIN_THE_MINUTE,
        ).function
        call_each_minute(
            self,
            function,
            name=names.function("capacity"),
            description=f"Looks whether capacity of {names.service} can be released",
        )
        CustomResource(
            self,
            "Release",
            resource_type="Custom::CapacityRelease",
            service_token=function.function_arn,
            service_timeout=_ANSWERED_WITHIN,
        )
        self.watches = [
            keeps_failing(
                function,
                what="capacity-errors",
                means="What was reserved on the load balancer of new cannot be released, and is paid by the "
                "hour: the function's log and cutover status say why, and what to type.",
            )
        ]
