"""Which services are one undertaking, as declared in cdk.json."""

from __future__ import annotations

from commands.declared import declared_fleet, declared_services
from commands.pipeline.fleet import Undertaking


def declared_undertaking(declaration: str | None) -> Undertaking | None:
    """Return it with every declared service; None where no `cutover_fleet` is declared, and for services of
    the file `declaration`.

    Raises
    ------
    DeclarationError
        When it cannot be used.
    """
    fleet = declared_fleet(declaration)
    if fleet is None:
        return None
    return Undertaking(fleet, tuple(declared_services(None, declaration)))
