"""What stays when a stack goes: all that a viewer's request or a DNS answer depends on
(docs/decisions/108-what-serves-is-kept.md)."""

from __future__ import annotations

from aws_cdk import CfnDeletionPolicy, CfnResource
from constructs import IConstruct


def keep(*constructs: IConstruct) -> None:
    """Keep them in the account when their stack is deleted, or when they leave its template.

    What a first deploy made and rolls back is deleted nevertheless, so that the next one does not meet its
    name; so is what another one replaces (CloudFormation User Guide, aws-attribute-deletionpolicy,
    RetainExceptOnCreate, and aws-attribute-updatereplacepolicy).
    """
    for construct in constructs:
        resource = construct if isinstance(construct, CfnResource) else construct.node.default_child
        assert isinstance(resource, CfnResource)
        resource.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE
        resource.cfn_options.update_replace_policy = CfnDeletionPolicy.DELETE
