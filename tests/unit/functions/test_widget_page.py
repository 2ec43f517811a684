"""The widget: what it shows, what its buttons ask, and that nothing that anybody wrote is markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollback.request import Release, RequestError, RollBack, parse
from shared.doors.mute import Mute
from shared.doors.switch import SwitchState
from shared.status.compare import compare
from shared.status.standing import Standing
from shared.widget_form.answer import page as answered
from shared.widget_form.pressed import as_request, is_click
from tests.unit.support.statuses import AGREEING, DENIED, NOW, THROWN, dns, edge, standing
from widget.page import page

ARN = "arn:aws:lambda:us-east-1:123456789012:function:chatmrpt-rollback"
ALLOWED = {
    *("style", "div", "p", "b", "table", "thead", "tbody", "tr", "th", "td", "span", "code"),
    *("form", "label", "input", "a", "cwdb-action", "h2", "br"),
}
VOID = {"input", "br"}


class Page(HTMLParser):
    """Every tag, each closed in order, and the buttons with what they do."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.before = ""
        self.buttons: list[dict[str, Any]] = []
        self.fields: dict[str, str | None] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        assert not any(name.startswith("on") for name in said)
        if tag == "cwdb-action":
            # The action belongs to the element just before it.
            assert self.before == "a"
            self.buttons[-1] |= said
        if tag == "a":
            self.buttons.append({"label": "", "json": ""})
        if tag == "input":
            self.fields[said["name"] or ""] = said["value"]
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.before = tag

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        if inside == "a":
            self.buttons[-1]["label"] += data
        elif inside == "cwdb-action":
            self.buttons[-1]["json"] += data
        elif inside != "style":
            self.text += data


def shown(of: Standing, typed: dict[str, str] | None = None, theme: str = "light") -> Page:
    html = page(of, compare(of), rollback_arn=ARN, typed=typed or {}, theme=theme)
    return Page(html)


def labels(of: Standing) -> list[str]:
    return [button["label"] for button in shown(of).buttons]


def pressed(of: Standing, label: str, typed: dict[str, str]) -> Any:
    """Return what the rollback function understands when `label` is pressed."""
    (button,) = [button for button in shown(of).buttons if button["label"] == label]
    assert (button["action"], button["display"]) == ("call", "popup")
    asked = json.loads(button["json"])
    # Its own alias: a viewer may have the right to one button and not to the other.
    assert button["endpoint"] == f"{ARN}:{asked['action']}"
    event = asked | {"widgetContext": {"accountId": "123456789012", "forms": {"all": typed}}}
    assert is_click(event)
    return parse(as_request(event))


ALL_THROWN = standing(doors=(edge(switch=THROWN), dns(switch=SwitchState("thrown"))))


def test_an_agreeing_service_shows_its_weights_share_mute_and_verdict() -> None:
    text = shown(AGREEING).text
    for said in (
        "New gets 25 %. Declared, deployed and live agree.",
        "the AAAA record",
        "25 % (24.2 to 25.8) of about 12,000 requests of users in 5 minutes",
        "none: alarms roll back",
        "PASS at 03:12 UTC",
        "UPDATE_COMPLETE, deployed 2026-11-24 01:12 UTC",
    ):
        assert said in text


def test_every_finding_is_shown_with_its_kind() -> None:
    of = standing(doors=(edge(40), dns()), judged=DENIED, mute=Mute(NOW, "bob", "test", NOW))
    text = shown(of).text
    for finding in compare(of):
        assert finding.says in text
    assert "Disagrees: The edge function" in text
    assert "Cannot tell: The judge's verdict" in text


@pytest.mark.parametrize(
    ("of", "there"),
    [
        (AGREEING, ["Roll back now"]),
        (ALL_THROWN, ["Release…"]),
        (standing(doors=(edge(switch=THROWN), dns())), ["Roll back now", "Release…"]),
        (standing(doors=(edge(switch=DENIED), dns())), ["Roll back now", "Release…"]),
    ],
)
def test_the_buttons_are_those_that_can_change_something(of: Standing, there: list[str]) -> None:
    assert labels(of) == there


def test_roll_back_says_who_and_why_as_typed() -> None:
    assert pressed(AGREEING, "Roll back now", {"by": " ada ", "reason": "checkout"}) == RollBack(
        "ada", "checkout"
    )


def test_an_empty_field_keeps_nobody_from_rolling_back() -> None:
    assert pressed(AGREEING, "Roll back now", {"by": " "}) == RollBack(
        "somebody at the dashboard", "Roll back now was pressed"
    )


def test_a_release_needs_a_name_and_a_reason() -> None:
    assert pressed(ALL_THROWN, "Release…", {"by": "ada", "reason": "mended"}) == Release(
        "ada", "mended"
    )
    with pytest.raises(RequestError, match="release needs reason"):
        pressed(ALL_THROWN, "Release…", {"by": "ada"})


def test_a_release_is_confirmed_with_what_it_does() -> None:
    (button,) = shown(ALL_THROWN).buttons
    assert button["confirmation"].startswith("STOP. New of chatmrpt will get 25 % of all traffic")


def test_what_is_typed_outlives_a_refresh() -> None:
    assert shown(AGREEING, {"by": 'a"da', "reason": "<b>"}).fields == {
        "by": 'a"da',
        "reason": "<b>",
    }
    assert shown(AGREEING).fields == {"by": "", "reason": ""}


def test_the_dark_dashboard_has_its_own_colours() -> None:
    light, dark = (
        re.findall(r"#[0-9a-f]{6}", page(AGREEING, [], rollback_arn=ARN, typed={}, theme=theme))
        for theme in ("light", "dark")
    )
    assert len(light) == len(dark)
    assert not set(light) & set(dark)


HOSTILE = st.text(max_size=40) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "</td></table><a>x</a><cwdb-action action='call'>{}</cwdb-action>",
        '" onmouseover="x',
        "</style><b>",
        "&lt;b&gt;",
    ]
)


@given(by=HOSTILE, reason=HOSTILE, at=HOSTILE, typed=HOSTILE, why=HOSTILE)
def test_no_text_that_anybody_wrote_becomes_markup(
    by: str, reason: str, at: str, typed: str, why: str
) -> None:
    of = replace(
        AGREEING,
        doors=(
            edge(switch=SwitchState("thrown", by, reason, at)),
            dns(switch=SwitchState("released", by, reason, at)),
        ),
        deployed=replace(DENIED, why=why),
        mute=Mute(NOW, by, reason, NOW),
    )
    found = shown(of, {"by": typed})
    assert set(found.tags) <= ALLOWED
    assert [button["label"] for button in found.buttons] == ["Roll back now", "Release…"]


@given(
    answer=st.dictionaries(
        st.sampled_from(["service", "state", "error", "did", "why", "doors", "warnings", "told"])
        | HOSTILE,
        HOSTILE
        | st.booleans()
        | st.none()
        | st.lists(HOSTILE, max_size=2)
        | st.dictionaries(HOSTILE, HOSTILE, max_size=2),
        max_size=6,
    )
)
def test_no_answer_becomes_markup(answer: dict[str, Any]) -> None:
    assert set(Page(answered(answer)).tags) <= ALLOWED


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            {"service": "shop", "state": "thrown", "doors": {"edge": "written"}, "told": True},
            [
                "shop: rolled back. Viewers go to old until a person releases the switch.",
                "edge: written",
                "yes",
            ],
        ),
        (
            {
                "service": "shop",
                "state": "released",
                "doors": {"edge": "already so"},
                "told": False,
            },
            [
                "shop: released. New gets its declared weight again, immediately.",
                "edge: already so",
                "no",
            ],
        ),
        ({"service": "shop", "error": "release needs by"}, ["nothing was done. release needs by"]),
        (
            {"service": "shop", "did": "nothing", "why": "old is down", "warnings": ["a", "b"]},
            ["nothing was done. old is down", "ab"],
        ),
    ],
)
def test_an_answer_is_a_sentence_and_what_became_of_each_door(
    answer: dict[str, Any], says: list[str]
) -> None:
    text = Page(answered(answer)).text
    for said in says:
        assert said in unescape(text)


@pytest.mark.parametrize(
    "event",
    [
        None,
        {"action": "status"},
        {"widgetContext": "x"},
    ],
)
def test_what_no_dashboard_sent_is_no_click(event: object) -> None:
    assert not is_click(event)


@pytest.mark.parametrize("forms", [None, "x", {}, {"all": None}, {"all": {"by": 3, "x": "y"}}])
def test_odd_fields_are_no_fields(forms: object) -> None:
    event = {"action": "release", "by": "ada", "widgetContext": {"forms": forms}}
    assert as_request(event) == {"action": "release", "by": "ada"}
