"""What the Traffic stack holds: the weight, the phase and the distribution."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from commands.records.stack import resource_ids
from commands.records.watched_exchange import World
from cutover.regions import EDGE_REGION
from shared.doors.patience import DoorError, patiently
from shared.status.look import deployed, known
from shared.status.standing import Deployed, Unread

_DISTRIBUTION: Final = "AWS::CloudFront::Distribution"


@dataclass(frozen=True)
class Traffic:
    """One stack, as it stands.

    Attributes
    ----------
    deployed : Deployed
    without_old : bool
        Whether it was deployed with the phase decommission.
    distribution_id : str or None
    """

    deployed: Deployed
    without_old: bool
    distribution_id: str | None


def look_at(world: World, stack: str) -> Traffic | Unread | None:
    """Return what `stack` holds; None where there is no such stack."""
    client = world.client_for("cloudformation", EDGE_REGION)
    try:
        body = patiently(
            lambda: client.get_template(StackName=stack, TemplateStage="Processed"),
            sleep=world.sleep,
        )["TemplateBody"]
        resources = (json.loads(body) if isinstance(body, str) else body)["Resources"]
        ids = resource_ids(world, stack)
    except DoorError as error:
        if error.code == "ValidationError":  # "Stack with id … does not exist"
            return None
        return Unread(str(error))
    except (KeyError, TypeError, ValueError):
        return Unread(
            f"the template of the stack {stack} is no JSON, as after cdk import: cdk deploy {stack}"
        )
    standing = known(lambda: deployed(client, stack))
    if isinstance(standing, Unread):
        return standing
    of_type = {one: resource.get("Type") for one, resource in resources.items()}
    return Traffic(
        deployed=standing,
        without_old=any(
            resource.get("Type") == "Custom::WeightGate"
            and "Decommission" in resource.get("Properties", {})
            for resource in resources.values()
        ),
        distribution_id=next(
            (ids[one] for one, kind in of_type.items() if kind == _DISTRIBUTION and ids.get(one)),
            None,
        ),
    )
