"""A cutover ends when nobody comes through a door any more; whatever goes wrong, the name is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from commands.dismantling.order import in_order
from commands.records import answers
from cutover.declaration.reading.context import read_context
from shared.capacity.ours import Ours
from shared.status.standing import Unread
from tests.unit.support.dismantle_rig import DISTRIBUTION, DOMAIN, NEW, OLD, DismantleRig
from tests.unit.support.fake_capacity import NEW as RESERVED_ON
from tests.unit.support.fake_capacity import FakeParameters
from tests.unit.support.fake_doors import refusal


@pytest.fixture
def rig(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> DismantleRig:
    return DismantleRig(capsys, tmp_path)


def plain(to: str = NEW) -> dict[str, Any]:
    target = {"DNSName": f"dualstack.{to}.", "HostedZoneId": "Z32O12XQLNTSW2"}
    return {
        "Name": "example.com.",
        "Type": "A",
        "AliasTarget": target | {"EvaluateTargetHealth": False},
    }


def test_weighted_records_answer_somebody_and_nothing_is_said_of_destroying(
    rig: DismantleRig,
) -> None:
    code, out = rig.run()
    assert code == 1
    assert "somebody comes: the dns door answers for example.com: 2 weighted records" in out
    assert "Do not destroy anything yet. Nothing was changed." in out
    assert "cdk destroy" not in out


def test_the_plan_of_a_plain_record_is_shown_and_nothing_is_changed(rig: DismantleRig) -> None:
    code, out = rig.run("--leave-record")
    assert code == 0
    assert f"- example.com A weighted new weight 100 alias of {NEW}" in out
    assert f"- example.com A weighted old weight 0 alias of {NEW}" in out
    assert f"+ example.com A simple alias of {NEW}" in out
    assert "cutover dismantle --service shop --leave-record --yes " in out
    assert rig.zone.batches == []


def test_one_batch_leaves_a_plain_record_and_every_answer_leads_to_new(rig: DismantleRig) -> None:
    code, out = rig.confirm("--leave-record")
    assert code == 0
    (batch,) = rig.zone.batches
    assert [c["Action"] for c in batch["Changes"]] == ["DELETE", "DELETE", "CREATE"]
    assert rig.zone.records == [plain()]
    assert "every answer led to new, before, meanwhile and afterwards" in out
    assert "Do not deploy shop-traffic any more" in out
    code, out = rig.run("--leave-record")
    assert code == 0
    assert "leads to new already: nothing to do" in out
    code, out = rig.run()
    assert code == 0
    assert f"example.com A simple alias of {NEW}: the dns door answers nobody" in out
    assert len(rig.zone.batches) == 1


def test_the_stock_commands_are_shown_in_order_when_nobody_comes(rig: DismantleRig) -> None:
    rig.zone.records = [plain()]
    rig.formation.stacks["shop-safety"]["protected"] = False
    code, out = rig.run()
    assert code == 0
    lines = [line.strip() for line in out.splitlines() if line.startswith("  ")]
    protects = "aws cloudformation update-termination-protection --no-enable-termination-protection"
    assert lines == [
        f"{protects} --region us-east-1 --stack-name shop-observability",
        f"{protects} --region us-east-1 --stack-name shop-traffic",
        f"{protects} --region eu-west-1 --stack-name shop-environment",
        "cdk destroy shop-observability shop-traffic shop-environment shop-safety",
        "cutover dismantle --service shop --after",
    ]


def test_with_sides_in_two_regions_the_stacks_of_both_go() -> None:
    (desk,) = read_context({"declaration": "examples/two-regions.json"})
    assert in_order(desk) == [
        ("desk-observability", "us-east-1"),
        ("desk-traffic", "us-east-1"),
        ("desk-environment-eu-central-1", "eu-central-1"),
        ("desk-environment", "eu-west-1"),
        ("desk-safety", "us-east-1"),
    ]


def test_undo_puts_the_weighted_records_back_as_long_as_the_stack_stands(
    rig: DismantleRig,
) -> None:
    before = list(rig.zone.records)
    code, out = rig.run("--undo")
    assert code == 1
    assert "are not what cutover dismantle left" in out
    rig.confirm("--leave-record")
    traffic = rig.formation.stacks.pop("shop-traffic")
    code, out = rig.run("--undo")
    assert code == 1
    assert "the stack shop-traffic does not stand any more" in out
    rig.formation.stacks["shop-traffic"] = traffic
    code, out = rig.confirm("--undo")
    assert code == 0
    assert "is weighted again, as the stack shop-traffic has it" in out
    assert sorted(rig.zone.records, key=str) == sorted(before, key=str)


def test_stacks_that_were_destroyed_first_leave_records_that_can_still_be_exchanged(
    rig: DismantleRig,
) -> None:
    """`cdk destroy` keeps the records and their health checks."""
    rig.formation.stacks = {}
    rig.formation.owner = ""
    code, out = rig.confirm("--leave-record")
    assert code == 0, out
    assert rig.zone.records == [plain()]
    code, out = rig.run()
    assert code == 0
    assert "No stack of shop stands" in out


def test_a_wrong_answer_has_it_taken_back(rig: DismantleRig) -> None:
    before = list(rig.zone.records)
    right = rig._ask

    def ask(server: Any, name: str, kind: str) -> Any:
        if not any("Weight" in r for r in rig.zone.records):
            return answers.Answer("NOERROR", frozenset({"192.0.2.1"}))
        return right(server, name, kind)

    object.__setattr__(rig.world, "ask", ask)
    code, out = rig.confirm("--leave-record")
    assert code == 1
    assert "leads to old for example.com A" in out
    assert "It was taken back in one batch" in out
    assert sorted(rig.zone.records, key=str) == sorted(before, key=str)


def test_a_record_that_changes_between_plan_and_batch_stops_all_of_it(rig: DismantleRig) -> None:
    def by_hand() -> None:
        rig.zone.records[0]["Weight"] = 1

    rig.zone.before_change = by_hand
    code, out = rig.confirm("--leave-record")
    assert code == 1
    assert "Route 53 refused the batch and changed nothing" in out
    assert len(rig.zone.records) == 2


def phase_cutover(rig: DismantleRig) -> None:
    rig.declared["phase"] = "cutover"


def thrown(rig: DismantleRig) -> None:
    rig.thrown = True


def switch_gone(rig: DismantleRig) -> None:
    rig.get_health_check = lambda **_: (_ for _ in ()).throw(refusal("NoSuchHealthCheck", 404))  # type: ignore[method-assign]


def at_50(rig: DismantleRig) -> None:
    rig.formation.weight = 50


def old_deployed(rig: DismantleRig) -> None:
    rig.formation.without_old = False


def moving(rig: DismantleRig) -> None:
    rig.formation.status = "UPDATE_IN_PROGRESS"


def to_old(rig: DismantleRig) -> None:
    rig.zone.records = [
        record | {"Name": "example.com."} for record in DismantleRig.weighted(old=OLD)
    ]


def one_missing(rig: DismantleRig) -> None:
    del rig.zone.records[0]


def simple_elsewhere(rig: DismantleRig) -> None:
    rig.zone.records = [plain("elsewhere-1.eu-west-1.elb.amazonaws.com")]


def no_address(rig: DismantleRig) -> None:
    rig.addresses[NEW].clear()


def not_asked(rig: DismantleRig) -> None:
    rig.delegated = frozenset({"ns.example.net"})


def not_known_who_is_asked(rig: DismantleRig) -> None:
    rig.delegated = Unread("no resolver answers")


def of_another_stack(rig: DismantleRig) -> None:
    rig.formation.owner = "website"


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (phase_cutover, "declares phase cutover: old may still be needed"),
        (thrown, "the switch of the dns door is thrown"),
        (switch_gone, "it is not known whether the switch is thrown"),
        (at_50, "holds 50 % for new: the rest of the viewers would be moved"),
        (old_deployed, "was not deployed with phase decommission yet: cdk deploy shop-traffic"),
        (moving, "is UPDATE_IN_PROGRESS: wait until it is at rest"),
        (to_old, "this is no record of the phase decommission"),
        (one_missing, "the stack's template has it, and the zone has it not"),
        (simple_elsewhere, "this is no record of the phase decommission"),
        (no_address, "new's load balancer has no address"),
        (not_asked, "is delegated to ns.example.net, and not to the hosted zone"),
        (not_known_who_is_asked, "it is not known which servers the world asks"),
        (of_another_stack, "the stack website in us-east-1 holds the records"),
    ],
)
def test_what_stands_against_a_plain_record_is_a_sentence_and_nothing_is_changed(
    rig: DismantleRig, made: Any, sentence: str
) -> None:
    _, planned = rig.run("--leave-record")
    shown = planned.rsplit("--yes ", 1)[1].split()[0]
    made(rig)
    for confirmed in ((), ("--yes", shown)):
        code, out = rig.run("--leave-record", *confirmed)
        assert code == 1
        assert sentence in out
    assert rig.zone.batches == []


def test_another_hash_changes_nothing_and_a_look_has_none(rig: DismantleRig) -> None:
    code, out = rig.run("--leave-record", "--yes", "0123")
    assert code == 1
    assert "this is not the plan that showed 0123" in out
    code, out = rig.run("--yes", "0123")
    assert code == 2
    assert "there is nothing to confirm here" in out
    assert rig.zone.batches == []


@pytest.fixture
def edge(rig: DismantleRig) -> DismantleRig:
    rig.zone.records = [plain()]
    rig.with_edge()
    rig.addresses["example.com"] = {"A": "192.0.2.2"}
    return rig


def test_a_quiet_edge_door_is_no_one_s(edge: DismantleRig) -> None:
    edge.requests = 500
    edge.cloudfront.aliases = ["www.example.com", "*.example.com"]
    edge.addresses["www.example.com"] = {"A": "192.0.2.2"}
    code, out = edge.run()
    assert code == 0
    assert f"500 requests came through the distribution {DISTRIBUTION} in the last 24" in out
    assert "*.example.com is an alias of E2EXAMPLE: nobody can ask for all its names" in out
    assert "cdk destroy" in out


def test_requests_above_what_is_nobody_are_somebody(edge: DismantleRig) -> None:
    edge.requests = 501
    code, out = edge.run()
    assert code == 1
    assert "somebody comes: 501 requests came through the distribution" in out
    edge.declared["decommission"] = {"residual_requests_a_day": 501}
    assert edge.run()[0] == 0


def test_a_name_of_another_zone_leads_to_the_distribution_by_its_addresses(
    edge: DismantleRig,
) -> None:
    edge.cloudfront.aliases = ["www.example.net"]
    edge.addresses["www.example.net"] = {"A": "198.51.100.7"}
    code, out = edge.run()
    assert code == 1
    assert f"www.example.net leads to the distribution {DISTRIBUTION} ({DOMAIN})" in out
    assert f"Let it lead to new's load balancer, {NEW}" in out


def test_a_name_of_the_declared_zone_leads_where_its_record_says(edge: DismantleRig) -> None:
    edge.cloudfront.aliases = ["www.example.com"]
    record = {
        "Name": "www.example.com.",
        "Type": "CNAME",
        "TTL": 60,
        "ResourceRecords": [{"Value": DOMAIN}],
    }
    edge.zone.records.append(record)
    code, out = edge.run()
    assert code == 1
    assert "www.example.com leads to the distribution" in out
    # This machine's resolver may still have the earlier answer: the zone is what counts.
    record["ResourceRecords"] = [{"Value": NEW}]
    edge.addresses["www.example.com"] = {"A": "198.51.100.7"}
    assert edge.run()[0] == 0


def test_what_cannot_be_read_is_never_taken_for_nobody(edge: DismantleRig) -> None:
    edge.denied = {"cloudwatch"}
    code, out = edge.run()
    assert code == 2
    assert "AccessDenied" in out
    assert "cdk destroy" not in out
    edge.formation.denied = True
    code, out = edge.run()
    assert code == 2
    assert "could not tell: the stack shop-traffic cannot be read" in out


def test_a_distribution_that_is_gone_brings_nobody(edge: DismantleRig) -> None:
    edge.cloudfront.gone = True
    assert edge.run()[0] == 0


def test_a_service_without_a_dns_door_has_no_record_to_leave(rig: DismantleRig) -> None:
    del rig.declared["dns"]
    rig.with_edge()
    rig.requests = 0
    code, out = rig.run("--leave-record")
    assert code == 2
    assert "declares no dns door" in out
    assert rig.run()[0] == 0


KEPT = {
    "shop-traffic": [
        ("AWS::CloudFront::Distribution", DISTRIBUTION),
        ("AWS::CloudFront::Distribution", "E0GONE"),
        ("AWS::Route53::RecordSet", "example.com"),
        ("AWS::IAM::Role", "shop-log"),
        ("AWS::IAM::Role", "shop-log-gone"),
        ("AWS::Something::Else", "thing"),
    ],
    "shop-safety": [
        ("AWS::Route53::HealthCheck", "check-new"),
        ("AWS::Route53::HealthCheck", "check-gone"),
        ("AWS::S3::Bucket", "shop-evidence"),
        ("AWS::S3::Bucket", "shop-evidence-gone"),
    ],
    "shop-environment": [],
    "other-traffic": [("AWS::IAM::Role", "not-ours")],
}


@mock_aws
def test_after_lists_what_is_there_and_not_what_was(rig: DismantleRig) -> None:
    made = {
        service: boto3.client(service, region_name="us-east-1")  # type: ignore[call-overload]
        for service in ("s3", "iam", "logs", "secretsmanager")
    }
    made["s3"].create_bucket(Bucket="shop-evidence")
    made["iam"].create_role(RoleName="shop-log", AssumeRolePolicyDocument="{}")
    for group in ("/aws/cloudfront/function/shop-router", "/aws/lambda/shop-gate"):
        made["logs"].create_log_group(logGroupName=group)
    # Of another service, whose name begins with this one's.
    made["logs"].create_log_group(logGroupName="/aws/lambda/shop-two-gate")
    for secret in ("shop/origin-header-value", "shop/pin-key", "shop/somebody-else-s"):
        made["secretsmanager"].create_secret(Name=secret, SecretString="x")
    made["secretsmanager"].delete_secret(SecretId="shop/pin-key", RecoveryWindowInDays=7)
    rig.others = made
    rig.formation.stacks = {}
    rig.formation.deleted = KEPT
    code, out = rig.run("--after")
    assert code == 0, out
    lines = [line.strip() for line in out.splitlines() if line.startswith("  ")]
    assert [line.split(":")[0] for line in lines] == [
        "1. record example.com A new, weighted",
        "2. record example.com A old, weighted",
        "3. distribution E2EXAMPLE",
        "4. role of the real-time log shop-log",
        "5. health check check-new",
        "6. bucket shop-evidence",
        "7. AWS",
        "8. log group in us-east-1 /aws/cloudfront/function/shop-router",
        "9. log group in us-east-1 /aws/lambda/shop-gate",
        "10. log group in eu-west-1 /aws/lambda/shop-gate",
        "11. secret shop/origin-header-value",
        "12. secret shop/pin-key",
    ]
    assert "nobody uses it any more: aws secretsmanager delete-secret" in lines[10]
    assert "in its recovery window" in lines[11]


@mock_aws
def test_after_says_which_stacks_still_stand_and_what_it_may_not_read(rig: DismantleRig) -> None:
    client = boto3.client("logs", region_name="us-east-1")
    rig.others = {"logs": client, "s3": _Denies(), "secretsmanager": _Denies()}
    rig.formation.stacks = {"shop-safety": {"protected": False}}
    rig.formation.deleted = {"shop-traffic": [("AWS::S3::Bucket", "shop-evidence")]}
    code, out = rig.run("--after")
    assert code == 2
    assert "the stack shop-safety in us-east-1 still stands: UPDATE_COMPLETE" in out
    assert "could not read: bucket shop-evidence:" in out
    assert out.count("could not read:") == 2
    rig.others = {"logs": client, "secretsmanager": boto3.client("secretsmanager", "us-east-1")}
    rig.formation.deleted = {}
    assert rig.run("--after")[0] == 1
    rig.formation.stacks, rig.zone.records = {}, []
    code, out = rig.run("--after")
    assert code == 0
    assert "Nothing of shop is left" in out


@mock_aws
def test_after_names_a_reservation_that_nobody_released(rig: DismantleRig) -> None:
    client = boto3.client("logs", region_name="us-east-1")
    parameters = FakeParameters()
    rig.others = {
        "logs": client,
        "secretsmanager": boto3.client("secretsmanager", "us-east-1"),
        "ssm": parameters,
    }
    rig.formation.stacks, rig.zone.records = {}, []
    rig.declared["promotion"] = {"capacity": {}}
    assert "Nothing of shop is left" in rig.run("--after")[1]
    ours = Ours(RESERVED_ON, (250,), 0, "2026-11-24T03:00:00+00:00", 50)
    parameters.values["/cutover/shop/capacity"] = ours.written()
    _, out = rig.run("--after")
    assert f"250 LCU on {RESERVED_ON}" in out
    assert "aws elbv2 modify-capacity-reservation --region eu-central-1" in out


class _Denies:
    def __getattr__(self, _: str) -> Any:
        def call(**__: Any) -> Any:
            raise refusal("AccessDenied", 403)

        return call
