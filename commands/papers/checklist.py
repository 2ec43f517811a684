"""The cutover checklist: who, when it is planned, when it happened, and what counts as success."""

from __future__ import annotations

from collections.abc import Sequence

from commands.capacity import Need
from commands.papers.blocks import Block, Heading, Listed, Paper, Table, Words
from commands.papers.facts import Facts
from commands.pipeline.schedule import Rise, day_and_clock, rises
from commands.report.wording import count
from cutover.declaration.groups import Group
from cutover.declaration.promotion import HIGHEST, Promotion
from cutover.naming import Names
from shared.capacity.units import QUOTA_CODE
from shared.status.standing import Unread


def checklist(facts: Facts) -> Paper:
    """Return it."""
    promotion = facts.cutover.service.promotion
    now = _weight_now(facts)
    left = list(rises(promotion, now, facts.at))
    baked = f"{promotion.bake_minutes_at(now)} min"
    reached = [(f"{now} %", "", "", _deployed(facts), baked, "")] if now else []
    blocks: list[Block] = [
        Heading("Before"),
        Table(
            ("step", "who", "planned", "done"),
            [
                *((one.what, one.by, "", one.on) for one in facts.attested()),
                ("Readiness is PASS: cutover readiness", "", "", _readiness(facts)),
                *_quota(facts),
                (
                    f"All {count(_stacks(facts), 'stack')} are deployed, and the mails of SNS are confirmed",
                    "",
                    "",
                    "",
                ),
                ("Whoever is on call has rolled back and released once, at 0 %", "", "", ""),
            ],
            boxes=True,
        ),
        Heading("Move"),
        Words(
            "Each step is one number in a pull request: cutover promote writes it. Watch it with cutover "
            "watch; the next one may begin when the bake before it is passed. "
            f"{_hours(promotion)} Each planned time is the earliest that these rules allow."
        ),
        Table(
            ("weight of new", "who", "planned", "begun", "bake", "baked"),
            [*reached, *(_to_come(promotion, now, rise) for rise in left)],
            boxes=True,
        ),
        *_groups(promotion.groups),
        *_capacity(facts, [rise.step.weight for rise in left]),
        Heading("It counts as a success when"),
        Listed(criteria(facts)),
        Heading("Afterwards"),
        Table(
            ("step", "who", "planned", "done"),
            [
                (
                    f"{count(promotion.watch_hours, 'hour')} watched at 100 %, without a rollback",
                    "",
                    "",
                    "",
                ),
                ("Users of the old address are told: notice-to-users", "", "", ""),
                ("Old leaves the doors, when cutover decommission says that it may", "", "", ""),
            ],
            boxes=True,
        ),
    ]
    plan = ", ".join(f"{rise.step.weight} %" for rise in left)
    return Paper(
        "cutover-checklist",
        f"Cutover checklist: {facts.cutover.name}",
        f"New gets {now} %. Left: {plan}."
        if left
        else f"New gets {now} %: nothing is left to move.",
        facts.made,
        blocks,
    )


def _stacks(facts: Facts) -> int:
    cutover = facts.cutover
    return len(Names(cutover.name).stacks(cutover.service.regions))


def _groups(groups: Sequence[Group]) -> list[Block]:
    if not groups:
        return []
    return [
        Words(
            "Groups of viewers are on new before everybody, on top of the weight, from the weight beside "
            "their name on:"
        ),
        Listed([f"{group.name}, from {group.first_weight} %: {who(group)}" for group in groups]),
    ]


def _quota(facts: Facts) -> list[tuple[str, str, str, str]]:
    if facts.cutover.service.promotion.capacity is None:
        return []
    at_least = ""
    if isinstance(facts.capacity, Need):
        units = facts.capacity.units(HIGHEST)
        at_least = f", at least {units}" if units else ", of which nothing is needed so far"
    region = facts.cutover.service.new.stands_in
    what = f"Days ahead: the quota {QUOTA_CODE} in {region}{at_least}: cutover quotas"
    return [(what, "", "", "")]


def _capacity(facts: Facts, weights: Sequence[int]) -> list[Block]:
    if facts.cutover.service.promotion.capacity is None or not weights:
        return []
    said = Words(
        "Before each rise the gate reserves load balancer capacity on new, and waits for it. It costs money "
        "by the hour, until it is released: when new has no weight any more, or after the watch at 100 %."
    )
    if not isinstance(facts.capacity, Need):
        unread = "not asked for" if facts.capacity is None else facts.capacity.why.rstrip(".")
        return [said, Words(f"How much is not known: {unread}. cutover promote --show tells it.")]
    return [said, Listed([facts.capacity.said(weight) for weight in weights])]


def who(group: Group) -> str:
    """Return whom a group holds, in words, like `network 192.0.2.0/24`."""
    told = group.header is not None or group.cookie is not None
    return f"{group.by}{' is' * told} {' or '.join(group.values)}"


def _joining(now: int, weight: int, promotion: Promotion) -> str:
    before = max([now, *(step.weight for step in promotion.way if step.weight < weight)])
    names = [group.name for group in promotion.joining(before, weight)]
    return f", with {' and '.join(names)}" if names else ""


def criteria(facts: Facts) -> list[str]:
    """Return what counts as success, with the limits that are declared."""
    limits, judge = facts.cutover.service.thresholds, facts.cutover.service.judge
    paths = ", ".join(endpoint.path for endpoint in facts.cutover.service.endpoints)
    one = len(facts.cutover.service.endpoints) == 1
    return [
        f"errors: 5xx stay below {limits.error_rate_percent:g} % of new's requests in two minutes "
        f"in a row, and below {limits.hard_error_rate_percent:g} % in any one minute",
        f"latency: at most {limits.latency_average_ms} ms on average, and {limits.latency_p95_ms} ms for "
        "95 % of the requests",
        f"health: {paths} {'answers' if one else 'answer'}, and at least "
        f"{limits.healthy_targets_percent:g} % of the targets are healthy",
        f"comparison: the judge does not say FAIL; new is at most {judge.slowdown_percent:g} % slower",
        "the switch is released, and declared, deployed and live weights agree: cutover status",
    ]


def _weight_now(facts: Facts) -> int:
    """Return what is deployed; where that is not known, what is declared."""
    deployed = None if facts.live is None else facts.live.standing.deployed
    if deployed is None or isinstance(deployed, Unread):
        return facts.cutover.service.new_weight
    return deployed.weight


def _hours(promotion: Promotion) -> str:
    window = promotion.window
    if window is None:
        return "It may begin at any hour."
    return f"It may begin from {window.start} to {window.end} {promotion.time_zone}."


def _to_come(promotion: Promotion, now: int, rise: Rise) -> tuple[str, ...]:
    planned = "never: frozen" if rise.earliest is None else day_and_clock(promotion, rise.earliest)
    joining = _joining(now, rise.step.weight, promotion)
    return f"{rise.step.weight} %{joining}", "", planned, "", f"{rise.minutes} min", ""


def _readiness(facts: Facts) -> str:
    if facts.report is None:
        return ""
    return f"{facts.report['verdict']}, {str(facts.report['started'])[:16].replace('T', ' ')} UTC"


def _deployed(facts: Facts) -> str:
    """Return when the weight that is deployed was; nothing where a deploy after it was put back, for only the
    last one is known."""
    deployed = None if facts.live is None else facts.live.standing.deployed
    if deployed is None or isinstance(deployed, Unread) or deployed.put_back:
        return ""
    return f"{deployed.changed:%Y-%m-%d %H:%M} UTC"
