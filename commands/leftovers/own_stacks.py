"""Reads from the account what the cutover's own stacks hold, to say what they cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from commands.leftovers.own_cost import OwnCost, Template, by_usage, parts_of
from commands.leftovers.prices import Prices
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.doors.patience import DoorError, patiently
from shared.metrics import OWN_NAMESPACE

ClientFor = Callable[[str, str], Any]


def own_cost(client_for: ClientFor, cutover: Cutover, prices: Prices) -> OwnCost:
    """Return what the stacks of `cutover` cost; it hides nothing that could not be read."""
    templates: list[Template] = []
    made: list[datetime] = []
    unread: list[str] = []
    for stack, region in Names(cutover.name).stacks(cutover.service.regions).items():
        client = client_for("cloudformation", region)
        try:
            templates.append(_template(client, stack))
            made.append(_made(client, stack))
        except DoorError as error:
            unread.append(f"the stack {stack}: {error}")
        except (KeyError, TypeError, ValueError):
            unread.append(f"the stack {stack}: its template is no JSON, as after cdk import")
    regions = dict.fromkeys([EDGE_REGION, cutover.service.old.stands_in])
    metrics = 0
    for region in regions:
        try:
            metrics += _metrics(client_for("cloudwatch", region), cutover.name)
        except DoorError as error:
            unread.append(f"metrics of its own in {region}: {error}")
    return OwnCost(
        parts_of(templates, metrics, prices),
        by_usage(templates),
        min(made, default=None),
        tuple(unread),
    )


def _template(client: Any, stack: str) -> Template:
    body = patiently(lambda: client.get_template(StackName=stack, TemplateStage="Processed"))
    held = body["TemplateBody"]
    template: Template = json.loads(held) if isinstance(held, str) else held
    return {"Resources": dict(template["Resources"])}


def _made(client: Any, stack: str) -> datetime:
    (found,) = patiently(lambda: client.describe_stacks(StackName=stack))["Stacks"]
    made: datetime = found["CreationTime"]
    return made


def _metrics(client: Any, service: str) -> int:
    """Return how many metrics of our own had a value lately: what had none for two weeks is not listed
    (CloudWatch API reference, ListMetrics)."""
    count = 0
    page: dict[str, str] = {}
    while True:
        asked = {
            "Namespace": OWN_NAMESPACE,
            "Dimensions": [{"Name": "Service", "Value": service}],
            **page,
        }
        answer = patiently(lambda asked=asked: client.list_metrics(**asked))  # type: ignore[misc]
        count += len(answer["Metrics"])
        if not answer.get("NextToken"):
            return count
        page = {"NextToken": answer["NextToken"]}
