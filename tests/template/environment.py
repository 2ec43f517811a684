"""The Environment stack of one service alone: the others cost seconds."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from cutover.declaration.reading.context import read_context
from cutover.naming import Names
from cutover.paths import CDK_JSON
from stacks.environment import EnvironmentStack


def environment(declared: dict[str, Any]) -> dict[str, Any]:
    """Return its template; cdk-nag has nothing against it.

    Raises
    ------
    RuntimeError
        When cdk-nag has.
    """
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context, analytics_reporting=False)
    (cutover,) = read_context({"cutover": declared})
    stack = EnvironmentStack(app, names=Names(cutover.name), cutover=cutover)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    template: dict[str, Any] = app.synth().get_stack_by_name(stack.stack_name).template
    return template
