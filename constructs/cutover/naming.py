"""The physical names that stacks, functions and people share.

Names are fixed, not generated, where something outside the stack must know them: a person at 3 a.m.
types `S-rollback`, and a stack in another region can state an ARN without a cross-region export
(docs/decisions/002-fixed-names.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cutover.regions import EDGE_REGION

LINE: Final = "/cutover/line"
"""The parameter in us-east-1 by which a person stops every rise in the account; it belongs to no service and
to no stack."""


@dataclass(frozen=True)
class Names:
    """What the parts of one service's cutover are called."""

    service: str

    def stack(self, role: str) -> str:
        """Return the id of the stack `role`: safety, environment, traffic or observability."""
        return f"{self.service}-{role}"

    def environment(self, region: str, home: str) -> str:
        """Return the id of the stack with the alarms of `region`: only another than `home`, the service's own
        region, is in the name."""
        stack = self.stack("environment")
        return stack if region == home else f"{stack}-{region}"

    def stacks(self, regions: Sequence[str]) -> dict[str, str]:
        """Return the region of each stack by its id, in the order in which they are deployed; `regions` are
        the load balancers', the service's own first."""
        return {
            self.stack("safety"): EDGE_REGION,
            **{self.environment(region, regions[0]): region for region in regions},
            self.stack("traffic"): EDGE_REGION,
            self.stack("observability"): EDGE_REGION,
        }

    def alarm(self, what: str) -> str:
        """Return an alarm's name, like chatmrpt-new-5xx-rate."""
        return f"{self.service}-{what}"

    @property
    def router(self) -> str:
        """The CloudFront function that picks the side."""
        return f"{self.service}-router"

    @property
    def edge_log(self) -> str:
        """The configuration of the edge's real-time log."""
        return f"{self.service}-edge-log"

    @property
    def switch(self) -> str:
        """The KeyValueStore that holds the switch."""
        return f"{self.service}-switch"

    @property
    def origin_secret(self) -> str:
        """The secret that holds the header by which the load balancers know the edge.

        No secret's name may end in a hyphen and six characters: Secrets Manager ends an ARN so, and takes the
        name for a whole ARN (Secrets Manager API reference, CreateSecret Name).
        """
        return f"{self.service}/origin-header-value"

    @property
    def pin_secret(self) -> str:
        """The secret that signs testers' pins."""
        return f"{self.service}/pin-key"

    @property
    def alarms_topic(self) -> str:
        """The topic in us-east-1 whose alarms roll back."""
        return f"{self.service}-alarms"

    @property
    def environment_alarms_topic(self) -> str:
        """The topic in each region of the load balancers whose alarms roll back."""
        return f"{self.service}-environment-alarms"

    @property
    def announcements_topic(self) -> str:
        """The topic in us-east-1 that only people receive."""
        return f"{self.service}-announcements"

    @property
    def chat_topic(self) -> str:
        """The topic in us-east-1 that chats receive."""
        return f"{self.service}-chat"

    @property
    def dashboard(self) -> str:
        """The CloudWatch dashboard in us-east-1."""
        return f"{self.service}-cutover"

    @property
    def capacity(self) -> str:
        """The parameter in us-east-1 that says what the gate has reserved; no stack holds it."""
        return f"/cutover/{self.service}/capacity"

    def function(self, role: str) -> str:
        """Return the name of the Lambda function `role`, like chatmrpt-rollback."""
        return f"{self.service}-{role}"

    def all(self) -> list[tuple[str, str]]:
        """Return every fixed name that no other service may have, each with its kind."""
        stacks = ("safety", "environment", "traffic", "observability")
        functions = (
            *("bake", "bake-provider", "capacity", "fast-log", "gate", "judge"),
            *("observer", "pin", "rollback", "sentinel", "widget"),
        )
        topics = (
            *(self.alarms_topic, self.environment_alarms_topic, self.announcements_topic),
            *(self.chat_topic, self.alarm("old-alarms")),
        )
        return [
            *(("stack", self.stack(role)) for role in stacks),
            *(("function", self.function(role)) for role in functions),
            *(("topic", topic) for topic in topics),
            ("edge function", self.router),
            ("real-time log", self.edge_log),
            ("switch", self.switch),
        ]


def logical_id(*path: str) -> str:
    """Return the logical id that CDK gives what stands at `path` below its stack, like DnsOldA9B28702D: for
    whoever must name a resource without synthesising. A test holds it to the templates.

    `Default` does not count, and what stands directly below the stack keeps its own name (AWS CDK Developer
    Guide, identifiers).
    """
    counted = [part for part in path if part != "Default"]
    if len(counted) == 1:
        return counted[0]
    digest = hashlib.md5("/".join(counted).encode(), usedforsecurity=False).hexdigest()
    return "".join(counted) + digest[:8].upper()
