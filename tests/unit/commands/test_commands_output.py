"""What a command prints can be piped: nothing is cut, progress goes beside it, and who reads may leave."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from commands.__main__ import COMMANDS
from commands.pipeline import stock_cdk
from commands.terminal import page
from cutover.paths import ROOT


def test_a_reader_that_leaves_ends_a_command_without_a_traceback() -> None:
    """`yes | head` ends so too. The reader is gone before the first line is written."""
    code = (
        "import sys, types; from commands import __main__ as start;"
        "told = types.SimpleNamespace(main=lambda _: print('x' * 99999) or 0);"
        "start.importlib.import_module = lambda _: told;"
        "sys.stdin.read(1); sys.argv[1:] = ['status']; sys.exit(start.main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as command:
        assert command.stdin is not None
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        command.stdin.close()
        assert command.stderr.read() == b""
    assert command.returncode == 141


def test_in_a_pipe_a_table_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert page().width == 160
    monkeypatch.setenv("COLUMNS", "40")
    assert page().width == 40


def test_that_cdk_synthesises_is_told_beside_what_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(stock_cdk, "_run", lambda *given: ran.append(given))
    asked = stock_cdk.argparse.Namespace(app=None, declaration=None)
    assert stock_cdk.assembly(asked, tmp_path) == tmp_path
    assert [given[0] for given in ran] == ["synth"]
    assert capsys.readouterr() == ("", "cdk synth\n")
    asked.app = tmp_path / "made"
    assert stock_cdk.assembly(asked, tmp_path) == tmp_path / "made"
    assert capsys.readouterr() == ("", "")


def test_the_commands_are_listed_by_the_alphabet() -> None:
    assert list(COMMANDS) == sorted(COMMANDS)
