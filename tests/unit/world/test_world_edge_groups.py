"""At the local edge a group's viewer is on new at weight 1, by the deployed function and its own policies."""

from __future__ import annotations

from rehearsal.world.edge import VIEWER_COUNTRY_HEADER, VIEWER_IP_HEADER
from rehearsal.world.edge_config import ALL_VIEWER_AND_CLOUDFRONT_HEADERS
from rehearsal.world.world import wait_until
from tests.unit.world.test_world_edge import FakeCloudFront, Play, play

# By weight it comes to new late (tests/unit/edge/test_edge_groups.py).
IP = "198.51.100.2"
GROUPS = [
    {"name": "beta", "header": {"name": "x-beta", "values": ["1"]}},
    {"name": "plan", "cookie": {"name": "plan", "values": ["gold"]}},
    {"name": "north", "countries": ["SE"]},
    {"name": "office", "networks": ["192.0.2.0/24"]},
]


def with_groups(weight: int = 1) -> FakeCloudFront:
    deployed = FakeCloudFront(weight)
    deployed.groups = GROUPS
    deployed.forwards = ALL_VIEWER_AND_CLOUDFRONT_HEADERS
    return deployed


async def asked(stage: Play, path: str = "/ping", **headers: str) -> tuple[str, dict[str, str]]:
    """Return who answered, and the cookies that the viewer was given."""
    host, port = stage.edge.address
    sent = {VIEWER_IP_HEADER: IP} | {name.replace("_", "-"): v for name, v in headers.items()}
    async with stage.session.get(f"http://{host}:{port}{path}", headers=sent) as answer:
        assert answer.status == 200
        given = {name: morsel.value for name, morsel in answer.cookies.items()}
    stage.session.cookie_jar.clear()
    return answer.headers["x-served-by"], given


def test_each_kind_of_group_reaches_new_at_weight_1() -> None:
    async def scene(stage: Play) -> None:
        assert (await asked(stage))[0] == "old"
        assert (await asked(stage, x_beta="1"))[0] == "new"
        assert (await asked(stage, X_BETA="1"))[0] == "new"
        assert (await asked(stage, cookie="a=1; plan=gold"))[0] == "new"
        assert (await asked(stage, **{VIEWER_COUNTRY_HEADER: "SE"}))[0] == "new"
        assert (await asked(stage, **{VIEWER_IP_HEADER: "192.0.2.9"}))[0] == "new"

    play(scene, cloudfront=with_groups())


def test_nobody_can_claim_a_country() -> None:
    async def scene(stage: Play) -> None:
        assert (await asked(stage, cloudfront_viewer_country="SE"))[0] == "old"
        told = {VIEWER_COUNTRY_HEADER: "DE", "cloudfront_viewer_country": "SE"}
        assert (await asked(stage, **told))[0] == "old"

    play(scene, cloudfront=with_groups())


def test_the_files_of_a_page_come_from_the_side_of_the_page() -> None:
    """On a static path CloudFront tells no country: the viewer's cookie does."""

    async def scene(stage: Play) -> None:
        side, given = await asked(stage, **{VIEWER_COUNTRY_HEADER: "SE"})
        assert (side, given["cutover-group"]) == ("new", "north")
        cookie = "; ".join(f"{name}={value}" for name, value in given.items())
        file = "/static/app.js"
        assert (await asked(stage, file, **{VIEWER_COUNTRY_HEADER: "SE", "cookie": cookie}))[
            0
        ] == "new"
        # Who is in no group gets old's, and not what is kept for new's.
        assert (await asked(stage, file))[0] == "old"
        assert (await asked(stage, file, cookie=cookie))[0] == "new"

    play(scene, cloudfront=with_groups())


def test_a_thrown_switch_takes_every_group_to_old_at_once() -> None:
    async def scene(stage: Play) -> None:
        assert (await asked(stage, x_beta="1"))[0] == "new"
        stage.keys.switch = '{"state":"thrown"}'
        await wait_until(lambda: "thrown" in stage.edge.switch, seconds=60, what="the switch")
        assert (await asked(stage, x_beta="1"))[0] == "old"
        assert (await asked(stage, cookie="cutover-group=office"))[0] == "old"

    play(scene, cloudfront=with_groups())


def test_a_read_of_a_group_that_new_fails_is_answered_by_old() -> None:
    async def scene(stage: Play) -> None:
        stage.sides["new"].fail()
        assert (await asked(stage, x_beta="1"))[0] == "old"

    play(scene, cloudfront=with_groups())
