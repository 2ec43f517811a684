"""A command is done to its end whatever becomes of its output, and ends with a sentence and a code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands.as_a_process import run


def _raising(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def talks(done: list[str]) -> Callable[[], int]:
    def command() -> int:
        for _ in range(3):
            print("x" * 100_000, flush=True)
        done.append("the last step")
        return 0

    return command


@contextmanager
def nobody_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    read, write = os.pipe()
    os.close(read)
    # A descriptor that is closed by hand: closing the stream would flush it.
    with (
        open(write, "w", encoding="utf-8", closefd=False) as stream,
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", stream)
        yield
    os.close(write)


def test_nobody_reads_any_more_and_it_goes_on(
    talks: Callable[[], int], done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with nobody_reads(monkeypatch):
        assert run("apply", talks) == 141
    assert done == ["the last step"]


def test_a_refusal_stays_one_when_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    with nobody_reads(monkeypatch):
        assert run("status", lambda: print("no") or 1) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk at hand")
def test_a_full_disk_is_told_and_it_goes_on(
    talks: Callable[[], int],
    done: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert run("plan", talks) == 2
        monkeypatch.undo()
    assert done == ["the last step"]
    assert "what cutover plan says could not be written: No space left" in capfd.readouterr().err


def test_no_output_at_all_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert run("plan", lambda: print("x") or 0) == 2
    assert "could not be written" in capfd.readouterr().err


def test_what_an_encoding_lacks_is_spelt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "out"
    with file.open("w", encoding="ascii") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert run("status", lambda: print("old → new \udc80") or 0) == 0
        monkeypatch.undo()
    assert file.read_text(encoding="ascii") == "old \\u2192 new \\udc80\n"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "cutover status was interrupted. What it had done stands"),
        (
            RecursionError("too\x1b[31m deep"),
            2,
            "RecursionError: too\\x1b[31m deep (test_as_a_process",
        ),
        (AttributeError(), 2, "AttributeError: no more is said"),
    ],
)
def test_it_ends_with_a_sentence(
    error: BaseException, code: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("status", _raising(error)) == code
    told = capfd.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert len(told.splitlines()) == 1
