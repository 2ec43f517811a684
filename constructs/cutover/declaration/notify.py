"""Who is told: `notify`."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cutover.declaration.shown import shown
from cutover.regions import EDGE_REGION, OPT_IN_REGIONS

_SUBSCRIBERS: Final[dict[str, re.Pattern[str]]] = {
    "email": re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    "https": re.compile(r"https://[!-~]+"),
    "sms": re.compile(r"\+[1-9][0-9]{6,14}"),
    "sqs": re.compile(r"arn:aws:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+"),
    "lambda": re.compile(r"arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_:-]+"),
}
_LONGEST: Final = 500
_ID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_SLACK: Final = re.compile(r"slack:(?P<workspace>[0-9A-Z]{1,255})/(?P<channel>[A-Za-z0-9]{1,255})")
_TEAMS: Final = re.compile(
    rf"teams:(?P<tenant>{_ID})/(?P<team>{_ID})/"
    r"(?P<channel>19%3[aA][A-Za-z0-9_=+.%-]{1,200}%40thread\.[a-z0-9]{1,20})"
)
"""As AWS::Chatbot::SlackChannelConfiguration and MicrosoftTeamsChannelConfiguration take them (CloudFormation
Template Reference)."""


@dataclass(frozen=True)
class Slack:
    """A Slack channel."""

    workspace: str
    channel: str


@dataclass(frozen=True)
class Teams:
    """A channel of Microsoft Teams."""

    tenant: str
    team: str
    channel: str


def chat_of(subscriber: str) -> Slack | Teams | None:
    """Return the channel that `subscriber` names, or None where it is no chat's."""
    if found := _SLACK.fullmatch(subscriber):
        return Slack(**found.groupdict())
    if found := _TEAMS.fullmatch(subscriber):
        return Teams(**found.groupdict())
    return None


def protocol_of(subscriber: str) -> str:
    """Return the SNS protocol that reaches `subscriber`.

    Raises
    ------
    ValueError
        When it is neither an address, a URL, a number nor an ARN that SNS delivers to.
    """
    if len(subscriber) <= _LONGEST:
        for protocol, pattern in _SUBSCRIBERS.items():
            if pattern.fullmatch(subscriber):
                return protocol
    raise ValueError(f"cannot tell how to reach {shown(subscriber)!r}")


def check(subscriber: str) -> None:
    """Refuse a subscriber whom SNS would not reach.

    Raises
    ------
    ValueError
        When it is none, a FIFO queue (SNS Developer Guide, fifo-topic-message-delivery: a standard topic
        delivers to standard queues), a function in an opt-in region (SNS Developer Guide, lambda-prereq:
        there is no delivery to it from a region that is enabled by default), or a URL on a private network.
    """
    if chat_of(subscriber) is not None:
        return
    if subscriber.startswith(("slack:", "teams:")):
        raise ValueError(
            f"names {shown(subscriber)}, which is no channel: write slack:WORKSPACE/CHANNEL or "
            "teams:TENANT/TEAM/CHANNEL, with the ids that the console of Amazon Q Developer in chat "
            "applications shows"
        )
    protocol = protocol_of(subscriber)
    if protocol == "sqs" and subscriber.endswith(".fifo"):
        raise ValueError(
            f"names {shown(subscriber)}: a standard topic cannot deliver to a FIFO queue"
        )
    if protocol == "lambda" and (region := subscriber.split(":")[3]) in OPT_IN_REGIONS:
        raise ValueError(
            f"names {shown(subscriber)} in {region}, an opt-in region: from {EDGE_REGION}, where the "
            "announcements are, SNS delivers to no function there. Name one in a region that is enabled by "
            "default"
        )
    if protocol == "https" and _is_private(subscriber):
        raise ValueError(f"names {shown(subscriber)}, which SNS cannot reach from the internet")


def _is_private(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal"))
