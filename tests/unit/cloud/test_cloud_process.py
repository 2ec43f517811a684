"""The embedded cloud answers on loopback alone, and is gone when whoever started it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import psutil

from cutover.paths import ROOT
from rehearsal.cloud.process import EmbeddedCloud

_START_AND_WAIT = """
import time
from rehearsal.cloud.process import EmbeddedCloud
with EmbeddedCloud() as cloud:
    print(cloud.endpoint, flush=True)
    time.sleep(600)
"""

_READ_WHAT_WAS_WRITTEN = """
import boto3
cloudfront, store = boto3.client("cloudfront"), boto3.client("cloudfront-keyvaluestore")
arn = cloudfront.create_key_value_store(Name="switch")["KeyValueStore"]["ARN"]
etag = store.describe_key_value_store(KvsARN=arn)["ETag"]
store.put_key(KvsARN=arn, Key="switch", Value="thrown", IfMatch=etag)
print(store.get_key(KvsARN=arn, Key="switch")["Value"])
"""


def listeners(port: int) -> set[str]:
    return {
        c.laddr.ip
        for c in psutil.net_connections("tcp")
        if c.status == "LISTEN" and c.laddr.port == port
    }


def test_it_listens_on_loopback_and_ends_with_the_block() -> None:
    mine = psutil.Process()
    with EmbeddedCloud() as cloud:
        port = urlsplit(cloud.endpoint).port or 0
        assert cloud.client("sts").get_caller_identity()["Account"] == "000000000000"
        assert listeners(port) == {"127.0.0.1"}
        # Nor is there another door, at a port that a second cloud would want too.
        assert {
            (connection.laddr.ip, connection.laddr.port)
            for process in mine.children(recursive=True)
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        } == {("127.0.0.1", port)}
    assert listeners(port) == set()


def test_it_ends_when_its_starter_is_killed() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", _START_AND_WAIT], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    port = urlsplit(starter.stdout.readline().strip()).port or 0
    assert listeners(port) == {"127.0.0.1"}
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 60
    while listeners(port) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert listeners(port) == set()


def test_stock_boto3_reaches_the_store_with_the_environment_and_nothing_else() -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTHONPATH"))}
    with EmbeddedCloud() as cloud:
        asked = subprocess.run(
            [sys.executable, "-c", _READ_WHAT_WAS_WRITTEN],
            env=kept | cloud.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (asked.stdout, asked.returncode) == ("thrown\n", 0), asked.stderr[-500:]
