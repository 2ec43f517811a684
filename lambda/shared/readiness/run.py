"""All checks of readiness, the cheapest first, each within the time that is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final

from shared.aws import Clients
from shared.inference.verdict import Verdict
from shared.readiness.aws.carried import Carried, carried
from shared.readiness.aws.deployed_door import DoorUnknownError, NotDeployedError, deployed_door
from shared.readiness.aws.secrets import read_secrets
from shared.readiness.checks.assets import assets
from shared.readiness.checks.attestations import attestations
from shared.readiness.checks.configuration import configuration
from shared.readiness.checks.discovery import discover
from shared.readiness.checks.journeys import Secrets, Sides, journeys
from shared.readiness.checks.load import burst, load
from shared.readiness.checks.own_name import Door
from shared.readiness.checks.parity import parity
from shared.readiness.checks.performance import performance
from shared.readiness.checks.session import not_tried, session
from shared.readiness.checks.through_door import AskedAsDoor, through_door
from shared.readiness.checks.tls import tls
from shared.readiness.finding import Check, Finding, Report, check
from shared.readiness.http.browser import Viewer
from shared.readiness.http.distance import seconds_to
from shared.readiness.http.fetch import Client, client
from shared.readiness.spec import Endpoint, Side, Spec
from shared.readiness.waivers import waive

NAMES: Final = (
    "attestations",
    "discovery",
    "parity",
    "tls",
    "configuration",
    "door",
    "assets",
    "journeys",
    "session",
    "performance",
    "load",
)
"""The checks, in the order in which they are made."""

Progress = Callable[[str, float], None]


async def run(
    spec: Spec,
    *,
    today: date,
    progress: Progress,
    clients: Clients | None = None,
    fail_fast: bool = False,
    deadline_seconds: float = 900,
    secrets: Mapping[str, str] = MappingProxyType({}),
) -> Report:
    """Return what all checks found.

    Parameters
    ----------
    spec : Spec
        What is to be checked.
    today : date
        By which waivers and attestations are judged.
    progress : callable
        Told of each check's name and how much of it is done, 0 to 1.
    clients : Clients, optional
        Speaks to AWS; without, configuration and the rate that old carries now are left out.
    fail_fast : bool
        Make no further check after one that fails: the gate need not know everything that is wrong.
    deadline_seconds : float
        What is not done by then is INCONCLUSIVE.
    secrets : mapping
        Secrets of journeys by their names; the others are read from Secrets Manager.
    """
    started, began = datetime.now(UTC), time.monotonic()
    checks = await _Run(
        spec, today, progress, clients, fail_fast, began + deadline_seconds, secrets
    ).checks()
    return Report(
        service=spec.service,
        old=spec.old.url,
        new=spec.new.url,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - began,
        checks=tuple(waive(checks, spec.waivers, today)),
    )


class _Run:
    def __init__(
        self,
        spec: Spec,
        today: date,
        progress: Progress,
        clients: Clients | None,
        fail_fast: bool,
        deadline: float,
        secrets: Mapping[str, str],
    ) -> None:
        self._spec = spec
        self._today = today
        self._progress = progress
        self._clients = clients
        self._fail_fast = fail_fast
        self._deadline = deadline
        self._given = secrets
        self._done: list[Check] = []

    async def checks(self) -> list[Check]:
        """Make every check that is still worth making."""
        spec = self._spec
        async with AsyncExitStack() as open_clients:

            async def speaking(name: str, *, by_host_alone: bool = False) -> tuple[Client, Client]:
                old, new = [
                    await open_clients.enter_async_context(
                        client(
                            side,
                            timeout_seconds=spec.timeout_seconds,
                            asked_as=name,
                            by_host_alone=by_host_alone,
                        )
                    )
                    for side in (spec.old, spec.new)
                ]
                return old, new

            own = await speaking("")
            public = {name: await speaking(name) for name in spec.public_hosts}
            public |= {
                name: await speaking(name, by_host_alone=True)
                for name in spec.edge_hosts
                if name not in public
            }
            # What is measured is what viewers meet: a load balancer may lead their name elsewhere.
            old, new = next(iter(public.values()), own)
            await self._stage(attestations=self._attestations())
            endpoints = list(spec.endpoints)
            await self._stage(discovery=self._discovery(old, endpoints))
            await self._stage(
                parity=parity(
                    *own,
                    endpoints,
                    spec.headers,
                    self._of("parity"),
                    public,
                    Door(spec.public_name, spec.host, spec.viewer_scheme),
                ),
                tls=tls(
                    spec.old,
                    spec.new,
                    least_days=spec.certificate_days,
                    timeout_seconds=spec.timeout_seconds,
                    public_names=spec.public_hosts,
                ),
                configuration=self._configuration(),
                door=self._door(own, endpoints),
            )
            await self._stage(
                assets=assets(old, new, endpoints, spec.static_paths, spec.public_names)
            )
            # At the dns door viewers ask the load balancers themselves, at the edge door the edge does.
            sides = Sides(old, new, self._viewer(at_edge=not public), spec.public_name)
            await self._stage(journeys=self._journeys(sides))
            await self._stage(session=self._session(sides))
            if self._fail_fast:
                await self._burst(old, new)
            await self._stage(performance=self._performance(old, new))
            if all(one.name != "load" for one in self._done):
                await self._stage(load=self._load(old, new))
        return self._done

    async def _burst(self, old: Client, new: Client) -> None:
        """Send the burst before anything that takes longer, and keep it only if it ends the run: the load
        check sends one of its own."""
        await self._stage(load=burst(old, new, self._spec.endpoints, self._spec.load))
        if not self._ended() or self._done[-1].skipped:
            self._done.pop()

    def _of(self, name: str) -> Callable[[float], None]:
        return lambda done: self._progress(name, done)

    async def _stage(self, **made: Coroutine[Any, Any, Check]) -> None:
        """Make these checks side by side, unless an earlier one has ended it."""
        ended = self._ended()
        if ended:
            for name, coroutine in made.items():
                coroutine.close()
                self._done.append(Check(name, skipped=ended))
                self._progress(name, 1.0)
            return
        self._done += await asyncio.gather(*(self._make(*one) for one in made.items()))

    def _ended(self) -> str:
        if not self._fail_fast:
            return ""
        judged = waive(self._done, self._spec.waivers, self._today)
        failed = next((one.name for one in judged if one.verdict is Verdict.FAIL), "")
        return f"{failed} failed before it" if failed else ""

    async def _make(self, name: str, making: Awaitable[Check]) -> Check:
        self._progress(name, 0.0)
        began = time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, self._deadline - began)):
                made = await making
        except TimeoutError:
            said = f"{name} did not finish in the time that was left"
            made = check(name, [Finding(name, Verdict.INCONCLUSIVE, said)])
        except Exception as error:  # noqa: BLE001 - a check that breaks has shown nothing
            said = f"{name} failed with an error: {type(error).__name__}: {error}"
            made = check(name, [Finding(name, Verdict.INCONCLUSIVE, said)])
        self._progress(name, 1.0)
        return replace(made, seconds=time.monotonic() - began)

    async def _attestations(self) -> Check:
        return attestations(self._spec.attestations, self._today)

    async def _discovery(self, old: Client, endpoints: list[Endpoint]) -> Check:
        if not self._spec.discover:
            return Check("discovery", skipped="no document is declared (readiness.discover)")
        found, made = await discover(old, self._spec.discover, endpoints, self._spec.exclude)
        endpoints += found
        return made

    def _viewer(self, *, at_edge: bool) -> Viewer:
        spec = self._spec
        if not (at_edge and spec.public_name):
            return Viewer(scheme=spec.viewer_scheme)
        said = Door(spec.public_name, spec.host).headers
        if spec.host == "viewer":
            said["CloudFront-Forwarded-Proto"] = spec.viewer_scheme or "https"
        return Viewer(spec.public_name, spec.viewer_scheme, said)

    async def _secrets(self) -> Secrets:
        # Read for each of the two checks: nothing keeps a secret between them.
        return Secrets(
            *await asyncio.to_thread(read_secrets, self._spec.secrets, self._given, self._clients)
        )

    async def _journeys(self, sides: Sides) -> Check:
        if not self._spec.journeys:
            return Check("journeys", skipped="none is declared (readiness.journeys)")
        return await journeys(sides, self._spec.journeys, await self._secrets())

    async def _session(self, sides: Sides) -> Check:
        declared = self._spec.session
        journey = next((one for one in self._spec.journeys if one.name == declared.journey), None)
        if journey is None:
            seen = next((one.figures for one in self._done if one.name == "parity"), {})
            return not_tried(seen.get("cookies", {}), self._spec.attestations)
        return await session(sides, declared, journey, await self._secrets())

    async def _configuration(self) -> Check:
        if self._clients is None or not self._spec.region:
            return Check("configuration", skipped="no load balancers are known to compare")
        return await configuration(self._spec, self._clients)

    async def _door(self, own: tuple[Client, Client], endpoints: list[Endpoint]) -> Check:
        spec = self._spec
        if not (spec.door or spec.traffic_stack):
            return Check("door", skipped="there is no edge door, or its URL is not given (--door)")
        url = spec.door
        if not url:
            if self._clients is None:
                return Check("door", skipped="there is nobody to ask where the door is")
            try:
                name = await asyncio.to_thread(deployed_door, self._clients, spec.traffic_stack)
            except NotDeployedError as error:
                return Check("door", skipped=str(error))
            except DoorUnknownError as error:
                said = f"it is not known where the door answers: {error}"
                return check("door", [Finding("door", Verdict.INCONCLUSIVE, said, waivable=True)])
            url = f"https://{name}"
        side = Side(url)
        asked = AskedAsDoor(side.authority(spec.door_name or side.host), spec.host, spec.door_adds)
        async with client(
            side, timeout_seconds=spec.timeout_seconds, asked_as=spec.door_name
        ) as door:
            return await through_door(door, *own, endpoints, spec.headers, asked, self._of("door"))

    async def _performance(self, old: Client, new: Client) -> Check:
        spec, away = self._spec, None
        if spec.is_apart:
            away = (
                await seconds_to(spec.old, spec.timeout_seconds),
                await seconds_to(spec.new, spec.timeout_seconds),
            )
        told = self._of("performance")
        return await performance(old, new, spec.endpoints, spec.latency, told, away)

    async def _load(self, old: Client, new: Client) -> Check:
        wanted = self._spec.load
        now = Carried(
            None, "the present request rate is not known: there is no load balancer to ask"
        )
        if self._clients is not None and self._spec.region:
            now = await carried(self._spec, self._clients)
        rate = min(wanted.max_rate, max(wanted.rate, now.rate or 0.0))
        source = f"as declared; {now.said}"
        if now.rate is not None and now.rate > wanted.rate:
            source = now.said
        made = await load(
            old,
            new,
            self._spec.endpoints,
            replace(wanted, rate=rate, rate_source=source),
            self._of("load"),
        )
        return replace(made, findings=(*made.findings, *_beyond(now, wanted.max_rate)))


def _beyond(now: Carried, most: float) -> Iterable[Finding]:
    if now.rate is not None and now.rate > most:
        said = (
            f"the service carries {now.rate:.0f} requests a second now, but at most {most:.0f} may "
            "be tried (readiness.max_rate): it is not known whether new can carry that"
        )
        yield Finding("load:beyond", Verdict.INCONCLUSIVE, said, waivable=True)
