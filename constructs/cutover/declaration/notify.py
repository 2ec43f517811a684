"""Who is told: `notify`."""

from __future__ import annotations

import re

_SUBSCRIBERS: dict[str, re.Pattern[str]] = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "https": re.compile(r"https://\S+"),
    "sms": re.compile(r"\+[1-9]\d{6,14}"),
    "sqs": re.compile(r"arn:aws:sqs:[a-z0-9-]+:\d{12}:\S+"),
    "lambda": re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:\S+"),
}


def protocol_of(subscriber: str) -> str:
    """Return the SNS protocol that reaches `subscriber`.

    Raises
    ------
    ValueError
        When it is neither an address, a URL, a number nor an ARN that SNS delivers to.
    """
    for protocol, pattern in _SUBSCRIBERS.items():
        if pattern.fullmatch(subscriber):
            return protocol
    raise ValueError(f"cannot tell how to reach {subscriber!r}")
