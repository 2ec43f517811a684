"""Which service a command is about: the one that its caller names, whatever cdk.json says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from commands import declared as command
from commands.declared import UsageError, one_service
from cutover.declaration.reading.errors import DeclarationError
from cutover.paths import ROOT


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The context of cdk.json, which declares two services."""
    declared = json.loads((ROOT / "examples" / "dns-door.json").read_text(encoding="utf-8"))
    held: dict[str, Any] = {"cutover": declared}
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    monkeypatch.setattr(command, "cdk_json_context", lambda: held)
    return held


def test_the_option_overrules_the_service_that_cdk_json_names(context: dict[str, Any]) -> None:
    context["service"] = "shop"
    assert one_service(None, None).name == "shop"
    assert one_service("reports", None).name == "reports"


def test_among_several_services_one_must_be_named(context: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^2 services .* NAME\. Declared: shop, reports\.$"):
        one_service(None, None)


def test_a_name_that_is_not_declared_is_shown_without_terminal_codes(
    context: dict[str, Any],
) -> None:
    with pytest.raises(DeclarationError) as refused:
        one_service("\x1b[31mshop", None)
    assert "\x1b" not in refused.value.reasons[0]
    assert "is not declared in cdk.json" in refused.value.reasons[0]
