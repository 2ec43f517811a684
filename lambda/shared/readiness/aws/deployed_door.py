"""Where the edge that is deployed answers: an output of the stack that holds the doors."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from shared.aws import Clients

OUTPUT: Final = "EdgeDomainName"
_REGION: Final = "us-east-1"
_NO_STACK: Final = "ValidationError"
"""What DescribeStacks says of a stack that is not there (CloudFormation API reference, DescribeStacks)."""


class DoorUnknownError(Exception):
    """It is not known where the door answers; the message says why."""


class NotDeployedError(DoorUnknownError):
    """There is no door yet."""


def deployed_door(clients: Clients, stack: str) -> str:
    """Return the deployed distribution's domain name, like d111111abcdef8.cloudfront.net.

    Raises
    ------
    NotDeployedError
        When there is none yet, or no credentials to ask with.
    DoorUnknownError
        When AWS does not tell.
    """
    try:
        described = clients("cloudformation", _REGION).describe_stacks(StackName=stack)["Stacks"]
    except NoCredentialsError as error:
        raise NotDeployedError("there are no AWS credentials to find the door with") from error
    except ClientError as error:
        if error.response["Error"].get("Code") == _NO_STACK:
            raise NotDeployedError(f"the stack {stack} is not deployed yet") from error
        raise DoorUnknownError(f"{stack} cannot be read: {error}") from error
    except BotoCoreError as error:
        raise DoorUnknownError(f"{stack} cannot be read: {error}") from error
    outputs = [output for one in described for output in one.get("Outputs") or []]
    found = next((str(o["OutputValue"]) for o in outputs if o.get("OutputKey") == OUTPUT), "")
    if not found:
        raise NotDeployedError(f"{stack} names no door yet: it is asked from the next rise on")
    return found
