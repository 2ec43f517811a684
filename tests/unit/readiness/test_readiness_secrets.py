"""A secret is read from where it is declared, and no sentence holds anything of it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from shared.readiness.aws.secrets import read_secrets
from shared.readiness.journeys.journey import Secret

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/user-AbCdEf"
PASSWORD = Secret("password", ARN, "password")


class Manager:
    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str | None, str]] = []

    def __call__(self, service: str, region: str | None = None) -> Any:
        manager = self

        class Client:
            def get_secret_value(self, *, SecretId: str) -> Any:  # noqa: N803
                manager.asked.append((service, region, SecretId))
                if isinstance(manager.answer, Exception):
                    raise manager.answer
                return {"SecretString": manager.answer}

        return Client()


def test_it_is_read_in_its_own_region_by_its_whole_arn() -> None:
    manager = Manager('{"password": "hunter2"}')
    assert read_secrets([PASSWORD], {}, manager) == ({"password": "hunter2"}, {})
    assert manager.asked == [("secretsmanager", "eu-west-1", ARN)]


def test_what_is_given_is_not_read() -> None:
    manager = Manager("")
    assert read_secrets([PASSWORD], {"password": "own"}, manager) == ({"password": "own"}, {})
    assert manager.asked == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue"),
            "AccessDenied",
        ),
        (ReadTimeoutError(endpoint_url="https://x"), "ReadTimeoutError"),
        ("hunter2", "holds no JSON object with the key 'password'"),
        ('{"other": "hunter2"}', "holds no JSON object with the key 'password'"),
        ('["hunter2"]', "holds no JSON object with the key 'password'"),
        ('{"password": ["hunter2"]}', "is no text, or an empty one"),
        ('{"password": ""}', "is no text, or an empty one"),
    ],
)
def test_what_cannot_be_read_is_said_without_anything_of_it(answer: Any, said: str) -> None:
    values, wrong = read_secrets([PASSWORD], {}, Manager(answer))
    assert values == {}
    assert said in wrong["password"]
    assert ARN in wrong["password"]
    assert "hunter2" not in wrong["password"]


def test_without_credentials_it_is_said_so() -> None:
    _, wrong = read_secrets([PASSWORD], {}, None)
    assert wrong["password"].endswith("there are no AWS credentials")
