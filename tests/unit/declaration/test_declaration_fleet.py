"""`cutover_fleet`: how many services move at once, and in which order."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cutover.declaration.fleet import Fleet
from cutover.declaration.reading.context import read_context, read_fleet
from cutover.declaration.reading.errors import DeclarationError
from tests.unit.support.several import several


def test_without_the_key_there_is_none_and_an_empty_one_lets_one_move(
    context: dict[str, Any],
) -> None:
    assert read_fleet(context) is None
    assert read_fleet(context | {"cutover_fleet": {}}) == Fleet(at_once=1)


def test_a_service_knows_its_wave_and_who_must_have_finished(context: dict[str, Any]) -> None:
    context["cutover"] = several(context, "aa", "bb", "cc")
    declared = {"at_once": 2, "waves": [["bb"], ["aa", "cc"]]}
    fleet = read_fleet(context | {"cutover_fleet": declared})
    assert fleet is not None
    assert (fleet.at_once, fleet.wave_of("bb"), fleet.wave_of("cc")) == (2, 1, 2)
    assert (fleet.before("bb"), fleet.before("aa")) == ([], ["bb"])
    assert Fleet(at_once=3).before("aa") == []


def test_it_is_about_the_services_of_cdk_json_and_no_other_file(context: dict[str, Any]) -> None:
    declared = context | {"cutover_fleet": {"waves": [["chatmrpt"]]}}
    assert read_fleet(declared, "other.json") is None
    assert read_fleet(declared | {"declaration": "other.json"}) is None
    # What -c service narrows does not change who is declared.
    assert read_fleet(declared | {"service": "chatmrpt"}) is not None


def test_it_changes_nothing_of_what_is_built(context: dict[str, Any]) -> None:
    before = read_context(copy.deepcopy(context))
    assert read_context(context | {"cutover_fleet": {"at_once": 3}}) == before


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (3, 'cutover_fleet is 3. It must be: an object, like {"at_once": 3}.'),
        ({"at_once": 0}, "cutover_fleet.at_once is 0. It must be: how many services may be"),
        ({"at_once": "3"}, 'cutover_fleet.at_once is "3".'),
        ({"at_one": 3}, "cutover_fleet.at_one is not a known key. Did you mean at_once?"),
        ({"waves": [[]]}, "cutover_fleet.waves[0] is []. It must be: lists of services"),
        ({"waves": [["chatmrpt", 3]]}, "cutover_fleet.waves[0][1] is 3."),
        ({"waves": ["chatmrpt"]}, 'cutover_fleet.waves[0] is "chatmrpt".'),
        (
            {"waves": [["chatmrpt"], ["chatmrpt"]]},
            "cutover_fleet names chatmrpt more than once: a service is in one wave.",
        ),
        (
            {"waves": [["chatmrpt", "shop"]]},
            "cdk.json: cutover_fleet.waves names shop, which is not declared.",
        ),
        (
            {"waves": [["shop"]]},
            "cutover_fleet.waves leaves chatmrpt out: each declared service is in one wave.",
        ),
    ],
)
def test_a_wrong_fleet_is_a_sentence(context: dict[str, Any], declared: Any, said: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        read_fleet(context | {"cutover_fleet": declared})
    assert said in str(refused.value)
