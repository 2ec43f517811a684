"""Tags by which the embedded cloud is told what AWS decides by itself; AWS knows no such tags."""

from __future__ import annotations

from typing import Final

ID: Final = "rehearsal:id"
"""On a load balancer, target group or listener that is created: the id at the end of its ARN."""
DNS_NAME: Final = "rehearsal:dns-name"
"""On a load balancer that is created: the name it answers at."""
UNWELL: Final = "rehearsal:unwell"
"""On a target group: the reason for which all its targets are unhealthy, as long as the tag is there."""
RESERVABLE: Final = "rehearsal:reservable"
"""On a load balancer: the account's quota of reserved capacity units in its region; without the tag 0."""
PROVISIONING_SECONDS: Final = "rehearsal:provisioning-seconds"
"""On a load balancer: how long a reservation takes; without the tag it is there at once."""
