"""The share of viewers on new is the declared weight, and nobody goes back as it grows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from scipy.stats import chisquare

from tests.unit.support.edge_driver import VIEWERS, LocalEdge, local_edge, side_of, viewer_request

# The crowd is fixed, so these tests cannot flicker; a fair split fails one of them in a thousand.
SIGNIFICANCE = 0.001


@pytest.fixture(scope="module")
def edge() -> Iterator[LocalEdge]:
    with local_edge() as running:
        yield running


@pytest.fixture(scope="module")
def weights_on_new(edge: LocalEdge) -> list[list[int]]:
    """For 3,000 viewers, every weight 0..100 at which they are on new."""
    crowd = VIEWERS[:3_000]
    on_new: list[list[int]] = [[] for _ in crowd]
    for weight in range(101):
        edge.load(weight)
        for viewer, side in enumerate(edge.census(crowd)):
            if side == "new":
                on_new[viewer].append(weight)
    return on_new


@pytest.mark.parametrize("weight", [1, 5, 10, 25, 50, 75, 99])
def test_of_100_000_viewers_the_declared_share_is_on_new(edge: LocalEdge, weight: int) -> None:
    edge.load(weight)

    on_new = edge.census(VIEWERS).count("new")

    expected = [weight * 1_000, (100 - weight) * 1_000]
    assert chisquare([on_new, 100_000 - on_new], expected).pvalue > SIGNIFICANCE


@pytest.mark.parametrize(("weight", "side"), [(0, "old"), (100, "new")])
def test_at_the_ends_every_single_viewer_is_on_one_side(
    edge: LocalEdge, weight: int, side: str
) -> None:
    edge.load(weight)

    assert set(edge.census(VIEWERS)) == {side}


def test_the_share_test_notices_a_split_that_is_one_point_off(edge: LocalEdge) -> None:
    edge.load(26)

    on_new = edge.census(VIEWERS).count("new")

    assert chisquare([on_new, 100_000 - on_new], [25_000, 75_000]).pvalue < SIGNIFICANCE


def test_no_viewer_goes_back_as_the_weight_grows(weights_on_new: list[list[int]]) -> None:
    for weights in weights_on_new:
        assert weights == list(range(weights[0], 101))


def test_every_percent_moves_its_share_of_viewers(weights_on_new: list[list[int]]) -> None:
    moved = [0] * 101
    for weights in weights_on_new:
        moved[weights[0]] += 1

    assert moved[0] == 0
    assert chisquare(moved[1:]).pvalue > SIGNIFICANCE


def test_two_services_split_the_same_viewers_independently(edge: LocalEdge) -> None:
    crowd = VIEWERS[:40_000]
    edge.load(50, service="chatmrpt")
    one = edge.census(crowd)
    edge.load(50, service="billing")
    other = edge.census(crowd)

    pairs = list(zip(one, other, strict=True))
    cells = [pairs.count((a, b)) for a in ("old", "new") for b in ("old", "new")]

    assert chisquare(cells).pvalue > SIGNIFICANCE


def test_the_bucket_is_the_hash_that_the_decision_note_gives(edge: LocalEdge) -> None:
    key = hashlib.sha256(b"198.51.100.7 Mozilla/5.0").hexdigest()[:32]
    digest = hashlib.sha256(f"chatmrpt.{key}".encode()).hexdigest()
    bucket = int(digest[:8], 16) / 2**32 * 100

    edge.load(int(bucket))
    below = side_of(edge.run(viewer_request()))
    edge.load(int(bucket) + 1)
    above = side_of(edge.run(viewer_request()))

    assert (below, above) == ("old", "new")


@pytest.mark.parametrize("weight", ["", "abc", "-1", "101", "12.5", "1e2", "007", "${NewWeight}"])
def test_a_weight_that_is_no_whole_percent_sends_everyone_to_old(
    edge: LocalEdge, weight: str
) -> None:
    edge.load(weight)

    assert set(edge.census(VIEWERS[:1_000])) == {"old"}
