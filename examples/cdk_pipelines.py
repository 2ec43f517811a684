"""A pipeline by CDK Pipelines: each change of a door is prepared, approved by a person, and then executed.

Copy it beside app.py as pipeline.py, give it your account, repository and connection, push that, because the
pipeline is made anew from what it fetches, and deploy it once:

    cdk deploy cutover-pipeline --app "python pipeline.py"

From then on it updates itself, and deploys what is merged. docs/ci.md says what it does not do.
"""

# ruff: noqa: E402 - the environment's own Node is chosen before CDK starts one

from __future__ import annotations

from cutover.node import use_own_node

use_own_node()

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import pipelines

from app import build

ACCOUNT = "123456789012"
REGION = "us-east-1"
REPOSITORY = "acme/shop"
CONNECTION = (
    "arn:aws:codeconnections:us-east-1:123456789012:connection/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
)

# This project's own Node and CDK CLI come first: an image brings others, or none.
READY = ["make setup", ". .venv/bin/activate"]

READS = iam.PolicyStatement(
    # What `cutover status` asks, as in the role cutover-ci-look. Nothing of it writes.
    actions=[
        "cloudformation:DescribeStacks",
        "cloudformation:DescribeType",
        "cloudformation:DetectStackResourceDrift",
        "cloudformation:GetTemplate",
        "cloudformation:ListStackResources",
        "cloudfront-keyvaluestore:GetKey",
        "cloudfront:GetFunction",
        "cloudwatch:GetMetricData",
        "lambda:GetFunctionConfiguration",
        "route53:GetHealthCheck",
        "route53:ListResourceRecordSets",
        "ssm:GetParameter",
    ],
    resources=["*"],
)


class Production(cdk.Stage):
    """The stacks of every declared service; they keep the names that the commands know."""

    def __init__(self, scope: cdk.Stack) -> None:
        super().__init__(scope, "production", env=cdk.Environment(account=ACCOUNT))
        build(self)


class PipelineStack(cdk.Stack):
    """Fetches, synthesises, looks, and deploys stack by stack."""

    def __init__(self, scope: cdk.App) -> None:
        env = cdk.Environment(account=ACCOUNT, region=REGION)
        super().__init__(scope, "cutover-pipeline", env=env)
        source = pipelines.CodePipelineSource.connection(
            REPOSITORY, "main", connection_arn=CONNECTION
        )
        pipeline = pipelines.CodePipeline(
            self,
            "Pipeline",
            synth=pipelines.ShellStep(
                "Synth",
                input=source,
                commands=[*READY, "cdk synth --quiet --app 'python pipeline.py'"],
            ),
        )
        production = Production(self)
        pipeline.add_stage(
            production,
            pre=[look("before", source, "--before-promotion")],
            stack_steps=[
                pipelines.StackSteps(
                    stack=stack,
                    change_set=[pipelines.ManualApprovalStep(f"approve-{stack.stack_name}")],
                )
                for stack in production.node.children
                if isinstance(stack, cdk.Stack) and stack.stack_name.endswith("-traffic")
            ],
            post=[look("after", source)],
        )


def look(name: str, source: pipelines.CodePipelineSource, *options: str) -> pipelines.CodeBuildStep:
    """Return a step that fails where declared, deployed and live disagree: CodePipeline looks at none."""
    return pipelines.CodeBuildStep(
        name,
        input=source,
        commands=[*READY, " ".join(["cutover status", *options])],
        role_policy_statements=[READS],
    )


if __name__ == "__main__":
    app = cdk.App()
    PipelineStack(app)
    app.synth()
