"""The notice to those who still use the old address."""

from __future__ import annotations

from commands.papers.blocks import Block, Heading, Listed, Paper, Table, Words
from commands.papers.facts import Facts


def notice(facts: Facts) -> Paper:
    """Return it: what changes, what to do, by when, and whom to ask."""
    service = facts.cutover.service
    names = [
        *([] if service.edge is False else service.edge.domain_names),
        *([] if service.dns is None else [service.dns.record_name]),
    ]
    to = names[0] if names else "ADDRESS (the output EdgeDomainName of the Traffic stack)"
    old = f"{service.old.scheme}://{service.old.reached_at}"
    blocks: list[Block] = [
        Heading("What changes"),
        Table(
            ("until now", "from now on"),
            [(old, f"https://{to}" if service.edge is not False else to)],
        ),
        Heading("What you do"),
        Listed(
            [
                f"Replace {service.old.reached_at} by {to} in bookmarks, scripts, settings and firewalls.",
                "Use the name, never an IP address: addresses change without notice.",
                "Log in again if you are asked to. Nothing else changes for you.",
            ],
            numbered=True,
        ),
        Heading("When"),
        Table(
            ("what", "when"),
            [
                ("the new address can be used", "now" if service.new_weight else ""),
                ("the old address is answered for the last time", ""),
            ],
        ),
        Heading("Questions"),
        Table(("whom", "reachable at"), [("", "")]),
        Words("After the last day the old address answers nothing, and no mail will remind you."),
    ]
    return Paper(
        "notice-to-users",
        f"{facts.cutover.name} has a new address",
        f"If you reach {facts.cutover.name} at {service.old.reached_at}, use {to} instead.",
        f"{facts.at:%Y-%m-%d}.",
        blocks,
    )
