"""Who still asks old by its own name, from the lines of its access log."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from commands import last_users
from commands.access_log.files import lines_in_bucket
from commands.access_log.last_users import count
from commands.access_log.line import read
from commands.account.access_log import access_log_of
from cutover.declaration.reading.context import read_context
from cutover.paths import ROOT

DECLARATION = ROOT / "examples/last-users.json"
DESK: dict[str, Any] = json.loads(DECLARATION.read_text(encoding="utf-8"))["desk"]
OWN = DESK["old"]["load_balancer_dns_name"]
(CUTOVER,) = read_context({"cutover": {"desk": DESK}})


def line(
    client: str = "192.0.2.7",
    host: str = OWN,
    path: str = "/a?b=c",
    agent: str = "curl/7.46.0",
    method: str = "GET",
    rule: str = "49020",
    actions: str = "redirect",
) -> str:
    return (
        f"http 2026-11-20T22:23:00.186641Z {DESK['old']['load_balancer']} {client}:2817 - 0.000 0.001 0.000 "
        f'302 - 34 366 "{method} http://{host}:80{path} HTTP/1.1" "{agent}" - - arn:aws:x "Root=1" "-" "-" '
        f'{rule} 2026-11-20T22:22:48.364000Z "{actions}" "-" "-" "-" "-" "-" "-" TID_1'
    )


def test_users_are_counted_and_probes_doors_and_the_edge_are_not() -> None:
    found = count(
        CUTOVER.service,
        [
            line(),
            line(host=OWN.upper(), path="/z"),
            line(client="2001:db8::7", method="POST", rule="0", actions="forward"),
            line(agent="Amazon-Route53-Health-Check-Service (ref 1; report http://a)"),
            line(agent="cutover-sentinel/1"),
            line(rule="49000", actions="waf,forward"),
            line(host="desk.example.com"),
            "no line",
            "",
        ],
    )
    assert (found.lines, found.unread, found.requests, found.redirected) == (8, 1, 3, 2)
    assert found.clients == {"192.0.2.7": 2, "2001:db8::7": 1}
    assert found.methods == {"GET": 2, "POST": 1}
    assert found.paths == {"/a": 2, "/z": 1}
    assert found.seen["192.0.2.7"] == "2026-11-20T22:23:00.186641Z"


def test_a_quote_in_what_a_client_sent_ends_no_field() -> None:
    entry = read(line(path='/a"b', agent=r"x \x22 \" y"))
    assert entry is not None
    assert (entry.path, entry.agent, entry.rule) == ('/a"b', r"x \x22 \" y", 49020)


@given(st.text(max_size=200))
def test_any_text_is_an_entry_or_none(text: str) -> None:
    assert read(text) is None


@given(
    st.text(
        st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), max_size=80
    )
)
def test_any_agent_comes_back(agent: str) -> None:
    entry = read(line(agent=agent))
    assert entry is not None
    assert entry.agent == (agent or "-")


def run(*given: str) -> int:
    return last_users.main(["--declaration", str(DECLARATION), *given])


def test_the_command_reads_a_folder_and_says_who(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.log").write_text(line() + "\n", encoding="utf-8")
    (tmp_path / "b.log.gz").write_bytes(gzip.compress((line() + "\nx\n").encode()))
    assert run("--logs", str(tmp_path)) == 1
    said = capsys.readouterr().out
    assert "desk: 2 of 3 requests asked old by its own name" in said
    assert "192.0.2.7, last seen 2026-11-20T22:23:00.186641Z" in said
    assert "1 lines could not be read." in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt.log", b"what\n", "None of 1 lines is a line of"),
        ("a.log.gz", b"no gzip", "is no whole gzip file"),
        ("a.log.gz", gzip.compress(b"a" * 9999)[:20], "is no whole gzip file"),
        ("a.other", b"", "holds no *.log or *.log.gz"),
    ],
    # A gzip holds the time at which it was made: each worker would name the case otherwise.
    ids=["no line of a log", "no gzip", "half a gzip", "no log"],
)
def test_what_is_no_log_gets_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert run("--logs", str(tmp_path)) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "91", "-1", "1.5", "seven", "1_0", "", "9" * 5000])
def test_days_that_make_no_sense_get_a_sentence(
    capsys: pytest.CaptureFixture[str], number: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(f"--days={number}")
    assert "It must be: a whole number from 1 to 90" in capsys.readouterr().err


def test_lines_that_make_no_sense_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run("--top=0")
    assert "argument --top: '0' makes no sense" in capsys.readouterr().err


def test_nobody_is_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.log").write_text(line(host="desk.example.com"), encoding="utf-8")
    assert run("--logs", str(tmp_path)) == 0


class Elbv2:
    """Old's load balancer, as the account tells of it, with the attributes that it is given."""

    ARN = f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/{DESK['old']['load_balancer']}"

    def __init__(self, **attributes: str) -> None:
        self.attributes = attributes
        self.arn = self.ARN

    def describe_load_balancers(self, **asked: Any) -> dict[str, Any]:
        assert asked == {"Names": ["desk-1"]}
        return {"LoadBalancers": [{"LoadBalancerArn": self.arn}]}

    def describe_load_balancer_attributes(self, **asked: Any) -> dict[str, Any]:
        assert asked == {"LoadBalancerArn": self.ARN}
        told = [
            {"Key": f"access_logs.s3.{key}", "Value": value}
            for key, value in self.attributes.items()
        ]
        return {"Attributes": [*told, {"Key": "idle_timeout.timeout_seconds", "Value": "60"}]}


ON = {"enabled": "true", "bucket": "desk-logs", "prefix": "its/own"}


@pytest.fixture
def undeclared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Path, Elbv2]]:
    """A declaration that names no place of a log, and what the account tells of old instead."""
    body = {key: value for key, value in DESK.items() if key != "last_users"}
    file = tmp_path / "declaration.json"
    file.write_text(json.dumps({"desk": body}), encoding="utf-8")
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "a")
    elbv2 = Elbv2(**ON)

    def client(service: str, region: str) -> Any:
        assert region == "eu-west-1"
        return elbv2 if service == "elbv2" else boto3.client("s3", region_name=region)

    monkeypatch.setattr(last_users, "_client", client)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="desk-logs")
        day = f"{datetime.now(UTC):%Y/%m/%d}"
        s3.put_object(
            Bucket="desk-logs",
            Key=f"its/own/AWSLogs/1/elasticloadbalancing/eu-west-1/{day}/1_elasticloadbalancing_eu-west-1_"
            "app.desk-1.1b2c3d4e5f607182_20261120T2340Z_192.0.2.1_x.log.gz",
            Body=gzip.compress(f"{line()}\n".encode()),
        )
        yield file, elbv2


def test_where_no_log_is_declared_the_load_balancer_tells_its_own(
    undeclared: tuple[Path, Elbv2], capsys: pytest.CaptureFixture[str]
) -> None:
    file, _ = undeclared
    assert last_users.main(["--declaration", str(file)]) == 1
    assert "1 of 1 requests asked old by its own name" in capsys.readouterr().out


@pytest.mark.parametrize(
    "attributes", [{}, ON | {"enabled": "false"}, {"enabled": "true", "bucket": ""}]
)
def test_a_log_that_is_off_gets_a_sentence(
    undeclared: tuple[Path, Elbv2],
    capsys: pytest.CaptureFixture[str],
    attributes: dict[str, str],
) -> None:
    file, elbv2 = undeclared
    elbv2.attributes = attributes
    assert last_users.main(["--declaration", str(file)]) == 2
    assert (
        "The access log of app/desk-1/1b2c3d4e5f607182 is off (access_logs.s3.enabled)"
        in capsys.readouterr().err
    )


def test_another_load_balancer_of_the_same_name_is_not_asked(
    undeclared: tuple[Path, Elbv2], capsys: pytest.CaptureFixture[str]
) -> None:
    file, elbv2 = undeclared
    elbv2.arn = elbv2.ARN.replace("1b2c", "ffff")
    assert last_users.main(["--declaration", str(file)]) == 2
    assert "There is no load balancer app/desk-1/1b2c" in capsys.readouterr().err


@pytest.mark.parametrize(("prefix", "place"), [("its/own", "s3://b/its/own"), ("", "s3://b")])
def test_a_place_is_bucket_and_prefix(prefix: str, place: str) -> None:
    assert access_log_of(Elbv2(enabled="true", bucket="b", prefix=prefix), Elbv2.ARN) == place


@mock_aws
def test_s3_gives_the_lines_of_this_load_balancer_and_these_days() -> None:
    s3 = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="a"
    )
    s3.create_bucket(Bucket="desk-logs")
    below = "old/AWSLogs/123456789012/elasticloadbalancing/eu-west-1"
    name = "123456789012_elasticloadbalancing_eu-west-1_{}_20261120T2340Z_192.0.2.1_x.log.gz"
    ours, other = name.format("app.desk-1.1b2c3d4e5f607182"), name.format("app.b.2")
    for key, text in (
        (f"{below}/2026/11/20/{ours}", "yes"),
        (f"{below}/2026/11/20/{other}", "other"),
        (f"{below}/2026/11/19/{ours}", "before"),
        ("old/AWSLogs/123456789012/ELBAccessLogTestFile", "test"),
    ):
        s3.put_object(Bucket="desk-logs", Key=key, Body=gzip.compress(f"{text}\n".encode()))
    told = lines_in_bucket(
        s3,
        "s3://desk-logs/old",
        load_balancer="app/desk-1/1b2c3d4e5f607182",
        region="eu-west-1",
        days=[date(2026, 11, 20), datetime(2026, 11, 21, tzinfo=UTC).date()],
    )
    assert [line.strip() for line in told] == ["yes"]
