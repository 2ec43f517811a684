"""The region that is not the service's own."""

from __future__ import annotations

from typing import Final

EDGE_REGION: Final = "us-east-1"
"""Route 53 and CloudFront publish their metrics only here, and CloudFront takes certificates only
from here (CloudFront Developer Guide, cnames-and-https-requirements)."""
