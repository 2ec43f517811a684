"""The functions that answer for the bake."""

from __future__ import annotations

from typing import Final

from aws_cdk import CfnElement, Duration, Stack, custom_resources
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct, IConstruct

from cutover.acknowledge import acknowledge
from cutover.declaration.hooks import Hook
from cutover.doors.switch import Switches
from cutover.functions import grants
from cutover.functions.function_log import log_of, role_that_logs
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names

_LOOK_EVERY: Final = Duration.seconds(5)
_LONGEST: Final = Duration.hours(1)
"""The longest that the Provider framework can; Bake gives up sooner."""
_TIMEOUT: Final = Duration.minutes(13)
"""The wait for the weight to be at every edge location, ten minutes, and one look at APIs that all hang."""
PROVIDER: Final = "bake-provider"
"""The role of the function that CloudFormation calls."""


class BakeFunction(Construct):
    """Defines the function that watches, and what calls it again and again for longer than one function
    may run: the CDK Provider framework, three functions and a state machine.

    Attributes
    ----------
    role : IRole
        The function's own, for what it may do with things that are made later.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        switches: Switches,
        announcements: sns.ITopic,
        chat: sns.ITopic | None,
        hook: Hook | None,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        function = PythonFunction(
            self,
            "Default",
            name=names.function("bake"),
            package="bake",
            shared=("alarms", "doors", "hooks", "promotion"),
            description=f"Watches a raised weight of {names.service}, or fails its deploy",
            grants=[
                grants.switches(switches),
                grants.told(SERVICE=names.service),
                grants.events(
                    *("Weight Shifted", "Bake Passed", "Bake Failed"),
                    *([] if hook is None else ["Hook Failed"]),
                ),
                *(
                    []
                    if hook is None
                    else [grants.hook(hook), grants.announcements(announcements), grants.chat(chat)]
                ),
                grants.alarms(history=True),
                grants.traffic_stack_state(names),
            ],
            layers=[layer],
            timeout=_TIMEOUT,
        )
        self.function, self.role = function.function, function.role
        self._acknowledge(self._provider(names))

    def _provider(self, names: Names) -> custom_resources.Provider:
        """Define what calls the function until it is done."""
        log_group = log_of(self, "ProviderLogs", f"/aws/lambda/{names.function(PROVIDER)}")

        def role(construct_id: str) -> iam.Role:
            description = "what the bake's Provider framework may do"
            return role_that_logs(self, construct_id, log_group, description=description)

        return custom_resources.Provider(
            self,
            "Provider",
            on_event_handler=self.function,
            is_complete_handler=self.function,
            provider_function_name=names.function(PROVIDER),
            query_interval=_LOOK_EVERY,
            total_timeout=_LONGEST,
            log_group=log_group,
            framework_on_event_role=role("OnEventRole"),
            framework_complete_and_timeout_role=role("IsCompleteRole"),
            disable_waiter_state_machine_logging=False,
            waiter_state_machine_log_options=custom_resources.LogOptions(
                # Step Functions may write to every group of this prefix already (Step Functions
                # Developer Guide, cw-logs).
                destination=log_of(
                    self, "WaiterLogs", f"/aws/vendedlogs/states/{names.function(PROVIDER)}"
                ),
                level=stepfunctions.LogLevel.ALL,
                # It holds the address at which CloudFormation takes answers.
                include_execution_data=False,
            ),
        )

    def _acknowledge(self, provider: custom_resources.Provider) -> None:
        """Say why what the Provider framework needs is no fault."""
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::*]": "Log delivery takes no resource (Step Functions "
                "Developer Guide, cw-logs)."
            },
        )
        invoked = [
            self.function,
            *(
                provider.node.find_child(f"framework-{role}")
                for role in ("isComplete", "onTimeout")
            ),
        ]
        acknowledge(
            self,
            {
                f"AwsSolutions-IAM5[Resource::<{_logical_id(function)}.Arn>:*]": "The Provider "
                "framework may call every version of exactly these functions."
                for function in invoked
            },
        )
        acknowledge(
            provider,
            {"AwsSolutions-SF2": "One task, called until it is done: its log tells all there is."},
        )


def _logical_id(function: IConstruct) -> str:
    resource = function.node.default_child
    assert isinstance(resource, CfnElement)
    return Stack.of(function).get_logical_id(resource)
