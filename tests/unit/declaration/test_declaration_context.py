"""Wrong input gets a sentence: what is wrong, where it stands, what would be right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.declaration.reading.context import read_context
from cutover.declaration.reading.errors import DeclarationError
from cutover.paths import CDK_JSON, ROOT

Change = Callable[[dict[str, Any]], object]


def refusal(context: dict[str, Any]) -> list[str]:
    with pytest.raises(DeclarationError) as refused:
        read_context(context)
    return refused.value.reasons


def test_the_example_in_cdk_json_is_the_real_cutover(context: dict[str, Any]) -> None:
    (cutover,) = read_context(context)
    service = cutover.service
    assert cutover.name == "chatmrpt"
    assert cutover.overridden_weight is None
    assert service.region == "us-east-2"
    assert service.old.load_balancer_dns_name == (
        "chatmrpt-alb-319454030.us-east-2.elb.amazonaws.com"
    )
    assert service.new.load_balancer_dns_name == (
        "chatmrpt-staging-alb-752380251.us-east-2.elb.amazonaws.com"
    )
    assert {endpoint.path for endpoint in service.endpoints} == {"/", "/ping", "/system-health"}
    assert service.thresholds.latency_average_ms == 250
    assert service.old.zone_id == "Z3AADJGX6KTTL2"
    assert service.dns is None


def test_new_weight_on_the_command_line_overrides_and_is_known_to_override(
    context: dict[str, Any],
) -> None:
    (cutover,) = read_context(context | {"new_weight": "25"})
    assert cutover.service.new_weight == 25
    assert cutover.overridden_weight == 0


def test_the_same_weight_on_the_command_line_overrides_nothing(context: dict[str, Any]) -> None:
    (cutover,) = read_context(context | {"new_weight": "0"})
    assert cutover.overridden_weight is None


def test_both_weights_are_taken_when_they_make_100(context: dict[str, Any]) -> None:
    (cutover,) = read_context(context | {"new_weight": "25", "old_weight": "75"})
    assert cutover.service.new_weight == 25


@pytest.mark.parametrize(
    ("given_context", "sentence"),
    [
        (
            {"new_weight": "101"},
            "-c new_weight=101 is not a valid weight. It must be: a whole number from 0 to 100.",
        ),
        (
            {"new_weight": "abc"},
            "-c new_weight=abc is not a valid weight. It must be: a whole number from 0 to 100.",
        ),
        (
            {"new_weight": "-5"},
            "-c new_weight=-5 is not a valid weight. It must be: a whole number from 0 to 100.",
        ),
        (
            {"new_weight": "12.5"},
            "-c new_weight=12.5 is not a valid weight. It must be: a whole number from 0 to 100.",
        ),
        (
            {"new_weight": ""},
            "-c new_weight= is not a valid weight. It must be: a whole number from 0 to 100.",
        ),
        (
            {"new_weight": "25", "old_weight": "70"},
            "-c new_weight=25 and -c old_weight=70 make 95: they must make 100.",
        ),
        (
            {"old_weight": "70"},
            "-c old_weight is given without -c new_weight: give new_weight; old gets the rest.",
        ),
        (
            {"service": "chatmrp"},
            "-c service=chatmrp is not declared in cdk.json. Did you mean chatmrpt? "
            "Declared: chatmrpt.",
        ),
        (
            {"new-weight": "10"},
            "-c new-weight=… is not a context key of this app. Did you mean new_weight?",
        ),
        (
            {"declaration": "nowhere.json"},
            "declaration=nowhere.json cannot be read: No such file or directory. Give a JSON file.",
        ),
    ],
)
def test_a_wrong_command_line_gets_one_sentence(
    context: dict[str, Any], given_context: dict[str, str], sentence: str
) -> None:
    assert refusal(context | given_context) == [sentence]


def _both(key: str) -> Change:
    return lambda d: d["new"].update({key: d["old"][key]})


@pytest.mark.parametrize(
    ("change", "place", "right"),
    [
        (lambda d: d.pop("new_weight"), ".new_weight is missing", "from 0 to 100"),
        (lambda d: d.update(new_weight=101), ".new_weight is 101.", "from 0 to 100"),
        (lambda d: d.update(new_weight=-5), ".new_weight is -5.", "from 0 to 100"),
        (lambda d: d.update(new_weight=12.5), ".new_weight is 12.5.", "from 0 to 100"),
        (lambda d: d.update(new_weight="abc"), '.new_weight is "abc".', "from 0 to 100"),
        (lambda d: d.update(new_weight="10"), '.new_weight is "10".', "from 0 to 100"),
        (lambda d: d.update(new_weight=True), ".new_weight is true.", "from 0 to 100"),
        (
            lambda d: d.update(new_wieght=1),
            ".new_wieght is not a known key",
            "Did you mean new_weight?",
        ),
        (lambda d: d["old"].update(prot=80), ".old.prot is not a known key", "Did you mean port?"),
        (lambda d: d.pop("old"), ".old is missing", "the side that serves today"),
        (
            lambda d: d["old"].update(load_balancer_dns_name="www.example.com"),
            '.old.load_balancer_dns_name "www.example.com" is not the DNS name',
            "name-1234567890.us-east-2.elb.amazonaws.com",
        ),
        (
            lambda d: d["old"].update(
                load_balancer_dns_name="internal-a-12.us-east-2.elb.amazonaws.com"
            ),
            "is an internal load balancer",
            "internet-facing",
        ),
        (_both("load_balancer_dns_name"), "names chatmrpt-alb-319454030", "two different sides"),
        (_both("target_group"), "as target_group of both old and new", "two different sides"),
        (
            lambda d: d.update(edge=False),
            " has no door: edge is false and dns is missing",
            "Leave edge out",
        ),
        (
            lambda d: d.update(edge="yes"),
            '.edge is "yes".',
            "the edge door; false: no edge door, and dns must be given",
        ),
        (
            lambda d: d["edge"].update(
                domain_names=["a.example.com"],
                certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/abc",
            ),
            "is a certificate in eu-west-1",
            "only from us-east-1",
        ),
        (
            lambda d: d["edge"].update(domain_names=["a.example.com"]),
            ".edge has domain_names but no certificate_arn",
            "needs a certificate",
        ),
        (
            lambda d: d["edge"].update(fast_log_shards=2),
            ".edge has fast_log_shards, but fast_log is false",
            "set fast_log to true",
        ),
        (
            lambda d: d["edge"].update(fast_log="yes"),
            '.edge.fast_log is "yes".',
            "true or false",
        ),
        (
            lambda d: d["edge"].update(fast_log=True, fast_log_shards=0),
            ".edge.fast_log_shards is 0.",
            "1 to 50",
        ),
        (
            lambda d: d["thresholds"].update(fast_error_rate_percent=0),
            ".thresholds.fast_error_rate_percent is 0.",
            "above 0 to 50 %",
        ),
        (
            lambda d: d["thresholds"].update(fast_slow_ms=60_001),
            ".thresholds.fast_slow_ms is 60001.",
            "1 to 60000 ms",
        ),
        (
            lambda d: d["edge"].update(price_class="cheap"),
            '.edge.price_class is "cheap".',
            "PriceClass_100",
        ),
        (lambda d: d.update(region="us-west-2"), "has its old load balancer in us-east-2", "same"),
        (lambda d: d.update(region="mars-1"), '.region "mars-1" is not a region', "us-east-2"),
        (
            lambda d: d["new"].update(region="mars-1"),
            '.new.region "mars-1" is not a region',
            "like eu-central-1",
        ),
        (
            lambda d: d["new"].update(region="eu-west-1"),
            "has its new load balancer in us-east-2, but new.region is eu-west-1",
            "both must be the same",
        ),
        (
            lambda d: d["new"].update(load_balancer_dns_name="blue-1.eu-west-1.elb.amazonaws.com"),
            "has its new load balancer in eu-west-1, but region is us-east-2",
            "Or declare new.region",
        ),
        (
            lambda d: (
                d.update(region="us-west-2"),
                d["old"].update(region="us-east-2"),
                d["new"].update(region="us-east-2"),
            ),
            "has region us-west-2, and neither load balancer is there",
            "old is in us-east-2, new in us-east-2",
        ),
        (lambda d: d.update(endpoints=[]), ".endpoints is [].", "1 to 20"),
        (
            lambda d: d["endpoints"].append({"path": "ping"}),
            ".endpoints[3].path is",
            "starting with /",
        ),
        (lambda d: d["endpoints"].append({"path": "/"}), "names an endpoint's path twice", ""),
        (
            lambda d: d.update(notify=["arn:aws:lambda:me-south-1:123456789012:function:tell"]),
            "in me-south-1, an opt-in region",
            "a region that is enabled by default",
        ),
        (lambda d: d.update(notify=["nobody"]), "cannot tell how to reach 'nobody'", "e-mail"),
        (
            lambda d: d.update(health_checks={"interval_seconds": 20}),
            ".health_checks.interval_seconds is 20.",
            "10 or 30",
        ),
        (
            lambda d: d.update(
                dns={
                    "hosted_zone_id": "Z0123456789ABC",
                    "zone_name": "example.com",
                    "record_name": "example.com",
                    "record": "cname",
                }
            ),
            ".dns has a cname at the zone's apex",
            "use alias",
        ),
        (
            lambda d: d.update(
                dns={
                    "hosted_zone_id": "Z0123456789ABC",
                    "zone_name": "example.com",
                    "record_name": "app.example.org",
                    "record": "alias",
                }
            ),
            "outside zone example.com",
            "",
        ),
    ],
)
def test_a_wrong_declaration_gets_one_sentence(
    context: dict[str, Any], declared: dict[str, Any], change: Change, place: str, right: str
) -> None:
    change(declared)
    reasons = refusal(context)
    assert len(reasons) == 1
    assert reasons[0].startswith("cdk.json: cutover.chatmrpt")
    assert place in reasons[0]
    assert right in reasons[0]


def test_every_fault_is_told_at_once(context: dict[str, Any], declared: dict[str, Any]) -> None:
    declared.update(new_weight=101, region="mars-1", surprise=1)
    assert len(refusal(context)) == 3


def test_no_declaration_at_all_says_where_it_belongs() -> None:
    assert refusal({}) == [
        "cdk.json: context.cutover is missing: it declares the services to move."
    ]


def test_a_weight_for_several_services_asks_which(context: dict[str, Any]) -> None:
    context["declaration"] = str(ROOT / "examples" / "dns-door.json")
    (reason,) = refusal(context | {"new_weight": "10"})
    assert "2 services are declared: say which one with -c service=NAME" in reason


def test_service_narrows_the_app_and_takes_the_weight(context: dict[str, Any]) -> None:
    context["declaration"] = str(ROOT / "examples" / "dns-door.json")
    (cutover,) = read_context(context | {"service": "shop", "new_weight": "10"})
    assert (cutover.name, cutover.service.new_weight) == ("shop", 10)
    assert [c.service.new_weight for c in read_context(context)] == [0, 0]


def test_a_declaration_that_is_not_json_says_so(context: dict[str, Any], tmp_path: Path) -> None:
    broken = tmp_path / "cutover.json"
    broken.write_text("{", encoding="utf-8")
    (reason,) = refusal(context | {"declaration": str(broken)})
    assert reason.startswith(f"declaration={broken} is not JSON: ")


def test_the_command_line_s_file_wins_over_the_environment_s(context: dict[str, Any]) -> None:
    shown = read_context(
        context | {"declaration": str(ROOT / "examples" / "dns-door.json")}, "nowhere.json"
    )
    assert [cutover.name for cutover in shown] == ["shop", "reports"]


def test_cdk_s_own_context_is_not_taken_for_a_mistake(context: dict[str, Any]) -> None:
    context |= {"availability-zones:account=1:region=us-east-1": ["a"], "@aws-cdk/core:x": True}
    assert len(read_context(context)) == 1


@given(weight=st.integers(min_value=0, max_value=100))
def test_every_whole_percentage_is_taken(weight: int) -> None:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    assert read_context(context | {"new_weight": str(weight)})[0].service.new_weight == weight


@given(text=st.text(max_size=8))
def test_nothing_else_is_taken_for_a_weight(text: str) -> None:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    numbers = {f"{number:0{width}d}" for number in range(101) for width in (1, 2, 3)}
    if text in numbers:
        assert read_context(context | {"new_weight": text})[0].service.new_weight == int(text)
    else:
        (reason,) = refusal(context | {"new_weight": text})
        assert reason.endswith(" is not a valid weight. It must be: a whole number from 0 to 100.")


@pytest.mark.parametrize("given", [{}, {"new_weight": "25"}])
def test_no_weight_goes_with_a_name_that_is_not_adopted_yet(
    context: dict[str, Any], declared: dict[str, Any], given: dict[str, str]
) -> None:
    """What -c puts in the place of the declared weight is held to the same rule."""
    declared["dns"] = {
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "zone_name": "example.com",
        "record_name": "app.example.com",
        "record": "alias",
        "adopt": True,
    }
    declared["new_weight"] = 0 if given else 25
    with pytest.raises(DeclarationError, match="still leads to old alone"):
        read_context(context | given)
    declared["new_weight"] = 0
    assert read_context(context)[0].service.dns is not None


NO_RETURN = {"point_of_no_return": {"reason": "gone", "by": "ada", "on": "2026-11-24"}}


def test_the_phase_on_the_command_line_is_for_one_run_and_known_to_override(
    context: dict[str, Any], declared: dict[str, Any]
) -> None:
    declared |= {"new_weight": 100, "rollback": NO_RETURN}
    (cutover,) = read_context(context)
    assert (cutover.service.phase, cutover.overridden_phase) == ("cutover", None)
    (cutover,) = read_context(context | {"phase": "decommission"})
    assert (cutover.service.phase, cutover.overridden_phase) == ("decommission", "cutover")
    declared["phase"] = "decommission"
    (cutover,) = read_context(context | {"phase": "decommission"})
    assert (cutover.service.phase, cutover.overridden_phase) == ("decommission", None)
    (cutover,) = read_context(context | {"phase": "cutover", "new_weight": "50"})
    assert (cutover.service.phase, cutover.service.new_weight) == ("cutover", 50)


@pytest.mark.parametrize(
    ("changes", "given", "said"),
    [
        (
            {"phase": "decommission", "rollback": NO_RETURN},
            {},
            "has phase decommission and new_weight 0",
        ),
        (
            {"rollback": NO_RETURN},
            {"phase": "decommission"},
            "has phase decommission and new_weight 0",
        ),
        (
            {"new_weight": 100, "rollback": NO_RETURN, "phase": "decommission"},
            {"new_weight": "50"},
            "has phase decommission and new_weight 50",
        ),
        ({"new_weight": 100}, {"phase": "decommission"}, "no rollback.point_of_no_return"),
        ({"new_weight": 100, "phase": "decommission"}, {}, "no rollback.point_of_no_return"),
        (
            {},
            {"phase": "gone"},
            "-c phase=gone is not a phase. It must be: cutover or decommission.",
        ),
        (
            {"phase": "gone"},
            {},
            'cutover.chatmrpt.phase is "gone". It must be: cutover; or decommission',
        ),
        ({"decommission": {"attestations": []}}, {}, "backups at least"),
        (
            {"decommission": {"attestations": [{"what": "a"}, {"what": "a"}]}},
            {},
            "names one thing twice in attestations",
        ),
    ],
)
def test_old_leaves_by_declaration_only_where_that_makes_sense(
    context: dict[str, Any],
    declared: dict[str, Any],
    changes: dict[str, Any],
    given: dict[str, str],
    said: str,
) -> None:
    declared |= changes
    (reason,) = refusal(context | given)
    assert said in reason


def test_the_phase_of_one_run_must_say_which_service() -> None:
    file = str(ROOT / "examples" / "dns-door.json")
    with pytest.raises(DeclarationError, match="-c phase is given, but 2 services are declared"):
        read_context({"declaration": file, "phase": "cutover"})
