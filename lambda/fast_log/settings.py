"""What the counting function's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from fast_log.line import Form


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Its variables, each by its name in capitals.

    Attributes
    ----------
    log_fields : tuple of str
        The fields of a record, in the order in which CloudFront writes them.
    old_origin, new_origin : str
        The host names at which the edge reaches the sides.
    slow_ms : int
        From here on an answer's first byte is slow.
    static_paths : tuple of str
        The path patterns on which a file that one side lacks is asked of the other.
    with_groups : bool
        Whether some viewers are on new as one of a group.
    """

    service: str
    metric_namespace: str
    log_fields: tuple[str, ...]
    old_origin: str
    new_origin: str
    slow_ms: int
    static_paths: tuple[str, ...] = ()
    with_groups: bool = False

    @property
    def form(self) -> Form:
        """How a record is to be read."""
        return Form(
            self.log_fields,
            origins={"old": self.old_origin, "new": self.new_origin},
            static_paths=frozenset(self.static_paths),
        )
