"""Whether services that are declared side by side get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cutover.declaration.service import Service
from cutover.naming import Names


def collisions(services: Mapping[str, Service]) -> list[str]:
    """Return a sentence for each thing that two of `services` both claim, with both named."""
    owners: dict[tuple[str, str], str] = {}
    found: dict[str, None] = {}
    for name, service in services.items():
        for claim in (*_claims(service), *Names(name).all()):
            owner = owners.setdefault(claim, name)
            if owner != name:
                what, value = claim
                found.setdefault(
                    f"cutover.{owner} and cutover.{name} both have the {what} {value}: "
                    "each must have its own."
                )
    return list(found)


def _claims(service: Service) -> Iterator[tuple[str, str]]:
    for side in service.sides.values():
        yield "load balancer", side.load_balancer_dns_name
        yield "load balancer", side.load_balancer
        yield "target group", side.target_group
    if service.edge is not False:
        for name in service.edge.domain_names:
            yield "domain name", name
    if service.dns is not None:
        yield "record", service.dns.record_name
