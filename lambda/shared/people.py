"""Tells people: whoever subscribes to the announcements, and the chats."""

from __future__ import annotations

import logging
from typing import Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from shared import chat
from shared.aws import Clients

_SUBJECT: Final = 99
"""A subject has less than 100 characters (SNS API reference, Publish)."""

logger = logging.getLogger("people")


class Topics(Protocol):
    """Where people of a service are told; without chats `chat_topic_arn` is empty."""

    @property
    def service(self) -> str: ...
    @property
    def announcements_topic_arn(self) -> str: ...
    @property
    def chat_topic_arn(self) -> str: ...


def tell(client_for: Clients, topics: Topics, says: str, text: str, about: str) -> bool:
    """Tell everybody, and return whether those who subscribe were told; a failure is logged as an error.

    Parameters
    ----------
    says, text : str
        The subject, of which 99 characters are shown, and the whole.
    about : str
        What kind of message it is, for the chats.
    """
    was_told = announce(client_for, topics, says, text)
    if topics.chat_topic_arn:
        message = chat.notification(topics.service, says, text, about)
        try:
            client_for("sns").publish(TopicArn=topics.chat_topic_arn, Message=message)
        except (ClientError, BotoCoreError):
            logger.exception("the chats could not be told")
    return was_told


def announce(client_for: Clients, topics: Topics, says: str, text: str) -> bool:
    """Tell those who subscribe, and return whether they were told; a failure is logged as an error."""
    try:
        client_for("sns").publish(
            TopicArn=topics.announcements_topic_arn, Subject=says[:_SUBJECT], Message=text
        )
    except (ClientError, BotoCoreError):
        logger.exception("nobody could be told")
        return False
    return True
