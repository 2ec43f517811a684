"""The stock CDK CLI on the embedded cloud, as an operator uses it."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from commands import adopt
from cutover.declaration.reading.context import read_context
from cutover.paths import ROOT
from rehearsal.cdk import beyond_the_weights, weights_changed
from rehearsal.cloud.rights import Right, denied, granted
from rehearsal.world.edge import VIEWER_COUNTRY_HEADER, VIEWER_IP_HEADER
from rehearsal.world.outside import outside
from shared.readiness.http.fetch import USER_AGENT
from tests.end_to_end.cdk_operator import Operator, until

# A machine may be slow: this is how long nothing hangs.
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(900)]


@pytest.fixture
def at_ten(operator: Operator) -> Operator:
    """Weight 10 deployed, the switch released, every alarm that rolls back silent."""
    until(operator.is_quiet, seconds=300)
    operator.declare()
    operator.ask(action="release", by="the test", reason="a fresh start")
    done = operator.deploy(10)
    assert done.returncode == 0, done.stderr[-2000:]
    assert set(operator.states().values()) == {"released"}
    return operator


def test_a_weight_change_is_diffed_and_deployed_as_the_weights_alone(at_ten: Operator) -> None:
    diff = at_ten.cdk("diff", *at_ten.at(25))
    assert beyond_the_weights(diff.stdout + diff.stderr) == []
    assert weights_changed(diff.stdout + diff.stderr) == 7
    assert "replaced" not in diff.stdout + diff.stderr
    assert at_ten.deploy(25).returncode == 0
    assert at_ten.weights() == {
        ("A", "old"): 75,
        ("A", "new"): 25,
        ("AAAA", "old"): 75,
        ("AAAA", "new"): 25,
    }
    assert at_ten.edge_weight() == "25"
    again = at_ten.cdk("diff", "--fail", *at_ten.at(25))
    assert again.returncode == 0, again.stdout


def test_an_alias_of_the_deployed_function_takes_its_own_action_alone(at_ten: Operator) -> None:
    said = {"by": "the test", "reason": "not mine to do"}
    for alias, action in (("release", "roll_back"), ("roll_back", "release"), ("", "release")):
        error = at_ten.ask(alias=alias, action=action, **said)["error"]
        assert f"does not take this: call chatmrpt-rollback:{action}" in error
    assert at_ten.ask(action="status")["doors"]["edge"]["state"] == "released"
    assert at_ten.ask(alias="", action="status")["doors"]["edge"]["state"] == "released"


def test_the_status_is_read_from_another_terminal(at_ten: Operator) -> None:
    at_ten.declare(new_weight=10)
    asked = at_ten.status()
    at_ten.declare()
    (service,) = json.loads(asked.stdout)
    # The embedded cloud detects no drift.
    found = [f for f in service["findings"] if "drift detection was not asked" not in f["says"]]
    assert found == [], asked.stdout
    assert asked.returncode == 0, asked.stdout + asked.stderr


def test_what_was_reviewed_is_applied_and_nothing_where_somebody_else_deployed_meanwhile(
    at_ten: Operator,
) -> None:
    app, plan = at_ten.folder / "reviewed", at_ten.folder / "plan.json"
    # Opened: the step is declared, and the pull request says what it does.
    at_ten.declare(new_weight=10)
    promoted = at_ten.cutover("promote")
    assert promoted.returncode == 0, promoted.stdout + promoted.stderr
    assert "declares 25 % now, instead of 10" in promoted.stdout
    synthesised = at_ten.cdk("synth", "--quiet", "--output", str(app))
    assert synthesised.returncode == 0, synthesised.stderr[-2000:]
    comment = at_ten.cutover("comment", "--app", str(app))
    assert comment.returncode == 0, comment.stdout + comment.stderr
    assert comment.stdout.startswith(
        "## What this change does\n\n**chatmrpt: new 10 % -> 25 %, step"
    )
    assert "The weights change, and nothing else." in comment.stdout
    # Merged: planned, and somebody else deploys before it is applied.
    planned = at_ten.cutover("plan", "--app", str(app), "--output", str(plan))
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert at_ten.edge_weight() == "10"
    approved = json.loads(plan.read_text(encoding="utf-8"))["id"]
    assert at_ten.deploy(15).returncode == 0
    refused = at_ten.cutover("apply", str(plan), "--id", approved)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "chatmrpt-traffic: somebody else deployed at" in refused.stderr
    assert (at_ten.weights()["A", "new"], at_ten.edge_weight()) == (15, "15")
    # Planned again, and applied as it was reviewed.
    planned = at_ten.cutover("plan", "--app", str(app), "--output", str(plan))
    assert planned.returncode == 0, planned.stdout + planned.stderr
    other = at_ten.cutover("apply", str(plan), "--id", approved)
    assert other.returncode == 1
    assert "was approved. Nothing was executed" in other.stderr
    # As in CI: it is what the gate measured before that deploy, newer than any report that may lie about.
    told = at_ten.cutover("comment", "--plan", str(plan))
    assert re.search(r"new 15 % -> 25 %, .*, readiness \d+ min old: ready", told.stdout), told
    applied = at_ten.cutover("apply", str(plan))
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert "UPDATE_COMPLETE Custom::WeightGate Gate" in applied.stdout
    assert (at_ten.weights()["A", "new"], at_ten.edge_weight()) == (25, "25")
    again = at_ten.cutover("apply", str(plan))
    assert again.returncode == 0, again.stdout + again.stderr
    assert "has been executed already" in again.stdout
    verified = at_ten.status()
    assert verified.returncode == 0, verified.stdout


def test_groups_are_on_new_at_weight_1_by_a_gate_of_their_own_and_back_on_old_with_the_switch(
    at_ten: Operator,
) -> None:
    assert at_ten.around is not None
    edge = at_ten.around.world.edge
    example = json.loads((ROOT / "examples" / "groups.json").read_text(encoding="utf-8"))
    groups = example["club"]["promotion"]["groups"]
    at_ten.declare(promotion={"bake_minutes": 0, "groups": groups})
    everybody: list[dict[str, str]] = [
        {},
        {VIEWER_IP_HEADER: "192.0.2.7"},
        {"cookie": "beta=yes"},
        {"x-partner": "acme"},
        {VIEWER_COUNTRY_HEADER: "SE"},
        {VIEWER_COUNTRY_HEADER: "ES"},
    ]

    def sides() -> list[str]:
        return [served_by(edge.address, viewer) for viewer in everybody]

    # The weight falls, and yet it is a rise: whoever is in a group comes to new.
    assert at_ten.cutover("line", "stop", "wait", "--by", "grace").returncode == 0
    refused = at_ten.deploy(1)
    assert at_ten.cutover("line", "start", "go on", "--by", "grace").returncode == 0
    assert refused.returncode == 1
    assert "the line is stopped by grace" in " ".join((refused.stdout + refused.stderr).split())
    assert at_ten.edge_weight() == "10"
    done = at_ten.deploy(1)
    assert done.returncode == 0, done.stderr[-2000:]
    until(lambda: "percent('1')" in edge.code, seconds=30)
    assert sides() == ["old", "new", "new", "new", "new", "old"]
    (seen,) = json.loads(at_ten.status().stdout)
    (at_the_edge,) = [door for door in seen["doors"] if door["door"] == "edge"]
    assert at_the_edge["groups"] == ["staff", "beta", "partner", "north"]
    at_ten.ask(action="roll_back", by="the test", reason="everybody back")
    until(lambda: at_ten.around is not None and at_ten.around.world.switch == "thrown", seconds=30)
    assert sides() == ["old"] * 6


OLD_BY_WEIGHT = "198.51.100.2"
"""An address whose bucket is above 90."""


def served_by(edge: tuple[str, int], viewer: dict[str, str]) -> str:
    """Ask as a viewer that has never been here, and return which side answered."""
    url = f"http://{edge[0]}:{edge[1]}/ping"
    headers = {VIEWER_IP_HEADER: OLD_BY_WEIGHT, "user-agent": "a viewer"} | viewer
    asked = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        side: str = answer.headers["x-served-by"]
        return side


def test_an_override_says_so_and_a_wrong_weight_changes_nothing(at_ten: Operator) -> None:
    wrong = at_ten.deploy(101)
    assert wrong.returncode == 1
    said = wrong.stdout + wrong.stderr
    assert "error: -c new_weight=101 is not a valid weight. It must be: a whole number" in said
    assert "Traceback" not in said
    assert at_ten.edge_weight() == "10"
    # Not the assembly of another test: what is synthesised already gives no warning again.
    fresh = ("--output", str(at_ten.folder / "listed"), "-c", "new_weight=20")
    listed = at_ten.cdk("ls", *fresh)
    assert "warning: chatmrpt: new_weight is 20 by -c, for this run only" in listed.stderr
    assert listed.stdout.split() == [
        f"chatmrpt-{role}" for role in ("safety", "environment", "traffic", "observability")
    ]


def test_a_new_side_and_a_door_that_differ_are_refused_with_how_and_no_weight_moved(
    at_ten: Operator,
) -> None:
    assert at_ten.around is not None
    before = at_ten.weights()
    at_ten.around.tell(lambda world: world.new.differ("/system-health"))
    at_ten.around.tell(lambda world: setattr(world.edge, "blocked_agent", USER_AGENT))
    refused = at_ten.deploy(25)
    at_ten.around.tell(lambda world: world.new.heal())
    at_ten.around.tell(lambda world: setattr(world.edge, "blocked_agent", ""))
    assert refused.returncode == 1
    said = " ".join((refused.stdout + refused.stderr).split())
    assert "not ready: /system-health: content-type is" in said
    assert "/ping through the door: status is 403, and 200 on old asked as the door asks" in said
    assert (at_ten.weights(), at_ten.edge_weight()) == (before, "10")
    # Both are well again; now a person stops the line, and the gate may read that and nothing else of SSM.
    assert at_ten.cutover("line", "stop", "too", "hot", "--by", "grace").returncode == 0
    refused = at_ten.deploy(25)
    started = at_ten.cutover("line", "start", "it", "is", "cool", "--by", "grace")
    assert (refused.returncode, started.returncode) == (1, 0), started.stderr
    said = " ".join((refused.stdout + refused.stderr).split())
    assert "the line is stopped by grace since 20" in said
    assert (at_ten.weights(), at_ten.edge_weight()) == (before, "10")


def test_an_override_by_name_and_reason_passes_a_new_side_that_is_not_ready(
    at_ten: Operator,
) -> None:
    assert at_ten.around is not None
    at_ten.around.tell(lambda world: world.new.differ("/system-health"))
    named = ("-c", "override_by=ada", "-c", "override_reason=old is on fire")
    done = at_ten.cdk("deploy", "--require-approval", "never", "-c", "new_weight=90", *named)
    at_ten.around.tell(lambda world: world.new.heal())
    assert done.returncode == 0, done.stderr[-2000:]
    assert "warning: chatmrpt: ada overrides the declared rules and readiness" in done.stderr
    assert at_ten.edge_weight() == "90"


def test_a_deploy_that_fails_half_way_puts_every_weight_back(at_ten: Operator) -> None:
    before = at_ten.weights()
    blocker = {
        "Name": "taken.example.test.",
        "Type": "A",
        "SetIdentifier": "old",
        "Weight": 1,
        "TTL": 60,
        "ResourceRecords": [{"Value": "192.0.2.1"}],
    }
    route53 = at_ten.cloud.client("route53")
    change = {"Action": "CREATE", "ResourceRecordSet": blocker}
    route53.change_resource_record_sets(
        HostedZoneId=at_ten.zone_id, ChangeBatch={"Changes": [change]}
    )
    # Another name whose record exists already: Route 53 refuses it after the edge has moved.
    at_ten.declare(
        dns={
            "hosted_zone_id": at_ten.zone_id,
            "zone_name": "example.test",
            "record_name": "taken.example.test",
            "record": "alias",
        }
    )
    failed = at_ten.deploy(60)
    route53.change_resource_record_sets(
        HostedZoneId=at_ten.zone_id, ChangeBatch={"Changes": [{**change, "Action": "DELETE"}]}
    )
    assert failed.returncode == 1
    assert "already exists" in failed.stdout + failed.stderr
    assert at_ten.weights() == before
    assert at_ten.edge_weight() == "10"


def test_pins_and_the_dashboard_s_page_come_with_the_rights_that_their_functions_have(
    at_ten: Operator,
) -> None:
    client = at_ten.cloud.client("lambda")
    pin = {"side": "new", "hours": 1, "by": "ada"}
    said = json.loads(
        client.invoke(FunctionName="chatmrpt-pin", Payload=json.dumps(pin))["Payload"].read()
    )
    assert "cookie" in said, said
    page = json.loads(client.invoke(FunctionName="chatmrpt-widget", Payload="{}")["Payload"].read())
    assert "10 %" in page
    decisions = at_ten.cloud.decisions()
    for role in ("PinRole", "WidgetRole"):
        asked = [decision for decision in decisions if role in decision.who]
        assert asked
        assert denied(asked) == []


def test_a_right_that_is_taken_away_is_missed_by_its_name(at_ten: Operator) -> None:
    action = "cloudfront-keyvaluestore:PutKey"
    at_ten.taken_away.add(action)
    iam = at_ten.cloud.client("iam")
    (role,) = {right.role for right in granted(iam, "chatmrpt") if is_the_rollbacks(right)}
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    without = json.loads(json.dumps(document).replace(action, "cloudfront-keyvaluestore:GetKey"))
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(without))
    said = at_ten.ask(action="roll_back", by="the test", reason="without a right")
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
    missed = [decision for decision in at_ten.cloud.decisions() if decision.action == action]
    assert (role, False) in {(decision.who, decision.allowed) for decision in missed}, said
    assert "AccessDenied" in json.dumps(said)
    assert at_ten.states() == {"edge": "released", "dns": "thrown"}


def is_the_rollbacks(right: Right) -> bool:
    return "RollbackRole" in right.role and right.action == "cloudfront-keyvaluestore:PutKey"


# The last that begins at ten: after it the alarm is loud for a while, and who begins there waits for that.
def test_new_fails_while_a_deploy_bakes_and_no_deploy_releases_what_the_alarm_throws(
    at_ten: Operator,
) -> None:
    before = at_ten.weights()
    at_ten.declare(promotion={"bake_minutes": 1})
    with ThreadPoolExecutor() as beside:
        deploying = beside.submit(at_ten.deploy, 20)
        until(lambda: at_ten.edge_weight() == "20", seconds=300)
        at_ten.new_fails()
        failed = deploying.result()
    assert failed.returncode == 1
    said = " ".join((failed.stdout + failed.stderr).split())
    assert "the bake of new_weight 20 failed" in said
    assert "chatmrpt-new-5xx-hard" in said
    assert (at_ten.weights(), at_ten.edge_weight()) == (before, "10")
    # The alarm is in us-east-2, both doors are in us-east-1.
    until(lambda: set(at_ten.states().values()) == {"thrown"}, seconds=120)
    edge = at_ten.ask(action="status")["doors"]["edge"]
    assert edge["by"] == "alarm:chatmrpt-new-5xx-hard"
    at_ten.declare()
    unchanged = at_ten.cdk("diff", "--fail", *at_ten.at(10))
    assert unchanged.returncode == 0, unchanged.stdout
    refused = at_ten.deploy(20)
    assert refused.returncode == 1
    said = refused.stdout + refused.stderr
    assert "the switch of the edge door is thrown by alarm:chatmrpt-new-5xx-hard" in said
    assert "new_weight may not rise from 10 to 20" in said
    assert (at_ten.weights()["A", "new"], at_ten.edge_weight()) == (10, "10")
    assert at_ten.deploy(5).returncode == 0
    assert (at_ten.weights()["A", "new"], at_ten.edge_weight()) == (5, "5")
    assert set(at_ten.states().values()) == {"thrown"}


def test_a_name_that_serves_is_adopted_and_imported_and_no_answer_is_missing(
    operator: Operator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert operator.around is not None
    dns = {
        "hosted_zone_id": operator.zone_id,
        "zone_name": "example.test",
        "record_name": "app.example.test",
        "record": "alias",
        "ipv6": True,
    }
    # The records leave the template and stay in the zone: a record of ours is kept.
    operator.declare(dns=dns | {"adopt": True})
    before = operator.deploy(0)
    assert before.returncode == 0, before.stderr[-2000:]
    assert len(operator.weights()) == 4
    operator.lead_to_old_by_simple_records()
    file = operator.folder / "declaration.json"
    (cutover,) = read_context({"declaration": str(file)})
    world = outside(operator.cloud, cutover, operator.around.world, sleep=at_most(1.0))
    given = ["--declaration", str(file), "--folder", str(tmp_path)]
    resolvers = operator.ask_all_the_while()
    assert adopt.main(given, world) == 0
    shown = capsys.readouterr().out.rsplit("--yes ", 1)[1].split()[0]
    adopted = adopt.main([*given, "--yes", shown], world)
    said = capsys.readouterr().out
    assert adopted == 0, said
    assert "every answer led to old, before, meanwhile and afterwards" in said
    assert "no stack holds them yet" in told(capsys, adopt.main(given, world))

    operator.declare(dns=dns)
    mapping = str(tmp_path / "chatmrpt" / "import.json")
    imported = operator.cdk(
        *("import", "chatmrpt-traffic", "--force", "--resource-mapping", mapping),
        *operator.at(0),
    )
    assert imported.returncode == 0, imported.stdout + imported.stderr
    assert operator.statuses()["us-east-1", "chatmrpt-traffic"] == "IMPORT_COMPLETE"
    assert "the stack chatmrpt-traffic in us-east-1 holds them" in told(
        capsys, adopt.main(given, world)
    )
    refused = adopt.main([*given, "--undo"], world)
    assert (refused, "What a stack holds, its own deploy changes" in capsys.readouterr().out) == (
        1,
        True,
    )
    done = operator.deploy(0)
    assert done.returncode == 0, done.stderr[-2000:]
    unchanged = operator.cdk("diff", "--fail", *operator.at(0))
    assert unchanged.returncode == 0, unchanged.stdout
    operator.around.tell(lambda _: resolvers.stop())
    assert resolvers.failures(0) == []
    assert {seen.side for seen in resolvers.seen} == {"old"}
    assert operator.weights()["A", "new"] == 0


def told(capsys: pytest.CaptureFixture[str], _code: int) -> str:
    return capsys.readouterr().out


def at_most(seconds: float) -> Callable[[float], None]:
    return lambda asked: time.sleep(min(asked, seconds))
