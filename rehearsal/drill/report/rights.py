"""Which rights of the functions no drill ever used, and which of these are there all the same, and why."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any, Final

_PROVIDER: Final = "CDK's Provider framework grants it to its own functions."
_LOGS: Final = "Lambda writes the logs with it; this cloud keeps them without asking."

REASONS: Final[Mapping[str, str]] = {
    "*: logs:*": _LOGS,
    "*Provider*: lambda:*": _PROVIDER,
    "*: lambda:GetFunction on *": _PROVIDER,
    "*: lambda:InvokeFunction on *:[*]": _PROVIDER,
    "*: sqs:GetQueue* on *": "CDK grants it together with sqs:SendMessage.",
    "*Gate*: acm:DescribeCertificate on *": "It is used where a load balancer has an https listener.",
    "*Gate*: elasticloadbalancing:DescribeListenerCertificates on *": "It is used where a load balancer "
    "has an https listener.",
    "*Gate*: sns:Publish on *": "People are told of an override; an end-to-end test makes one.",
    "*ObserverRole*: cloudformation:DescribeStacks on *": "It asks when a door is not there, as on a first "
    "deploy.",
    "*PinRole*": "An end-to-end test draws a pin.",
    "*WidgetRole*": "An end-to-end test looks at the widget.",
}
"""By right, with wildcards."""


def never_used(results: Mapping[str, Any]) -> list[str]:
    """Return the rights that none of the drills used, without those that have a reason."""
    played = [set(d["unused_rights"]) for d in results["drills"] if "unused_rights" in d]
    common = set.intersection(*played) if played else set()
    return sorted(
        right for right in common if not any(fnmatch.fnmatchcase(right, of) for of in REASONS)
    )
