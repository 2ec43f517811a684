"""Whatever somebody else wrote, what is shown of it is one printable line of bounded length."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commands.__main__ import main
from cutover.declaration.shown import shown as shown_by_cdk
from gate.request import Override
from gate.request import _shown as override_shown
from pin.request import Request
from pin.request import RequestError as PinError
from pin.request import parse as parse_pin
from rollback import handler
from rollback.evidence import as_json
from rollback.request import RequestError, RollBack, parse
from shared.alarms.state import AlarmState
from shared.doors.mute import Mute, mute_in
from shared.doors.switch import parse as parse_switch
from shared.inference.verdict import Verdict
from shared.readiness.finding import Finding
from shared.shown import NAME, SENTENCE, shown, shown_value
from shared.status.finding import Finding as StatusFinding
from shared.status.finding import Kind
from shared.status.standing import Unread
from shared.widget_form.answer import page
from shared.widget_form.pressed import typed
from tests.unit.support.rollback_rig import ALARM, BY_HAND, MUTE, RELEASE, STARTED, Rig, called_by

HIDDEN = (
    "\x1b[31m",  # a colour
    "\x1b]0;title\x07",  # the window's title
    "\x9b2J",  # CSI in one character
    "\x00",
    "\x08",
    "\x7f",
    "\r\nERROR forged",
    "\u2028",
    "\u2029",
    "\x85",
    "\u202aa\u202b\u202c\u202d\u202e",  # the direction of writing
    "\u2066a\u2067\u2068\u2069",
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad",  # no width
    "\U000e0041",  # a tag
    "\ud800",  # half a character
    "\ue000",
)
HOSTILE = "".join(HIDDEN)
TEXT = st.one_of(
    st.text(),
    st.text(alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"])),
    st.lists(st.sampled_from([*HIDDEN, "ada", " ", "x" * 1000]), max_size=6).map("".join),
)


@given(TEXT, st.integers(min_value=1, max_value=1000))
@example(HOSTILE, 600)
def test_it_is_one_printable_line_of_bounded_length_and_stays_so(text: str, most: int) -> None:
    line = shown(text, most)
    assert line.isprintable()
    assert len(line) <= most
    assert shown(line, most) == line
    line.encode()


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=NAME))
def test_a_name_in_any_writing_stays_as_it_is(name: str) -> None:
    assert shown(name, NAME) == name


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_cannot_be_seen_is_spelt_out_and_cdk_shows_it_as_little(hidden: str) -> None:
    assert shown(hidden) != hidden
    assert shown_by_cdk(hidden).isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inside: st.lists(inside) | st.dictionaries(TEXT, inside),
    max_leaves=20,
)


@given(JSON)
def test_any_value_of_a_request_can_be_shown(value: Any) -> None:
    assert shown_value(value).isprintable()
    assert len(shown_value(value)) <= NAME


@given(st.dictionaries(TEXT, JSON))
def test_evidence_says_the_same_and_holds_nothing_that_cannot_be_seen(
    bundle: dict[str, Any],
) -> None:
    text = as_json(bundle)
    assert text.replace("\n", "").isprintable()
    assert json.loads(text) == bundle
    text.encode()


def asked(read: Callable[[object], object], event: object) -> str | object:
    """Return what `read` understands, or the sentence of its refusal."""
    try:
        return read(event)
    except (RequestError, PinError) as error:
        return str(error)


@given(TEXT, TEXT)
def test_what_a_person_asks_is_shown_before_anything_else_sees_it(by: str, reason: str) -> None:
    for request in (
        asked(parse, {"action": "roll_back", "by": by, "reason": reason}),
        asked(parse_pin, {"side": "new", "hours": 1, "by": by}),
    ):
        if isinstance(request, str):
            assert request.isprintable()
            continue
        assert isinstance(request, RollBack | Request)
        assert texts_are_printable(vars(request))
        assert len(request.by) <= NAME


@given(
    st.dictionaries(st.sampled_from(["action", "by", "reason", "minutes", "side", "hours"]), JSON)
)
def test_a_refusal_shows_what_was_asked_in_one_line(event: dict[str, Any]) -> None:
    for request in (asked(parse, event), asked(parse_pin, event)):
        if isinstance(request, str):
            assert request.isprintable()
            assert len(request) < SENTENCE


@given(TEXT, TEXT)
def test_what_is_stored_or_answered_is_shown(one: str, other: str) -> None:
    held = json.dumps({"state": "thrown", "by": one, "reason": other, "at": one})
    state = parse_switch(held)
    assert all(map(str.isprintable, (state.by, state.reason, state.at)))
    mute = mute_in(Mute(STARTED.replace(hour=4), one, other, STARTED).to_value(), STARTED)
    assert mute is not None
    assert mute.by.isprintable()
    assert mute.reason.isprintable()
    assert AlarmState("ALARM", one).reason.isprintable()
    assert Unread(one).why.isprintable()
    assert StatusFinding(Kind.NOTE, one).says.isprintable()
    override = override_shown(Override(one, other))
    assert (override.by + override.reason).isprintable()
    found = Finding(one, Verdict.FAIL, other, one, other, waived=one)
    assert all(isinstance(v, bool) or v.isprintable() for v in found.to_dict().values())


@given(TEXT, TEXT)
def test_a_page_for_the_dashboard_shows_it_too(one: str, other: str) -> None:
    fields = typed({"widgetContext": {"forms": {"all": {"by": one, "reason": other}}}})
    assert all(text.isprintable() and len(text) <= 160 for text in fields.values())
    answer = {"service": one, "did": "nothing", "why": other, "x": [one], "y": {one: other}}
    assert unescape(page(answer)).isprintable()
    assert page({"error": one}).isprintable()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(by=TEXT, reason=TEXT)
@example(by=f"ada{HOSTILE}", reason=f"why{HOSTILE}")
def test_nothing_hidden_leaves_the_rollback_function(
    by: str, reason: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        rig = Rig(patch)
        caplog.clear()
        caplog.set_level(logging.INFO)
        said = {"by": by, "reason": reason}
        answers = [rig.call(event | said) for event in (BY_HAND, MUTE, RELEASE)]
        alarm_ = {
            **ALARM,
            "alarmData": {"alarmName": by, "state": {"value": "ALARM", "reason": reason}},
        }
        answers.append(rig.call(alarm_))
        answers.append(rig.call({"action": "status"}))
        assert "<h2>" in str(
            handler.handler(BY_HAND | said | {"widgetContext": {}}, called_by("roll_back"))
        )
        told = rig.sns.published
        assert all(t["Subject"].isprintable() and t["Subject"].isascii() for t in told)
        assert all(line.isprintable() for t in told for line in t["Message"].split("\n"))
        assert all(texts_are_printable(answer) for answer in answers)
        assert json.loads(rig.store.items["switch"])["by"].isprintable()
        logged = [
            {
                k: v
                for k, v in record.__dict__.items()
                if k in {"msg", "by", "reason", "refusal", "why"}
            }
            for record in caplog.records
            if record.name == "rollback"
        ]
        assert texts_are_printable(logged)


def texts_are_printable(value: Any) -> bool:
    if isinstance(value, dict):
        return all(texts_are_printable(one) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return all(map(texts_are_printable, value))
    return not isinstance(value, str) or value.isprintable()


@pytest.fixture
def usual_depth() -> Iterator[None]:
    """Let Python go as deep as it does in a function; what ran before may have let it go deeper."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("usual_depth")
def test_an_endless_request_does_not_keep_the_evidence_from_being_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    rig = Rig(monkeypatch)
    for extra in ("x" * 3_000_000, deep):
        rig.call(RELEASE)
        rig.call(BY_HAND | {"extra": extra})
        rig.now = rig.now.replace(minute=rig.now.minute + 1)
    first, second = rig.s3.objects.values()
    assert len(first["request"]) == 20_000
    assert second["request"].startswith("it cannot be written down: ")


@pytest.mark.parametrize(
    "arguments",
    [
        [f"move{HOSTILE}"],
        ["status", f"--ser{HOSTILE}"],
        ["status", HOSTILE],
        ["status", "--declaration", f"/nowhere{HOSTILE}"],
        ["status", "--service", f"shop{HOSTILE}"],
        ["readiness", HOSTILE],
        ["readiness", "--old", f"http://{HOSTILE}", "--new", "http://x"],
        ["readiness", "--old", "http://x", "--new", "http://x", "--endpoint", HOSTILE],
        ["readiness", "--service", f"shop{HOSTILE}"],
        ["readiness", "--old", "http://x", "--new", "http://x", "--output", "/dev/null/\x1b[31m"],
    ],
)
def test_a_command_shows_what_it_did_not_understand_without_terminal_codes(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = main(arguments)
    except SystemExit as end:
        code = end.code
    assert code == 2
    printed = capsys.readouterr()
    assert all(line.isprintable() for line in (printed.out + printed.err).split("\n"))
