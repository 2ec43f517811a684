"""The notice to those who still use the old address."""

from __future__ import annotations

from datetime import UTC

from commands.papers.blocks import Block, Heading, Listed, Paper, Table, Words
from commands.papers.facts import Facts
from cutover.declaration.last_users import LastUsers
from cutover.doors.redirect_rules import front_door_url


def notice(facts: Facts) -> Paper:
    """Return it: what changes, what to do, by when, and whom to ask."""
    service = facts.cutover.service
    to = service.front_door or "ADDRESS (the output EdgeDomainName of the Traffic stack)"
    url = front_door_url(service) or f"https://{to}"
    old = f"{service.old.scheme}://{service.old.reached_at}"
    blocks: list[Block] = [
        Heading("What changes"),
        Table(
            ("until now", "from now on"),
            [(old, url)],
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
        Heading("What happens if you do nothing"),
        Words(_redirected(service.last_users, to)),
        Heading("When"),
        Table(
            ("what", "when"),
            [
                ("the new address can be used", "now" if service.new_weight else ""),
                *_leads_on(facts),
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


def _leads_on(facts: Facts) -> list[tuple[str, str]]:
    """Return since when the old address leads on, where a redirect is declared; left open where it is not
    live or nobody asked."""
    wanted, since = facts.cutover.service.last_users, facts.redirected_since
    if wanted is None or wanted.redirect is None:
        return []
    when = "" if since is None else f"since {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return [("the old address leads there by itself", when)]


def _redirected(last_users: LastUsers | None, to: str) -> str:
    """Return what becomes of bookmarks and scripts, as the redirect is declared."""
    until = "From the last day below on, the old address answers nothing."
    if last_users is None or last_users.redirect is None:
        return f"Until the last day below the old address answers as before. {until}"
    which = "Bookmarks and links to the old address"
    if last_users.paths:
        which += f" below {', '.join(last_users.paths)}"
    kept = "keep it for good" if last_users.redirect == "permanent" else "may still ask the old one"
    return (
        f"{which} lead to {to} by themselves; browsers {kept}. Scripts that only read (GET, HEAD) must "
        f"follow redirects. What sends data (POST and the like) is not redirected. {until}"
    )
