"""Slack and Teams, through Amazon Q Developer in chat applications (AWS::Chatbot in CloudFormation)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from cutover.alarms.topic import Topic
from cutover.declaration.notify import Slack, Teams
from cutover.naming import Names
from cutover.regions import EDGE_REGION

_CHAT: Final = iam.ServicePrincipal("chatbot.amazonaws.com")
LONGEST_COMMAND: Final = 100
"""Characters of a custom action's command (Amazon Q Developer in chat applications API reference,
CustomActionDefinition): no payload fits in, so the alias roll_back takes none."""


class Chat(Construct):
    """Defines the topic of the chats, and each channel with what it may do: roll back, and nothing else.

    Without guardrails a channel has AdministratorAccess for one (CloudFormation Template Reference,
    AWS::Chatbot::SlackChannelConfiguration): here role and guardrail are one action on one alias.

    Attributes
    ----------
    topic : sns.Topic
        Takes custom notifications only: a chat shows no plain text.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        channels: Sequence[Slack | Teams],
    ) -> None:
        super().__init__(scope, construct_id)
        self._names = names
        self._channels = channels
        self.topic = Topic(self, "Topic", name=names.chat_topic, people=()).topic

    def with_button(self, *, rollback: lambda_.IFunction, alarms: sns.ITopic) -> None:
        """Define the channels, which hear what is announced and `alarms`, and the button that rolls back."""
        names = self._names
        roll_back = iam.PolicyStatement(
            actions=["lambda:InvokeFunction"], resources=[f"{rollback.function_arn}:roll_back"]
        )
        guardrail = iam.ManagedPolicy(
            self,
            "Guardrail",
            description=f"the most that chats may do with {names.service}: roll back",
            statements=[roll_back],
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=_CHAT,
            description=f"what the chats of {names.service} may do",
            managed_policies=[guardrail],
        )
        button = chatbot.CfnCustomAction(
            self,
            "RollBackNow",
            action_name=f"{names.service}-roll-back",
            definition=chatbot.CfnCustomAction.CustomActionDefinitionProperty(
                command_text=roll_back_command(names)
            ),
            attachments=[
                chatbot.CfnCustomAction.CustomActionAttachmentProperty(
                    notification_type="CloudWatch", button_text="Roll back now"
                )
            ],
        )
        for number, channel in enumerate(self._channels, start=1):
            self._channel(number, channel, role, guardrail, button, alarms)

    def _channel(
        self,
        number: int,
        channel: Slack | Teams,
        role: iam.Role,
        guardrail: iam.ManagedPolicy,
        button: chatbot.CfnCustomAction,
        alarms: sns.ITopic,
    ) -> None:
        if isinstance(channel, Slack):
            chatbot.CfnSlackChannelConfiguration(
                self,
                f"Slack{number}",
                configuration_name=f"{self._names.service}-{number}",
                slack_workspace_id=channel.workspace,
                slack_channel_id=channel.channel,
                iam_role_arn=role.role_arn,
                guardrail_policies=[guardrail.managed_policy_arn],
                customization_resource_arns=[button.attr_custom_action_arn],
                sns_topic_arns=[self.topic.topic_arn, alarms.topic_arn],
                logging_level="ERROR",
            )
            return
        chatbot.CfnMicrosoftTeamsChannelConfiguration(
            self,
            f"Teams{number}",
            configuration_name=f"{self._names.service}-{number}",
            team_id=channel.team,
            teams_tenant_id=channel.tenant,
            teams_channel_id=channel.channel,
            iam_role_arn=role.role_arn,
            guardrail_policies=[guardrail.managed_policy_arn],
            customization_resource_arns=[button.attr_custom_action_arn],
            sns_topic_arns=[self.topic.topic_arn, alarms.topic_arn],
            logging_level="ERROR",
        )


def roll_back_command(names: Names) -> str:
    """Return what the button runs, in the words of the AWS CLI."""
    function = f"{names.function('rollback')}:roll_back"
    return f"lambda invoke --function-name {function} --region {EDGE_REGION}"
