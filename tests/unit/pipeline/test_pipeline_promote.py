"""`cutover promote`: the next step from what is live, or a sentence."""

from __future__ import annotations

import json

import pytest

from commands import promote
from tests.unit.support.pipeline_desk import Desk


def call(desk: Desk, declared: int, *arguments: str, **changes: object) -> tuple[int, int]:
    """Return the exit code, and what is declared afterwards."""
    file = desk.declare(declared, **changes)
    before = file.read_text()
    code = promote.main(["--declaration", str(file), *arguments])
    after = json.loads(file.read_text())["chatmrpt"]["new_weight"]
    # Only the number has changed.
    assert file.read_text() == before.replace(f'"new_weight": {declared}', f'"new_weight": {after}')
    return code, after


def test_the_next_step_from_what_is_live_is_declared(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(desk, 10) == (0, 25)
    out = capsys.readouterr().out
    assert "chatmrpt: new has 10 %" in out
    rows = [" ".join(line.split()) for line in out.splitlines() if " of 6" in line]
    assert [row.split(" min")[0] for row in rows[:2]] == ["1 of 6 1 % 5", "2 of 6 5 % 5"]
    assert "done" in rows[2]
    assert "next" in rows[3]
    assert rows[3].endswith("02:00 New York") or rows[3].endswith("New York")
    assert "declares 25 % now, instead of 10" in out


def test_a_step_is_not_skipped(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(desk, 10, "--to", "50") == (1, 10)
    assert "the next step is 25 %, and 50 % skips it" in capsys.readouterr().err
    assert call(desk, 10, "--to", "10") == (1, 10)
    assert call(desk, 10, "--to", "25") == (0, 25)


def test_a_step_that_is_declared_already_is_only_said(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(desk, 25) == (0, 25)
    assert "25 %, is declared already" in capsys.readouterr().out


def test_another_weight_that_is_declared_and_not_deployed_comes_first(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(desk, 50) == (1, 50)
    assert "declares 50 % already" in capsys.readouterr().err


def test_showing_changes_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(desk, 10, "--show") == (0, 10)
    assert "4 of 6" in capsys.readouterr().out


def test_with_everything_on_new_no_step_is_left(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.formation.stacks["chatmrpt-traffic"]["template"]["Resources"]["Gate"]["Properties"][
        "NewWeight"
    ] = 100
    desk.live(100)
    assert call(desk, 100) == (0, 100)
    assert "no step is left" in capsys.readouterr().out


def test_a_thrown_switch_stops_a_promotion(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.cloud.store.items["switch"] = json.dumps({"state": "thrown", "by": "ada", "reason": "x"})
    desk.cloud.switch.disabled = desk.cloud.switch.inverted = True
    assert call(desk, 10) == (1, 10)
    assert "the switch is thrown, and everybody is on old" in capsys.readouterr().err


def test_doors_that_differ_stop_a_promotion(desk: Desk) -> None:
    desk.cloud.weigh("A", 30)
    assert call(desk, 10) == (1, 10)


def test_a_freeze_without_end_is_shown_as_never(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    frozen = {"freezes": [{"start": "2020-01-01", "end": "9999-12-31", "reason": "sold"}]}
    assert call(desk, 10, "--show", promotion=frozen) == (0, 10)
    assert capsys.readouterr().out.count("never: frozen") == 3


def test_declared_steps_are_the_way(desk: Desk) -> None:
    steps = {"steps": [{"weight": weight} for weight in (10, 40, 70, 100)]}
    assert call(desk, 10, promotion=steps) == (0, 40)


def test_among_several_services_one_is_named(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    from cutover.paths import ROOT

    assert promote.main(["--declaration", str(ROOT / "examples" / "dns-door.json")]) == 2
    assert "say which one with --service NAME. Declared: shop, reports" in capsys.readouterr().err


def test_a_service_that_is_not_declared_is_told_by_the_option_that_named_it(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(desk.declare(10))
    assert promote.main(["--declaration", file, "--service", "chatmrp"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "--service chatmrp is not declared in " in said
    assert "Did you mean chatmrpt? Declared: chatmrpt." in said
    assert "-c service" not in said


def test_a_stopped_line_stops_a_promotion_and_is_shown(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.cloud.line.stop()
    assert call(desk, 10) == (1, 10)
    said = capsys.readouterr()
    assert "chatmrpt: new has 10 %" in said.out
    assert "The line is stopped by grace since 2026-11-24T03:00:00+00:00: the cert" in said.err
    assert "cutover line start 'WHY'. Nothing was changed." in said.err
    assert call(desk, 10, "--show") == (0, 10)
    assert "The line is stopped by grace" in capsys.readouterr().out


def test_the_plan_names_the_groups_at_the_step_with_which_they_join(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = [
        {"name": "staff", "networks": ["192.0.2.0/24"]},
        {"name": "north", "from_weight": 25, "countries": ["SE"]},
        {"name": "beta", "cookie": {"name": "beta", "values": ["1"]}},
    ]
    assert call(desk, 10, "--show", promotion={"groups": groups}) == (0, 10)
    out = capsys.readouterr().out
    rows = [" ".join(line.split()) for line in out.splitlines() if " of 6" in line]
    assert rows[0].startswith("1 of 6 1 % staff, beta 5 min")
    assert rows[1].startswith("2 of 6 5 % 5 min")
    assert rows[3].startswith("4 of 6 25 % north 5 min")
    assert "Groups come on top of the weight, at the edge door only." in out


@pytest.mark.parametrize("arguments", [[], ["--show"]])
def test_the_capacity_of_the_next_step_is_told_where_it_is_declared(
    desk: Desk, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    promotion = desk.context["cutover"]["chatmrpt"].get("promotion", {})
    call(desk, 10, *arguments, promotion=promotion | {"capacity": {}})
    assert "capacity: what 25 % needs is NOT KNOWN" in capsys.readouterr().out


def test_without_the_key_no_capacity_is_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    call(desk, 10)
    assert "capacity:" not in capsys.readouterr().out


@pytest.mark.parametrize("weight", ["-1", "101", "33.5", "half", "٣"])
def test_a_weight_that_is_none_is_refused_before_anything_is_read(
    desk: Desk, weight: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        call(desk, 10, f"--to={weight}")
    assert "It must be: a whole number from 0 to 100" in capsys.readouterr().err
