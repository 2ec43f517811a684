"""What is special about some regions."""

from __future__ import annotations

from typing import Final

EDGE_REGION: Final = "us-east-1"
"""Route 53 and CloudFront publish their metrics only here, and CloudFront takes certificates only
from here (CloudFront Developer Guide, cnames-and-https-requirements)."""

OPT_IN_REGIONS: Final = frozenset(
    {
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4"),
        *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2"),
        *("eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1"),
    }
)
"""Those launched after 20 March 2019. From there SNS calls a function elsewhere as
`sns.<region>.amazonaws.com` (SNS Developer Guide, lambda-prereq and sns-cross-region-delivery)."""
