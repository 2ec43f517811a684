"""What people do, not only what probes ask: declared sequences of requests, on old first, then on new."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.inference.verdict import Verdict
from shared.readiness.bodies import difference as bodies
from shared.readiness.bodies.patterns import PatternError, taken
from shared.readiness.checks.cookie_fit import lost_cookies
from shared.readiness.finding import Check, Finding, check
from shared.readiness.http import cookies
from shared.readiness.http.browser import Browser, Viewer, Visit
from shared.readiness.http.fetch import Client, FetchError
from shared.readiness.journeys.journey import Journey, Step, Take
from shared.readiness.journeys.pointer import NOTHING, pointed
from shared.readiness.journeys.values import LONGEST, Values, names_in
from shared.shown import shown_value

SECONDS: Final = 120.0
"""What all journeys may take together: the gate has 850 s for everything."""
_ALIKE: Final = " (on both sides alike, so it can be waived)"
_CLASS: Final = 100


@dataclass(frozen=True)
class Sides:
    """Both sides, each as a viewer meets it."""

    old: Client
    new: Client
    viewer: Viewer = field(default_factory=Viewer)
    public_name: str = ""

    def of(self, name: str) -> Client:
        """Return the side called `name`, old or new."""
        return self.old if name == "old" else self.new


@dataclass(frozen=True)
class Secrets:
    """The secrets by their names, and why the others cannot be read."""

    values: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)

    def against(self, journey: Journey) -> str:
        """Return why `journey` cannot be made, or nothing."""
        needed = [name for step in journey.steps for name in _names(step)]
        return next((self.wrong[name] for name in needed if name in self.wrong), "")


@dataclass(frozen=True)
class Course:
    """How a journey went on one side.

    Attributes
    ----------
    visits : list of Visit
        What each step that was answered led to.
    wrong : str
        What was wrong with the last step that was made; empty where all went well.
    kind : str
        What both sides must have in common to be called broken alike; empty: never alike.
    unsure : bool
        Whether it is not known that the side is at fault.
    values : Values
        What was carried at the end.
    """

    visits: list[Visit]
    wrong: str
    kind: str
    unsure: bool
    values: Values

    @property
    def failed_at(self) -> int:
        """The number of the step at which it went wrong, from 1."""
        return len(self.visits)


async def journeys(
    sides: Sides, declared: Sequence[Journey], secrets: Secrets, *, seconds: float = SECONDS
) -> Check:
    """Make each journey on old, then on new, one after the other, and return how they differ.

    All of them take `seconds` at most. No finding holds a secret, or a value that was carried.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    findings: list[Finding] = []
    for journey in declared:
        place = f"journey:{journey.name}"
        why = secrets.against(journey)
        if not why and loop.time() >= end:
            why = f"there was no time left: all journeys have {seconds:g} s together"
        if why:
            said = f"journey {journey.name} was not made: {why}"
            findings.append(Finding(place, Verdict.INCONCLUSIVE, said))
            continue
        try:
            async with asyncio.timeout_at(end):
                old = await travel(_browser(sides, "old"), journey, secrets.values)
                new = await travel(_browser(sides, "new"), journey, secrets.values)
        except TimeoutError:
            said = f"journey {journey.name} did not end: all journeys have {seconds:g} s together"
            findings.append(Finding(place, Verdict.INCONCLUSIVE, said))
            continue
        findings += compare(journey, old, new, sides)
    return check("journeys", findings, journeys=[one.name for one in declared])


def _browser(sides: Sides, name: str) -> Browser:
    return Browser(sides.of(name), sides.viewer)


async def travel(browser: Browser, journey: Journey, secrets: Mapping[str, str]) -> Course:
    """Make the journey's steps on one side, as far as they go."""
    values = Values(secrets)
    visits: list[Visit] = []
    for step in journey.steps:
        try:
            visit = await browser.visit(
                values.path(step),
                method=step.method,
                headers=values.headers(step),
                body=values.body(step),
                follow=step.follow,
            )
        except FetchError as error:
            wrong = values.hide(str(error))
            visits.append(Visit([], []))
            return Course(visits, wrong, values.hide(error.kind), False, values)
        visits.append(visit)
        # A long body takes a moment, and a search runs in a process of its own.
        wrong, unsure = await asyncio.to_thread(_judge, step, visit, values)
        if wrong:
            return Course(visits, wrong, wrong, unsure, values)
    return Course(visits, "", "", False, values)


def compare(journey: Journey, old: Course, new: Course, sides: Sides) -> Iterator[Finding]:
    """Yield what is wrong with a journey, or one PASS when nothing is."""
    place = f"journey:{journey.name}"
    wrong = list(_wrong(journey, old, new))
    for i, (step, before, after) in enumerate(
        zip(journey.steps, old.visits, new.visits, strict=False), start=1
    ):
        wrong += _lost(f"{place}:{i}", before, after, old, new, sides)
        if before.answers and after.answers:
            wrong += _differences(
                f"{place}:{i}", _step(journey, i, step), before, after, old, new, sides
            )
    steps = f"{len(journey.steps)} step{'' if len(journey.steps) == 1 else 's'}"
    yield from wrong or [
        Finding(place, Verdict.PASS, f"journey {journey.name}: {steps}, no difference")
    ]


def _wrong(journey: Journey, old: Course, new: Course) -> Iterator[Finding]:
    alike = bool(old.kind) and (old.kind, old.failed_at) == (new.kind, new.failed_at)
    for name, course in (("old", old), ("new", new)):
        if course.wrong:
            i = course.failed_at
            told = f"{_step(journey, i, journey.steps[i - 1])} on {name}: {course.wrong}"
            verdict = Verdict.INCONCLUSIVE if course.unsure else Verdict.FAIL
            yield Finding(
                f"journey:{journey.name}:{i}:{name}",
                verdict,
                told + (_ALIKE if alike else ""),
                waivable=alike,
            )


def _step(journey: Journey, number: int, step: Step) -> str:
    return f"journey {journey.name}, step {number} ({step.method} {step.path})"


def _lost(
    place: str, before: Visit, after: Visit, old: Course, new: Course, sides: Sides
) -> Iterator[Finding]:
    for name, visit, course in (("old", before, old), ("new", after, new)):
        found = lost_cookies(
            place,
            name,
            visit.answers,
            sides.of(name).side_host,
            sides.public_name,
            sides.viewer.scheme,
        )
        yield from (_hidden(one, course.values) for one in found)


def _hidden(finding: Finding, values: Values) -> Finding:
    return Finding(
        values.hide(finding.id),
        finding.verdict,
        values.hide(finding.said),
        values.hide(finding.old),
        values.hide(finding.new),
        finding.waivable,
    )


def _differences(
    place: str, step: str, before: Visit, after: Visit, old: Course, new: Course, sides: Sides
) -> Iterator[Finding]:
    both = (before, old.values, sides.old), (after, new.values, sides.new)
    aspects = {
        "status": [str(visit.last.status) for visit, _, _ in both],
        "redirects": [values.hide(" → ".join(visit.hops)) for visit, values, _ in both],
        "content-type": [
            values.hide(_kind(visit.last.header("content-type"))) for visit, values, _ in both
        ],
    }
    set_by = [
        cookies.attributes(
            values.hide(client.impersonal(header))
            for answer in visit.answers
            for header in answer.all("set-cookie")
        )
        for visit, values, client in both
    ]
    for name in dict.fromkeys([*set_by[0], *set_by[1]]):
        aspects[f"cookie:{name}"] = [one.get(name, "not set") for one in set_by]
    for aspect, (one, other) in aspects.items():
        if one != other:
            what = aspect.replace(":", " ")
            said = f"{step}: {what} is {one or 'nothing'} on old and {other or 'nothing'} on new"
            yield Finding(
                f"{place}:{aspect}", Verdict.FAIL, said, one or "nothing", other or "nothing", True
            )


def _kind(content_type: str) -> str:
    return content_type.lower().replace(" ", "")


def _judge(step: Step, visit: Visit, values: Values) -> tuple[str, bool]:
    """Return what is not as declared, and whether that is no fault of the side; take what is carried on."""
    try:
        wrong = _unlike(step, visit, values)
        if wrong:
            return wrong, False
        for take in step.take:
            values.keep(take.name, _taken(take, visit))
    except _NotThereError as error:
        return values.hide(str(error)), False
    except PatternError as error:
        return str(error), True
    return "", False


class _NotThereError(Exception):
    pass


def _unlike(step: Step, visit: Visit, values: Values) -> str:
    expect, last = step.expect, visit.last
    if expect.status not in {str(last.status), f"{last.status // _CLASS}xx"}:
        leads = f" ({values.hide(visit.hops[-1])})" if last.location else ""
        return f"status {last.status}{leads}, but must be {expect.status}"
    for one in expect.headers:
        must, shows = values.expected(one.value), last.header(one.name.lower())
        if shows != must:
            shown = values.hide(shows) or "nothing"
            return f"header {one.name} is {shown[:200]!r}, but must be {one.value!r}"
    if expect.contains and values.expected(expect.contains) not in _text(visit):
        cut = f" within the first MiB ({last.cut})" if last.cut else ""
        return f"the body does not contain {expect.contains!r}{cut}"
    for one in expect.values:
        must, shows = _filled(json.loads(one.value), values), pointed(_document(visit), one.name)
        if shows is NOTHING:
            return f"the body has no {one.name}, but must have {one.value} there"
        if json.dumps(shows, sort_keys=True) != json.dumps(must, sort_keys=True):
            return f"{one.name} is {values.hide(shown_value(shows))}, but must be {one.value}"
    return ""


def _filled(value: Any, values: Values) -> Any:
    return values.expected(value) if isinstance(value, str) else value


def _taken(take: Take, visit: Visit) -> str:
    if take.header:
        value, where = visit.last.header(take.header.lower()), f"header {take.header}"
    elif take.pointer:
        there, where = pointed(_document(visit), take.pointer), take.pointer
        value = "" if there is NOTHING else _as_text(there)
    else:
        where = f"what {take.pattern!r} finds"
        value = (taken(take.pattern, [_text(visit)]) or [None])[0] or ""
    if not value:
        raise _NotThereError(f"there is no {where} to carry on as {{{take.name}}}")
    if len(value) > LONGEST:
        raise _NotThereError(
            f"{where} is longer than {LONGEST} characters, too long to carry on as {{{take.name}}}"
        )
    return value


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return json.dumps(value) if is_number else ""


def _text(visit: Visit) -> str:
    return bodies.text(visit.last.body, visit.last.header("content-type"))


def _document(visit: Visit) -> Any:
    try:
        return json.loads(visit.last.body)
    except (ValueError, RecursionError) as error:
        raise _NotThereError("the body is not JSON") from error


def _names(step: Step) -> Iterator[str]:
    texts = (
        step.body,
        step.expect.contains,
        *(one.value for one in (*step.headers, *step.expect.headers, *step.expect.values)),
    )
    for text in (step.path, *texts):
        yield from names_in(text)
