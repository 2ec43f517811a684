"""However a rehearsal ends, it says what happened, what is true now and what to do."""

from __future__ import annotations

import asyncio
import sys

import pytest
from rich.console import Console

from rehearsal import __main__ as program
from rehearsal.cdk import CdkError
from rehearsal.chat.play import ChatError


def played(monkeypatch: pytest.MonkeyPatch, error: BaseException | None) -> int:
    async def rehearse(_console: Console) -> None:
        await asyncio.sleep(0)
        if error is not None:
            raise error

    monkeypatch.setattr(program, "rehearse", rehearse)
    monkeypatch.setattr(sys, "argv", ["rehearsal"])
    return program.main()


def test_all_was_as_declared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert played(monkeypatch, None) == 0
    assert "all as declared; nothing is left running" in capsys.readouterr().out


def test_a_failure_that_can_be_expected_is_a_sentence_what_is_true_now_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert played(monkeypatch, CdkError("cdk diff failed: [-] a mark")) == 1
    said = capsys.readouterr()
    words = " ".join(said.out.split())
    assert words.startswith("failed: cdk diff failed: [-] a mark Nothing is left running")
    assert "Run `make rehearse` again" in words
    assert said.err == ""


@pytest.mark.parametrize(
    ("arguments", "play", "command"),
    [([], "rehearse", "make rehearse"), (["--chat"], "play_chat", "make chat")],
)
def test_each_play_is_told_by_the_command_that_begins_it_anew(
    arguments: list[str],
    play: str,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def fails(_console: Console) -> None:
        raise ChatError("2 errors that a healthy side could have spared")

    monkeypatch.setattr(program, play, fails)
    monkeypatch.setattr(sys, "argv", ["rehearsal", *arguments])
    assert program.main() == 1
    words = " ".join(capsys.readouterr().out.split())
    assert words.startswith("failed: 2 errors that a healthy side could have spared")
    assert f"Run `{command}` again" in words


def test_a_failure_that_nobody_expected_shows_where_it_was_before_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert played(monkeypatch, KeyError("switch")) == 1
    said = capsys.readouterr()
    assert "failed: KeyError: 'switch', which nobody expected" in " ".join(said.out.split())
    assert "Traceback" in said.err


def test_an_interruption_is_130_and_says_how_to_begin_anew(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert played(monkeypatch, asyncio.CancelledError()) == 130
    said = " ".join(capsys.readouterr().out.split())
    assert "stopped; nothing is left running. `make rehearse` begins anew." in said
