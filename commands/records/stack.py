"""What CloudFormation holds of a stack."""

from __future__ import annotations

from commands.records.watched_exchange import World
from cutover.regions import EDGE_REGION
from shared.doors.patience import patiently


def resource_ids(world: World, stack: str, region: str = EDGE_REGION) -> dict[str, str]:
    """Return the physical id of each resource of `stack` by its logical id.

    Raises
    ------
    DoorError
        When it cannot be read, or does not stand.
    """
    client = world.client_for("cloudformation", region)
    resources = patiently(
        lambda: client.describe_stack_resources(StackName=stack), sleep=world.sleep
    )["StackResources"]
    return {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in resources}
