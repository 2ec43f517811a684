"""Why a document cannot be read."""

from __future__ import annotations


class DiscoveryError(Exception):
    """The document cannot be read; the message says why."""
