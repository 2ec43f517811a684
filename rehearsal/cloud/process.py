"""Starts and ends the embedded cloud, a process of its own on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import boto3
from botocore.config import Config

from cutover.paths import ROOT
from rehearsal.cloud import local_names, rights
from rehearsal.cloud.certificate import Certificate
from rehearsal.cloud.rights import Decision

if TYPE_CHECKING:
    from botocore.client import BaseClient

ACCOUNT = "000000000000"
EDGE_REGION = "us-east-1"
STORE_VARIABLE: Final = "AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE"
"""boto3 and the AWS CLI put the account and a dot in front of what this says after `http://` (botocore,
cloudfront-keyvaluestore's endpoint rules). Without an `@`, `000000000000.127.0.0.1` is a name that nobody
knows. What stands before an `@` is no host, so there the account does no harm, on any system."""
_START_SECONDS = 60.0


class EmbeddedCloudError(Exception):
    """The embedded cloud did not start; the message holds the end of its log."""


class EmbeddedCloud:
    """A cloud on this machine, for as long as the `with` block lasts.

    It holds its state in memory. Every process that it starts is gone when the block ends, and also
    when this process is killed. `extra` is added to what its process and its functions see as environment.

    Attributes
    ----------
    endpoint : str
        Where the AWS API answers, like http://127.0.0.1:34567.
    log : Path
        What the cloud and its functions print.
    certificate : Certificate
        What the edge shows, and its functions trust.
    names : Path
        Where the world writes down which port serves which load balancer's name.

    The rights of the functions, and of what calls them, are enforced; `decisions` returns what was decided.
    """

    def __init__(self, folder: Path | None = None, extra: Mapping[str, str] | None = None) -> None:
        self._extra = dict(extra or {})
        self._own_folder = folder is None
        self._folder = folder or Path(tempfile.mkdtemp(prefix="cutover-cloud-"))
        self._folder.mkdir(parents=True, exist_ok=True)
        self.log = self._folder / "cloud.log"
        self.names = self._folder / "names.json"
        self.certificate = Certificate(self._folder)
        self._decisions = self._folder / "decisions.jsonl"
        self._port = _free_port()
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self._store_endpoint = f"http://account@127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rehearsal.cloud.server"],
                cwd=ROOT,
                env=self._server_environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_it_answers()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        if self._own_folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def stop(self) -> None:
        """End the cloud and every function process it started."""
        process, self._process = self._process, None
        if process is None:
            return
        for ending in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, ending)
            except ProcessLookupError:
                break
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                continue
        if process.stdin is not None:
            process.stdin.close()
        process.wait()

    def freeze(self) -> None:
        """Stop the cloud and its functions where they are: nothing answers until `thaw`."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGCONT)

    def environment(self) -> dict[str, str]:
        """Return the variables with which stock tools speak to this cloud and to nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            STORE_VARIABLE: self._store_endpoint,
            "AWS_REGION": EDGE_REGION,
            "AWS_DEFAULT_REGION": EDGE_REGION,
            # The CDK CLI remembers which account a key belongs to: this key is nobody else's.
            "AWS_ACCESS_KEY_ID": "REHEARSALCUTOVER0000",
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
            "AWS_SESSION_TOKEN": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
        }

    def client(self, service: str, region: str = EDGE_REGION) -> Any:
        """Return a boto3 client of this cloud."""
        is_store = service == "cloudfront-keyvaluestore"
        client: BaseClient = boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self._store_endpoint if is_store else self.endpoint,
            aws_access_key_id="REHEARSALCUTOVER0000",
            aws_secret_access_key="rehearsal",  # noqa: S106 - a made-up key
            config=Config(retries={"max_attempts": 2}, connect_timeout=5, read_timeout=60),
        )
        return client

    def decisions(self) -> list[Decision]:
        """Return what functions and services asked for, and whether they might, each once."""
        return rights.noted(self._decisions)

    def _server_environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_"))}
        function_site = Path(__file__).parent / "function_site"
        return kept | {
            "GATEWAY_PORT": str(self._port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "LAMBDA_EXECUTOR": "local",
            "PERSIST_STATE": "0",
            "TMPDIR": str(self._folder),
            "LOG_LEVEL": "INFO",
            local_names.VARIABLE: str(self.names),
            # The functions trust the local edge and nobody else: nothing but it speaks TLS here.
            "SSL_CERT_FILE": str(self.certificate.trusted),
            "AUTH": "true",
            # Nothing but the AWS API listens, and that on a free port.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            rights.VARIABLE: str(self._decisions),
            "PYTHONPATH": os.pathsep.join([str(function_site), str(ROOT)]),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")]),
            # The root's key; the functions have keys of their own roles.
            "AWS_ACCESS_KEY_ID": "REHEARSALCUTOVER0000",
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
            STORE_VARIABLE: self._store_endpoint,
            **self._extra,
        }

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        tail = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        self.stop()
        raise EmbeddedCloudError(f"the embedded cloud did not start; its log ends:\n{tail}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
