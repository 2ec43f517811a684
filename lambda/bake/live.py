"""When the raised weight is at every edge location: publishing a function is not its being live.

"When you publish a function, all cache behaviors that are associated with the function automatically start
using the newly published copy, as soon as the distributions finish deploying" (CloudFront Developer Guide,
publish-function). Deployed means "fully propagated to all CloudFront edge locations" (CloudFront API
reference, Distribution).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

LOOK_EVERY_SECONDS: Final = 5
LOOKS: Final = 2
"""How often in a row it must say Deployed: how soon after a publication it says InProgress is not
documented."""
UNREADABLE_SECONDS: Final = 60
"""After this time a distribution that never could be read is done without: a right takes seconds to hold."""
DEPLOYED: Final = "Deployed"

logger: Final = logging.getLogger("bake")


def status_of(cloudfront: Any, distribution_id: str) -> str:
    """Return what the distribution says of itself, like Deployed or InProgress, or nothing where it cannot
    be read."""
    try:
        distribution = cloudfront.get_distribution(Id=distribution_id)["Distribution"]
    except (ClientError, BotoCoreError):
        logger.exception("the distribution cannot be read")
        return ""
    return str(distribution["Status"])


def wait_until_live(
    status: Callable[[], str],
    is_over: Callable[[], bool],
    at_most: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Wait until the distribution's `status` is Deployed, for `at_most` seconds, or until `is_over`: nothing
    depends on the rest of the wait. Return how it ended, as a sentence without its full stop."""
    began, in_a_row, was_read = clock(), 0, False
    while True:
        said = status()
        was_read = was_read or bool(said)
        in_a_row = in_a_row + 1 if said == DEPLOYED else 0
        waited = clock() - began
        limit = at_most if was_read else min(at_most, UNREADABLE_SECONDS)
        if in_a_row >= LOOKS or is_over() or waited + LOOK_EVERY_SECONDS > limit:
            return _told(said, waited)
        sleep(LOOK_EVERY_SECONDS)


def _told(said: str, waited: float) -> str:
    if said == DEPLOYED:
        return f"the distribution was Deployed after {waited:.0f} s"
    if said:
        return (
            f"the distribution still said {said} after {waited:.0f} s, so some viewers may not have met "
            "the weight by then"
        )
    return (
        f"the distribution could not be read for {waited:.0f} s, so it is not known when all viewers met "
        "the weight"
    )
