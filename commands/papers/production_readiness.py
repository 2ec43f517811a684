"""The production readiness report: both sides beside each other, and what may go wrong.

What is declared, what was measured and what somebody only vouches for are kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from commands.leftovers.prices import prices
from commands.papers.blocks import Block, Heading, Known, Paper, Table, Words
from commands.papers.facts import REPORT_COUNTS_FOR, Facts
from commands.report.wording import UNKNOWN, estimate
from commands.watching.words import lasted, of_side
from cutover.declaration.promotion import Promotion
from cutover.declaration.readiness import Attestation
from shared.status.standing import Unread

_UNMEASURED = "not measured"
_TOLD: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("backups", ("backup", "restore")),
    ("workers and queues", ("worker", "queue", "job", "cron")),
    ("monitoring of the application", ("monitor", "log", "trace")),
    ("database and migrations", ("database", "migration", "schema", "replica")),
)
"""Components that no metric here shows, and the words by which an attestation speaks of them."""


def production_readiness(facts: Facts) -> Paper:
    """Return it."""
    risks = list(_risks(facts))
    open_ = [risk for risk in risks if risk.is_open]
    blocks: list[Block] = [
        Heading("Components"),
        Table(("component", "old", "new", "how it is known"), list(_components(facts))),
        Heading("Readiness"),
        *_readiness(facts),
        Heading("Risks"),
        Table(
            ("risk", "what stands against it", "how it is known"),
            [
                (risk.what, risk.against, Known.OPEN if risk.is_open else risk.known)
                for risk in risks
            ],
        ),
        Heading("What the cutover costs"),
        *_costs(facts),
        Heading("Who vouches"),
        _attestations(facts),
        Heading("Signed"),
        Table(("role", "name", "date"), [("owner of the service", "", ""), ("operations", "", "")]),
    ]
    return Paper(
        "production-readiness",
        f"Production readiness: {facts.cutover.name}",
        f"{len(open_)} of {len(risks)} risks {'is' if len(open_) == 1 else 'are'} open. Readiness: "
        f"{_verdict(facts)}.",
        facts.made,
        blocks,
    )


def _components(facts: Facts) -> Iterator[tuple[str, ...]]:
    service = facts.cutover.service
    old, new = service.old, service.new
    declared, measured = Known.DECLARED, Known.MEASURED
    yield "load balancer", old.load_balancer_dns_name, new.load_balancer_dns_name, declared
    yield "reached at", _reached(old), _reached(new), declared
    yield "targets", old.target_group, new.target_group, declared
    yield "region", old.stands_in, new.stands_in, declared
    paths = ", ".join(endpoint.path for endpoint in service.endpoints)
    yield "endpoints", paths, paths, declared
    latency = [_latency(facts, side) for side in ("old", "new")]
    unmeasured = all(said == _UNMEASURED for said in latency)
    yield "mean latency", *latency, Known.NOBODY if unmeasured else measured
    if facts.live is not None:
        live = facts.live
        unread = isinstance(live.sides, Unread)
        yield (
            "traffic now",
            of_side(live, "old"),
            of_side(live, "new"),
            Known.NOBODY if unread else measured,
        )
    static = "none" if service.edge is False else ", ".join(service.edge.static_paths) or "none"
    yield "cached at the edge", static, static, declared
    probes = f"{len(service.endpoints)} endpoints, each {service.health_checks.interval_seconds} s"
    yield "monitoring", probes, f"{probes}; alarms that roll back", declared
    for component, words in _TOLD:
        said = facts.attested(*words)
        old_said, new_said = (_vouched(facts, said, side) for side in ("old", "new"))
        known = Known.ATTESTED if any(_holds(facts, one) for one in said) else Known.NOBODY
        yield component, old_said, new_said, known


def _vouched(facts: Facts, said: list[Attestation], side: str) -> str:
    """Return who vouches for one side: what names the other side alone says nothing of this one."""
    other = "new" if side == "old" else "old"
    of_side = [
        one
        for one in said
        if side in one.what.lower().split() or other not in one.what.lower().split()
    ]
    told = [f"{one.what}: {one.by}, {one.on}" for one in of_side if _holds(facts, one)]
    return "; ".join(told) or ("asked for, and nobody vouches" if of_side else "nobody was asked")


def _holds(facts: Facts, attested: Attestation) -> bool:
    return bool(attested.on) and facts.at.date() <= _last_day(attested)


@dataclass(frozen=True)
class _Risk:
    what: str
    against: str
    known: Known
    is_open: bool = False


def _risks(facts: Facts) -> Iterator[_Risk]:
    service = facts.cutover.service
    promotion, declared = service.promotion, Known.DECLARED
    verdict = None if facts.report is None else facts.report["verdict"]
    age = facts.report_age
    is_old = age is None or age > REPORT_COUNTS_FOR
    yield _Risk(
        "new cannot carry the load, or answers otherwise than old",
        f"readiness: {_verdict(facts)}; the gate measures again before each rise",
        Known.MEASURED,
        verdict != "PASS" or is_old,
    )
    yield _Risk(
        "many users meet a fault at once",
        f"steps to {', '.join(f'{step.weight} %' for step in promotion.way)}; "
        f"at most {promotion.max_step_percent} points a deploy"
        + (", which is everybody" if promotion.max_step_percent == 100 else ""),  # noqa: PLR2004
        declared,
        promotion.max_step_percent == 100,  # noqa: PLR2004
    )
    yield _Risk(
        "a fault shows only after a while",
        f"{_bakes(promotion)}; alarms and the judge",
        declared,
        any(promotion.bake_minutes_at(step.weight) == 0 for step in promotion.way),
    )
    yield _Risk(
        "it is moved when nobody looks",
        "no window is declared"
        if promotion.window is None
        else f"a rise only from {promotion.window.start} to {promotion.window.end} {promotion.time_zone}",
        declared,
        promotion.window is None,
    )
    yield _Risk(
        "nobody hears of an alarm",
        ", ".join(service.notify) or "notify is empty",
        declared,
        not service.notify,
    )
    yield _Risk(
        "old cannot take everybody back",
        f"readiness measures old with {service.readiness.rate:g} requests a second and more; an old that is "
        "down is never rolled back to",
        Known.MEASURED,
        verdict != "PASS" or is_old,
    )
    yield _Risk(
        "new is worse in a way that no limit shows",
        "the judge only reports (dry_run)"
        if service.judge.dry_run
        else f"the judge compares both sides; it needs {service.judge.minimum_requests} requests on each",
        declared,
        service.judge.dry_run,
    )
    backups = [one for one in facts.attested("backup") if _holds(facts, one)]
    yield _Risk(
        "data is lost",
        "; ".join(f"{one.what}: {one.by}" for one in backups) or "nobody vouches for backups",
        Known.ATTESTED,
        not backups,
    )
    missing = [one.what for one in facts.attested() if not _holds(facts, one)]
    yield _Risk(
        "what only people know is not as it should be",
        f"nobody vouches now for: {', '.join(missing)}"
        if missing
        else f"{len(facts.attested())} things that named people vouch for"
        if facts.attested()
        else "nobody was asked to vouch for anything",
        Known.ATTESTED,
        bool(missing) or not facts.attested(),
    )
    point = service.rollback.point_of_no_return
    yield _Risk(
        "going back loses data",
        "no point of no return is declared"
        if point is None
        else f"from {point.on} on a person decides: {point.reason}",
        declared,
    )


def _readiness(facts: Facts) -> list[Block]:
    if facts.report is None:
        return [Words(f"Not measured: {facts.no_report}.")]
    checks = facts.report.get("checks", [])
    rows = [(str(one["name"]), str(one["verdict"]).lower(), _found(one)) for one in checks]
    return [
        Words(f"{_verdict(facts)}. {facts.report['said']}"),
        Table(("check", "verdict", "what keeps it from passing"), rows),
    ]


def _found(check: dict[str, Any]) -> str:
    against = [
        str(one.get("said", ""))
        for one in check.get("findings", [])
        if one.get("verdict") != "PASS" and not one.get("waived")
    ]
    more = f"; and {len(against) - 1} more" if len(against) > 1 else ""
    return f"{against[0]}{more}" if against else str(check.get("skipped") or "nothing")


def _costs(facts: Facts) -> list[Block]:
    cost, table = facts.cost, prices()
    if cost is None or cost.since is None:
        why = facts.no_live or "; ".join(cost.unread if cost is not None else ())
        return [Words(f"Not read: {why}. cutover decommission lists it once it is deployed.")]
    saved = facts.cutover.service.decommission.monthly_savings_usd
    beside = "" if saved is None else f" Without old {saved:,} USD a month are to be saved."
    not_read = f" Not read: {'; '.join(cost.unread)}." if cost.unread else ""
    return [
        Table(
            ("while its stacks stand", "USD a month"),
            [
                *((part.what, f"{part.usd_a_month:,.2f}") for part in cost.parts),
                ("in all", f"{cost.usd_a_month:,.2f}"),
            ],
        ),
        Words(
            f"List prices as of {table.as_of}, nothing free, second-hand. By usage, and not in it: "
            f"{'; '.join(cost.by_usage)}.{not_read}{beside}"
        ),
    ]


def _attestations(facts: Facts) -> Table:
    return Table(
        ("what", "who", "on", "holds until"),
        [(one.what, one.by, one.on, _until(one)) for one in facts.attested()],
    )


def _until(attested: Attestation) -> str:
    return str(_last_day(attested)) if attested.on else ""


def _bakes(promotion: Promotion) -> str:
    minutes = sorted({promotion.bake_minutes_at(step.weight) for step in promotion.way})
    if minutes == [0]:
        return "no bake is declared"
    if len(minutes) == 1:
        return f"bake of {minutes[0]} min"
    return f"bakes of {minutes[0]} to {minutes[-1]} min, by the step"


def _last_day(attested: Attestation) -> date:
    on = date.fromisoformat(attested.on)
    # No day comes after the last that Python knows.
    return on + min(timedelta(days=attested.valid_days), date.max - on)


def _verdict(facts: Facts) -> str:
    if facts.report is None:
        return "not measured"
    age = facts.report_age
    when = "at an unknown time" if age is None else f"{lasted(age)} ago"
    return f"{facts.report['verdict']}, {when}"


def _latency(facts: Facts, side: str) -> str:
    found = facts.check("performance").get("figures", {}).get("sides", {}).get(side, {}).get("mean")
    said = estimate(found) if found else UNKNOWN
    return _UNMEASURED if said == UNKNOWN else said


def _reached(side: Any) -> str:
    return f"{side.scheme}://{side.reached_at}:{side.listener_port}"
