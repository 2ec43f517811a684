"""What the embedded cloud is told to get wrong, it gets wrong: as often as told, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.cloud.faults import Fault, Injected, Told

ROLLBACK = "chatmrpt-rollback"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "faults.json"


def test_a_call_fails_as_often_as_told_and_then_no_more(file: Path) -> None:
    told, cloud = Told(file), Injected(file)
    told.add(Fault("call", "route53", "Throttling", "POST .*/healthcheck/.+", times=2))
    asked = ("route53", "POST", "/2013-04-01/healthcheck/abc")
    hows = [fault.how if (fault := cloud.call(*asked)) else "" for _ in range(4)]
    assert hows == ["Throttling", "Throttling", "", ""]


def test_another_call_is_not_met(file: Path) -> None:
    told, cloud = Told(file), Injected(file)
    told.add(Fault("call", "route53", "Throttling", "POST .*/healthcheck/.+"))
    assert cloud.call("route53", "GET", "/2013-04-01/healthcheck/abc") is None
    assert cloud.call("cloudfront", "POST", "/2013-04-01/healthcheck/abc") is None
    assert cloud.call("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset") is None


def test_a_fault_without_a_number_of_times_lasts_until_it_is_taken_away(file: Path) -> None:
    told, cloud = Told(file), Injected(file)
    told.add(Fault("function", ROLLBACK, "error"))
    assert all(cloud.function(ROLLBACK, "error", "throttle") for _ in range(20))
    told.clear()
    assert cloud.function(ROLLBACK, "error", "throttle") is None


def test_the_same_fault_told_again_counts_anew(file: Path) -> None:
    told, cloud = Told(file), Injected(file)
    for _ in range(2):
        told.clear()
        told.add(Fault("change", "AWS::Route53::RecordSet", "InvalidChangeBatch", times=1))
        assert cloud.change("AWS::Route53::RecordSet") is not None
        assert cloud.change("AWS::Route53::RecordSet") is None


def test_a_function_is_met_only_by_the_kind_that_is_asked_for(file: Path) -> None:
    told, cloud = Told(file), Injected(file)
    told.add(Fault("function", ROLLBACK, "twice", times=1))
    assert cloud.function(ROLLBACK, "error", "throttle") is None
    assert cloud.function("chatmrpt-judge", "twice") is None
    assert cloud.function(ROLLBACK, "twice") is not None


def test_what_happened_is_written_down_in_order(file: Path) -> None:
    told, cloud = Told(file), Injected(file)
    told.add(Fault("call", "cloudfront-keyvaluestore", "ServiceUnavailable", "PUT .*"))
    cloud.call("cloudfront-keyvaluestore", "PUT", "/key-value-stores/x/keys/switch")
    cloud.note("started", ROLLBACK)
    cloud.note("alarm", "chatmrpt-new-5xx-hard", before="OK", after="ALARM")
    happened = told.happened()
    assert [entry["what"] for entry in happened] == ["ServiceUnavailable", "started", "alarm"]
    assert happened[0]["of"] == "PUT /key-value-stores/x/keys/switch"
    assert happened[2]["after"] == "ALARM"


def test_a_file_that_is_gone_or_half_written_breaks_nothing(file: Path) -> None:
    cloud = Injected(file)
    assert cloud.call("route53", "GET", "/") is None
    file.write_text("[{", encoding="utf-8")
    assert cloud.function(ROLLBACK, "error") is None
