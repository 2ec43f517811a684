"""The function behind the dashboard's own widget: it shows the present status and changes nothing."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cutover.declaration.service import Service
from cutover.doors.switch import Switches
from cutover.functions import grants
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names

_TIMEOUT: Final = Duration.seconds(30)


class WidgetFunction(Construct):
    """Defines the function that CloudWatch calls to draw the widget, with the viewer's own rights.

    Its role may only read. The widget's buttons call the rollback function, again with the viewer's own
    rights: IAM decides who may press them, and this function holds no right to it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        service: Service,
        switches: Switches,
        rollback: lambda_.IFunction,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        granted = [
            grants.told(
                SERVICE=names.service,
                SERVICE_REGION=service.region,
                ROLLBACK_FUNCTION_ARN=rollback.function_arn,
                WATCHED_DOORS=",".join(service.doors),
                WATCH_HOURS=str(service.promotion.watch_hours),
            ),
            grants.both_sides(service),
            grants.switches(switches),
            grants.traffic_stack_template(names),
            grants.metrics(),
            grants.line(),
        ]
        if service.edge is not False:
            granted.append(grants.router(self, names))
        if service.dns is not None:
            granted.append(grants.records(service.dns))
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("widget"),
            package="widget",
            shared=("doors", "inference", "promotion", "status", "watch", "widget_form"),
            description=f"Shows the status of {names.service} on the dashboard",
            grants=granted,
            layers=[layer],
            timeout=_TIMEOUT,
        ).function
