"""The CDK app: reads the declaration, builds four stacks a service, five where its sides are in two regions,
and one for CI where that is declared."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

try:
    from cutover.node import use_own_node

    use_own_node()

    import aws_cdk as cdk
    from cdk_nag import AwsSolutionsChecks

    from cutover.declaration.reading.context import read_ci, read_context, read_fleet
    from cutover.declaration.reading.errors import DeclarationError
    from cutover.declaration.reading.file import read_json
    from cutover.functions.packed_layer import missing_layers
    from cutover.naming import Names
    from cutover.quotas import Said, of_templates
except ModuleNotFoundError as missing:
    sys.exit(
        f"app.py: the Python package {missing.name} is missing from {sys.executable}. "
        "Run `make setup`, then `source .venv/bin/activate`, and try again."
    )

from stacks.ci import CiStack
from stacks.environment import EnvironmentStack
from stacks.observability import ObservabilityStack
from stacks.safety import SafetyStack
from stacks.traffic import TrafficStack


def build(app: cdk.Stage, declaration_file: str | None = None) -> None:
    """Define the stacks of every declared service in `app` or a stage of it, in the order they are deployed.

    Raises
    ------
    DeclarationError
        When the declaration, or what `-c` says about it, cannot be used.
    """
    context = app.node.get_all_context()
    cutovers = read_context(context, declaration_file)
    # It changes no template; a fault in it is told where the others are.
    read_fleet(context, declaration_file)
    for cutover in cutovers:
        if cutover.overridden_weight is not None:
            print(
                f"warning: {cutover.name}: new_weight is {cutover.service.new_weight} by -c, for "
                f"this run only; {cutover.source} says {cutover.overridden_weight}",
                file=sys.stderr,
            )
        if cutover.overridden_phase is not None:
            print(
                f"warning: {cutover.name}: phase is {cutover.service.phase} by -c, for this run only; "
                f"{cutover.source} says {cutover.overridden_phase}",
                file=sys.stderr,
            )
        if cutover.override is not None:
            print(
                f"warning: {cutover.name}: {cutover.override.by} overrides the declared rules and "
                f"readiness for this run: {cutover.override.reason}",
                file=sys.stderr,
            )
        names = Names(cutover.name)
        safety = SafetyStack(app, names=names, cutover=cutover)
        environments = [
            EnvironmentStack(app, names=names, cutover=cutover, region=region)
            for region in cutover.service.regions
        ]
        traffic = TrafficStack(
            app, names=names, cutover=cutover, safety=safety, environments=environments
        )
        observability = ObservabilityStack(
            app,
            names=names,
            cutover=cutover,
            safety=safety,
            environments=environments,
            traffic=traffic,
        )
        for environment in environments:
            environment.add_stack_dependency(safety, "its alarms call the rollback function")
            traffic.add_stack_dependency(environment, "no traffic moves before the alarms exist")
        observability.add_stack_dependency(traffic)
    ci = read_ci(context)
    if ci is not None:
        CiStack(app, ci=ci, cutovers=cutovers)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def quotas_met(app: cdk.App) -> list[Said]:
    """Synthesise, and return what there is to say of quotas that this app comes close to, or is beyond."""
    # The templates are read here: CDK would hand each over from Node.
    return of_templates(
        {
            stack.stack_name: (
                stack.environment.region,
                json.loads(Path(stack.template_full_path).read_text(encoding="utf-8")),
            )
            for stack in app.synth().stacks
        }
    )


def main() -> None:
    """Synthesise; a declaration that cannot be used ends in its sentences and exit code 1."""
    missing = missing_layers()
    if missing:
        sys.exit(
            f"error: build/layers lacks {' and '.join(missing)}, which the functions need: "
            "run `make setup`"
        )
    try:
        if Path("cdk.json").is_file():
            # CDK has read it already, and of a key that stands there twice it took the last.
            read_json("cdk.json")
        app = cdk.App()
        build(app, os.environ.get("CUTOVER_DECLARATION") or None)
    except DeclarationError as error:
        sys.exit("\n".join(f"error: {reason}" for reason in error.reasons))
    try:
        said = quotas_met(app)
    except RuntimeError as error:
        # jsii hands on what CDK throws; what is wrong stands in the report that CDK has printed.
        if "ValidationFailed" not in str(error):
            raise
        sys.exit(
            "error: CDK's checks refuse these templates, as the report above says. No template is to be "
            "deployed: mend what it names"
        )
    for one in said:
        print(f"{'error' if one.beyond else 'warning'}: {one.text}", file=sys.stderr)
    if any(one.beyond for one in said):
        sys.exit(1)


if __name__ == "__main__":
    main()
