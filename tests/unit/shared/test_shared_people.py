"""People are told by every way there is: one that fails takes no other with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared import people

ANNOUNCEMENTS, CHATS = "arn:aws:sns:us-east-1:1:announcements", "arn:aws:sns:us-east-1:1:chats"


@dataclass
class Sns:
    """Takes messages to every topic but those in `refuses`."""

    refuses: tuple[str, ...] = ()
    sent: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, service: str, region: str | None = None) -> Sns:
        assert (service, region) == ("sns", None)
        return self

    def publish(self, **message: Any) -> None:
        if message["TopicArn"] in self.refuses:
            raise ClientError({"Error": {"Code": "InternalError"}}, "Publish")
        self.sent.append(message)


@dataclass(frozen=True)
class Topics:
    service: str = "chatmrpt"
    announcements_topic_arn: str = ANNOUNCEMENTS
    chat_topic_arn: str = CHATS


def told(sns: Sns, topics: Topics | None = None, says: str = "chatmrpt: it is so") -> list[str]:
    assert people.tell(sns, topics or Topics(), says, "all of it", "Kind") == (
        ANNOUNCEMENTS not in sns.refuses
    )
    return [message["TopicArn"] for message in sns.sent]


def test_subscribers_and_chats_are_told() -> None:
    sns = Sns()
    assert told(sns) == [ANNOUNCEMENTS, CHATS]
    assert sns.sent[0]["Message"] == "all of it"
    assert '"title": "chatmrpt: it is so"' in sns.sent[1]["Message"]


def test_where_no_chat_is_declared_none_is_told() -> None:
    assert told(Sns(), Topics(chat_topic_arn="")) == [ANNOUNCEMENTS]


@pytest.mark.parametrize("refuses", [ANNOUNCEMENTS, CHATS])
def test_one_way_that_fails_takes_no_other_with_it(
    refuses: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert told(Sns((refuses,))) == [{ANNOUNCEMENTS: CHATS, CHATS: ANNOUNCEMENTS}[refuses]]
    assert {ANNOUNCEMENTS: "nobody", CHATS: "the chats"}[refuses] in caplog.text


def test_a_subject_is_cut_to_what_sns_takes() -> None:
    sns = Sns()
    told(sns, says="x" * 120)
    assert sns.sent[0]["Subject"] == "x" * 99
