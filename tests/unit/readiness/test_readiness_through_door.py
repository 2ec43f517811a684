"""What the door itself changes is seen, and what either side answers is right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from aiohttp import web
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from shared.inference.verdict import Verdict
from shared.readiness.aws.deployed_door import DoorUnknownError, NotDeployedError, deployed_door
from shared.readiness.checks.through_door import AskedAsDoor, through_door
from shared.readiness.finding import Check
from shared.readiness.http.fetch import client
from shared.readiness.spec import Body, Endpoint, Heard, Side
from tests.unit.support.bad_servers import site
from tests.unit.support.virtual_time import run_with_sockets

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NAME = "app.example.com"


def says(
    status: int = 200,
    text: str = "the page of the service",
    headers: Mapping[str, str] | None = None,
) -> Handler:
    async def answer(_request: web.Request) -> web.StreamResponse:
        told = {"cache-control": "no-store", **(headers or {})}
        return web.Response(status=status, text=text, headers=told)

    return answer


SIMILAR = Body()
OLD, NEW = says(), says(headers={"x-frame-options": "DENY"})


def asked(
    door: Handler,
    *,
    old: Handler = OLD,
    new: Handler = NEW,
    host: Heard = "viewer",
    adds: tuple[str, ...] = (),
    body: Body = SIMILAR,
    path: str = "/",
) -> Check:
    async def run() -> Check:
        async with (
            site(door) as at_door,
            site(old) as at_old,
            site(new) as at_new,
            client(Side(at_door), timeout_seconds=5, asked_as=NAME) as door_client,
            client(Side(at_old), timeout_seconds=5) as old_client,
            client(Side(at_new), timeout_seconds=5) as new_client,
        ):
            name = Side(at_door).authority(NAME)
            return await through_door(
                door_client,
                old_client,
                new_client,
                [Endpoint(path, body=body)],
                ("x-own",),
                AskedAsDoor(name, host, adds),
                lambda _: None,
            )

    return run_with_sockets(run())


def wrong(made: Check) -> dict[str, Verdict]:
    assert all(f.waivable for f in made.findings if f.verdict is not Verdict.PASS)
    return {f.id: f.verdict for f in made.findings if f.verdict is not Verdict.PASS}


@pytest.mark.parametrize(
    ("door", "aspect"),
    [
        (says(403), "status"),
        (says(headers={"cache-control": "max-age=5"}), "header:cache-control"),
        (says(headers={"strict-transport-security": "max-age=1"}), None),
        (says(headers={"x-own": "added"}), "header:x-own"),
        (says(headers={"set-cookie": "session=1"}), "cookie:session"),
        (says(headers={"content-encoding": "br"}), "encoding"),
        (says(headers={"age": "7"}), "cache"),
        (says(text="something else altogether"), "body"),
        (says(302, headers={"location": "https://elsewhere.example/"}), "redirect"),
    ],
)
def test_what_the_door_changes_is_a_finding_that_can_be_waived(
    door: Handler, aspect: str | None
) -> None:
    aspect = aspect or "header:strict-transport-security"
    assert wrong(asked(door))[f"door:/:{aspect}"] is Verdict.FAIL


@pytest.mark.parametrize(
    "door",
    [
        OLD,
        NEW,
        says(headers={"set-cookie": "cutover-viewer=0; Path=/", "via": "1.1 x", "x-cache": "Miss"}),
    ],
)
def test_what_either_side_answers_and_what_every_door_adds_is_right(door: Handler) -> None:
    made = asked(door)
    assert [f.said for f in made.findings] == ["/: the door changes nothing"]
    assert made.verdict is Verdict.PASS


def test_the_sentence_says_what_comes_and_what_old_answers_itself() -> None:
    (found,) = [f for f in asked(says(403)).findings if f.id == "door:/:status"]
    assert found.said == "/ through the door: status is 403, and 200 on old asked as the door asks"
    assert (found.old, found.new) == ("200", "403")


def test_headers_that_the_door_is_declared_to_add_are_no_finding_where_a_side_sends_none() -> None:
    adds = ("x-frame-options",)
    assert wrong(asked(says(headers={"x-frame-options": "SAMEORIGIN"}), adds=adds)) == {}
    changed = asked(says(headers={"x-frame-options": "SAMEORIGIN"}), old=NEW, adds=adds)
    assert wrong(changed) == {"door:/:header:x-frame-options": Verdict.FAIL}


@pytest.mark.parametrize("host", ["viewer", "own"])
def test_a_side_is_asked_as_the_door_asks_it(host: Heard) -> None:
    async def tells(request: web.Request) -> web.StreamResponse:
        names = ("X-Forwarded-Host", "CloudFront-Forwarded-Proto")
        heard = [request.host.partition(":")[0], *(request.headers.get(n, "") for n in names)]
        return web.Response(text=" ".join(heard).replace(request.host, NAME))

    async def through(request: web.Request) -> web.StreamResponse:
        name = NAME if host == "viewer" else "127.0.0.1"
        scheme = "https" if host == "viewer" else ""
        return web.Response(text=f"{name} {request.host} {scheme}".replace(request.host, NAME))

    body = Body(by="text")
    assert wrong(asked(through, old=tells, host=host, body=body)) == {}
    other: Heard = "own" if host == "viewer" else "viewer"
    assert "door:/:body" in wrong(asked(through, old=tells, host=other, body=body))


def test_a_redirect_is_compared_by_where_a_browser_goes() -> None:
    def leads_to(place: str) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            to = place.replace("HOST", request.host)
            status = 302 if request.path == "/" else 200
            return web.Response(status=status, headers={"location": to})

        return answer

    at_login = leads_to("https://HOST/login")
    assert wrong(asked(leads_to("/login"), old=at_login)) == {}
    assert wrong(asked(leads_to("/logout"), old=at_login)) == {"door:/:redirect": Verdict.FAIL}


def test_a_door_that_leads_in_a_circle_or_does_not_answer_is_a_finding_unless_old_does_not() -> (
    None
):
    async def drops(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    circle = says(302, headers={"location": "/"})
    assert wrong(asked(circle, old=circle)) == {"door:/": Verdict.FAIL}
    (found,) = asked(drops).findings
    assert found.verdict is Verdict.FAIL
    assert found.said.startswith("/ through the door: the server hung up before it answered")
    assert wrong(asked(drops, old=drops)) == {}


class FakeStacks:
    def __init__(self, outputs: dict[str, str] | None, error: Exception | None = None) -> None:
        self._outputs = outputs or {}
        self._error = error

    def __call__(self, service: str, region: str | None = None) -> FakeStacks:
        assert (service, region) == ("cloudformation", "us-east-1")
        return self

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        assert StackName == "chatmrpt-traffic"
        if self._error is not None:
            raise self._error
        outputs = [{"OutputKey": k, "OutputValue": v} for k, v in self._outputs.items()]
        return {"Stacks": [{"Outputs": outputs}]}


def test_the_door_is_where_the_deployed_stack_says() -> None:
    named = FakeStacks({"RecordName": "x", "EdgeDomainName": "d111111abcdef8.cloudfront.net"})
    assert deployed_door(named, "chatmrpt-traffic") == "d111111abcdef8.cloudfront.net"


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (None, NotDeployedError),
        (NoCredentialsError(), NotDeployedError),
        (refused("ValidationError"), NotDeployedError),
        (refused("AccessDenied"), DoorUnknownError),
        (EndpointConnectionError(endpoint_url="x"), DoorUnknownError),
    ],
)
def test_a_door_that_nobody_tells_of_is_said_to_be_unknown(
    error: Exception | None, kind: type[DoorUnknownError]
) -> None:
    with pytest.raises(DoorUnknownError) as raised:
        deployed_door(FakeStacks({}, error), "chatmrpt-traffic")
    assert raised.type is kind
