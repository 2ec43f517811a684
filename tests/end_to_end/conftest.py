"""An embedded cloud with every stack deployed by the stock CDK CLI, for each file that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cutover.declaration.reading.context import read_context
from rehearsal.cloud.process import EmbeddedCloud
from rehearsal.cloud.rights import denied
from tests.end_to_end.cdk_operator import Operator
from tests.end_to_end.surroundings import surroundings


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    folder = tmp_path_factory.mktemp("operator")
    with EmbeddedCloud(folder / "cloud") as cloud:
        zone = cloud.client("route53").create_hosted_zone(
            Name="example.test", CallerReference="test"
        )["HostedZone"]["Id"]
        someone = Operator(cloud, folder, zone.removeprefix("/hostedzone/"))
        someone.declare()
        (cutover,) = read_context({"declaration": str(folder / "declaration.json")})
        environments = ("aws://000000000000/us-east-1", "aws://000000000000/us-east-2")
        with surroundings(cloud, cutover) as around:
            someone.around = around
            # Without an app beside it there is none to synthesise first.
            done = someone.cdk("bootstrap", *environments, cwd=folder)
            assert done.returncode == 0, done.stderr[-2000:]
            done = someone.cdk("deploy", "--require-approval", "never")
            assert done.returncode == 0, done.stderr[-2000:]
            # Before each rise the gate asks through the deployed edge.
            around.tell(lambda world: world.open_doors())
            yield someone
        refused = [d for d in denied(cloud.decisions()) if d.action not in someone.taken_away]
        assert [str(decision) for decision in refused] == []
