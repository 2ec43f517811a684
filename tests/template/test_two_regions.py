"""Sides in two regions: whatever reads, watches or shows a side is in that side's region, or asks there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from constructs import Construct

from cutover.alarms.alarm import AT_LEAST, Watch, raise_alarms
from cutover.alarms.load_balancer_metrics import LoadBalancerMetrics
from cutover.alarms.metric import Metric
from cutover.alarms.probes import probes_of
from cutover.alarms.topic import Topic
from cutover.declaration.ci import Ci
from cutover.declaration.reading.context import Cutover, read_context
from cutover.naming import Names
from stacks.ci import CiStack
from tests.template.templates import Templates, resources
from tests.template.test_ci import CI
from tests.template.test_dashboard import widgets
from tests.template.test_weight_change import differences

DECLARATION = "examples/two-regions.json"
OLD, NEW, EDGE = "eu-west-1", "eu-central-1", "us-east-1"
EVERY = ("cdk.json", "examples/dns-door.json", DECLARATION, "fast-log.json")


@pytest.fixture(scope="session")
def desk() -> Cutover:
    (found,) = read_context({"declaration": DECLARATION})
    return found


def regions_of(folder: Path) -> dict[str, str]:
    """Return the region of each stack, as CDK deploys it."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {
        name: found["environment"].rsplit("/", 1)[1]
        for name, found in manifest["artifacts"].items()
        if found["type"] == "aws:cloudformation:stack"
    }


def metrics_of(alarm: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield namespace, name and dimensions of all that an alarm watches."""
    stated = [q["MetricStat"]["Metric"] for q in alarm.get("Metrics", []) if "MetricStat" in q]
    for metric in stated or [alarm]:
        found = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        yield metric["Namespace"], metric["MetricName"], found


class Places:
    """Where CloudWatch keeps what is told of each thing."""

    def __init__(self, templates: Templates, regions: dict[str, str], cutovers: list[Cutover]):
        self._balancers = {
            side.load_balancer: side.stands_in
            for cutover in cutovers
            for side in cutover.service.sides.values()
        }
        self._made = {
            (stack, logical_id): regions[stack]
            for stack, template in templates.items()
            for logical_id in template["Resources"]
        }
        self._functions = {
            found["FunctionName"]: regions[stack]
            for stack, template in templates.items()
            for found in resources(template, "AWS::Lambda::Function").values()
            if isinstance(found.get("FunctionName"), str)
        }

    def of(self, stack: str, namespace: str, name: str, dimensions: dict[str, Any]) -> str:
        if namespace == "AWS/ApplicationELB":
            return self._balancers[dimensions["LoadBalancer"]]
        if namespace in {"AWS/CloudFront", "AWS/Route53"}:
            return EDGE
        if namespace == "Cutover":
            told_by_sentinel = name in {"ProbeDown", "SentinelWatches"}
            return (
                self._functions[f"{dimensions['Service']}-sentinel"] if told_by_sentinel else EDGE
            )
        (value,) = dimensions.values()
        if isinstance(value, str):
            return self._functions[value]
        logical_id = value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0]
        return self._made[stack, logical_id]


@pytest.mark.parametrize("declaration", EVERY)
def test_no_alarm_watches_a_metric_of_another_region(
    assembly: Callable[..., Path], synthesise: Callable[..., Templates], declaration: str
) -> None:
    """PutMetricAlarm takes no region: such an alarm would never fire, and say nothing."""
    named = {"fast-log.json": "tests/template/declarations/fast-log.json"}
    given = (
        {} if declaration == "cdk.json" else {"declaration": named.get(declaration, declaration)}
    )
    context = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]
    templates, regions = synthesise(**given), regions_of(assembly(**given))
    places = Places(templates, regions, read_context(context | given))
    seen = 0
    for stack, template in templates.items():
        for logical_id, alarm in resources(template, "AWS::CloudWatch::Alarm").items():
            for metric in metrics_of(alarm):
                assert places.of(stack, *metric) == regions[stack], (stack, logical_id, metric)
                seen += 1
    assert seen > 40


def test_there_are_the_same_alarms_as_in_one_region(
    two_regions: Templates, synthesise: Callable[..., Templates]
) -> None:
    """Nothing that is watched in one region is left out in two."""
    one = synthesise(declaration="examples/dns-door.json")

    def names(templates: Templates, service: str) -> set[str]:
        return {
            alarm["AlarmName"].removeprefix(f"{service}-")
            for stack, template in templates.items()
            if stack.startswith(f"{service}-")
            for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
            if "endpoint" not in alarm["AlarmName"]
        }

    assert names(two_regions, "desk") == names(one, "reports")


def test_each_side_s_alarms_stand_in_its_region_and_the_sentinel_beside_old(
    two_regions: Templates,
) -> None:
    def names(stack: str) -> set[str]:
        alarms = resources(two_regions[stack], "AWS::CloudWatch::Alarm").values()
        return {alarm["AlarmName"].removeprefix("desk-") for alarm in alarms}

    home, elsewhere = names("desk-environment"), names(f"desk-environment-{NEW}")
    assert {name for name in home if not name.startswith("old-")} == {
        "new-probe-down",
        "sentinel-silent",
    }
    assert len(elsewhere) == 7
    assert all(name.startswith("new-") for name in elsewhere)
    functions = resources(two_regions["desk-environment"], "AWS::Lambda::Function").values()
    assert "desk-sentinel" in {found.get("FunctionName") for found in functions}
    assert not resources(two_regions[f"desk-environment-{NEW}"], "AWS::Lambda::Function")


def test_alarms_of_both_regions_call_the_one_rollback_function(two_regions: Templates) -> None:
    for stack in ("desk-environment", f"desk-environment-{NEW}"):
        topics = resources(two_regions[stack], "AWS::SNS::Topic")
        (topic,) = [id_ for id_, t in topics.items() if t["TopicName"] == "desk-environment-alarms"]
        (ear,) = [
            found
            for found in resources(two_regions[stack], "AWS::SNS::Subscription").values()
            if found["Protocol"] == "lambda"
        ]
        assert ear["TopicArn"] == {"Ref": topic}
        assert ":us-east-1:" in json.dumps(ear["Endpoint"])
        for alarm in resources(two_regions[stack], "AWS::CloudWatch::Alarm").values():
            people = alarm["AlarmName"].startswith("desk-old-") or "silent" in alarm["AlarmName"]
            assert (alarm["AlarmActions"] == [{"Ref": topic}]) is not people
    sources = json.dumps(
        [
            found["SourceArn"]
            for found in resources(two_regions["desk-safety"], "AWS::Lambda::Permission").values()
            if found["Principal"] == "sns.amazonaws.com"
        ]
    )
    for region in (OLD, NEW):
        assert f":sns:{region}:" in sources


def test_whoever_reads_a_side_is_told_where_it_is(two_regions: Templates) -> None:
    told = {
        found["FunctionName"]: found["Environment"]["Variables"]
        for found in resources(two_regions["desk-safety"], "AWS::Lambda::Function").values()
        if "OLD_LOAD_BALANCER" in found.get("Environment", {}).get("Variables", {})
    }
    assert told.keys() == {"desk-judge", "desk-rollback", "desk-widget"}
    for name, variables in told.items():
        home = variables["METRICS_REGION" if name == "desk-judge" else "SERVICE_REGION"]
        assert (home, variables["NEW_REGION"]) == (OLD, NEW)
        assert "OLD_REGION" not in variables
    (gate,) = resources(two_regions["desk-traffic"], "Custom::WeightGate").values()
    assert gate["Readiness"]["Region"] == OLD
    assert "Region" not in gate["Readiness"]["Old"]
    assert gate["Readiness"]["New"]["Region"] == NEW
    watched = {alarm["Region"] for alarm in gate["Alarms"]}
    (bake,) = resources(two_regions["desk-traffic"], "Custom::Bake").values()
    assert watched == {alarm["Region"] for alarm in bake["Alarms"]} == {OLD, NEW, EDGE}


def test_the_gate_may_read_the_certificates_of_both_regions(two_regions: Templates) -> None:
    policies = json.dumps(resources(two_regions["desk-safety"], "AWS::IAM::Role"))
    policies += json.dumps(resources(two_regions["desk-safety"], "AWS::IAM::Policy"))
    assert {OLD, NEW} <= set(re.findall(r":acm:([a-z0-9-]+):", policies))


def test_no_graph_mixes_regions_and_each_side_s_names_its_own(two_regions: Templates) -> None:
    of_side = {"app/desk-dublin/7a1b2c3d4e5f6071": OLD, "app/desk-frankfurt/9c3d4e5f60718293": NEW}
    shown: set[str] = set()
    for widget in widgets(two_regions["desk-observability"]):
        drawn = widget["properties"]
        if widget["type"] != "metric":
            continue
        for line in drawn.get("metrics", []):
            if "expression" in line[-1]:
                continue
            assert line[-1]["region"] == drawn["region"]
            for balancer in of_side.keys() & set(map(str, line)):
                assert drawn["region"] == of_side[balancer]
                shown.add(balancer)
    assert shown == of_side.keys()


def test_the_share_comes_from_the_judge_which_alone_sees_both(two_regions: Templates) -> None:
    (shares,) = [
        widget["properties"]
        for widget in widgets(two_regions["desk-observability"])
        if widget["properties"].get("title", "").startswith("Declared weight of new")
    ]
    assert shares["region"] == EDGE
    assert shares["metrics"][0][:4] == ["Cutover", "JudgeShare", "Service", "desk"]


def test_the_alarms_of_both_regions_are_there_before_traffic_can_move(
    assembly: Callable[..., Path],
) -> None:
    folder = assembly(declaration=DECLARATION)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    needs = {name: a.get("dependencies", []) for name, a in manifest["artifacts"].items()}
    for stack in ("desk-environment", f"desk-environment-{NEW}"):
        assert stack in needs["desk-traffic"]
        assert "desk-safety" in needs[stack]
    assert regions_of(folder) == Names("desk").stacks((OLD, NEW))


def test_a_weight_change_is_the_weights_alone(
    two_regions: Templates, synthesise: Callable[..., Templates]
) -> None:
    after = synthesise(declaration=DECLARATION, new_weight="25")
    changed = [path for path, _, _ in differences(two_regions, after)]
    assert len(changed) == 5
    assert all(path.startswith("/desk-traffic/") for path in changed)
    assert all(path.rsplit("/", 1)[1] in {"Weight", "NewWeight"} for path in changed)


def test_the_pipeline_s_roles_reach_both_regions(desk: Cutover) -> None:
    stack = CiStack(cdk.App(analytics_reporting=False), ci=Ci.model_validate(CI), cutovers=[desk])
    roles = json.dumps(
        resources(cdk.assertions.Template.from_stack(stack).to_json(), "AWS::IAM::Role")
    )
    assert f":{NEW}:" in roles
    assert f"stack/desk-environment-{NEW}/*" in roles
    for role in ("cfn-exec", "file-publishing", "lookup"):
        assert set(
            re.findall(rf'-{role}-role-[^"]*?((?:eu|us)-[a-z]+-[0-9])"', _joined(roles))
        ) == {*(OLD, NEW, EDGE)}


def _joined(text: str) -> str:
    """Return JSON with what CloudFormation puts in between left out."""
    return re.sub(r'", \{"Ref": "AWS::[A-Za-z]+"\}, "', "", text)


def test_an_alarm_away_from_its_metric_is_not_made() -> None:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "here", env=cdk.Environment(region=OLD))
    metric = Metric("AWS/ApplicationELB", "RequestCount", {"LoadBalancer": "x"}, "Sum", NEW)
    watch = Watch(what="x", means="x", metric=metric, comparison=AT_LEAST, threshold=1)
    topic = Topic(stack, "Topic", name="t", people=())
    with pytest.raises(ValueError, match=f"stand in {OLD}, and its metric is in {NEW}"):
        raise_alarms(Construct(stack, "X"), [watch], names=Names("x"), topic=topic)


def test_no_expression_is_of_metrics_in_two_regions(desk: Cutover) -> None:
    service = desk.service
    old, new = (
        LoadBalancerMetrics(which, side, probes_of(service))
        for which, side in service.sides.items()
    )
    with pytest.raises(ValueError, match=f"{NEW} and {OLD}"):
        new.share_beside(old)
