"""The names of secrets: Secrets Manager takes one that ends in a hyphen and six characters for a whole ARN
(Secrets Manager API reference, CreateSecret Name)."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cutover.naming import Names
from tests.template.templates import Templates, resources

LIKE_AN_ARN = re.compile(r".*-[A-Za-z0-9]{6}")


def secret_names(template: dict[str, Any]) -> list[str]:
    return [p["Name"] for p in resources(template, "AWS::SecretsManager::Secret").values()]


@given(st.from_regex(r"[a-z][a-z0-9-]{0,29}[a-z0-9]", fullmatch=True))
def test_no_name_of_a_secret_looks_like_the_end_of_an_arn_whatever_the_service_is_called(
    service: str,
) -> None:
    names = Names(service)
    for name in (names.origin_secret, names.pin_secret):
        assert LIKE_AN_ARN.fullmatch(name) is None


def test_the_templates_name_their_secrets_so(chatmrpt: Templates, dns_doors: Templates) -> None:
    found = [name for t in (chatmrpt | dns_doors).values() for name in secret_names(t)]
    assert len(found) == 6
    assert [name for name in found if LIKE_AN_ARN.fullmatch(name)] == []
