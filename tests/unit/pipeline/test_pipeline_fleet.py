"""Several services at a desk: promote, plan and apply keep to `cutover_fleet`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands import declared, plan, promote
from commands.pipeline import change_sets, fleet, many, planning
from commands.pipeline.errors import CouldNotTellError, PipelineError, RefusedError
from cutover.declaration.reading.context import Cutover
from shared.promotion.line import Line
from shared.status.standing import Standing
from tests.unit.support.several import several
from tests.unit.support.statuses import THROWN, deployed, edge, standing

Promote = Callable[..., tuple[int, str, str]]


class Town:
    """Services by name: their weights, and what else is so. `declared` is cdk.json."""

    def __init__(self, file: Path, context: dict[str, Any]) -> None:
        self.file = file
        self.context = context
        self.live: dict[str, int | None] = {}
        self.thrown: set[str] = set()
        self.wrong: dict[str, PipelineError] = {}
        self.line = Line()

    def are(self, **live: int | None) -> None:
        """Deploy services with these weights, declared alike; None: it is declared and not deployed."""
        self.live = live
        self.declare(**{name: weight or 0 for name, weight in live.items()})

    def declare(self, fleet: Any = None, **weights: int) -> None:
        """Write cdk.json."""
        self.context["cutover"] = several(self._like, *self.live, **weights)
        if fleet is not None:
            self.context["cutover_fleet"] = fleet
        self.file.write_text(json.dumps({"app": "x", "context": self.context}, indent=2))

    @property
    def _like(self) -> dict[str, Any]:
        if not hasattr(self, "_first"):
            self._first = json.loads(json.dumps(self.context))
        return self._first

    @property
    def declared(self) -> dict[str, int]:
        """What cdk.json declares now."""
        services = json.loads(self.file.read_text())["context"]["cutover"]
        return {name: service["new_weight"] for name, service in services.items()}

    def standing(self, name: str) -> Standing:
        weight = self.live[name] or 0
        door = edge(weight, THROWN) if name in self.thrown else edge(weight)
        return standing(
            service=name, deployed=deployed(weight), doors=(door,), line=self.line, declared=weight
        )

    def must_agree(self, cutover: Cutover, *_: object) -> Standing:
        if cutover.name in self.wrong:
            raise self.wrong[cutover.name]
        return self.standing(cutover.name)

    def looked_at(self, cutover: Cutover, *_: object) -> tuple[Standing, list[Any]]:
        return self.standing(cutover.name), []

    def held(self, _client: object, stack: str) -> object:
        return None if self.live[stack.removesuffix("-traffic")] is None else object()


@pytest.fixture
def town(tmp_path: Path, context: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Town:
    found = Town(tmp_path / "cdk.json", context)
    for module in (promote, many, planning):
        monkeypatch.setattr(module, "must_agree", found.must_agree)
    monkeypatch.setattr(fleet, "looked_at", found.looked_at)
    monkeypatch.setattr(change_sets, "held", found.held)
    monkeypatch.setattr(promote, "CDK_JSON", found.file)
    monkeypatch.setattr(promote, "must_be_logged_in", lambda: None)
    monkeypatch.setattr(promote, "_client", lambda _service, _region: None)
    monkeypatch.setattr(
        declared,
        "cdk_json_context",
        lambda: json.loads(found.file.read_text(encoding="utf-8"))["context"],
    )
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    return found


@pytest.fixture
def call(town: Town, capsys: pytest.CaptureFixture[str]) -> Promote:
    def called(*arguments: str) -> tuple[int, str, str]:
        code = promote.main(list(arguments))
        printed = capsys.readouterr()
        return code, printed.out, " ".join(printed.err.split())

    return called


def test_without_a_fleet_everybody_takes_the_next_step(town: Town, call: Promote) -> None:
    town.are(aa=0, bb=10, cc=100)
    assert call("--all")[0] == 0
    assert town.declared == {"aa": 1, "bb": 25, "cc": 100}


def test_as_many_as_may_move_at_once_and_the_others_are_told_why_they_wait(
    town: Town, call: Promote
) -> None:
    town.are(aa=0, bb=10, cc=0, dd=0)
    town.declare({"at_once": 2}, bb=10)
    code, out, _ = call("--all")
    assert (code, town.declared) == (0, {"aa": 1, "bb": 25, "cc": 0, "dd": 0})
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert "1 aa 0 % 1 % is declared now" in rows
    assert "1 bb 10 % 25 % is declared now" in rows
    assert "1 cc 0 % 2 services move at once, and first come: bb, aa" in rows
    # Called again before anything is deployed, nothing changes.
    code, out, _ = call("--all")
    assert (code, town.declared) == (0, {"aa": 1, "bb": 25, "cc": 0, "dd": 0})
    assert "is declared already: deploy it" in out


def test_a_wave_waits_for_the_earlier_one(town: Town, call: Promote) -> None:
    waves = {"at_once": 3, "waves": [["bb"], ["aa", "cc"]]}
    town.are(aa=0, bb=50, cc=0)
    town.declare(waves, bb=50)
    assert call("--all")[0] == 0
    assert town.declared == {"aa": 0, "bb": 100, "cc": 0}
    town.are(aa=0, bb=100, cc=0)
    town.declare(waves, bb=100)
    assert call("--all")[0] == 0
    assert town.declared == {"aa": 1, "bb": 100, "cc": 1}


def test_one_that_was_rolled_back_keeps_its_place_and_stops_the_next_wave(
    town: Town, call: Promote
) -> None:
    town.are(aa=10, bb=0, cc=0)
    town.thrown = {"aa"}
    town.declare({"at_once": 1, "waves": [["aa", "bb"], ["cc"]]}, aa=10)
    code, out, err = call("--all")
    assert (code, town.declared) == (1, {"aa": 10, "bb": 0, "cc": 0})
    assert "aa: aa: the switch is thrown" not in err
    assert "aa: the switch is thrown, and everybody is on old" in err
    assert "one service moves at once, and on their way: aa" in out
    assert "wave 2 rises when the earlier have finished: aa (10 %, and its switch is thrown)" in out


def test_what_cannot_be_told_of_one_is_said_and_others_go_on(town: Town, call: Promote) -> None:
    town.are(aa=10, bb=10, cc=None)
    town.wrong = {"aa": CouldNotTellError("aa: no answer")}
    code, out, _ = call("--all")
    assert (code, town.declared) == (0, {"aa": 10, "bb": 25, "cc": 0})
    assert "no answer" in out
    assert "deploy it first: cdk deploy --all" in out
    town.wrong["bb"] = RefusedError("bb: somebody turned it")
    assert call("--all")[0] == 2


def test_a_stopped_line_lets_nobody_be_declared(town: Town, call: Promote) -> None:
    town.are(aa=10, bb=0)
    town.line = Line("stopped", "grace", "too hot", "today")
    code, _, err = call("--all")
    assert (code, town.declared) == (1, {"aa": 10, "bb": 0})
    assert "The line is stopped by grace since today: too hot" in err
    code, out, err = call("--all", "--show")
    assert (code, err) == (0, "")
    assert "The line is stopped by grace since today: too hot" in out


def test_with_everything_on_new_no_step_is_left(town: Town, call: Promote) -> None:
    town.are(aa=100, bb=100)
    code, out, _ = call("--all")
    assert code == 0
    assert "New has all traffic of every service" in out


def test_showing_changes_nothing(town: Town, call: Promote) -> None:
    town.are(aa=10, bb=0)
    code, out, _ = call("--all", "--show")
    assert (code, town.declared) == (0, {"aa": 10, "bb": 0})
    assert "is next" in out


@pytest.mark.parametrize("more", [["--service", "aa"], ["--to", "25"]])
def test_all_is_about_everybody(town: Town, call: Promote, more: list[str]) -> None:
    town.are(aa=10, bb=0)
    code, _, err = call("--all", *more)
    assert code == 2
    assert "--all is about every service" in err


def test_one_service_alone_keeps_to_the_fleet_too(town: Town, call: Promote) -> None:
    town.are(aa=10, bb=0)
    town.declare({"at_once": 1}, aa=10)
    code, _, err = call("--service", "bb")
    assert (code, town.declared) == (1, {"aa": 10, "bb": 0})
    assert "bb must wait: one service moves at once, and on their way: aa." in err
    assert call("--service", "aa")[0] == 0
    assert town.declared == {"aa": 25, "bb": 0}


def test_a_plan_in_which_too_many_rise_is_refused_before_anything_is_prepared(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    town.are(aa=10, bb=0, cc=100)
    town.declare({"at_once": 1}, aa=25, bb=1, cc=50)
    monkeypatch.setattr(plan, "must_be_logged_in", lambda: None)
    monkeypatch.setattr(plan, "stacks_of", lambda _: [])
    monkeypatch.setattr(plan, "_client", lambda _service, _region: None)
    told = ["--app", str(tmp_path), "--output", str(tmp_path / "plan.json")]
    assert plan.main(told) == 1
    err = capsys.readouterr().err
    assert "bb must wait: one service moves at once, and first come: aa." in err
    assert "cc must wait" not in err
    # The others count, though the plan is about one.
    assert plan.main([*told, "--service", "bb"]) == 1
    assert "bb must wait: one service moves at once, and on their way: aa." in (
        capsys.readouterr().err
    )
