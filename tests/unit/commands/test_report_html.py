"""report.html: whatever a server sent is text in it, nothing comes from elsewhere, and it can be read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.report import html as report_html
from commands.report.html import html, marked
from commands.report.wording import plain
from shared.inference.verdict import Verdict
from shared.readiness.finding import Finding, Report, check
from tests.unit.support import report_samples

_VOID = {"meta", "br"}
_KNOWN = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer"),
    *("h1", "h2", "p", "dl", "dt", "dd", "ul", "li", "div", "span", "b", "a", "code", "pre", "br"),
    *("table", "thead", "tbody", "tr", "th", "td", "del", "ins", "details", "summary"),
    *("figure", "figcaption", "svg", "text", "line", "path", "circle", "rect"),
    *("polyline", "polygon"),
}


class Page(HTMLParser):
    """What a browser would make of a page: its elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


@pytest.mark.parametrize(
    "report",
    [report_samples.ready(), report_samples.not_ready(), report_samples.hostile()],
    ids=["ready", "not ready", "hostile"],
)
def test_a_page_holds_no_script_and_nothing_from_elsewhere(
    report: Report,
) -> None:
    page = Page(html(report))
    assert page.open == []
    assert set(page.tags) <= _KNOWN
    names = {name for name, _ in page.attributes}
    assert not {"src", "srcset", "style", "xlink:href"} & names
    assert not [name for name in names if name.startswith("on")]
    assert all(value.startswith("#") for value in page.values("href"))
    assert (
        re.search(r"url\(|@import|://", html(report).split("<style>")[1].split("</style>")[0])
        is None
    )
    assert "default-src 'none'" in page.values("content")[0]


def test_what_a_server_sent_is_shown_as_text() -> None:
    shown = "".join(Page(html(report_samples.hostile())).words)
    assert "<script>alert('x')</script>" in shown
    assert "\\x1b[31m" in shown
    assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", shown)


def test_a_page_has_a_language_a_title_and_ids_that_are_its_own() -> None:
    page = Page(html(report_samples.not_ready()))
    assert page.values("lang") == ["en"]
    assert page.tags["title"] > 1
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    assert set(page.values("aria-labelledby")) <= set(ids)
    assert {value.removeprefix("#") for value in page.values("href")} <= set(ids)
    drawings = page.values("role").count("img") + page.values("aria-hidden").count("true")
    assert page.tags["svg"] == drawings


def test_what_keeps_it_from_being_ready_stands_first_with_the_ids_to_waive() -> None:
    report = report_samples.not_ready()
    text = " ".join(Page(html(report)).words)
    first = text.index("What keeps it from being ready")
    assert first < text.index("Performance", first)
    before_the_checks = text[first : text.index("Response times")]
    assert all(finding.id in before_the_checks for finding in report.against())
    waivable = [finding.id for finding in report.against() if finding.waivable]
    assert text.count('"finding":') == len(waivable)


def test_a_waived_difference_shows_who_answers_for_it() -> None:
    page = html(report_samples.ready())
    assert "What keeps it from being ready" not in page
    assert "waived by Ada until 2026-12-31: the CDN in front of new wants it public" in page
    assert "max-age=<del>60</del>" in page


def test_a_waiver_that_expired_is_not_said_to_have_passed() -> None:
    section = html(report_samples.ready()).split('id="waivers"')[1].split("</section>")[0]
    assert "expired on 2026-11-01" in section
    assert "chip" not in section.split("</h2>")[1].split("findings")[1]


def test_many_findings_that_passed_are_folded_away_but_the_others_are_not() -> None:
    many = [Finding(f"parity:/{i}", Verdict.PASS, f"/{i}: the same") for i in range(40)]
    wrong = Finding("parity:/x:new", Verdict.FAIL, "/x on new: status 500")
    report = replace(report_samples.ready(), checks=(check("parity", [*many, wrong]),))
    section = html(report).split('id="parity"')[1]
    shown, folded = section.split("<details>")
    assert wrong.id in shown
    assert "40 findings passed" in folded
    assert many[39].id in folded


@given(st.text(max_size=60), st.text(max_size=60))
def test_marking_what_differs_loses_and_adds_no_character(old: str, new: str) -> None:
    for side, shown in zip((old, new), marked(old, new), strict=True):
        without_marks = re.sub(r"</?(del|ins)>", "", shown)
        assert "<" not in without_marks
        assert unescape(without_marks) == plain(side)


def test_two_long_bodies_are_shown_cut_and_not_compared_word_by_word() -> None:
    old, new = marked("a " * 5000, "b " * 5000)
    assert "<del>" not in old
    assert "9400 more characters" in new


def _colours(scheme: str) -> dict[str, str]:
    found = re.findall(r"--([a-z-]+): (#[0-9a-f]{6})\b", scheme)
    return dict(found)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(scheme: int) -> None:
    # WCAG 2.2, success criterion 1.4.3: 4.5 to 1 for text.
    style = Path(report_html.__file__).with_name("report.css").read_text(encoding="utf-8")
    colours = _colours(style.split(":root {")[scheme + 1].split("}")[0])
    pairs = [(text, back) for text in ("ink", "soft") for back in ("card", "page", "inset")]
    pairs += [(kind, f"{kind}-back") for kind in ("pass", "fail", "unsure", "none")]
    pairs += [(kind, "card") for kind in ("pass", "fail", "unsure", "old", "new")]
    pairs += [("ink", "removed"), ("ink", "added")]
    for text, back in pairs:
        one, other = sorted(_luminance(colours[name]) for name in (text, back))
        assert (other + 0.05) / (one + 0.05) >= 4.5, (text, back)
