"""`make local`: the same stage, left standing for a person to deploy and curl by hand."""

from __future__ import annotations

import asyncio
import os
import time

from rich.console import Console

from cutover.paths import ROOT
from rehearsal.cloud import local_names
from rehearsal.declared import RECORD
from rehearsal.pace import measure
from rehearsal.stage import PERSON_SITE, Stage, set_stage
from rehearsal.world.viewers import Viewers


def exported(stage: Stage) -> dict[str, str]:
    """Return the variables with which the commands of README and documents work here as they are printed.

    No resolver knows the names of load balancers and edge, and no other client trusts the edge's certificate.
    """
    return {
        **stage.environment,
        "PYTHONPATH": os.pathsep.join([str(PERSON_SITE), str(ROOT)]),
        local_names.VARIABLE: str(stage.cloud.names),
        "SSL_CERT_FILE": str(stage.cloud.certificate.trusted),
    }


async def stay(console: Console) -> None:
    """Deploy what is declared, say how to reach it, and show who serves until interrupted."""
    with console.status("measuring this machine") as status:
        pace = await measure()
        if pace.said:
            console.print(pace.said, highlight=False)
        status.update("starting the embedded cloud and both sides")
        async with set_stage(pace=pace) as stage:
            status.update("cdk bootstrap, both regions")
            await stage.bootstrap()
            status.update("cdk deploy")
            await stage.cdk.deploy()
            await stage.world.open_doors()
            host, port = stage.world.edge.address
            console.print("In another terminal, in this folder:\n")
            console.print("  source .venv/bin/activate", highlight=False)
            for name, value in exported(stage).items():
                console.print(f"  export {name}={value}", highlight=False, soft_wrap=True)
            console.print(
                "\n  cdk deploy --all -c new_weight=30 --require-approval never"
                "\n  cutover status"
                f"\n  curl -i http://{host}:{port}/ping"
                f"\n  dig @127.0.0.1 -p {stage.world.dns.port} {RECORD}\n",
                highlight=False,
            )
            paths = [endpoint.path for endpoint in stage.cutover.service.endpoints]
            viewers = Viewers(stage.world.edge.address, paths, a_second=pace.fewer(10))
            await viewers.start()
            try:
                while True:
                    since = time.time() - 15
                    share = viewers.share(0, since)
                    failed = len(viewers.failures(since))
                    status.update(
                        f"served by new, last 15 s: {share}, failed: {failed} (Ctrl-C ends it all)"
                    )
                    await asyncio.sleep(1)
            finally:
                await viewers.stop()
