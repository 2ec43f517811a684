"""Three roles for a pipeline on GitHub, each with the least that its step needs: look, plan, apply.

Whoever plans cannot execute, and whoever applies cannot make a change set: neither may become CDK's deploy
role, which can do both (docs/decisions/093-roles-of-the-pipeline.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from cutover.account import ACCOUNT_ID, PARTITION
from cutover.acknowledge import acknowledge
from cutover.declaration.ci import Ci
from cutover.declaration.reading.context import Cutover
from cutover.naming import LINE, Names
from cutover.regions import EDGE_REGION

PROVIDER: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"
LONGEST_APPLY: Final = Duration.hours(2)
"""The longest bake and what comes before it take less. The role is assumed directly, so nothing caps it at an
hour."""
_WHY: Final[Mapping[str, str]] = {
    ":stack/": "A stack's ARN ends in an id that CloudFormation makes up; the name is exact.",
    ":key-value-store/": "The switch's store has an id that CloudFront makes up; it is only read.",
    ":healthcheck/": "Health checks have ids that Route 53 makes up; they are only read.",
    "*": "GetMetricData takes no resource (Service Authorization Reference, Amazon CloudWatch), DescribeType "
    "is asked about a type of AWS's own, and the others tell what the account has.",
}
_LOOKS_AROUND: Final = (
    *("cloudformation:DescribeType", "cloudwatch:GetMetricData"),
    # What `cutover quotas` and a plan ask of the account.
    *("cloudfront:ListCachePolicies", "cloudfront:ListDistributions", "cloudfront:ListFunctions"),
    *("cloudfront:ListKeyValueStores", "events:ListRules", "iam:GetAccountSummary"),
    *("elasticloadbalancing:DescribeRules", "lambda:GetAccountSettings"),
    "route53:GetAccountLimit",
    *("servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota"),
)


class CiRoles(Construct):
    """Defines the roles `cutover-ci-look`, `cutover-ci-plan` and `cutover-ci-apply`.

    `qualifier` is the one of the bootstrap.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        ci: Ci,
        cutovers: Sequence[Cutover],
        qualifier: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._cutovers = cutovers
        self._bootstrap = f"cdk-{qualifier}"
        self._qualifier = qualifier
        self._provider = (
            iam.OidcProviderNative(
                self, "GitHub", url=f"https://{PROVIDER}", client_ids=[AUDIENCE]
            ).oidc_provider_arn
            if ci.provider_arn is None
            else ci.provider_arn
        )
        main = ci.subjects(f"ref:refs/heads/{ci.branch}")
        look = [*ci.subjects("pull_request"), *main]
        approved = ci.subjects(f"environment:{ci.environment}")
        self._role("look", "reads what cutover status reads", look, self._reads())
        self._role("plan", "prepares change sets", main, [*self._reads(), *self._prepares()])
        self._role(
            "apply",
            "executes change sets that are there",
            approved,
            [*self._reads(), *self._executes()],
            LONGEST_APPLY,
        )

    def _role(
        self,
        name: str,
        what: str,
        subjects: list[str],
        statements: Sequence[iam.PolicyStatement],
        longest: Duration | None = None,
    ) -> None:
        role = iam.Role(
            self,
            name.capitalize(),
            role_name=f"cutover-ci-{name}",
            description=f"cutover in CI: {what}",
            assumed_by=iam.FederatedPrincipal(
                self._provider,
                # Exact, both of them: a pattern would let other repositories in.
                {"StringEquals": {f"{PROVIDER}:aud": AUDIENCE, f"{PROVIDER}:sub": subjects}},
                "sts:AssumeRoleWithWebIdentity",
            ),
            inline_policies={name: iam.PolicyDocument(statements=list(statements))},
            max_session_duration=longest,
        )
        acknowledge(role, dict(_reasons(statements)))

    def _reads(self) -> list[iam.PolicyStatement]:
        names = [Names(cutover.name) for cutover in self._cutovers]
        zones = {
            cutover.service.dns.hosted_zone_id
            for cutover in self._cutovers
            if cutover.service.dns is not None
        }
        functions = f"arn:{PARTITION}:lambda:{EDGE_REGION}:{ACCOUNT_ID}:function"
        edge = f"arn:{PARTITION}:cloudfront::{ACCOUNT_ID}"
        statements = [
            _may(
                [
                    *("cloudformation:DescribeStacks", "cloudformation:GetTemplate"),
                    *(
                        "cloudformation:ListStackResources",
                        "cloudformation:DetectStackResourceDrift",
                    ),
                ],
                self._stacks(),
            ),
            _may(
                ["lambda:GetFunctionConfiguration"],
                [f"{functions}:{each.function('rollback')}" for each in names],
            ),
            _may(["cloudfront:GetFunction"], [f"{edge}:function/{each.router}" for each in names]),
            _may(["cloudfront-keyvaluestore:GetKey"], [f"{edge}:key-value-store/*"]),
            _may(["route53:GetHealthCheck"], [f"arn:{PARTITION}:route53:::healthcheck/*"]),
            _may([*_LOOKS_AROUND], ["*"]),
            _may(
                ["ssm:GetParameter"],
                [f"arn:{PARTITION}:ssm:{EDGE_REGION}:{ACCOUNT_ID}:parameter{LINE}"],
            ),
        ]
        capacity = [
            each
            for each, cutover in zip(names, self._cutovers, strict=True)
            if cutover.service.promotion.capacity is not None
        ]
        if capacity:
            parameters = f"arn:{PARTITION}:ssm:{EDGE_REGION}:{ACCOUNT_ID}:parameter"
            reads = ("DescribeCapacityReservation", "DescribeLoadBalancers")
            statements += [
                _may([f"elasticloadbalancing:{read}" for read in reads], ["*"]),
                _may(["ssm:GetParameter"], [f"{parameters}{each.capacity}" for each in capacity]),
            ]
        if zones:
            found = [f"arn:{PARTITION}:route53:::hostedzone/{zone}" for zone in sorted(zones)]
            statements.append(_may(["route53:ListResourceRecordSets"], found))
        return statements

    def _prepares(self) -> list[iam.PolicyStatement]:
        """Return what `cdk deploy --method prepare-change-set` needs where it may not become the deploy role:
        then the CLI goes on with these rights (aws-cdk 2.1148.1, SdkProvider.forEnvironment)."""
        account, regions = ACCOUNT_ID, self._regions()
        roles = f"arn:{PARTITION}:iam::{account}:role/{self._bootstrap}"
        version = f"/cdk-bootstrap/{self._qualifier}/version"
        passes = iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[f"{roles}-cfn-exec-role-{account}-{region}" for region in regions],
            conditions={"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
        )
        return [
            _may(
                [f"cloudformation:{verb}ChangeSet" for verb in ("Create", "Delete", "Describe")],
                self._stacks(),
            ),
            passes,
            _may(
                ["sts:AssumeRole"],
                [
                    f"{roles}-{role}-role-{account}-{region}"
                    for role in ("file-publishing", "lookup")
                    for region in regions
                ],
            ),
            _may(
                ["ssm:GetParameter", "ssm:GetParameters"],
                [
                    f"arn:{PARTITION}:ssm:{region}:{account}:parameter{version}"
                    for region in regions
                ],
            ),
        ]

    def _executes(self) -> list[iam.PolicyStatement]:
        """Return what an apply needs. CloudFormation works with the role that the change set was made with,
        so nothing is passed here (CloudFormation API reference, CreateChangeSet RoleARN)."""
        bucket = f"arn:{PARTITION}:s3:::{self._bootstrap}-assets-{ACCOUNT_ID}-{EDGE_REGION}"
        locks = [f"{bucket}/cutover-locks/{cutover.name}.json" for cutover in self._cutovers]
        return [
            _may(
                [
                    *(f"cloudformation:{verb}ChangeSet" for verb in ("Describe", "Execute")),
                    "cloudformation:DescribeStackEvents",
                ],
                self._stacks(),
            ),
            _may([f"s3:{verb}Object" for verb in ("Get", "Put", "Delete")], locks),
        ]

    def _regions(self) -> list[str]:
        return sorted(
            {EDGE_REGION, *(at for cutover in self._cutovers for at in cutover.service.regions)}
        )

    def _stacks(self) -> list[str]:
        arn = f"arn:{PARTITION}:cloudformation"
        return [
            f"{arn}:{region}:{ACCOUNT_ID}:stack/{stack}/*"
            for cutover in self._cutovers
            for stack, region in Names(cutover.name).stacks(cutover.service.regions).items()
        ]


def _may(actions: Iterable[str], resources: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=resources)


def _reasons(statements: Iterable[iam.PolicyStatement]) -> Iterator[tuple[str, str]]:
    """Yield for each resource with a * why it has one, by the rule of cdk-nag."""
    for statement in statements:
        for resource in statement.resources:
            if "*" in resource:
                named = resource.replace(PARTITION, "<AWS::Partition>")
                named = named.replace(ACCOUNT_ID, "<AWS::AccountId>")
                why = next(reason for kind, reason in _WHY.items() if kind in resource)
                yield f"AwsSolutions-IAM5[Resource::{named}]", why
