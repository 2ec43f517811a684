"""report.md: a comment that says what counts, tells nobody, links nowhere, and is never too long."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from commands.report.markdown import markdown
from shared.inference.verdict import Verdict
from shared.readiness.finding import Finding, check
from tests.unit.support import report_samples

COMMENT = 65_536


def _cells(row: str) -> int:
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", row))


def _assert_harmless(text: str) -> None:
    tags = set(re.findall(r"(?<!\\)(?:\\\\)*<(/?[a-z]+)", text))
    assert tags <= {"br", "code", "/code", "details", "/details", "summary", "/summary"}
    outside_code = re.sub(r"<code>.*?</code>", "", text)
    assert not re.search(r"@\w", outside_code)
    assert "://" not in text
    assert not re.search(r"(?<!\\)(?:\\\\)*[`\[]", text)
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        assert len({_cells(row) for row in table.splitlines()}) == 1, table


def test_a_server_can_neither_tell_a_person_nor_break_a_table() -> None:
    _assert_harmless(markdown(report_samples.hostile()))


@given(st.text(alphabet=st.sampled_from("\\|`<>@#[]()*_~&$ \nxw.:/!-"), max_size=40))
def test_no_text_gets_out_of_its_place(sent: str) -> None:
    finding = Finding(f"parity:/{sent}", Verdict.FAIL, f"/: {sent}", sent, f"{sent}x", True)
    checks = (check("parity", [finding]), check("attestations", [replace(finding, old="")]))
    _assert_harmless(markdown(replace(report_samples.ready(), checks=checks)))


def test_the_verdict_comes_first_then_what_keeps_it_from_being_ready() -> None:
    text = markdown(report_samples.not_ready())
    assert text.startswith(
        "## ❌ Not ready: chatmrpt\n\n**/ping on new: status 503, but must be 200;"
    )
    against = text.split("### What keeps it from being ready")[1].split("###")[0]
    assert against.count("\n- ❌") == len(report_samples.not_ready().against())


def test_a_ready_report_says_what_was_not_checked_and_what_is_waived() -> None:
    text = markdown(report_samples.ready())
    assert text.startswith("## ✅ Ready: chatmrpt")
    assert "Not checked: tls, configuration." in text
    assert "What keeps it" not in text
    assert "waived by Ada until 2026-12-31" in text


def test_figures_are_in_the_tables() -> None:
    text = markdown(report_samples.not_ready())
    assert re.search(r"\| new \| 300 \| 0 \| \d+ ms \(\d+ to \d+\) \|", text)
    assert "| by the clock, 15 s | new | 318 | 10 |" in text


def test_a_report_with_a_thousand_differences_still_fits_a_comment() -> None:
    long = "<|`_*" * 200
    many = [
        Finding(f"parity:/{i}:{long}", Verdict.FAIL, long, long, long, True) for i in range(1000)
    ]
    text = markdown(replace(report_samples.ready(), checks=(check("parity", many),)))
    assert len(text) < COMMENT
    assert "980 more are in report.html" in text
