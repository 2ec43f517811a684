"""The secrets that journeys need: read when they are needed, and never shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws import Clients
from shared.readiness.journeys.journey import Secret


def read_secrets(
    declared: Sequence[Secret], given: Mapping[str, str], clients: Clients | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values of the secrets by their names, and for each that cannot be read a sentence why.

    What is `given` is not read. No sentence holds anything of a secret but its ARN and key.
    """
    values: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for secret in declared:
        try:
            values[secret.name] = given.get(secret.name) or _read(secret, clients)
        except _SecretError as error:
            wrong[secret.name] = f"the secret {secret.name!r} cannot be read: {error}"
    return values, wrong


class _SecretError(Exception):
    pass


def _read(secret: Secret, clients: Clients | None) -> str:
    if clients is None:
        raise _SecretError("there are no AWS credentials")
    try:
        # The fourth part of an ARN is the region.
        manager = clients("secretsmanager", secret.arn.split(":")[3])
        text = manager.get_secret_value(SecretId=secret.arn)["SecretString"]
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "no code")
        raise _SecretError(f"GetSecretValue of {secret.arn} says {code}") from None
    except (BotoCoreError, KeyError, IndexError) as error:
        raise _SecretError(f"GetSecretValue of {secret.arn}: {type(error).__name__}") from None
    # Without the cause: a fault in the JSON shows the JSON.
    try:
        value = json.loads(text)[secret.key]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _SecretError(
            f"{secret.arn} holds no JSON object with the key {secret.key!r}"
        ) from None
    if not isinstance(value, str) or not value:
        raise _SecretError(f"{secret.key!r} in {secret.arn} is no text, or an empty one")
    return value
