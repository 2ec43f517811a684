"""The command: what it checks, what it exits with, and what it tells whom."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from rich.console import Console

from commands import readiness as command
from commands.progress import CheckProgress
from shared.readiness.finding import Report
from shared.readiness.spec import Spec
from tests.unit.support import report_samples

URLS = ["--old", "http://old.example:8080", "--new", "https://new.example/"]


class Runs:
    """Stands in for the checks, and remembers what it was asked to check."""

    def __init__(self) -> None:
        self.specs: list[Spec] = []
        self.report: Report = report_samples.ready()
        self.meanwhile: Callable[[], None] = lambda: None
        self.today: Any = None
        self.secrets: dict[str, str] = {}

    async def __call__(
        self,
        spec: Spec,
        *,
        today: Any,
        progress: Callable[[str, float], None],
        clients: Any,
        secrets: Mapping[str, str],
    ) -> Report:
        self.secrets = dict(secrets)
        self.specs.append(spec)
        self.today = today
        assert clients is not None
        for done in (0.0, 0.5, 1.0, 1.0):
            progress("parity", done)
        self.meanwhile()
        await asyncio.sleep(0.01)
        return self.report


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    fake = Runs()
    monkeypatch.setattr(command, "run", fake)
    return fake


def _declaration(folder: Path, **services: Any) -> str:
    file = folder / "services.json"
    file.write_text(json.dumps(services), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (report_samples.ready(), 0),
        (report_samples.not_ready(), 1),
        (report_samples.could_not_tell(), 2),
    ],
    ids=["ready", "not ready", "could not tell"],
)
def test_the_exit_code_says_what_was_found(runs: Runs, report: Report, code: int) -> None:
    runs.report = report
    assert command.main(URLS) == code
    written = sorted(file.name for file in Path("build/readiness").iterdir())
    assert written == ["report.html", "report.json", "report.md"]
    assert runs.today == datetime.now(UTC).date()


def test_two_urls_are_compared_by_what_is_usual(runs: Runs) -> None:
    command.main([*URLS, "--endpoint", "/ping", "--endpoint", "/"])
    (spec,) = runs.specs
    assert (spec.old.url, spec.new.url) == ("http://old.example:8080", "https://new.example")
    assert [endpoint.path for endpoint in spec.endpoints] == ["/", "/ping"]
    assert spec.service == "new.example"
    assert (spec.latency.samples, spec.latency.average_ms, spec.load.at_once) == (100, 250, 10)


def test_without_urls_the_declared_service_is_checked(runs: Runs) -> None:
    command.main([])
    (spec,) = runs.specs
    assert spec.service == "chatmrpt"
    assert spec.old.url == "http://chatmrpt-alb-319454030.us-east-2.elb.amazonaws.com:80"
    assert [endpoint.path for endpoint in spec.endpoints] == ["/ping", "/", "/system-health"]
    assert spec.old.load_balancer


def test_a_url_takes_the_place_of_a_declared_side_and_leaves_its_load_balancer(runs: Runs) -> None:
    command.main(["--service", "chatmrpt", "--new", "http://127.0.0.1:8080", "--endpoint", "/x"])
    (spec,) = runs.specs
    assert (spec.new.url, spec.new.load_balancer) == ("http://127.0.0.1:8080", "")
    assert spec.old.load_balancer
    assert [endpoint.path for endpoint in spec.endpoints][-1] == "/x"


def test_secrets_of_journeys_are_taken_from_the_environment(
    runs: Runs, declared: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/user-AbCdEf"
    declared["readiness"] |= {
        "secrets": [{"name": name, "arn": arn, "key": name} for name in ("password", "token")],
        "journeys": [
            {"name": "j", "steps": [{"path": "/", "headers": {"A": "{password}{token}"}}]}
        ],
    }
    monkeypatch.setenv("CUTOVER_DECLARATION", _declaration(tmp_path, shop=declared))
    monkeypatch.setenv("CUTOVER_SECRET_PASSWORD", "hunter2")
    command.main([])
    assert runs.secrets == {"password": "hunter2"}


def test_the_declaration_is_found_as_the_app_finds_it(
    runs: Runs, declared: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTOVER_DECLARATION", _declaration(tmp_path, shop=declared))
    command.main([])
    other = tmp_path / "other"
    other.mkdir()
    command.main(["--declaration", _declaration(other, bakery=declared)])
    assert [spec.service for spec in runs.specs] == ["shop", "bakery"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--old", "ftp://old", "--new", "http://new"],
            "--old: 'ftp://old' is not the root of a site",
        ),
        (["--old", "http://old/app", "--new", "http://new"], "--old: 'http://old/app' is not"),
        ([*URLS, "--endpoint", "ping"], "--endpoint: 'ping' is not a path"),
        (
            ["--service", "chatmrtp"],
            "--service chatmrtp is not declared in cdk.json. Did you mean chatmrpt?",
        ),
        (["--declaration", "nowhere.json"], "nowhere.json cannot be read"),
        ([*URLS, "--output", "/proc/none"], "/proc/none cannot be written to"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_a_sentence(
    runs: Runs, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert said in error
    assert error.count("\n") == 1
    assert runs.specs == []


def test_a_declaration_with_faults_is_refused_with_each_of_them(
    runs: Runs, declared: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declared["region"], declared["readiness"] = 5, {"samples": 1}
    assert command.main(["--declaration", _declaration(tmp_path, shop=declared)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "shop.readiness.samples" in "".join(lines)


def test_of_several_services_one_must_be_named(
    runs: Runs, declared: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = json.dumps(declared)
    other = json.loads(text.replace("chatmrpt-", "bakery-"))
    file = _declaration(tmp_path, shop=declared, bakery=other)
    assert command.main(["--declaration", file]) == 2
    assert "2 services are declared: say which one with --service NAME" in capsys.readouterr().err
    command.main(["--declaration", file, "--service", "bakery"])
    assert runs.specs[0].service == "bakery"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_in_good_order(
    runs: Runs, number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    runs.meanwhile = lambda: os.kill(os.getpid(), number)
    assert command.main(URLS) == 130
    captured = capsys.readouterr()
    assert "no report was written" in captured.out
    assert captured.err == ""
    assert list(Path("build/readiness").iterdir()) == []


def test_a_bad_argument_ends_with_2(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["--weight", "10"])
    assert "unrecognized arguments" in capsys.readouterr().err


def test_what_is_told_ends_with_the_reasons_and_where_the_reports_are(
    runs: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    runs.report = report_samples.not_ready()
    command.main(URLS)
    told = capsys.readouterr().out
    assert "Not ready:\n  /ping on new: status 503, but must be 200\n" in told
    assert "and 1 more finding in the reports" in told
    assert "build/readiness/report.html" in told.splitlines()[-1]


def test_a_server_cannot_write_to_the_terminal(
    runs: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    runs.report = report_samples.hostile()
    command.main(URLS)
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "\\x1b[31m" in told


@pytest.mark.parametrize("is_terminal", [False, True])
def test_progress_is_lines_unless_there_is_a_terminal(
    is_terminal: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with CheckProgress(Console(force_terminal=is_terminal, width=80)) as progress:
        for done in (0.0, 0.4, 1.0, 1.0):
            progress("parity", done)
    told = capsys.readouterr().out
    if is_terminal:
        assert "100%" in told
        assert "begun" not in told
    else:
        assert [line.split(" after")[0] for line in told.splitlines()] == [
            "parity: begun",
            "parity: done",
        ]


@pytest.fixture
def site() -> Iterator[str]:
    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 500)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        def do_OPTIONS(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Site) as server:
        # It looks so often whether it is to end.
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_two_sides_that_answer_alike_are_ready_and_one_that_fails_is_not(
    site: str,
    declared: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    # Two requests are due while the rate is held: a busy machine is behind with no more than it may be.
    rate = {"rate": 4, "ramp_seconds": 0.5, "hold_seconds": 0.5}
    brief = {"loop_seconds": 0.5, "samples": 100, **rate}
    declared["endpoints"] = [{"path": "/"}]
    declared["readiness"] = {**brief, "slowdown_percent": 1000}
    declared["thresholds"] = {"latency_average_ms": 60_000, "latency_p95_ms": 60_000}
    arguments = ["--old", site, "--new", site]
    arguments += ["--declaration", _declaration(tmp_path, shop=declared)]
    assert command.main(arguments) == 0
    assert command.main([*arguments, "--endpoint", "/broken"]) == 1
    assert "/broken on new: status 500" in capsys.readouterr().out
