"""Whatever stands in a declaration or behind -c, the answer is services or a sentence with its place."""

# ruff: noqa: E501 - a table reads best with one fault a line

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.declaration.reading.context import Cutover, cdk_json_context, read_context
from cutover.declaration.reading.errors import DeclarationError
from cutover.declaration.reading.file import LARGEST_BYTES, read_json
from cutover.declaration.service import Service
from cutover.paths import CDK_JSON, ROOT
from tests.unit.support.places import places

CONTEXT: dict[str, Any] = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
BOTH: dict[str, Any] = json.loads((ROOT / "examples" / "dns-door.json").read_text(encoding="utf-8"))
Change = Callable[[dict[str, Any]], object]


def refusal(context: dict[str, Any]) -> list[str]:
    with pytest.raises(DeclarationError) as refused:
        read_context(context)
    for reason in refused.value.reasons:
        assert reason
        assert reason.isprintable()
        assert len(reason) <= 600
    return refused.value.reasons


def outcome(context: dict[str, Any]) -> tuple[list[Cutover], list[str]]:
    """Return the services, or the sentences."""
    try:
        return read_context(context), []
    except DeclarationError as refused:
        return [], refused.reasons


# Keys


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda d: d.update(newWeight=1),
            ".newWeight is not a known key. Did you mean new_weight?",
        ),
        (
            lambda d: d["old"].update(hostName="x"),
            ".old.hostName is not a known key. Did you mean host_name?",
        ),
        (lambda d: d.update({"//": "a comment"}), '["//"] is not a known key.'),
        (lambda d: d.update({"1": 1}), ".1 is not a known key."),
        (lambda d: d.update({"": 1}), '[""] is not a known key.'),
        (lambda d: d.update(old="x"), '.old is "x". It must be: the side that serves today'),
        (
            lambda d: d.update(endpoints=["/ping"]),
            '.endpoints[0] is "/ping". It must be: an object with path; it may have',
        ),
        (
            lambda d: d.update(promotion={"steps": [100]}),
            ".promotion.steps[0] is 100. It must be: an object with weight; it may have bake_minutes.",
        ),
        (
            lambda d: d.update(promotion={"groups": ["staff"]}),
            '.promotion.groups[0] is "staff". It must be: an object with name; it may have',
        ),
        (lambda d: d["edge"].update({"Edge": 1}), ".edge.Edge is not a known key."),
        (
            lambda d: d["edge"].update({"literal[False]": 1}),
            '.edge["literal[False]"] is not a known key.',
        ),
        (
            lambda d: d["endpoints"][0].update({"a b": 1}),
            '.endpoints[0]["a b"] is not a known key.',
        ),
        (lambda d: d.update({"\x1b[31m": 1}), '["?[31m"] is not a known key.'),
        (lambda d: d.update({"k" * 9000: 1}), 'k…"] is not a known key.'),
    ],
)
def test_an_unknown_key_of_any_spelling_is_told_with_its_place(change: Change, said: str) -> None:
    context = copy.deepcopy(CONTEXT)
    change(context["cutover"]["chatmrpt"])
    (reason,) = refusal(context)
    assert reason.startswith("cdk.json: cutover.chatmrpt")
    assert said in reason


@pytest.mark.parametrize(
    "key",
    [
        *(
            "new.weight",
            "new_weight2",
            "new weight",
            "newWeight",
            "NEW_WEIGHT",
            "new-weight",
            "newweight",
        ),
        *(
            "new_wieght",
            "old-weight",
            "overrideBy",
            "override",
            "override_reasons",
            "services",
            "Service",
        ),
        *("cutover.chatmrpt", "cutover:chatmrpt", "declarations", "new_weight\n"),
    ],
)
def test_a_context_key_that_seems_meant_as_ours_is_refused(key: str) -> None:
    (reason,) = refusal(CONTEXT | {key: "25"})
    assert "is not a context key of this app. Did you mean " in reason


@pytest.mark.parametrize(
    "key",
    [
        *("@aws-cdk/core:newStyle", "aws:cdk:enable-path-metadata", "availability-zones:account=1"),
        *(
            "hosted-zone:account=1:domainName=x",
            "acknowledged-issue-numbers",
            "cli-telemetry",
            "stage",
        ),
    ],
)
def test_a_context_key_of_somebody_else_is_left_alone(key: str) -> None:
    assert len(read_context(CONTEXT | {key: "x"})) == 1


@pytest.mark.parametrize("key", ["service", "declaration", "override_by", "override_reason"])
@pytest.mark.parametrize("value", [5, ["a"], {"a": 1}, True])
def test_what_must_be_text_says_so(key: str, value: object) -> None:
    (reason,) = refusal(CONTEXT | {"override_by": "a", "override_reason": "b"} | {key: value})
    assert f"-c {key} is " in reason
    assert reason.endswith("It must be: text.")


# Files


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": 1, "a": 2}', "has the key a twice: keep the one that is meant."),
        (
            b'{"s": {"b": [1, {"new_weight": 0, "new_weight": 100}]}}',
            "has the key s.b.1.new_weight twice",
        ),
        (b"[" * 100_000 + b"]" * 100_000, "is nested too deeply to be a declaration."),
        (b'{"a": ' * 100_000, "is nested too deeply to be a declaration."),
        (b'{"a": ' + b"9" * 5_000 + b"}", "holds a number that cannot be read"),
        (b'{"a": NaN}', "holds a number that cannot be read: NaN is not a number in JSON."),
        (b'{"a": -Infinity}', "holds a number that cannot be read"),
        (b'{"a": "\xff"}', "is not UTF-8: byte 7 is not."),
        (b"\x00\x01", "is not JSON"),
        (b"", "is not JSON"),
        (b" " * (LARGEST_BYTES + 1), "is larger than 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_declaration_gets_a_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "declaration.json"
    file.write_bytes(content)
    (reason,) = refusal(CONTEXT | {"declaration": str(file)})
    assert reason.startswith("declaration=")
    assert said in reason


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 5_000, "/dev/zero", ".", "nowhere/at/all"])
def test_a_name_that_leads_to_no_file_gets_a_sentence(name: str) -> None:
    (reason,) = refusal(CONTEXT | {"declaration": name})
    assert reason.endswith("Give a JSON file.")


def test_cdk_json_is_no_declaration_of_its_own() -> None:
    (reason,) = refusal(CONTEXT | {"declaration": str(CDK_JSON)})
    assert "is a cdk.json, not a declaration. Leave -c declaration out" in reason


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "declaration.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(CONTEXT["cutover"]).encode())
    assert [c.name for c in read_context(CONTEXT | {"declaration": str(file)})] == ["chatmrpt"]


def test_this_repository_s_cdk_json_holds_no_key_twice() -> None:
    assert cdk_json_context() == CONTEXT
    assert read_json(str(CDK_JSON))["context"] == CONTEXT


# Values that no deploy would take, or that would do harm


def both_doors() -> dict[str, Any]:
    declared: dict[str, Any] = copy.deepcopy(BOTH["reports"])
    return declared


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["new"].update(port=81), "has port 81 on new, and CloudFront reaches an origin at 80"),
        (lambda d: d["edge"].update(static_paths=["/a b"]), "names /a b: CloudFront takes"),
        (lambda d: d["edge"].update(static_paths=["/" + "a" * 300]), "CloudFront takes at most 255"),
        (lambda d: d["edge"].update(response_timeout_seconds=0), "reports.edge.response_timeout_seconds is 0. It must be"),
        (lambda d: d["edge"].update(response_timeout_seconds=181), "above 120 only after AWS has raised your quota"),
        (lambda d: d["edge"].update(response_timeout_seconds=30.5), "reports.edge.response_timeout_seconds is 30.5. It must be"),
        (lambda d: d["edge"].update(origin_read_timeout_seconds=60), "reports.edge.origin_read_timeout_seconds is not a known key"),
        (lambda d: d["edge"].update(forward_host="yes"), "reports.edge.forward_host is \"yes\". It must be: what both sides hear as Host"),
        (lambda d: d["edge"].update(security_headers="on"), "nothing takes that back"),
        (lambda d: d["edge"].update(static_paths=["/*"]), "reports.edge.static_paths [\"/*\"] names /*, which is every path"),
        (lambda d: d["edge"].update(static_paths=["/?*"]), "names /?*, which is every path"),
        (lambda d: d["edge"].update(static_paths=[f"/{n}{'/' * 200}" for n in range(10)]), "is 4039 characters as the edge function holds it, which has room for 3000: name fewer paths, or shorter ones"),
        (lambda d: d["edge"].update(static_paths=["/api/*"]) or d["endpoints"].append({"path": "/api/me?x=1"}), "has /api/* in edge.static_paths, which covers the endpoint /api/me?x=1"),
        (lambda d: d["edge"].update(static_paths=["/a?i/*"]) or d["endpoints"].append({"path": "/%61pi/"}), "which covers the endpoint /%61pi/"),
        (lambda d: d["edge"].update(static_paths=["/*.txt"]) or d["endpoints"].append({"path": "/health/ok.txt"}), "which covers the endpoint /health/ok.txt"),
        (lambda d: d["endpoints"].append({"path": "/static/health"}), "has /static/* in edge.static_paths"),
        (lambda d: d["edge"].update(web_acl_arn="arn:aws:wafv2:us-east-1:١٢٣٤٥٦٧٨٩٠١٢:global/webacl/n/1"), ".edge.web_acl_arn is"),
        (lambda d: d["edge"].update(certificate_arn="arn:aws:acm:us-east-1:١٢٣٤٥٦٧٨٩٠١٢:certificate/a", domain_names=["a.example.com"]), "is not the ARN of an ACM certificate"),
        (lambda d: d["edge"].update(domain_names=[f"a{i}.example.com" for i in range(101)]), "at most 100"),
        (lambda d: d["edge"].update(domain_names=["a.example.com", "a.example.com"]), "names a host twice"),
        (lambda d: d["edge"].update(domain_names=["d111.cloudfront.net"]), "which is CloudFront's own"),
        (lambda d: d.update(notify=["arn:aws:sqs:us-east-1:111122223333:told.fifo"]), "cannot deliver to a FIFO queue"),
        (lambda d: d.update(notify=["slack:general"]), "which is no channel: write slack:WORKSPACE/CHANNEL"),
        (lambda d: d.update(notify=["https://localhost/x"]), "which SNS cannot reach"),
        (lambda d: d.update(notify=["https://10.0.0.1/x"]), "which SNS cannot reach"),
        (lambda d: d.update(notify=["https://[::1]/x"]), "which SNS cannot reach"),
        (lambda d: d.update(notify=["https://[/x"]), "which SNS cannot reach"),
        (lambda d: d.update(notify=["me@example.com\n"]), "cannot tell how to reach"),
        (lambda d: d.update(notify=[f"a{i}@example.com" for i in range(600)]), ".notify is a list of 600."),
        (lambda d: [d[s].update(scheme="https", host_name="one.example.com") for s in ("old", "new")], "has host_name one.example.com on both sides"),
        (lambda d: d["new"].update(scheme="https", host_name=d["dns"]["record_name"]), "which is the dns door itself"),
        (lambda d: d["edge"].update(certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/a", domain_names=[d["dns"]["record_name"]]), "at both doors"),
        (lambda d: d.update(thresholds={"error_rate_percent": 6, "hard_error_rate_percent": 5}), "has hard_error_rate_percent 5 below"),
        (lambda d: d.update(thresholds={"latency_average_ms": 300, "latency_p95_ms": 200}), "has latency_p95_ms 200 below"),
        (lambda d: d.update(readiness={"samples": 5000}, endpoints=[{"path": f"/{i}"} for i in range(9)]), "and the gate has 850 s"),
        (lambda d: d.update(readiness={"hold_seconds": 600, "ramp_seconds": 300}), "and the gate has 850 s"),
        (lambda d: d.update(readiness={"waivers": [{"finding": "a", "by": "  ", "reason": "r", "until": "2026-12-01"}]}), '.waivers[0].by "  " is blank'),
        (lambda d: d.update(readiness={"waivers": [{"finding": "a", "by": "ada", "reason": "a\nb", "until": "2026-12-01"}]}), "holds a control character or a line break"),
        (lambda d: d.update(readiness={"attestations": [{"what": "w", "by": " ", "on": "2026-11-01"}]}), "is blank"),
        (lambda d: d.update(readiness={"waivers": [{"finding": "a", "by": "ada", "reason": "r", "until": "20261201"}]}), "is not a day like 2026-11-30"),
        (lambda d: d["endpoints"][0].update(body={"by": "pattern", "pattern": "a{99999999999}"}), "has a pattern that is not a regular expression"),
        (lambda d: d["endpoints"][0].update(path="/${AWS::Region}"), ".endpoints[0].path holds ${AWS::Region}: CDK"),
        (lambda d: d["endpoints"][0].update(path="/$%7BAWS::Region}"), ".endpoints[0].path is"),
        (lambda d: d["endpoints"][0].update(contains="${Token[AWS.Region.1]}"), ".endpoints[0].contains holds ${Token[…"),
        (lambda d: d["endpoints"][0].update(contains="{{resolve:secretsmanager:s}}"), "would put a secret"),
        (lambda d: d["old"].update(load_balancer_dns_name=f"{'a' * 400}-1.us-east-2.elb.amazonaws.com"), "is not the DNS name of an"),
    ],
)  # fmt: skip
def test_what_no_deploy_would_take_gets_one_sentence(change: Change, said: str) -> None:
    declared = both_doors()
    change(declared)
    (reason,) = refusal({"cutover": {"reports": declared}})
    assert said in reason


@pytest.mark.parametrize(
    ("static", "endpoint"),
    [
        ("/api/*", "/API/me"),
        ("/api/?", "/api/me"),
        ("/static/*", "/?next=/static/a"),
        ("/a", "/a/"),
    ],
)
def test_static_paths_that_cover_no_endpoint_are_taken(static: str, endpoint: str) -> None:
    declared = both_doors()
    declared["edge"]["static_paths"] = [static]
    declared["endpoints"].append({"path": endpoint})
    assert len(read_context({"cutover": {"reports": declared}})) == 1


def test_the_example_itself_is_taken() -> None:
    assert len(read_context({"cutover": {"reports": both_doors()}})) == 1


# Several services


def other() -> dict[str, Any]:
    text = json.dumps(both_doors())
    for old, new in (("reports", "other"), ("Z0", "Z9"), (".us-east-2", "9.us-east-2")):
        text = text.replace(old, new)
    declared: dict[str, Any] = json.loads(text)
    for side in ("old", "new"):
        for key in ("load_balancer", "target_group"):
            declared[side][key] = declared[side][key][:-1] + "0"
    return declared


def test_services_that_share_nothing_stand_side_by_side() -> None:
    assert len(read_context({"cutover": {"reports": both_doors(), "other": other()}})) == 2


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("other", lambda o, r: o["old"].update(r["old"]), "the load balancer"),
        (
            "other",
            lambda o, r: o["old"].update(target_group=r["old"]["target_group"]),
            "the target group",
        ),
        ("other", lambda o, r: o.update(old=r["new"], new=r["old"]), "the load balancer"),
        ("other", lambda o, r: o.update(dns=r["dns"]), "the record"),
        ("reports-environment", lambda o, r: None, "the topic reports-environment-alarms"),
    ],
)
def test_services_that_get_in_each_other_s_way_are_both_named(
    name: str, change: Callable[[dict[str, Any], dict[str, Any]], object], said: str
) -> None:
    reports, second = both_doors(), other()
    change(second, reports)
    reasons = refusal({"cutover": {"reports": reports, name: second}})
    assert all(f"cutover.reports and cutover.{name} both have" in reason for reason in reasons)
    assert any(said in reason for reason in reasons)


# Anything at all

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40),
    st.sampled_from(["", " ", "\x00", "\ud800", "${Token[a.1]}", "x" * 5_000, 10**400, -1, 0, 101, "/", "/*"]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


WHOLE = both_doors() | {
    key: CONTEXT["cutover"]["chatmrpt"][key]
    for key in ("thresholds", "readiness", "promotion", "judge")
}
PLACES = [place for place in places(WHOLE) if place]


@settings(max_examples=400)
@given(
    mutations=st.lists(
        st.tuples(
            st.sampled_from(PLACES),
            st.sampled_from(["put", "remove", "add"]),
            st.text(max_size=12),
            VALUES,
        ),
        min_size=1,
        max_size=3,
    ),
    name=st.one_of(st.just("reports"), st.text(max_size=40)),
)
def test_a_mutated_declaration_is_services_or_sentences(
    mutations: list[tuple[tuple[str | int, ...], str, str, Any]], name: str
) -> None:
    declared = copy.deepcopy(WHOLE)
    for place, how, key, value in mutations:
        holder: Any = declared
        try:
            for step in place[:-1]:
                holder = holder[step]
            if how == "put":
                holder[place[-1]] = value
            elif how == "remove":
                del holder[place[-1]]
            else:
                holder[place[-1]][key] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier mutation took the place away
    services, reasons = outcome({"cutover": {name: declared}})
    assert bool(services) is not bool(reasons)
    for reason in reasons:
        assert reason.startswith("cdk.json: ")
        assert reason.isprintable()
        assert len(reason) <= 600
    for cutover in services:
        # Nothing that was declared was dropped on the way.
        assert set(declared) <= set(Service.model_fields)
        assert cutover.service.new_weight == declared["new_weight"]
        assert len(cutover.service.endpoints) == len(declared["endpoints"])


@settings(max_examples=300)
@given(
    context=st.dictionaries(
        st.one_of(st.sampled_from(["new_weight", "old_weight", "service", "override_by", "override_reason", "declaration"]), st.text(max_size=20)),
        VALUES,
        max_size=4,
    )
)  # fmt: skip
def test_anything_behind_c_is_services_or_sentences(context: dict[str, Any]) -> None:
    services, reasons = outcome(CONTEXT | context)
    assert bool(services) is not bool(reasons)
    assert all(reason and reason.isprintable() for reason in reasons)
