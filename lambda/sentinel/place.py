"""Where a side is asked, and by which name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

_USUAL: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Place:
    """One side's load balancer.

    Attributes
    ----------
    scheme, host, port
        How it is reached.
    name : str
        What it hears as Host and, by https, in TLS.
    """

    scheme: str
    host: str
    port: int
    name: str

    @classmethod
    def of(cls, url: str, asked_as: str) -> Self:
        """Return the place at `url` (scheme, host, port), asked as `asked_as`; if empty, by its own name."""
        split = urlsplit(url)
        host, port = split.hostname or "", split.port or _USUAL[split.scheme]
        return cls(split.scheme, host, port, asked_as or host)

    @property
    def authority(self) -> str:
        """The header Host: with a port where it is the side's own name at an unusual one, as CloudFront sends
        it."""
        is_own = self.name == self.host
        return (
            f"{self.name}:{self.port}" if is_own and self.port != _USUAL[self.scheme] else self.name
        )
