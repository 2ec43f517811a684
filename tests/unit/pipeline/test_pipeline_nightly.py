"""`cutover nightly`: one issue, open while something disagrees."""

from __future__ import annotations

from typing import Any

import pytest

from commands import nightly
from commands.pipeline import github
from tests.unit.support.pipeline_desk import Desk


class Issues:
    """A repository's issues."""

    def __init__(self) -> None:
        other = {
            "number": 1,
            "state": "open",
            "title": github.ISSUE,
            "body": "",
            "user": {"login": "ada"},
        }
        self.held: list[dict[str, Any]] = [other]

    def send(self, method: str, path: str, body: Any = None) -> Any:
        if method == "GET":
            return [each for each in self.held if each["state"] == "open"]
        if method == "POST":
            own = {"number": len(self.held) + 1, "state": "open", "user": {"login": github.AUTHOR}}
            self.held.append(own | body)
        for each in self.held:
            if method == "PATCH" and path == f"issues/{each['number']}":
                each.update(body)
        return None

    def states(self) -> list[str]:
        return [each["state"] for each in self.held]


@pytest.fixture
def issues(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Issues:
    found = Issues()
    monkeypatch.setattr(nightly, "_client", desk.client)
    monkeypatch.setattr(nightly.github, "repository", lambda _: found)
    return found


def night(desk: Desk, weight: int = 10) -> int:
    return nightly.main(["--declaration", str(desk.declare(weight)), "--issue"])


def test_an_issue_is_opened_updated_left_and_closed(
    desk: Desk, issues: Issues, capsys: pytest.CaptureFixture[str]
) -> None:
    assert night(desk) == 0
    assert "no issue, and none is needed" in capsys.readouterr().out
    desk.cloud.weigh("A", 90)
    assert night(desk) == 1
    assert "an issue was opened" in capsys.readouterr().out
    assert "- chatmrpt: The A record sends 90 % to new" in issues.held[1]["body"]
    assert night(desk) == 1
    assert "the issue is up to date" in capsys.readouterr().out
    desk.cloud.weigh("A", 80)
    assert night(desk) == 1
    assert "sends 80 %" in issues.held[1]["body"]
    desk.cloud.weigh("A", 10)
    assert night(desk) == 0
    # Somebody else's issue of the same title is not ours.
    assert issues.states() == ["open", "closed"]


def test_what_is_declared_and_not_deployed_counts_at_night(desk: Desk, issues: Issues) -> None:
    assert night(desk, 25) == 1
    assert "git declares 25 %" in issues.held[1]["body"]


def test_what_could_not_be_told_opens_and_closes_nothing(desk: Desk, issues: Issues) -> None:
    desk.cloud.weigh("A", 90)
    night(desk)
    desk.cloud.weigh("A", 10)
    desk.cloud.switch.gone = True
    assert night(desk) == 2
    assert issues.states() == ["open", "open"]
