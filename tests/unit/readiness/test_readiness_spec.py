"""What is to be checked is read back from what CloudFormation hands over, and nothing wrong gets through."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, Report, check
from shared.readiness.reading import SpecError, read
from shared.readiness.spec import Attestation, Body, Endpoint, Latency, Load, Side, Spec, Waiver

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(min_size=1).filter(str.strip)
DAYS = st.dates().map(str)
SIDES = st.builds(
    Side,
    url=st.sampled_from(
        ["http://a", "https://b.example:8443", "http://10.0.0.1/", "http://[::1]:1"]
    ),
    load_balancer=st.text(),
    target_group=st.text(),
)
BODIES = st.builds(
    Body,
    by=st.sampled_from(["similarity", "text", "json", "any"]),
    ignore=st.lists(st.text(), max_size=3).map(tuple),
    unordered=st.lists(st.text(), max_size=3).map(tuple),
    at_least=st.floats(0, 1),
)
SPECS = st.builds(
    Spec,
    service=st.text(),
    old=SIDES,
    new=SIDES,
    endpoints=st.lists(
        st.builds(
            Endpoint,
            path=st.sampled_from(["/", "/ping", "/a?b=c"]),
            status=st.integers(0, 399),
            contains=st.text(),
            body=BODIES,
        ),
        max_size=3,
    ).map(tuple),
    latency=st.builds(Latency, st.integers(), NUMBERS, NUMBERS, NUMBERS),
    load=st.builds(Load, st.integers(), NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.text()),
    timeout_seconds=NUMBERS,
    certificate_days=st.integers(0, 365),
    region=st.text(),
    discover=st.lists(st.text(), max_size=2).map(tuple),
    exclude=st.lists(st.text(), max_size=2).map(tuple),
    public_hosts=st.lists(st.sampled_from(["app.example.com", "A_b.example"]), max_size=2).map(
        tuple
    ),
    headers=st.lists(st.text(), max_size=2).map(tuple),
    waivers=st.lists(st.builds(Waiver, NAMES, NAMES, NAMES, DAYS), max_size=2).map(tuple),
    attestations=st.lists(
        st.builds(Attestation, st.text(), st.integers(1, 3650), st.text(), DAYS | st.just("")),
        max_size=2,
    ).map(tuple),
)
SMALL: dict[str, Any] = {
    "Service": "shop",
    "Old": {"Url": "http://old.example:80"},
    "New": {"Url": "http://new.example:80"},
    "Endpoints": [{"Path": "/ping", "Status": "200"}],
    "Latency": {"Samples": "100", "AverageMs": "250", "P95Ms": "250.5", "SlowdownPercent": "25"},
    "Load": {
        "AtOnce": "10",
        "LoopSeconds": "5",
        "Rate": "20",
        "MaxRate": "200",
        "RampSeconds": "5",
        "HoldSeconds": "10",
    },
    "TimeoutSeconds": "10",
    "CertificateDays": "21",
}


def as_cloudformation_gives_it(value: Any) -> Any:
    """Return a dataclass as a custom resource's properties: CamelCase, every scalar a string."""
    if is_dataclass(value):
        return {
            "".join(
                word.capitalize() for word in field.name.split("_")
            ): as_cloudformation_gives_it(getattr(value, field.name))
            for field in fields(value)
        }
    if isinstance(value, tuple):
        return [as_cloudformation_gives_it(one) for one in value]
    return str(value)


@settings(max_examples=60, deadline=None)
@given(SPECS)
def test_what_goes_through_cloudformation_comes_back_the_same(spec: Spec) -> None:
    assert read(Spec, as_cloudformation_gives_it(spec)) == spec


def test_what_is_left_out_has_its_default() -> None:
    spec = read(Spec, SMALL)
    assert spec.endpoints == (Endpoint("/ping", 200, "", Body("similarity", (), "", 0.8)),)
    assert spec.latency == Latency(100, 250.0, 250.5, 25.0)
    assert (spec.waivers, spec.attestations, spec.region) == ((), (), "")
    assert (spec.side("old").host, spec.side("new").host) == ("old.example", "new.example")


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return SMALL with what stands at `path` replaced, or taken away where it is None."""
    spec: dict[str, Any] = {k: dict(v) if isinstance(v, dict) else v for k, v in SMALL.items()}
    *way, last = path.split(".")
    inner = spec
    for step in way:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return spec


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("Load.Rate", None, "Load.Rate is missing"),
        ("Load.Speed", "9", "Load.Speed is not a known property of Load"),
        ("Load.AtOnce", "ten", "Load.AtOnce is 'ten': it must be a whole number"),
        ("Load.AtOnce", "2.5", "Load.AtOnce is '2.5': it must be a whole number"),
        ("Load.AtOnce", 2.5, "Load.AtOnce is 2.5: it must be a whole number"),
        ("Load.AtOnce", True, "Load.AtOnce is True: it must be a whole number"),
        ("Load.Rate", "nan", "Load.Rate is 'nan': it must be a number"),
        ("Load.Rate", "inf", "Load.Rate is 'inf': it must be a number"),
        ("Load.Rate", "1" * 400, f"Load.Rate is '{'1' * 400}': it must be a number"),
        ("Load", "x", "Load is 'x': it must be an object"),
        ("Service", ["a"], "Service is ['a']: it must be text"),
        ("Headers", "vary", "Headers is 'vary': it must be a list"),
        ("Headers", [["vary"]], "Headers[0] is ['vary']: it must be text"),
        (
            "Endpoints",
            [{"Path": "ping"}],
            "Endpoints[0]: 'ping' is not a path: it must start with /",
        ),
        ("Endpoints", [{"Path": "/a\x9b"}], r"Endpoints[0]: '/a\x9b' is not a path"),
        ("Endpoints", [{"Path": "/a b"}], "Endpoints[0]: '/a b' is not a path"),
        (
            "Endpoints",
            [{"Path": "/", "Body": {"By": "heart"}}],
            "Endpoints[0].Body.By is 'heart': it must be one of similarity, text, json",
        ),
        (
            "Endpoints",
            [{"Path": "/", "Body": {"By": "pattern", "Pattern": "("}}],
            "Endpoints[0].Body: '(' is not a regular expression: missing ), unterminated subpattern",
        ),
        (
            "Endpoints",
            [{"Path": "/", "Body": {"By": "pattern"}}],
            "Endpoints[0].Body: bodies are compared by pattern, but pattern is empty",
        ),
        (
            "Endpoints",
            [{"Path": "/", "Body": {"AtLeast": "80"}}],
            "Endpoints[0].Body: at_least is 80.0: it must be from 0 to 1",
        ),
        ("Old.Url", "old.example", "Old: 'old.example' is not the root of a site"),
        ("Old.Url", "http://old.example/app", "Old: 'http://old.example/app' is not the root"),
        ("Old.Url", "http://me:you@old.example", "Old: 'http://me:you@old.example' is not the"),
        ("Old.Url", "http://old.example:99999", "Old: 'http://old.example:99999' is not a URL: "),
        ("Old.Url", "http://[", "Old: 'http://[' is not a URL: "),
        ("Old.Url", "http://@old.example", "Old: 'http://@old.example' is not the root of a site"),
        ("Old.Url", "http://old\x1b.example", r"Old: 'http://old\x1b.example' is not the root"),
        (
            "Old.Url",
            "http://old\t.example",
            r"Old: 'http://old\t.example' is not the root of a site",
        ),
        ("Old.Url", "ftp://old.example", "Old: 'ftp://old.example' is not the root of a site"),
        (
            "Waivers",
            [{"Finding": "x", "By": "Ada", "Reason": "y", "Until": "soon"}],
            "Waivers[0]: until is 'soon': it must be a day, like 2026-11-30",
        ),
        (
            "Waivers",
            [{"Finding": "x", "By": " ", "Reason": "y", "Until": "2026-11-30"}],
            "Waivers[0]: a waiver needs a finding, a name and a reason",
        ),
        (
            "Attestations",
            [{"What": "x", "ValidDays": "14", "By": "Ada", "On": "2026-02-30"}],
            "Attestations[0]: on is '2026-02-30': it must be a day",
        ),
        (
            "Attestations",
            [{"What": "x", "ValidDays": "9999999"}],
            "Attestations[0]: valid_days is 9999999: it must be from 1 to 3650",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(path: str, value: Any, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(Spec, changed(path, value))
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("url", "host", "port", "is_secure"),
    [
        ("http://Old.example", "old.example", 80, False),
        ("https://old.example/", "old.example", 443, True),
        ("http://127.0.0.1:8080", "127.0.0.1", 8080, False),
        ("https://[::1]:8443", "::1", 8443, True),
    ],
)
def test_a_side_is_read_from_its_root(url: str, host: str, port: int, is_secure: bool) -> None:
    side = Side(url)
    assert (side.host, side.port, side.is_secure) == (host, port, is_secure)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=800), st.text(max_size=800))
def test_whatever_a_finding_says_is_one_printable_line_of_bounded_length(a: str, b: str) -> None:
    finding = Finding(a, Verdict.FAIL, b, old=a, new=b)
    for text in (finding.id, finding.said, finding.old, finding.new):
        assert text.isprintable()
        assert len(text) <= 600
        text.encode()


def test_a_finding_keeps_what_can_be_printed() -> None:
    finding = Finding("a", Verdict.FAIL, "é → “x”\n\x1b[31m\udc80\u202e")
    assert finding.said == "é → “x”\\n\\x1b[31m\\udc80\\u202e"
    assert Finding("a", Verdict.FAIL, "x" * 601).said == "x" * 599 + "…"


def report(*checks: Check) -> Report:
    return Report("shop", "http://old", "http://new", "2026-11-24T02:00:00+00:00", 1.0, checks)


def found(verdict: Verdict, *said: str) -> Check:
    return check("parity", [Finding(f"parity:{one}", verdict, one) for one in said])


@pytest.mark.parametrize(
    ("checks", "verdict", "sentence"),
    [
        ([found(Verdict.PASS, "a")], Verdict.PASS, "ready"),
        ([], Verdict.INCONCLUSIVE, "nothing was checked"),
        ([Check("tls", skipped="plain")], Verdict.INCONCLUSIVE, "nothing was checked"),
        ([found(Verdict.INCONCLUSIVE, "a")], Verdict.INCONCLUSIVE, "could not tell: a"),
        (
            [found(Verdict.INCONCLUSIVE, "a"), found(Verdict.FAIL, "b")],
            Verdict.FAIL,
            "not ready: b; a",
        ),
        (
            [found(Verdict.FAIL, *"abcdefghij")],
            Verdict.FAIL,
            "not ready: a; b; c; d; e; f; g; h; and 2 more",
        ),
    ],
)
def test_a_report_says_in_one_sentence_what_keeps_it_from_being_ready(
    checks: list[Check], verdict: Verdict, sentence: str
) -> None:
    made = report(*checks)
    assert (made.verdict, made.sentence()) == (verdict, sentence)


def test_a_report_holds_what_was_found() -> None:
    waived = Finding("parity:/", Verdict.FAIL, "differs", "a", "b", waivable=True, waived="by Ada")
    told = report(
        check("parity", [waived], endpoints=["/"]), Check("tls", skipped="plain")
    ).to_dict()
    assert (told["schema"], told["verdict"], told["said"]) == (
        "cutover-readiness/1",
        "PASS",
        "ready",
    )
    assert told["checks"] == [
        {
            "name": "parity",
            "verdict": "PASS",
            "skipped": "",
            "seconds": 0.0,
            "findings": [
                {
                    "id": "parity:/",
                    "verdict": "FAIL",
                    "said": "differs",
                    "waivable": True,
                    "old": "a",
                    "new": "b",
                    "waived": "by Ada",
                }
            ],
            "figures": {"endpoints": ["/"]},
        },
        {
            "name": "tls",
            "verdict": "SKIPPED",
            "skipped": "plain",
            "seconds": 0.0,
            "findings": [],
            "figures": {},
        },
    ]


@pytest.mark.parametrize("name", ["", "a b", "app.example.com/x", "a:1", "evil\r\nHost: x", "@x"])
def test_a_public_name_is_a_host_name(name: str) -> None:
    with pytest.raises(SpecError, match="in public_hosts is not a host name"):
        read(Spec, {**SMALL, "PublicHosts": [name]})


def test_a_viewer_names_the_port_unless_it_is_the_schemes_own() -> None:
    assert Side("https://b.example").authority("app.example.com") == "app.example.com"
    assert Side("https://b.example:8443").authority("app.example.com") == "app.example.com:8443"
