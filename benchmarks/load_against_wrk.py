"""Our load loops beside wrk, on this machine: how many requests a second, and how true the latency is.

    apt-get install nginx-light wrk
    .venv/bin/python benchmarks/load_against_wrk.py

prints docs/benchmarks/load.md's figures. Client and server are processes of their own, on loopback.
"""

from __future__ import annotations

import asyncio
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from aiohttp import web

from shared.readiness.http import loops
from shared.readiness.http.fetch import client
from shared.readiness.spec import Endpoint, Load, Side

ROUNDS, SECONDS = 7, 3
CONCURRENCIES = (10, 50)
DELAYS_MS = (5, 20, 100, 250)
STALL_SECONDS = 1.0
PROBE = "/delay/5"
NGINX = """
daemon off;
worker_processes 1;
pid {place}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {place}; proxy_temp_path {place}; fastcgi_temp_path {place};
    uwsgi_temp_path {place}; scgi_temp_path {place};
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "ok"; }}
    }}
}}
"""


def main() -> None:
    """Measure, and print Markdown."""
    for tool in ("nginx", "wrk"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing: apt-get install nginx-light wrk")
    with fast_server() as port:
        throughput(port)
    with known_server() as port:
        latency(port)
        stall(port)


def throughput(port: int) -> None:
    """Print requests a second against nginx, wrk and ours by turns, and the processor time of each."""
    print("| at a time | who | requests a second | processor time a request |")
    print("| --- | --- | ---: | ---: |")
    for concurrency in CONCURRENCIES:
        rates: dict[str, list[float]] = {"wrk": [], "ours": []}
        costs: dict[str, list[float]] = {"wrk": [], "ours": []}
        for turn in range(ROUNDS):
            for who in ("wrk", "ours") if turn % 2 == 0 else ("ours", "wrk"):
                # nginx is counted in neither: a child counts when it has ended.
                whose = resource.RUSAGE_CHILDREN if who == "wrk" else resource.RUSAGE_SELF
                before = resource.getrusage(whose)
                if who == "wrk":
                    rate = run_wrk(port, "/", concurrency, SECONDS)["rate"]
                else:
                    rate = asyncio.run(closed(port, "/", concurrency, SECONDS)).rate
                after = resource.getrusage(whose)
                spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                rates[who].append(rate)
                costs[who].append(1e6 * spent / (rate * SECONDS))
        for who, seen in rates.items():
            print(f"| {concurrency} | {who} | {median(seen):,.0f} | {median(costs[who]):.0f} µs |")
        print(
            f"| {concurrency} | ratio | wrk {ratio(rates['wrk'], rates['ours'])} times ours "
            f"| ours {ratio(costs['ours'], costs['wrk'])} times wrk's |"
        )
    print()


def ratio(some: Sequence[float], others: Sequence[float]) -> str:
    """Return the median of the rounds' ratios, and the least and the most."""
    found = sorted(a / b for a, b in zip(some, others, strict=True))
    return f"{median(found):.1f} ({found[0]:.1f} to {found[-1]:.1f})"


def latency(port: int) -> None:
    """Print what wrk, the closed and the open loop say of answers that take a known time."""
    print("| the server waits | wrk p50, p99 | closed loop p50, p99 | open loop p50, p99 |")
    print("| --- | --- | --- | --- |")
    for delay in DELAYS_MS:
        path = f"/delay/{delay}"
        theirs = run_wrk(port, path, 10, SECONDS)
        ours = asyncio.run(closed(port, path, 10, SECONDS))
        opened = asyncio.run(open_(port, path, 50, SECONDS))
        print(
            f"| {delay} ms | {theirs['p50']:.1f}, {theirs['p99']:.1f} "
            f"| {ours.milliseconds(0.5):.1f}, {ours.milliseconds(0.99):.1f} "
            f"| {opened.milliseconds(0.5):.1f}, {opened.milliseconds(0.99):.1f} |"
        )
    print()


def stall(port: int) -> None:
    """Print who sees that the server stood still for a second of five."""
    print("| | p50 | p90 | p99 | slowest |")
    print("| --- | --- | --- | --- | --- |")
    seconds, rate = 5, 100
    # Due every 10 ms: one in five falls into the stall, and waits for what is left of it.
    share = STALL_SECONDS / seconds
    truth = [
        5 + 1000 * STALL_SECONDS * max(0.0, 1 - (1 - q) / share) for q in (0.5, 0.9, 0.99, 1.0)
    ]
    print("| a viewer, by arithmetic | " + " | ".join(f"{t:.0f}" for t in truth) + " |")

    async def during(loop: str) -> loops.Closed | loops.Open:
        async def stand_still() -> None:
            await asyncio.sleep(seconds / 2)
            await asyncio.to_thread(ask, port, "/stall")

        standing = asyncio.create_task(stand_still())
        work = closed if loop == "closed loop" else open_
        found = await work(port, PROBE, 10 if loop == "closed loop" else rate, seconds)
        await standing
        return found

    for loop in ("open loop", "closed loop"):
        found = asyncio.run(during(loop))
        shown = [found.milliseconds(q) or 0.0 for q in (0.5, 0.9, 0.99, 1.0)]
        print(f"| {loop} | " + " | ".join(f"{ms:.0f}" for ms in shown) + " |")
    command = wrk_command(port, PROBE, 10, seconds)
    wrk = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    time.sleep(seconds / 2)
    ask(port, "/stall")
    theirs = wrk_figures(wrk.communicate()[0])
    shown = [theirs[q] for q in ("p50", "p90", "p99", "slowest")]
    print("| wrk (closed, then corrected) | " + " | ".join(f"{ms:.0f}" for ms in shown) + " |")


async def closed(port: int, path: str, concurrency: int, seconds: float) -> loops.Closed:
    """Run our closed loop; no request may fail."""
    async with client(Side(f"http://127.0.0.1:{port}"), timeout_seconds=10) as ours:
        found = await loops.closed_loop(ours, [Endpoint(path)], concurrency, seconds)
    if found.failed:
        sys.exit(f"{found.failed} requests failed, the first {found.reason}")
    return found


async def open_(port: int, path: str, rate: float, seconds: float) -> loops.Open:
    """Run our open loop without a ramp; no request may fail."""
    async with client(Side(f"http://127.0.0.1:{port}"), timeout_seconds=10) as ours:
        asked = Load(1, 0, rate, rate, 0, seconds)
        found = await loops.open_loop(ours, [Endpoint(path)], asked)
    if found.failed:
        sys.exit(f"{found.failed} requests failed, the first {found.reason}")
    return found


def wrk_command(port: int, path: str, concurrency: int, seconds: float) -> list[str]:
    """Return how wrk is called."""
    sizes = ["-t1", f"-c{concurrency}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    return ["wrk", *sizes, f"http://127.0.0.1:{port}{path}"]


def run_wrk(port: int, path: str, concurrency: int, seconds: float) -> dict[str, float]:
    """Return what wrk says: requests a second, and milliseconds."""
    command = wrk_command(port, path, concurrency, seconds)
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own
    return wrk_figures(done.stdout)


def wrk_figures(said: str) -> dict[str, float]:
    """Return the figures in what wrk prints."""
    if "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"wrk met errors:\n{said}")
    units = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    found = {"rate": float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])}
    for share, value, unit in re.findall(r"(\d\d)%\s+([\d.]+)(us|ms|s)\s", said):
        found[f"p{share}"] = float(value) * units[unit]
    (slowest, unit) = re.findall(r"Latency\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)\s", said)[0]
    found["slowest"] = float(slowest) * units[unit]
    return found


@contextmanager
def fast_server() -> Iterator[int]:
    """Run nginx, much faster than any client here, and yield its port."""
    with tempfile.TemporaryDirectory() as place:
        port = free_port()
        config = Path(place) / "nginx.conf"
        config.write_text(NGINX.format(place=place, port=port), encoding="utf-8")
        with running(["nginx", "-c", str(config), "-p", place], port):
            yield port


@contextmanager
def known_server() -> Iterator[int]:
    """Run a server with known delays and yield its port."""
    port = free_port()
    with running([sys.executable, __file__, "serve", str(port)], port):
        yield port


def serve(port: int) -> None:
    """Answer /delay/5 after 5 ms, and stop altogether for a second when asked for /stall."""

    async def delay(request: web.Request) -> web.Response:
        await asyncio.sleep(int(request.match_info["ms"]) / 1000)
        return web.Response(text="ok")

    async def stand_still(_: web.Request) -> web.Response:
        time.sleep(STALL_SECONDS)  # noqa: ASYNC251 - that nothing is answered meanwhile is the point
        return web.Response(text="ok")

    app = web.Application()
    app.add_routes([web.get("/delay/{ms}", delay), web.get("/stall", stand_still)])
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """Run a server for as long as it is needed; end it, and no other."""
    process = subprocess.Popen(command)  # noqa: S603 - our own
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            sys.exit(f"{command[0]} does not answer on port {port}")
        yield
    finally:
        process.terminate()
        process.wait(10)


def ask(port: int, path: str) -> None:
    """Send one request by hand and wait for its answer."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        while connection.recv(4096):
            pass


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        main()
