"""What the sentinel's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from sentinel.place import Place


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The sentinel's variables, each by its name in capitals; a door that is not there has none.

    Attributes
    ----------
    asked_as : str
        The public name by which a door asks both sides; empty: each by its own.
    limit_seconds : float
        An answer that takes longer is none.
    origin_header, origin_secret : str
        The header by which the load balancers know the edge, and the secret in us-east-1 with its value.
    """

    service: str
    metric_namespace: str
    old_url: str
    new_url: str
    limit_seconds: float
    asked_as: str = ""
    origin_header: str = ""
    origin_secret: str = ""
    router_function_name: str = ""
    hosted_zone_id: str = ""
    record_name: str = ""

    @property
    def places(self) -> dict[str, Place]:
        """Where each side is asked."""
        return {
            "old": Place.of(self.old_url, self.asked_as),
            "new": Place.of(self.new_url, self.asked_as),
        }
