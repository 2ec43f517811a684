"""The documents: what they say is what is declared and known, and what anybody typed stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from commands import comment, documents
from commands.documents import PAPERS
from commands.papers.as_html import as_html
from commands.papers.as_markdown import as_markdown
from commands.papers.blocks import Known, Paper, Table
from commands.papers.checklist import checklist
from commands.papers.facts import Facts
from commands.papers.notice import notice
from commands.papers.production_readiness import production_readiness
from commands.papers.redirect_live import redirected_since
from commands.papers.rollback_plan import rollback_plan
from commands.readiness_report import read_report
from cutover.declaration.doors import Dns
from cutover.declaration.last_users import LastUsers
from cutover.declaration.reading.context import read_context
from cutover.declaration.service import Service
from cutover.doors.redirect_rules import front_door_url, redirect_rules
from shared.status.standing import Unread
from tests.unit.support.paper_samples import AT, declared, hostile, known, unknown
from tests.unit.support.report_samples import HOSTILE
from tests.unit.support.statuses import THROWN, edge, standing
from tests.unit.support.watched_samples import WATCHED

SAMPLES = pytest.mark.parametrize("facts", [unknown, known, hostile])
VOID = {"meta", "br"}
DNS = {
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    "zone_name": "example.com",
    "record_name": "app.example.com",
    "record": "alias",
}


class Tags(HTMLParser):
    """Notes every tag that is opened, and that each is closed in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tables(paper: Paper) -> dict[str, list[list[str]]]:
    """Return the rows of all tables by their first heading."""
    found: dict[str, list[list[str]]] = {}
    for block in paper.blocks:
        if isinstance(block, Table):
            found.setdefault(block.head[0], []).extend(list(map(str, one)) for one in block.rows)
    return found


def row(paper: Paper, head: str, first: str) -> list[str]:
    (found,) = [one for one in tables(paper)[head] if one[0] == first]
    return found[1:]


@SAMPLES
@pytest.mark.parametrize("make", PAPERS)
def test_a_page_is_whole_and_holds_no_tag_that_is_not_its_own(
    make: Callable[[Facts], Paper], facts: Callable[[], Facts]
) -> None:
    page = as_html(make(facts()))
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not tags.seen & {"script", "img", "iframe", "a", "link", "form"}
    assert "http-equiv" in page
    assert as_html(make(facts())) == page


@SAMPLES
@pytest.mark.parametrize("make", PAPERS)
def test_markdown_keeps_its_tables_and_mentions_nobody(
    make: Callable[[Facts], Paper], facts: Callable[[], Facts]
) -> None:
    text = as_markdown(make(facts()))
    columns = 0
    for line in text.splitlines():
        if not line.startswith("|"):
            columns = 0
            continue
        here = len(re.findall(r"(?<!\\)\|", line))
        assert columns in {0, here}
        columns = here
    assert not re.search(r"(?<!\\)<", text)
    assert not re.search(r"(?<!\\)@\w", text)
    assert not any(ord(letter) < 32 for letter in text.replace("\n", ""))


def test_every_table_has_as_many_cells_as_heads() -> None:
    for facts in (unknown(), known(), hostile()):
        for make in PAPERS:
            for block in make(facts).blocks:
                if isinstance(block, Table):
                    assert {len(one) for one in block.rows} <= {len(block.head)}


def test_the_checklist_begins_where_the_cutover_stands() -> None:
    paper = checklist(known())
    assert paper.said == "New gets 25 %. Left: 50 %, 75 %, 100 %."
    assert row(paper, "weight of new", "25 %")[2:] == ["2026-11-24 01:12 UTC", "5 min", ""]
    assert row(paper, "step", "backups of old verified") == ["Ada", "", "2026-11-20"]
    assert row(paper, "step", "users told") == ["", "", ""]
    unread = replace(WATCHED, standing=standing(deployed=Unread("no")))
    assert checklist(replace(known(), live=unread)).said.startswith("New gets 25 %.")


def test_the_checklist_plans_each_declared_step_as_early_as_window_and_bakes_allow() -> None:
    promotion = {
        "max_step_percent": 60,
        "bake_minutes": 30,
        "time_zone": "America/New_York",
        "window": {"start": "02:00", "end": "02:45"},
        "watch_hours": 48,
        "steps": [{"weight": 10, "bake_minutes": 50}, {"weight": 40}, {"weight": 100}],
    }
    facts = replace(unknown(), cutover=declared(promotion=promotion))
    paper = checklist(facts)
    assert paper.said == "New gets 0 %. Left: 10 %, 40 %, 100 %."
    # It is made at 22:12 in New York; a bake of 50 minutes ends outside of the window.
    assert row(paper, "weight of new", "10 %")[1:4] == [
        "Tue 2026-11-24 02:00 New York",
        "",
        "50 min",
    ]
    assert row(paper, "weight of new", "40 %")[1:4] == [
        "Wed 2026-11-25 02:00 New York",
        "",
        "30 min",
    ]
    assert row(paper, "weight of new", "100 %")[1] == "Wed 2026-11-25 02:30 New York"
    assert row(paper, "step", "48 hours watched at 100 %, without a rollback") == ["", "", ""]
    risks = {one[0]: one[1] for one in tables(production_readiness(facts))["risk"]}
    assert "steps to 10 %, 40 %, 100 %" in risks["many users meet a fault at once"]
    assert "bakes of 30 to 50 min" in risks["a fault shows only after a while"]


def test_a_step_that_a_freeze_keeps_out_for_good_is_said_so() -> None:
    freezes = [{"start": "2026-01-01", "end": "9999-12-31", "reason": "sold"}]
    facts = replace(unknown(), cutover=declared(promotion={"freezes": freezes}))
    assert row(checklist(facts), "weight of new", "100 %")[1] == "never: frozen"


def test_what_is_known_is_told_apart_by_how() -> None:
    paper = production_readiness(known())
    component = "component"
    assert row(paper, component, "load balancer")[2] == Known.DECLARED
    assert row(paper, component, "mean latency")[2] == Known.MEASURED
    assert row(paper, component, "traffic now")[:2] == ["1,800/min, 0.1 % 5xx, 123 ms", "600/min"]
    # Who vouches for old's backups says nothing of new's.
    assert row(paper, component, "backups") == [
        "backups of old verified: Ada, 2026-11-20",
        "nobody was asked",
        Known.ATTESTED,
    ]
    assert row(paper, component, "database and migrations")[2] == Known.NOBODY
    bare = production_readiness(unknown())
    assert row(bare, component, "mean latency") == ["not measured", "not measured", Known.NOBODY]
    assert "traffic now" not in [one[0] for one in tables(bare)[component]]


def open_risks(facts: Facts) -> set[str]:
    return {one[0] for one in tables(production_readiness(facts))["risk"] if one[2] == Known.OPEN}


def test_a_risk_is_open_until_something_stands_against_it() -> None:
    assert open_risks(known()) == {"what only people know is not as it should be"}
    assert open_risks(unknown()) == {
        "new cannot carry the load, or answers otherwise than old",
        "old cannot take everybody back",
        "nobody hears of an alarm",
        "data is lost",
        "what only people know is not as it should be",
    }


def test_what_the_cutover_costs_stands_there_once_it_is_deployed() -> None:
    cost = tables(production_readiness(known()))["while its stacks stand"]
    assert cost == [["the observer", "1.15"], ["2 secrets", "0.80"], ["in all", "1.95"]]
    assert "By usage, and not in it: logs." in as_markdown(production_readiness(known()))
    offline = as_markdown(production_readiness(unknown()))
    assert "Not read: not asked for. cutover decommission lists it once it is deployed." in offline


def test_the_checklist_counts_the_stacks_of_two_regions() -> None:
    (desk,) = read_context({"declaration": "examples/two-regions.json"})
    for facts, said in ((unknown(), "All 4 stacks"), (Facts(desk, AT), "All 5 stacks")):
        assert said in as_markdown(checklist(facts))


def test_a_report_and_a_word_grow_old() -> None:
    facts = replace(known(), at=AT + timedelta(days=40))
    assert {"data is lost", "old cannot take everybody back"} <= open_risks(facts)
    assert row(production_readiness(facts), "component", "backups")[2] == Known.NOBODY


def test_a_latency_that_readiness_could_not_measure_is_not_told_as_measured() -> None:
    facts = known()
    assert row(production_readiness(facts), "component", "mean latency")[2] == Known.MEASURED
    assert facts.report is not None
    report = json.loads(json.dumps(facts.report))
    (performance,) = [one for one in report["checks"] if one["name"] == "performance"]
    for side in performance["figures"]["sides"].values():
        side["mean"] = [None, None, None]
    stopped = row(production_readiness(replace(facts, report=report)), "component", "mean latency")
    assert stopped == ["not measured", "not measured", Known.NOBODY]


def test_the_checklist_tells_no_time_of_a_deploy_that_was_put_back() -> None:
    assert row(checklist(known()), "weight of new", "25 %")[2] != ""
    deployed = WATCHED.standing.deployed
    assert not isinstance(deployed, Unread)
    later = replace(deployed, status="UPDATE_ROLLBACK_COMPLETE")
    put_back = replace(WATCHED, standing=replace(WATCHED.standing, deployed=later))
    assert row(checklist(replace(known(), live=put_back)), "weight of new", "25 %")[2] == ""


def test_the_rollback_plan_names_what_is_declared_and_no_door_that_is_not() -> None:
    with_edge = [first for first, *_ in tables(rollback_plan(known()))["what"]]
    assert "5xx of the edge, any minute" in with_edge
    cutover = declared(edge=False, dns=DNS)
    without = [
        first for first, *_ in tables(rollback_plan(replace(known(), cutover=cutover)))["what"]
    ]
    assert not [what for what in without if "edge" in what]
    assert "the judge: new against old" in without


def test_the_rollback_plan_says_how_the_switch_is_and_who_is_told() -> None:
    assert rollback_plan(known()).said.endswith("The switch now: released.")
    thrown = replace(WATCHED, standing=standing(doors=(edge(switch=THROWN),)))
    assert rollback_plan(replace(known(), live=thrown)).said.endswith("The switch now: THROWN.")
    assert rollback_plan(unknown()).said.endswith("The switch now: not known.")
    assert row(rollback_plan(known()), "what", "alarms that are deployed") == ["2", Known.MEASURED]
    assert "Nobody is declared to be told" in as_markdown(rollback_plan(unknown()))
    assert "Told at once: on-call" in as_html(rollback_plan(known()))


def test_the_notice_names_the_new_address_and_nothing_internal() -> None:
    paper = notice(known())
    assert "use chat.example.com instead" in paper.said
    for text in (as_html(paper), as_markdown(paper)):
        assert "cdk.json" not in text
        assert "alb-319454030" in text
    assert "EdgeDomainName" in notice(unknown()).said


@pytest.mark.parametrize(
    ("last_users", "said"),
    [
        (None, "answers as before"),
        ({"access_logs": "s3://logs"}, "answers as before"),
        ({"redirect": "temporary"}, "lead to chat.example.com by themselves; browsers may still ask"),
        ({"redirect": "permanent"}, "browsers keep it for good"),
        ({"redirect": "temporary", "paths": ["/docs/*"]}, "links to the old address below /docs/* lead"),
    ],
)  # fmt: skip
def test_the_notice_says_what_becomes_of_bookmarks_as_the_redirect_is_declared(
    last_users: dict[str, Any] | None, said: str
) -> None:
    facts = known()
    service = facts.cutover.service
    wanted = None
    if last_users is not None:
        redirects = "redirect" in last_users
        asked = last_users | ({"listeners": [listener_of(service)]} if redirects else {})
        wanted = LastUsers.model_validate(asked)
    changed = service.model_copy(update={"last_users": wanted})
    paper = notice(replace(facts, cutover=replace(facts.cutover, service=changed)))
    assert said in as_markdown(paper).replace("\\", "")


def listener_of(service: Service) -> str:
    return (
        f"arn:aws:elasticloadbalancing:{service.old.stands_in}:123456789012:listener/"
        f"{service.old.load_balancer}/f2f7dc8efc522ab2"
    )


def redirecting(facts: Facts, **changes: Any) -> Facts:
    """Return the facts of a service that sends the last users on."""
    service = facts.cutover.service
    wanted = LastUsers.model_validate(
        {"redirect": "temporary", "listeners": [listener_of(service)]}
    )
    changed = service.model_copy(update={"last_users": wanted} | changes)
    return replace(facts, cutover=replace(facts.cutover, service=changed))


def test_the_notice_says_since_when_the_old_address_leads_on() -> None:
    leads = ("what", "the old address leads there by itself")
    since = datetime(2026, 11, 24, 13, 5, tzinfo=timezone(timedelta(hours=2)))
    told = replace(redirecting(known()), redirected_since=since)
    assert row(notice(told), *leads) == ["since 2026-11-24 11:05 UTC"]
    assert row(notice(redirecting(known())), *leads) == [""]
    assert "leads there by itself" not in as_markdown(
        notice(replace(known(), redirected_since=since))
    )


def test_the_notice_shows_the_address_to_which_the_rules_send() -> None:
    """At a dns door that new serves by plain HTTP nobody is told of https."""
    dns = Dns.model_validate(
        {
            "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
            "zone_name": "example.com",
            "record_name": "app.example.com",
            "record": "alias",
        }
    )
    facts = redirecting(known(), dns=dns)
    assert [one[1] for one in tables(notice(facts))["until now"]] == ["https://chat.example.com"]
    facts = redirecting(unknown(), dns=dns)
    assert [one[1] for one in tables(notice(facts))["until now"]] == ["http://app.example.com"]
    url = front_door_url(facts.cutover.service)
    (sent,) = {rule.redirect for rule in redirect_rules(facts.cutover.service) if rule.redirect}
    assert url == f"{sent.protocol.lower()}://{sent.host}"


@pytest.mark.parametrize(
    ("resources", "since"),
    [
        ([], None),
        ([("Edge1", "CREATE_COMPLETE", 1)], None),
        ([("Redirect1", "CREATE_COMPLETE", 3), ("Redirect2", "UPDATE_COMPLETE", 2)], 2),
        ([("Redirect1", "CREATE_FAILED", 1), ("Redirect2", "CREATE_COMPLETE", 4)], 4),
    ],
)
def test_the_first_redirect_that_is_there_says_since_when(
    resources: list[tuple[str, str, int]], since: int | None
) -> None:
    def at(hour: int) -> datetime:
        return datetime(2026, 11, 24, hour, tzinfo=UTC)

    class Formation:
        def get_paginator(self, operation: str) -> Formation:
            assert operation == "list_stack_resources"
            return self

        def paginate(self, **asked: str) -> list[dict[str, Any]]:
            assert asked == {"StackName": "chatmrpt-environment"}
            summaries = [
                {
                    "ResourceType": "AWS::ElasticLoadBalancingV2::ListenerRule",
                    "LogicalResourceId": f"LastUsersf2f7{name}ABC",
                    "ResourceStatus": status,
                    "LastUpdatedTimestamp": at(hour),
                }
                for name, status, hour in resources
            ]
            other = {"ResourceType": "AWS::SNS::Topic"}
            return [{"StackResourceSummaries": [other]}, {"StackResourceSummaries": summaries}]

    found = redirected_since(known().cutover, Formation())
    assert found == (None if since is None else at(since))


def test_a_report_of_another_service_is_not_taken_for_this_one_s(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    assert "run cutover readiness" in read_report(file, "chatmrpt").why
    file.write_text("{", encoding="utf-8")
    assert "cannot be read" in read_report(file, "chatmrpt").why
    file.write_text("[]", encoding="utf-8")
    assert "is no readiness report" in read_report(file, "chatmrpt").why
    file.write_text('{"service":"shop","started":"","verdict":"","said":""}', encoding="utf-8")
    assert "is of shop" in read_report(file, "chatmrpt").why


def test_the_command_writes_every_document_and_says_what_is_left_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    monkeypatch.setattr(documents, "read_report", lambda _, of: read_report(tmp_path / "none", of))
    arguments = ["--offline", "--output", str(tmp_path / "out")]
    assert documents.main(arguments) == 0
    assert len(list((tmp_path / "out").iterdir())) == 2 * len(PAPERS)
    out = capsys.readouterr().out
    assert "readiness: no readiness report is there: run cutover readiness" in out
    assert "what is live: not asked for" in out


def test_a_place_that_cannot_be_written_to_gets_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    file = tmp_path / "file"
    file.touch()
    assert documents.main(["--offline", "--output", str(file)]) == 2
    assert "cannot be written to" in capsys.readouterr().err


def test_the_hostile_sample_is_hostile() -> None:
    assert "<script" in HOSTILE
    assert "&lt;script&gt;" in as_html(rollback_plan(hostile()))


GROUPS = [
    {"name": "staff", "networks": ["192.0.2.0/24", "2001:db8::/32"]},
    {"name": "beta", "from_weight": 50, "header": {"name": "X-Beta", "values": ["1"]}},
]


def test_checklist_and_rollback_plan_name_the_groups() -> None:
    facts = replace(unknown(), cutover=declared(promotion={"groups": GROUPS}))
    page = as_markdown(checklist(facts))

    assert "staff, from 1 %: network 192.0.2.0/24 or 2001:db8::/32" in page
    assert "beta, from 50 %: header x-beta is 1" in page
    assert "| 1 %, with staff |" in page
    assert "| 50 %, with beta |" in page
    assert "This holds for the groups staff and beta as well" in as_markdown(rollback_plan(facts))
    assert "roup" not in as_markdown(rollback_plan(unknown()))


def test_a_step_names_only_the_groups_that_join_with_it() -> None:
    steps = [{"weight": weight} for weight in (25, 50, 75, 100)]
    promotion = {"groups": GROUPS, "max_step_percent": 25, "steps": steps}
    facts = replace(unknown(), cutover=declared(promotion=promotion))
    moved = [row[0] for row in tables(checklist(facts))["weight of new"]]

    assert moved == ["25 %, with staff", "50 %, with beta", "75 %", "100 %"]


@pytest.mark.parametrize(
    ("holds", "said"),
    [
        (None, "No such file"),
        ("{", "cannot be read"),
        ('{"service": "chatmrpt"}', "is none, or a part of it is damaged"),
    ],
)
@pytest.mark.parametrize("command", [documents.main, comment.main])
def test_a_report_that_somebody_names_must_be_one(
    command: Callable[[list[str]], int],
    holds: str | None,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, out = tmp_path / "report.json", tmp_path / "out"
    if holds is not None:
        file.write_text(holds, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        command(["--readiness", str(file)])
    told = capsys.readouterr().err
    assert ended.value.code != 0
    assert f"--readiness: {file}" in told
    assert said in told
    assert "It must be: a readiness report, as cutover readiness writes it" in told
    assert not out.exists()
