"""The code of the edge function: one source, with groups and without."""

from __future__ import annotations

from typing import Final

from cutover.paths import LAMBDA

_BEGINS: Final = "//: groups"
_ENDS: Final = "//: end"


def router_code(*, with_groups: bool) -> str:
    """Return lambda/edge/router.js as `Fn::Sub` takes it.

    Without groups it lacks what belongs to them, so that a service that declares none has the code that it
    had. With groups it lacks the comments: 10 KB are all that there is (CloudFront Developer Guide,
    cloudfront-limits).
    """
    kept: list[str] = []
    of_groups = False
    for line in (
        (LAMBDA / "edge" / "router.js").read_text(encoding="utf-8").splitlines(keepends=True)
    ):
        said = line.strip()
        if said in {_BEGINS, _ENDS}:
            of_groups = said == _BEGINS
        elif with_groups and said.startswith("//"):
            continue
        elif with_groups or not of_groups:
            kept.append(line)
    return "".join(kept)
