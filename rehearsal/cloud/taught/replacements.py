"""Teaches MiniStack which changes replace a resource, so that a change set does not say that a weight may.

A record is known by its zone, name, type and set identifier; a weight is changed in place (CloudFormation
reference, AWS::Route53::RecordSet). A custom resource is replaced when its function says so by another
physical id, which the gate's and the bake's never do.
"""

from __future__ import annotations

from ministack.services.cloudformation import provisioners


def teach() -> None:
    """Register the properties that replace."""
    provisioners._REPLACING_PROPERTIES["AWS::Route53::RecordSet"] = (
        "HostedZoneId",
        "HostedZoneName",
        "Name",
        "SetIdentifier",
        "Type",
    )
    for asked in ("Custom::WeightGate", "Custom::Bake"):
        provisioners._REPLACING_PROPERTIES[asked] = ("ServiceToken",)
