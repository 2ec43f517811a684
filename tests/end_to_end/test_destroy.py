"""`cdk destroy` by the stock CDK CLI: refused until it is prepared, and then no harm to who is served.

A file of its own: it takes away the stacks that the other files' tests live on.
"""

from __future__ import annotations

import pytest

from tests.end_to_end.cdk_operator import Operator

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(900)]


def test_a_destroy_is_refused_until_it_is_prepared_and_then_keeps_what_serves(
    operator: Operator,
) -> None:
    before = (operator.weights(), operator.edge_weight(), operator.served())
    stacks = operator.statuses()
    assert len(stacks) == 4
    refused = operator.cdk("destroy", "--force", *operator.deployed())
    assert refused.returncode == 1
    said = " ".join((refused.stdout + refused.stderr).split())
    assert "cannot be deleted while TerminationProtection is enabled" in said
    assert operator.statuses() == stacks
    comes = operator.cutover("dismantle")
    assert comes.returncode == 1, comes.stdout + comes.stderr
    assert "somebody comes: the dns door answers for app.example.test: 4 weighted" in comes.stdout
    # As the runbook says.
    for region, stack in stacks:
        operator.cloud.client("cloudformation", region).update_termination_protection(
            StackName=stack, EnableTerminationProtection=False
        )
    done = operator.cdk("destroy", "--force", *operator.deployed())
    assert done.returncode == 0, done.stderr[-2000:]
    assert operator.statuses() == {}
    assert (operator.weights(), operator.edge_weight(), operator.served()) == before
    listed = operator.cutover("dismantle", "--after")
    assert listed.returncode == 0, listed.stdout + listed.stderr
    for what in (
        "record app.example.test A new, weighted",
        "distribution ",
        "edge function ",
        "switch ",
        "cache policy ",
        "health check ",
        "bucket ",
    ):
        assert what in listed.stdout, listed.stdout
