"""A simple record becomes the weighted ones in one batch; whatever goes wrong, no answer is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from commands.records import answers
from shared.status.standing import Unread
from tests.unit.support.adoption_rig import NEW, OLD, AdoptionRig
from tests.unit.support.fake_doors import refusal


@pytest.fixture
def rig(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> AdoptionRig:
    return AdoptionRig(monkeypatch, capsys, tmp_path)


def weights(rig: AdoptionRig) -> dict[tuple[str, str], int | None]:
    return {
        (r["Type"], r.get("SetIdentifier", "simple")): r.get("Weight") for r in rig.zone.records
    }


WEIGHTED = {("A", "old"): 100, ("A", "new"): 0}


def test_without_yes_it_shows_the_plan_and_changes_nothing(rig: AdoptionRig) -> None:
    code, out = rig.run()
    assert code == 0
    assert f"- example.com A simple alias of {OLD}" in out
    assert f"+ example.com A weighted old weight 100 alias of {OLD}" in out
    assert f"+ example.com A weighted new weight 0 alias of {NEW}" in out
    assert "health check check-old" in out
    assert "note: Terraform leaves no mark" in out
    assert "Nothing was changed. To do it: cutover adopt --service shop --yes " in out
    assert rig.zone.batches == []


def test_confirmed_it_makes_one_batch_and_says_what_comes_next(rig: AdoptionRig) -> None:
    code, out = rig.confirm()
    assert code == 0
    (batch,) = rig.zone.batches
    assert [c["Action"] for c in batch["Changes"]] == ["DELETE", "CREATE", "CREATE"]
    assert weights(rig) == WEIGHTED
    assert "every answer led to old, before, meanwhile and afterwards" in out
    assert "cdk import shop-traffic --force --resource-mapping" in out
    mapping = json.loads((rig.folder / "shop" / "import.json").read_text())
    assert mapping["DnsOldA9B28702D"] == {
        "Name": "example.com.",
        "HostedZoneId": "Z0123456789ABCDEFGHIJ",
        "Type": "A",
        "SetIdentifier": "old",
    }


def test_undo_puts_back_exactly_what_was_there(rig: AdoptionRig) -> None:
    before = list(rig.zone.records)
    rig.confirm()
    code, out = rig.confirm("--undo")
    assert code == 0
    assert "example.com is as it was before" in out
    assert rig.zone.records == before
    assert len(rig.zone.batches) == 2


def test_undo_of_something_else_changes_nothing(rig: AdoptionRig) -> None:
    code, out = rig.run("--undo")
    assert code == 1
    assert "are not what cutover adopt left" in out
    rig.confirm()
    rig.zone.records[0]["Weight"] = 50
    code, out = rig.run("--undo")
    assert code == 1
    assert "are not what cutover adopt left" in out
    assert len(rig.zone.batches) == 1


def test_undo_is_refused_once_a_stack_holds_the_records(rig: AdoptionRig) -> None:
    rig.confirm()
    rig.stacks.holders["example.com"] = "shop-traffic"
    code, out = rig.run("--undo")
    assert code == 1
    assert "shop-traffic in us-east-1" in out
    assert len(rig.zone.batches) == 1


def test_called_again_it_says_how_far_it_is(rig: AdoptionRig) -> None:
    rig.confirm()
    code, out = rig.run()
    assert code == 0
    assert "no stack holds them yet. Next: take dns.adopt out" in out
    rig.stacks.holders["example.com"] = "shop-traffic"
    code, out = rig.run()
    assert code == 0
    assert "the stack shop-traffic in us-east-1 holds them: nothing to do" in out
    assert len(rig.zone.batches) == 1


def test_a_ttl_is_lowered_a_day_ahead_and_undo_brings_it_back(rig: AdoptionRig) -> None:
    rig.declared["dns"] |= {"record_name": "app.example.com", "record": "cname"}
    cname = rig.record("CNAME", OLD, ttl=3600) | {"Name": "app.example.com."}
    rig.zone.records = [cname | {"ResourceRecords": [{"Value": f"{OLD}."}]}]
    before = list(rig.zone.records)
    code, out = rig.run()
    assert code == 1
    assert "Lower it a day ahead: cutover adopt --lower-ttl" in out
    code, out = rig.confirm("--lower-ttl")
    assert code == 0
    assert [r["TTL"] for r in rig.zone.records] == [60]
    rig.later(hours=23)
    code, out = rig.run()
    assert code == 1
    assert "adopt from 2026-11-25 03:12 UTC on" in out
    rig.later(hours=1)
    code, out = rig.confirm()
    assert code == 0
    assert weights(rig) == {("CNAME", "old"): 100, ("CNAME", "new"): 0}
    code, out = rig.confirm("--undo")
    assert code == 0
    assert rig.zone.records == before


def test_undo_of_a_lowered_ttl_alone_brings_it_back(rig: AdoptionRig) -> None:
    rig.zone.records = [rig.record("A", "192.0.2.1", ttl=300)]
    before = list(rig.zone.records)
    rig.confirm("--lower-ttl")
    code, _ = rig.confirm("--undo")
    assert code == 0
    assert rig.zone.records == before
    code, _ = rig.run("--lower-ttl", "--yes", "0")
    assert code == 1
    assert len(rig.zone.batches) == 2


def test_another_hash_than_the_plan_s_changes_nothing(rig: AdoptionRig) -> None:
    _, out = rig.run()
    shown = out.rsplit("--yes ", 1)[1].split()[0]
    rig.stacks.checks = {key: f"{value}-2" for key, value in rig.stacks.checks.items()}
    code, out = rig.run("--yes", shown)
    assert code == 1
    assert "this is not the plan that showed" in out
    assert rig.zone.batches == []


def test_a_record_that_changes_between_plan_and_batch_stops_all_of_it(rig: AdoptionRig) -> None:
    def by_hand() -> None:
        rig.zone.records[0]["AliasTarget"]["EvaluateTargetHealth"] = False

    rig.zone.before_change = by_hand
    code, out = rig.confirm()
    assert code == 1
    assert "Route 53 refused the batch and changed nothing" in out
    assert weights(rig) == {("A", "simple"): None}


@pytest.mark.parametrize("code", ["Throttling", "PriorRequestNotComplete"])
def test_a_throttled_batch_is_sent_again(rig: AdoptionRig, code: str) -> None:
    rig.zone.faults = [refusal(code) for _ in range(3)]
    assert rig.confirm()[0] == 0
    assert weights(rig) == WEIGHTED


def test_a_batch_that_is_throttled_for_good_changes_nothing_and_could_not_tell(
    rig: AdoptionRig,
) -> None:
    rig.zone.faults = [refusal("PriorRequestNotComplete") for _ in range(9)]
    code, out = rig.confirm()
    assert code == 2
    assert "PriorRequestNotComplete" in out
    assert weights(rig) == {("A", "simple"): None}


def test_a_batch_whose_answer_was_lost_counts_as_made_and_is_not_made_twice(
    rig: AdoptionRig,
) -> None:
    rig.zone.loses_answers = 1
    code, out = rig.confirm()
    # Which change it was is not known, so neither is when all servers have it.
    assert code == 2
    assert "The batch was accepted: call this again" in out
    assert len(rig.zone.batches) == 1
    assert weights(rig) == WEIGHTED


def test_a_wrong_answer_after_the_change_has_it_taken_back(rig: AdoptionRig) -> None:
    before = list(rig.zone.records)
    right = rig._ask

    def ask(server: Any, name: str, kind: str) -> Any:
        if any("Weight" in r for r in rig.zone.records):
            return answers.Answer("NOERROR", frozenset({"192.0.2.2"}))
        return right(server, name, kind)

    object.__setattr__(rig.world(), "ask", ask)
    code, out = rig.confirm()
    assert code == 1
    assert "leads to new for example.com A" in out
    assert "It was taken back in one batch" in out
    assert rig.zone.records == before


def test_a_name_that_is_answered_wrongly_already_is_left_alone(rig: AdoptionRig) -> None:
    rig.addresses[OLD] = {"A": "192.0.2.1"}
    object.__setattr__(rig.world(), "ask", lambda *_: answers.Answer("SERVFAIL"))
    code, out = rig.confirm()
    assert code == 1
    assert "answered wrongly already: ns-1.awsdns-1.com answered SERVFAIL" in out
    assert rig.zone.batches == []


def test_where_no_server_can_be_asked_nothing_is_changed(rig: AdoptionRig) -> None:
    rig.silent = True
    code, out = rig.confirm()
    assert code == 1
    assert "none of the name's own servers answers here" in out
    assert rig.zone.batches == []


def latency(rig: AdoptionRig) -> None:
    rig.zone.records = [rig.alias() | {"SetIdentifier": "eu", "Region": "eu-west-1"}]


def https_with_hints(rig: AdoptionRig) -> None:
    rig.zone.records.append(rig.record("HTTPS", "1 . alpn=h2 ipv4hint=192.0.2.1"))


def https_elsewhere(rig: AdoptionRig) -> None:
    rig.zone.records.append(rig.record("HTTPS", "0 cdn.example.net."))


def to_new(rig: AdoptionRig) -> None:
    rig.zone.records = [rig.alias(to=f"dualstack.{NEW}")]


def to_a_distribution(rig: AdoptionRig) -> None:
    rig.zone.records = [rig.alias(to="d111111abcdef8.cloudfront.net.")]


def to_other_addresses(rig: AdoptionRig) -> None:
    rig.zone.records = [rig.record("A", "192.0.2.1", "192.0.2.77")]


def with_a_check(rig: AdoptionRig) -> None:
    rig.zone.records = [rig.alias() | {"HealthCheckId": "own"}]


def nothing(rig: AdoptionRig) -> None:
    rig.zone.records = []


def aaaa_too(rig: AdoptionRig) -> None:
    rig.addresses[OLD]["AAAA"] = "2001:db8::1"
    rig.zone.records.append(rig.alias("AAAA"))


def dead_aaaa(rig: AdoptionRig) -> None:
    rig.zone.records.append(rig.alias("AAAA"))


def new_aaaa(rig: AdoptionRig) -> None:
    rig.addresses[OLD]["AAAA"] = "2001:db8::1"
    rig.declared["dns"]["ipv6"] = True


def old_without_address(rig: AdoptionRig) -> None:
    rig.addresses[OLD].clear()


def at_30(rig: AdoptionRig) -> None:
    rig.stacks.weight = 30


def moving(rig: AdoptionRig) -> None:
    rig.stacks.status = "UPDATE_IN_PROGRESS"


def private(rig: AdoptionRig) -> None:
    rig.zone.private = True


def other_zone(rig: AdoptionRig) -> None:
    rig.zone.name = "example.net"


def delegated_elsewhere(rig: AdoptionRig) -> None:
    rig.delegated = frozenset({"ns.example.net"})


def delegated_in_part(rig: AdoptionRig) -> None:
    rig.delegated = frozenset(rig.zone.servers[:1])


def delegation_unread(rig: AdoptionRig) -> None:
    rig.delegated = Unread("no resolver answers")


def of_a_stack(rig: AdoptionRig) -> None:
    rig.stacks.holders["example.com."] = "website"


def of_a_stack_elsewhere(rig: AdoptionRig) -> None:
    rig.stacks.holders["elsewhere:example.com"] = "website"


def of_kubernetes(rig: AdoptionRig) -> None:
    mark = '"heritage=external-dns,external-dns/owner=shop"'
    rig.zone.records.append(rig.record("TXT", mark) | {"Name": "a-example.com."})


def owner_unread(rig: AdoptionRig) -> None:
    rig.stacks.describe_stack_resources = _denied(rig)  # type: ignore[method-assign]


def _denied(rig: AdoptionRig) -> Any:
    reads = type(rig.stacks).describe_stack_resources

    def call(*, StackName: str = "", PhysicalResourceId: str = "") -> Any:  # noqa: N803
        if not StackName:
            raise refusal("AccessDenied", 403)
        return reads(rig.stacks, StackName=StackName)

    return call


def no_checks(rig: AdoptionRig) -> None:
    rig.stacks.checks = {}


def slow(rig: AdoptionRig) -> None:
    rig.zone.records = [rig.record("A", "192.0.2.1", ttl=61)]


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (latency, "the name has a latency record already"),
        (https_with_hints, "browsers go where it says, past the weights"),
        (https_elsewhere, "browsers go where it says, past the weights"),
        (to_new, "it does not lead to old's load balancer"),
        (to_a_distribution, "the name leads to a CloudFront distribution"),
        (to_other_addresses, "it does not lead to old's load balancer"),
        (with_a_check, "it has a health check of its own"),
        (nothing, "there is nothing to adopt"),
        (aaaa_too, "answers AAAA now and would not any more: declare dns.ipv6: true"),
        (dead_aaaa, "has a simple AAAA record that the declaration does not have"),
        (new_aaaa, "answers no AAAA now and would from then on"),
        (old_without_address, "has no address"),
        (at_30, "holds 30 % for new: the name would send viewers to new"),
        (moving, "is UPDATE_IN_PROGRESS: wait until it is at rest"),
        (private, "is private"),
        (other_zone, "is example.net, and dns.zone_name says example.com"),
        (delegated_elsewhere, "is delegated to ns.example.net, and not to the hosted zone"),
        (delegated_in_part, "some viewers ask another server"),
        (delegation_unread, "it is not known which servers the world asks"),
        (of_a_stack, "the stack website in us-east-1 holds the record"),
        (of_a_stack_elsewhere, "the stack website in eu-west-1 holds the record"),
        (of_kubernetes, "external-dns in a Kubernetes cluster says that it owns the name"),
        (owner_unread, "it is not known whether a stack holds the record"),
        (no_checks, "has no health checks for the records"),
        (slow, "resolvers keep its answer for 61 s"),
    ],
)
def test_what_stands_against_it_is_a_sentence_and_nothing_is_changed(
    rig: AdoptionRig, made: Any, sentence: str
) -> None:
    _, planned = rig.run()
    shown = planned.rsplit("--yes ", 1)[1].split()[0]
    made(rig)
    for arguments in ((), ("--yes", shown)):
        code, out = rig.run(*arguments)
        assert code == 1
        assert sentence in out
    assert rig.zone.batches == []


def test_another_record_of_the_same_name_may_be_a_stack_s(rig: AdoptionRig) -> None:
    """CloudFormation calls a record set by its name alone, whatever its type."""
    of_a_stack(rig)
    rig.stacks.held_type = "MX"
    assert rig.run()[0] == 0
    rig.stacks.held_type = {"Ref": "Type"}
    assert rig.run()[0] == 1


def test_an_address_record_of_old_s_own_addresses_is_adopted(rig: AdoptionRig) -> None:
    rig.zone.records = [rig.record("A", "192.0.2.1")]
    code, out = rig.run()
    assert code == 0
    assert "Route 53 does not tell since when the TTL is that short" in out


def test_an_https_record_without_another_target_is_a_note(rig: AdoptionRig) -> None:
    rig.zone.records.append(rig.record("HTTPS", "1 . alpn=h2,h3"))
    code, out = rig.run()
    assert code == 0
    assert "note: the HTTPS record 1 . alpn=h2,h3 stays" in out


def test_a_cname_may_become_aliases_where_the_answers_stay(rig: AdoptionRig) -> None:
    rig.declared["dns"]["record_name"] = "app.example.com"
    rig.zone.records = [rig.record("CNAME", OLD) | {"Name": "app.example.com."}]
    code, out = rig.confirm()
    assert code == 0, out
    assert weights(rig) == WEIGHTED


def test_records_are_read_to_the_last_page(rig: AdoptionRig) -> None:
    rig.zone.page = 1
    rig.zone.records += [rig.record("TXT", '"x"'), rig.record("HTTPS", "0 cdn.example.net.")]
    code, out = rig.run()
    assert code == 1
    assert "HTTPS record 0 cdn.example.net." in out


def test_a_service_without_a_dns_door_and_a_broken_snapshot_are_sentences(rig: AdoptionRig) -> None:
    (rig.folder / "shop").mkdir()
    (rig.folder / "shop" / "snapshot.json").write_text("[]")
    code, out = rig.run("--undo")
    assert code == 1
    assert "snapshot.json cannot be read" in out
    del rig.declared["dns"]
    rig.declared["edge"] = {}
    code, out = rig.run()
    assert code == 2
    assert "shop declares no dns door" in out
