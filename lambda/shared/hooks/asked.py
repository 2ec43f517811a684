"""What a hook is asked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from shared.promotion.change import Change

VERSION: Final = 1
"""Of the question. A key that is added keeps it; one that goes, or means something else, makes it another."""

When = Literal["before", "after"]


@dataclass(frozen=True)
class Asked:
    """One question.

    Attributes
    ----------
    when : str
        before a rise is let through, or after a weight is in force.
    token : str
        A UUID: the same for each repetition of one call, another for each deploy.
    put_back : bool
        Whether CloudFormation is putting the weight back.
    answer_by : datetime
        When nobody waits any more, with its time zone.
    """

    when: When
    service: str
    token: str
    change: Change
    put_back: bool
    answer_by: datetime

    def payload(self) -> dict[str, Any]:
        """Return it as a function gets it."""
        return {
            "version": VERSION,
            "when": self.when,
            "service": self.service,
            "token": self.token,
            "weight": {"before": self.change.before, "after": self.change.after},
            "joins": list(self.change.joins),
            "rises": self.change.rises,
            "put_back": self.put_back,
            "answer_by": self.answer_by.isoformat(timespec="seconds"),
        }

    def parameters(self) -> dict[str, list[str]]:
        """Return it as an Automation document gets it: texts."""
        return {
            "When": [self.when],
            "Service": [self.service],
            "WeightBefore": [str(self.change.before)],
            "WeightAfter": [str(self.change.after)],
        }


def token_of(event: Mapping[str, Any], when: When) -> str:
    """Return the token of the deploy that sent a custom resource's `event`: CloudFormation's request has an
    id of its own (CloudFormation User Guide, crpg-ref-requests), and repeats it when it asks again."""
    request = "/".join(str(event.get(key, "")) for key in ("StackId", "RequestId"))
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{request}/{when}"))
