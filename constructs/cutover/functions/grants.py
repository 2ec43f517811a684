"""What a function is given: how it is told of a thing, what it may do with it, and why a rule does not apply.

The three come together, so that no function knows of a thing that it may not use, or the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import CfnElement, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from constructs import Construct

from cutover.account import ACCOUNT_ID, PARTITION
from cutover.alarms.own_metrics import NAMESPACE
from cutover.alarms.probes import probes_of
from cutover.declaration.doors import Dns
from cutover.declaration.hooks import Hook
from cutover.declaration.service import Service
from cutover.declaration.side import Side
from cutover.doors.origin_header import ORIGIN_SECRET_HEADER
from cutover.doors.switch import Switches
from cutover.naming import LINE, Names
from cutover.regions import EDGE_REGION

_ANY_RESOURCE: Final = "AwsSolutions-IAM5[Resource::*]"


@dataclass(frozen=True)
class Grant:
    """One thing that a function is given.

    Attributes
    ----------
    environment : mapping of str to str
        The variables by which the function is told of it.
    statements : tuple of PolicyStatement
        What it may do with it.
    acknowledged : mapping of str to str
        Reasons by cdk-nag rule, where a statement needs one.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[iam.PolicyStatement, ...] = ()
    acknowledged: Mapping[str, str] = field(default_factory=dict)


def together(grants: Iterable[Grant]) -> Grant:
    """Return all of `grants` as one; several reasons for one rule are all kept."""
    environment: dict[str, str] = {}
    statements: list[iam.PolicyStatement] = []
    reasons: dict[str, list[str]] = {}
    for grant in grants:
        environment |= grant.environment
        statements += grant.statements
        for rule, reason in grant.acknowledged.items():
            reasons.setdefault(rule, []).append(reason)
    return Grant(
        environment, tuple(statements), {rule: " ".join(said) for rule, said in reasons.items()}
    )


def told(**variables: str) -> Grant:
    """Return variables that need no right."""
    return Grant(variables)


def both_sides(service: Service) -> Grant:
    """Return where both sides' metrics are found, and how many of the requests there are probes; reading
    them is `metrics`. A side's region is told where it is another than the service's."""
    probes = probes_of(service)
    return told(
        **{
            f"{which.upper()}_REGION": side.stands_in
            for which, side in service.sides.items()
            if side.stands_in != service.region
        },
        **{
            f"{which.upper()}_{what}": value
            for which, side in service.sides.items()
            for what, value in (
                ("LOAD_BALANCER", side.load_balancer),
                ("TARGET_GROUP", side.target_group),
            )
        },
        PROBES_A_MINUTE=str(probes.about),
        MOST_PROBES_A_MINUTE=str(probes.at_most),
    )


def switches(of: Switches, *, write: bool = False) -> Grant:
    """Return the right to read the switch of every door, and to write it if `write`.

    Source: Service Authorization Reference, Amazon CloudFront KeyValueStore and Amazon Route 53.
    """
    store = store_of(of, write=write)
    if of.check_id is None:
        return store
    actions = ["route53:GetHealthCheck", *(["route53:UpdateHealthCheck"] if write else [])]
    check = Grant(
        {"SWITCH_HEALTH_CHECK_ID": of.check_id},
        (_may(actions, f"arn:{PARTITION}:route53:::healthcheck/{of.check_id}"),),
    )
    return together([store, check])


def store_of(of: Switches, *, write: bool = False) -> Grant:
    """Return the right to read the edge's KeyValueStore, and to write it if `write`.

    A write names the store's version, which DescribeKeyValueStore tells (CloudFront KeyValueStore API
    reference, PutKey).
    """
    actions = ["GetKey", *(["DescribeKeyValueStore", "PutKey"] if write else [])]
    arn = of.store.key_value_store_arn
    return Grant(
        {"KVS_ARN": arn},
        (_may([f"cloudfront-keyvaluestore:{action}" for action in actions], arn),),
    )


def router(scope: Construct, names: Names) -> Grant:
    """Return the right to read the edge function; its name is fixed, so no stack need export it."""
    arn = Stack.of(scope).format_arn(
        service="cloudfront", region="", resource="function", resource_name=names.router
    )
    return Grant({"ROUTER_FUNCTION_NAME": names.router}, (_may(["cloudfront:GetFunction"], arn),))


def distribution(distribution_id: str) -> Grant:
    """Return the right to see whether one distribution is deployed, and what else GetDistribution tells of
    it: CloudFront has no narrower action for that (Service Authorization Reference, Amazon CloudFront)."""
    arn = f"arn:{PARTITION}:cloudfront::{ACCOUNT_ID}:distribution/{distribution_id}"
    return Grant(statements=(_may(["cloudfront:GetDistribution"], arn),))


def records(dns: Dns) -> Grant:
    """Return the right to read the weighted records."""
    zone = f"arn:{PARTITION}:route53:::hostedzone/{dns.hosted_zone_id}"
    return Grant(
        {"HOSTED_ZONE_ID": dns.hosted_zone_id, "RECORD_NAME": dns.record_name},
        (_may(["route53:ListResourceRecordSets"], zone),),
    )


def traffic_stack_state(names: Names) -> Grant:
    """Return the right to see what CloudFormation is doing to the Traffic stack."""
    return _stack(names.stack("traffic"), ["cloudformation:DescribeStacks"])


def stack_states(names: Names) -> Grant:
    """Return the right to see what CloudFormation is doing to Traffic and to Safety."""
    safety, traffic = (names.stack(role) for role in ("safety", "traffic"))
    return together(
        [
            told(SAFETY_STACK=safety, TRAFFIC_STACK=traffic),
            *(_stack(stack, ["cloudformation:DescribeStacks"]) for stack in (safety, traffic)),
        ]
    )


def traffic_stack_template(names: Names) -> Grant:
    """Return the right to see what CloudFormation holds of the Traffic stack."""
    actions = ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"]
    stack = names.stack("traffic")
    return together([told(TRAFFIC_STACK=stack), _stack(stack, actions)])


def _stack(stack: str, actions: list[str]) -> Grant:
    return Grant(
        {},
        (
            _may(
                actions,
                f"arn:{PARTITION}:cloudformation:{EDGE_REGION}:{ACCOUNT_ID}:stack/{stack}/*",
            ),
        ),
        {
            f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:{EDGE_REGION}"
            f":<AWS::AccountId>:stack/{stack}/*]": "A stack's ARN ends in an id that CloudFormation "
            "makes up; the name is exact."
        },
    )


def line() -> Grant:
    """Return the right to read whether the line is stopped, for every service of the account.

    Source: Service Authorization Reference, AWS Systems Manager.
    """
    arn = f"arn:{PARTITION}:ssm:{EDGE_REGION}:{ACCOUNT_ID}:parameter{LINE}"
    return Grant({"LINE_PARAMETER": LINE}, (_may(["ssm:GetParameter"], arn),))


def announcements(topic: sns.ITopic) -> Grant:
    """Return the right to tell people."""
    arn = topic.topic_arn
    return Grant({"ANNOUNCEMENTS_TOPIC_ARN": arn}, (_may(["sns:Publish"], arn),))


def chat(topic: sns.ITopic | None) -> Grant:
    """Return the right to tell the chats, where there are any."""
    if topic is None:
        return Grant()
    arn = topic.topic_arn
    return Grant({"CHAT_TOPIC_ARN": arn}, (_may(["sns:Publish"], arn),))


def events(*detail_types: str) -> Grant:
    """Return the right to send events of `detail_types`, as ours, to the default bus of us-east-1.

    Source: Service Authorization Reference, Amazon EventBridge; EventBridge User Guide, eb-use-conditions.
    """
    bus = f"arn:{PARTITION}:events:{EDGE_REGION}:{ACCOUNT_ID}:event-bus/default"
    statement = iam.PolicyStatement(
        actions=["events:PutEvents"],
        resources=[bus],
        conditions={
            "StringEquals": {"events:source": "cutover", "events:detail-type": [*detail_types]}
        },
    )
    return Grant(statements=(statement,))


def own_metrics() -> Grant:
    """Return the right to publish metrics of this product's namespace.

    Source: Service Authorization Reference, Amazon CloudWatch.
    """
    statement = iam.PolicyStatement(
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
    )
    return Grant(
        {"METRIC_NAMESPACE": NAMESPACE},
        (statement,),
        {
            _ANY_RESOURCE: "PutMetricData takes no resource; the condition on cloudwatch:namespace holds "
            f"it to the namespace {NAMESPACE}."
        },
    )


def metrics() -> Grant:
    """Return the right to read metrics."""
    return Grant(
        {},
        (_may(["cloudwatch:GetMetricData"], "*"),),
        {
            _ANY_RESOURCE: "GetMetricData takes no resource (Service Authorization Reference, Amazon "
            "CloudWatch)."
        },
    )


def alarms(*, history: bool) -> Grant:
    """Return the right to read the state of alarms, and their `history`."""
    actions = [
        "cloudwatch:DescribeAlarms",
        *(["cloudwatch:DescribeAlarmHistory"] if history else []),
    ]
    return Grant(
        {},
        (_may(actions, "*"),),
        {
            _ANY_RESOURCE: "DescribeAlarms and DescribeAlarmHistory only read, and leave composite alarms "
            "out under a narrower scope (CloudWatch API reference)."
        },
    )


def load_balancers(regions: Iterable[str]) -> Grant:
    """Return the right to read how load balancers in `regions` are set up, their certificates included.

    Source: Service Authorization Reference, Elastic Load Balancing V2, Amazon EC2, AWS Certificate Manager.
    """
    described = (
        *("AccountLimits", "ListenerAttributes", "ListenerCertificates", "Listeners"),
        *("LoadBalancerAttributes", "LoadBalancers", "Rules", "TargetGroupAttributes"),
        *("TargetGroups", "TargetHealth"),
    )
    reads = [
        "ec2:DescribeSecurityGroups",
        *(f"elasticloadbalancing:Describe{of}" for of in described),
    ]
    certificates = {
        region: f"arn:{PARTITION}:acm:{region}:{ACCOUNT_ID}:certificate/*" for region in regions
    }
    return Grant(
        {},
        (_may(reads, "*"), _may(["acm:DescribeCertificate"], *certificates.values())),
        {
            _ANY_RESOURCE: "These Describe calls take no resource (Service Authorization Reference, "
            "Elastic Load Balancing V2), and only read.",
        }
        | {
            f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:acm:{region}:<AWS::AccountId>"
            ":certificate/*]": "It reads the certificates that the listeners name, and which these are is "
            "known only then."
            for region in certificates
        },
    )


def evidence(bucket: s3.Bucket, names: Names) -> Grant:
    """Return the right to add evidence, below the service's own folder."""
    folder = f"evidence/{names.service}/*"
    resource = bucket.node.default_child
    assert isinstance(resource, CfnElement)
    logical_id = Stack.of(bucket).get_logical_id(resource)
    return Grant(
        {"EVIDENCE_BUCKET": bucket.bucket_name},
        (_may(["s3:PutObject"], bucket.arn_for_objects(folder)),),
        {
            f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>/{folder}]": "Each bundle has a name of its "
            "own; the function may only add, and only below its service."
        },
    )


def stream(stream_arn: str, key_arn: str) -> Grant:
    """Return the right to be handed what is in a stream that is encrypted with a key of our own.

    Source: Lambda Developer Guide, with-kinesis (execution role).
    """
    reads = (
        "DescribeStream",
        "DescribeStreamSummary",
        "GetRecords",
        "GetShardIterator",
        "ListShards",
    )
    return Grant(
        statements=(
            _may([f"kinesis:{action}" for action in reads], stream_arn),
            _may(["kms:Decrypt"], key_arn),
        )
    )


def discards_to(queue_arn: str) -> Grant:
    """Return the right to have Lambda tell the queue what it gave up: it does so with the function's own role
    (Lambda Developer Guide, kinesis-on-failure-destination)."""
    return Grant(statements=(_may(["sqs:SendMessage"], queue_arn),))


def hook(declared: Hook | None) -> Grant:
    """Return the right to call one hook, and to see its executions where it is a document.

    Sources: Service Authorization Reference, AWS Lambda; Systems Manager User Guide,
    automation-setup-identity-based-policies; IAM User Guide, id_roles_use_passrole.
    """
    if declared is None:
        return Grant()
    arn, seconds = declared.call, str(declared.timeout_seconds)
    if declared.role is None:
        variables = {"HOOK_ARN": arn, "HOOK_SECONDS": seconds}
        return Grant(variables, (_may(["lambda:InvokeFunction"], arn),))
    _, _, _, region, account, _ = arn.split(":", 5)
    executions = f"arn:aws:ssm:{region}:{account}:automation-execution/*"
    kind, _, name = arn.partition(":document/")
    document = f"{kind}:document/{name.partition(':')[0]}"
    passes = _may(["iam:PassRole"], declared.role)
    passes.add_condition("StringEquals", {"iam:PassedToService": "ssm.amazonaws.com"})
    return Grant(
        {"HOOK_ARN": arn, "HOOK_SECONDS": seconds, "HOOK_ROLE_ARN": declared.role},
        (
            _may(["ssm:StartAutomationExecution"], document),
            _may(["ssm:GetAutomationExecution"], executions),
            passes,
        ),
        {
            f"AwsSolutions-IAM5[Resource::{executions}]": "Systems Manager makes up an execution's id when "
            "it begins; it is only looked at."
        },
    )


def capacity(names: Names, new: Side) -> Grant:
    """Return the right to reserve capacity on new's load balancer and to hold what was reserved.

    Sources: Service Authorization Reference, Elastic Load Balancing V2 (ModifyCapacityReservation has the
    load balancer as its resource, DescribeCapacityReservation has none) and AWS Systems Manager.
    """
    balancer = (
        f"arn:{PARTITION}:elasticloadbalancing:{new.stands_in}:{ACCOUNT_ID}:loadbalancer"
        f"/{new.load_balancer}"
    )
    parameter = f"arn:{PARTITION}:ssm:{EDGE_REGION}:{ACCOUNT_ID}:parameter{names.capacity}"
    return Grant(
        {"CAPACITY_LOAD_BALANCER_ARN": balancer, "CAPACITY_PARAMETER": names.capacity},
        (
            _may(["elasticloadbalancing:ModifyCapacityReservation"], balancer),
            _may(["elasticloadbalancing:DescribeCapacityReservation"], "*"),
            _may(["ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter"], parameter),
        ),
        {
            _ANY_RESOURCE: "DescribeCapacityReservation takes no resource (Service Authorization "
            "Reference, Elastic Load Balancing V2), and only reads."
        },
    )


def capacity_ahead(names: Names, service: Service) -> Grant:
    """Return what the gate is given to reserve capacity before a rise; nothing where it is not declared.
    Reading how much is used is `metrics`."""
    declared = service.promotion.capacity
    if declared is None:
        return Grant()
    how = told(
        CAPACITY_OLD=f"{service.old.stands_in}:{service.old.load_balancer}",
        CAPACITY_HEADROOM_PERCENT=str(declared.headroom_percent),
        CAPACITY_LOOKBACK_DAYS=str(declared.lookback_days),
        CAPACITY_WAIT_SECONDS=str(declared.wait_seconds),
    )
    return together([how, capacity(names, service.new)])


def pin_secret(secret: secretsmanager.ISecret) -> Grant:
    """Return the right to read the secret that signs pins."""
    arn = secret.secret_arn
    return Grant({"PIN_SECRET_ARN": arn}, (_may(["secretsmanager:GetSecretValue"], arn),))


def readiness_secrets(arns: Iterable[str]) -> Grant:
    """Return the right to read the declared secrets of journeys, each by its whole ARN, and no other."""
    return Grant(
        statements=tuple(
            _may(["secretsmanager:GetSecretValue"], arn) for arn in dict.fromkeys(arns)
        )
    )


def origin_secret(names: Names) -> Grant:
    """Return the right to read the header by which the load balancers know the edge, from any region: the
    secret's name is exact, and its ARN ends in six characters that Secrets Manager makes up (Secrets Manager
    User Guide, troubleshoot)."""
    secret = f"{EDGE_REGION}:{ACCOUNT_ID}:secret:{names.origin_secret}-??????"
    return Grant(
        {"ORIGIN_HEADER": ORIGIN_SECRET_HEADER, "ORIGIN_SECRET": names.origin_secret},
        (_may(["secretsmanager:GetSecretValue"], f"arn:{PARTITION}:secretsmanager:{secret}"),),
    )


def _may(actions: list[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=list(resources))
