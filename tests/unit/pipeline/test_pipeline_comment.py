"""The comment: a sentence, the weights, what else changes, the diff folded; hostile text is only shown."""

# ruff: noqa: E501 - a table reads best with one case a line

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from markdown_it import MarkdownIt

from commands import comment as comment_command
from commands.pipeline import github
from commands.pipeline.errors import CouldNotTellError
from commands.pipeline.fleet import Undertaking
from commands.pipeline.markdown import LONGEST, MARKER, Part, comment
from commands.pipeline.review import Changed, Review, review
from commands.pipeline.sentence import Readiness, sentence
from commands.pipeline.turns import Progress, Seen
from cutover.declaration.fleet import Fleet
from cutover.declaration.promotion import Promotion
from shared.status.finding import Finding, Kind
from tests.unit.support.fake_formation import traffic
from tests.unit.support.pipeline_desk import SAFETY, Desk, assembly

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
NIGHTLY = Promotion.model_validate(
    {"time_zone": "America/New_York", "window": {"start": "02:00", "end": "06:00"}}
)
READY = Readiness("chatmrpt", "ready", datetime(2026, 11, 24, 5, 0, tzinfo=UTC))
HOSTILE = (
    "@everyone #1 <img src=x onerror=alert(1)> [a](http://evil) www.evil.com `x` | ![i](u)\u202e"
)


def of(before: dict[str, Any], after: dict[str, Any], **said: str) -> Part:
    replacements = {("chatmrpt-traffic", id_): how for id_, how in said.items()}
    one = review("chatmrpt", [("chatmrpt-traffic", before, after)], replacements)
    return Part(sentence(one, NIGHTLY, NOW, READY), one)


def test_a_rise_is_the_sentence_that_a_person_would_say() -> None:
    assert of(traffic(10), traffic(25)).sentence == (
        "chatmrpt: new 10 % -> 25 %, step 4 of 6, inside the window at 02:00 New York, "
        "readiness 2 h old: ready"
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (25, 10, "new 25 % -> 10 %, lower: it passes the gate at any time"),
        (5, 25, "step 4 of 6 (SKIPS 10 %)"),
        (10, 20, "not one of the declared steps"),
    ],
)
def test_other_changes_of_weight_say_what_they_are(before: int, after: int, said: str) -> None:
    assert said in of(traffic(before), traffic(after)).sentence


def test_outside_the_window_it_says_when_it_opens() -> None:
    one = review("chatmrpt", [("chatmrpt-traffic", traffic(10), traffic(25))])
    said = sentence(one, NIGHTLY, NOW.replace(hour=15))
    assert (
        "outside the window 02:00-06:00 at 10:00 New York, may rise from Wed 2026-11-25 02:00"
        in said
    )
    assert said.endswith("readiness not measured here")


def test_another_service_s_readiness_is_not_this_one_s() -> None:
    one = review("chatmrpt", [("chatmrpt-traffic", traffic(10), traffic(25))])
    assert "not measured" in sentence(one, NIGHTLY, NOW, replace(READY, service="shop"))


def test_a_weight_change_is_the_weights_and_nothing_else() -> None:
    text = comment([of(traffic(10), traffic(25))])
    assert text.startswith(MARKER)
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    assert rows == [
        "| where | what | before | after |",
        "| edge | weight of new | 10 % | 25 % |",
        "| dns, A | weight of new | 10 % | 25 % |",
        "| dns, A | weight of old | 90 % | 75 % |",
        "| the gate | weight of new | 10 % | 25 % |",
        "| the bake | weight of new | 10 % | 25 % |",
    ]
    assert "The weights change, and nothing else." in text
    assert "CAUTION" not in text
    head, folded = text.split("<details><summary>chatmrpt-traffic</summary>")
    assert '-          "Weight": 90' not in head
    assert '-        "Weight": 90' in folded
    assert '+        "Weight": 75' in folded


def test_it_says_where_to_watch_each_service() -> None:
    text = comment([of(traffic(10), traffic(25))])
    assert "<code>cutover watch --service chatmrpt</code>" in text
    assert "home?region=us-east-1#dashboards:name=chatmrpt-cutover)." in text


def test_a_step_s_own_bake_is_a_row_and_no_other_change() -> None:
    after = traffic(25)
    after["Resources"]["Bake"]["Properties"] |= {"BakeMinutes": 30, "ServiceTimeout": "2700"}
    text = comment([of(traffic(10), after)])
    assert "| the bake | minutes | 5 min | 30 min |" in text
    assert "The weights change, and nothing else." in text


def test_what_it_destroys_stands_out() -> None:
    bucket = {"Type": "AWS::S3::Bucket"}
    before = traffic(10, Logs=bucket, Kept=bucket | {"DeletionPolicy": "Retain"}, Same=bucket)
    after = traffic(10, Same={"Type": "AWS::SQS::Queue"}, More=bucket)
    text = comment([of(before, after, Gate="Conditional")])
    caution, rest = text.split("> [!CAUTION]")[1].split("\n\n", 1)
    assert "**This destroys** 3 resources" in caution
    for said in (
        "deleted: <code>AWS::S3::Bucket</code> <code>Logs</code>",
        "replaced: ",
        "perhaps replaced: ",
    ):
        assert said in caution
    assert "| left behind | <code>AWS::S3::Bucket</code> | <code>Kept</code>" in rest
    assert "| added | <code>AWS::S3::Bucket</code> | <code>More</code>" in rest


def test_an_override_stands_out() -> None:
    after = traffic(90)
    after["Resources"]["Gate"]["Properties"]["Override"] = {"By": "ada", "Reason": "old burns"}
    text = comment([of(traffic(10), after)])
    assert "> [!WARNING]\n> Readiness, window and steps are skipped by ada: old burns" in text


def test_drift_has_a_banner() -> None:
    part = of(traffic(10), traffic(25))
    drift = replace(part, findings=(Finding(Kind.DISAGREES, "The A record sends 90 %."),))
    assert "What viewers meet is not what CloudFormation holds" in comment([drift])
    unread = replace(part, findings=(Finding(Kind.UNREAD, "no answer"), Finding(Kind.NOTE, "so")))
    text = comment([unread])
    assert "It could not be told" in text
    assert "> - so" not in text


def assert_only_our_markup(text: str) -> None:
    """Render it by what GitHub's renderer keeps too: CommonMark with tables, and HTML let through."""
    page = MarkdownIt("commonmark").enable("table").render(text)
    (link,) = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert link.startswith("https://us-east-1.console.aws.amazon.com/")
    outside = re.sub(r"(?s)<!--.*?-->|<pre>.*?</pre>", "", page)
    prose = {"h2", "p", "strong", "blockquote", "ul", "li", "code", "a", "sub", "br"}
    tables = {"table", "thead", "tbody", "tr", "th", "td"}
    assert set(re.findall(r"<(\w+)", outside)) <= prose | tables | {"details", "summary"}
    rows = re.findall(r"(?s)<tr>(.*?)</tr>", page)
    assert {len(re.findall(r"<t[hd]", row)) for row in rows} == {4}


def test_hostile_text_is_shown_as_it_is() -> None:
    part = of(traffic(10), traffic(25))
    hostile = replace(
        part,
        sentence=HOSTILE,
        findings=(Finding(Kind.DISAGREES, HOSTILE),),
        review=replace(
            part.review,
            override=HOSTILE,
            others=(
                Changed("a|b", HOSTILE, HOSTILE, "deleted"),
                Changed("x", HOSTILE, "y", "added"),
            ),
            diffs={HOSTILE: "+ ```\n</details>\n@everyone\n+ ````"},
        ),
    )
    text = comment([hostile], foot=[HOSTILE])
    above, folded = text.split("<details>")
    inside = folded[folded.index("`````diff") : folded.rindex("`````")]
    outside = above + folded.replace(inside, "")
    assert "</details>" in inside
    assert "@everyone" not in outside
    assert "<img" not in text
    assert_only_our_markup(text)
    assert "http://" not in outside
    assert "www.evil" not in outside
    assert "\u202e" not in text


def test_a_comment_is_never_longer_than_github_takes() -> None:
    part = of(traffic(10), traffic(25))
    long = replace(
        part, review=replace(part.review, diffs={"a": "x\n" * 10_000, "b": "y\n" * 60_000})
    )
    text = comment([long])
    assert len(text) <= LONGEST + 1
    assert "1 diff is too long to be shown" in text
    assert text.count("<details>") == text.count("</details>") == 1


def test_where_nothing_changes_there_is_no_comment() -> None:
    assert comment([of(traffic(10), traffic(10))]) == ""


# The command


def run(desk: Desk, weight: int, *arguments: str) -> int:
    file = desk.declare(weight)
    desk.synthesise(weight)
    told = ["--declaration", str(file), "--app", str(desk.folder / "cdk.out")]
    return comment_command.main([*told, *arguments])


def test_the_command_compares_with_what_is_deployed(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(desk.folder / "summary.md"))
    desk.cloud.weigh("A", 90)
    assert run(desk, 25) == 0
    out = capsys.readouterr().out
    assert "**chatmrpt: new 10 % -> 25 %, step 4 of 6" in out
    assert "What viewers meet is not what CloudFormation holds" in out
    assert out.strip() in (desk.folder / "summary.md").read_text()
    assert run(desk, 10) == 0
    assert capsys.readouterr().out == "Nothing changes.\n"


def test_of_two_assemblies_nothing_is_asked_of_aws(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comment_command, "_client", None)
    templates = {"chatmrpt-safety": SAFETY, "chatmrpt-traffic": traffic(10)}
    before = assembly(desk.folder / "before", templates)
    assert run(desk, 25, "--before", str(before)) == 0
    assert "new 10 % -> 25 %" in capsys.readouterr().out


def test_a_plan_is_told_with_its_id_and_fingerprints(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.plan(25)
    capsys.readouterr()
    file = str(desk.folder / "declaration.json")
    report = desk.folder / "report.json"
    held = {
        "service": "chatmrpt",
        "verdict": "FAIL",
        "started": "2026-01-01T00:00:00+00:00",
        "said": "",
    }
    report.write_text(json.dumps(held))
    told = ["--plan", str(desk.plan_file), "--declaration", file, "--readiness", str(report)]
    assert comment_command.main(told) == 0
    out = capsys.readouterr().out
    plan = json.loads(desk.plan_file.read_text())
    assert plan["id"] in out
    assert plan["services"][0]["stacks"][0]["fingerprint"] in out
    assert "days old: not ready" in out


def test_a_plan_is_told_with_the_line_and_the_drift_that_there_are_now(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.plan(25)
    desk.cloud.line.stop()
    desk.cloud.weigh("A", 90)
    capsys.readouterr()
    assert tell_of_plan(desk) == 0
    out = capsys.readouterr().out
    assert "> The line is stopped by grace since" in out
    assert "This rise is refused until then." in out
    assert "What viewers meet is not what CloudFormation holds" in out


def test_a_plan_is_told_without_credentials_and_says_what_is_not_known(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.plan(25)
    capsys.readouterr()
    monkeypatch.setattr(comment_command, "_client", None)
    monkeypatch.setattr(comment_command, "must_be_logged_in", not_logged_in)
    assert tell_of_plan(desk) == 0
    out = capsys.readouterr().out
    assert "new 10 % -> 25 %, step 4 of 6" in out
    assert "It could not be told whether deployed and live agree" in out
    assert "> - there are no AWS credentials" in out


@pytest.mark.parametrize("other", ["--app", "--before"])
def test_a_plan_is_compared_with_no_assembly(
    desk: Desk, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    desk.plan(25)
    capsys.readouterr()
    assert tell_of_plan(desk, other, str(desk.folder / "cdk.out")) == 2
    assert "give neither --app nor --before with it" in capsys.readouterr().err


def not_logged_in() -> None:
    raise CouldNotTellError("there are no AWS credentials")


def tell_of_plan(desk: Desk, *arguments: str) -> int:
    file = str(desk.folder / "declaration.json")
    return comment_command.main(["--plan", str(desk.plan_file), "--declaration", file, *arguments])


@pytest.mark.parametrize("of_plan", [True, False])
def test_whose_turn_it_is_not_has_a_banner_over_a_rise(
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    of_plan: bool,
) -> None:
    def told(weight: int) -> str:
        desk.plan(weight)
        capsys.readouterr()
        assert (tell_of_plan(desk) if of_plan else run(desk, weight)) == 0
        return capsys.readouterr().out

    first_wave = Fleet.model_validate({"at_once": 1, "waves": [["blog"], ["chatmrpt"]]})
    seen = {
        "blog": Seen(Progress.ON_ITS_WAY, "25 %"),
        "chatmrpt": Seen(Progress.ON_ITS_WAY, "10 %"),
    }
    undertaking = Undertaking(first_wave, ())
    monkeypatch.setattr(comment_command, "declared_undertaking", lambda _: undertaking)
    monkeypatch.setattr(comment_command, "far", lambda *_: seen)
    assert (
        "> It is not the turn of chatmrpt: wave 2 rises when the earlier have finished: blog (25 %). This "
        "rise is refused until then."
    ) in told(25)
    assert "not the turn" not in told(5)
    seen["blog"] = Seen(Progress.FINISHED, "100 %")
    assert "not the turn" not in told(25)


@pytest.mark.parametrize(
    ("measured", "report", "said"),
    [
        ([], None, "readiness not measured in the last 14 days"),
        ([(2.0, 330), (0.0, 150)], None, "readiness 2 h old: ready"),
        ([(1.0, 210)], 150, "readiness 2 h old: ready"),
        ([(2.0, 150)], 210, "readiness 2 h old: not ready"),
        ([(7.0, 150)], None, "readiness cannot be read"),
        ([(7.0, 150)], 210, "readiness 3 h old: ready"),
    ],
)
def test_in_ci_readiness_is_what_the_gate_measured_last(
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    measured: list[tuple[float, int]],
    report: int | None,
    said: str,
) -> None:
    now = datetime.now(UTC)
    for value, minutes in measured:
        desk.cloud.put_at("ReadinessVerdict", value, now - timedelta(minutes=minutes))
    named: list[str] = []
    if report is not None:
        file = desk.folder / "report.json"
        at = (now - timedelta(minutes=report)).isoformat()
        held = {"service": "chatmrpt", "verdict": "PASS", "started": at, "said": ""}
        file.write_text(json.dumps(held))
        named = ["--readiness", str(file)]
    # Nobody's report lies where this test runs.
    monkeypatch.chdir(desk.folder)
    assert run(desk, 25, *named) == 0
    assert f", {said}**" in capsys.readouterr().out


# On GitHub


class FakeGitHub:
    """A pull request's comments."""

    def __init__(self, *comments: tuple[str, str]) -> None:
        self.comments = [
            {"id": i, "user": {"login": by}, "body": body} for i, (by, body) in enumerate(comments)
        ]
        self.done: list[str] = []

    def send(self, method: str, path: str, body: Any) -> Any:
        self.done.append(method)
        if method == "GET":
            page = int(path.rsplit("=", 1)[1])
            return self.comments[100 * (page - 1) : 100 * page]
        if method == "POST":
            self.comments.append({"id": 999, "user": {"login": github.AUTHOR}, **body})
        for each in [each for each in self.comments if path.endswith(f"/{each['id']}")]:
            if method == "PATCH":
                each.update(body)
            if method == "DELETE":
                self.comments.remove(each)
        return None

    def bodies(self) -> list[str]:
        return [str(each["body"]) for each in self.comments]


def test_one_comment_is_made_updated_left_and_deleted() -> None:
    hub = FakeGitHub(("ada", "hello"))
    keep = lambda text: github.keep(hub.send, 7, text)  # noqa: E731
    assert keep("") == "nothing changes, and there is no comment"
    assert keep(f"{MARKER}\none") == "the comment was made"
    assert keep(f"{MARKER}\ntwo") == "the comment was updated"
    assert hub.bodies() == ["hello", f"{MARKER}\ntwo"]
    assert keep(f"{MARKER}\ntwo") == "the comment is up to date"
    assert keep("").endswith("the comment was deleted")
    assert hub.bodies() == ["hello"]


def test_a_comment_of_a_person_with_our_marker_is_not_ours() -> None:
    hub = FakeGitHub(("mallory", f"{MARKER}\nlooks fine"))
    github.keep(hub.send, 7, f"{MARKER}\ntruth")
    assert hub.bodies() == [f"{MARKER}\nlooks fine", f"{MARKER}\ntruth"]


def test_ours_is_found_on_a_later_page_and_a_second_one_is_taken_away() -> None:
    others = [("ada", "x")] * 150
    hub = FakeGitHub(*others, (github.AUTHOR, f"{MARKER}\na"), (github.AUTHOR, f"{MARKER}\nb"))
    github.keep(hub.send, 7, f"{MARKER}\nc")
    assert hub.bodies()[150:] == [f"{MARKER}\nc"]


def test_without_a_token_it_says_what_is_needed() -> None:
    with pytest.raises(CouldNotTellError, match="needs GITHUB_REPOSITORY"):
        github.repository({})
    held = github.repository({"GITHUB_REPOSITORY": "o/r", "GH_TOKEN": "t"})
    assert (held.api, held.name) == ("https://api.github.com", "o/r")


def test_a_github_that_cannot_be_reached_is_a_sentence() -> None:
    with pytest.raises(CouldNotTellError, match="cannot be reached"):
        github.Repository("http://127.0.0.1:9", "o/r", "t").send("GET", "x")


def test_a_stopped_line_has_a_banner_over_a_rise_and_none_over_a_fall() -> None:
    said = "The line is stopped by *grace*."
    rise, fall = of(traffic(10), traffic(25)), of(traffic(25), traffic(10))
    assert r"> The line is stopped by \*grace\*." in comment([replace(rise, stopped=said)])
    assert "grace" not in comment([replace(fall, stopped=said)])


def test_the_command_sees_that_the_line_is_stopped(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.cloud.line.stop()
    file = desk.declare(25)
    desk.synthesise(25)
    app = str(desk.folder / "cdk.out")
    assert comment_command.main(["--declaration", str(file), "--app", app]) == 0
    assert "The line is stopped by grace" in capsys.readouterr().out


STAFF = {"Name": "staff", "FromWeight": 1, "By": "network", "Values": ["192.0.2.0/24"]}
NORTH = {"Name": "north", "FromWeight": 25, "By": "country", "Values": ["SE"]}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (traffic(10), traffic(10, [STAFF]), "new stays at 10 %, the group staff joins, inside the window at 02:00 New York, readiness 2 h old: ready"),
        (traffic(10, [STAFF]), traffic(10), "new stays at 10 %, the group staff leaves"),
        (traffic(10, [NORTH]), traffic(25, [NORTH]), "new 10 % -> 25 %, the group north joins, step 4 of 6, inside"),
        (traffic(25, [NORTH]), traffic(10, [NORTH]), "new 25 % -> 10 %, the group north leaves, lower: it passes the gate at any time"),
        (traffic(10, [STAFF]), traffic(0, [STAFF]), "new 10 % -> 0 %, lower"),
        (traffic(25), traffic(10, [STAFF]), "new 25 % -> 10 %, the group staff joins, inside the window"),
        (traffic(10, [STAFF]), traffic(25, [STAFF]), "new 10 % -> 25 %, step 4 of 6"),
        (traffic(0), traffic(0, [STAFF]), "new stays at 0 %"),
        (traffic(10), traffic(10, [{"Name": 1}]), "new stays at 10 %"),
    ],
)  # fmt: skip
def test_groups_that_come_and_go_are_named(
    before: dict[str, Any], after: dict[str, Any], said: str
) -> None:
    assert of(before, after).sentence.startswith(f"chatmrpt: {said}")


def test_a_review_with_groups_comes_back_as_it_went() -> None:
    review_ = of(traffic(10), traffic(10, [STAFF])).review
    assert Review.from_dict(json.loads(json.dumps(review_.to_dict()))) == review_
    # A plan of an earlier version knew no groups.
    earlier = {k: v for k, v in review_.to_dict().items() if k not in {"joins", "leaves"}}
    assert Review.from_dict(earlier).joins == ()


def test_a_group_s_name_is_only_shown() -> None:
    text = comment([of(traffic(10), traffic(10, [{**STAFF, "Name": HOSTILE}]))])
    assert "<img" not in text.split("<details>")[0]
