"""Runs calls side by side and waits for them for a limited time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

Result = TypeVar("Result")


def together(
    calls: Mapping[str, Callable[[], Result]], *, seconds: float | None = None
) -> dict[str, Result | BaseException]:
    """Return what each of `calls` returned, or raised, in the same order.

    One that has not ended after `seconds` (None: however long it takes) counts as TimeoutError; it is
    left running.
    """
    if not calls:
        return {}
    pool = ThreadPoolExecutor(max_workers=len(calls))
    futures = {name: pool.submit(call) for name, call in calls.items()}
    wait(futures.values(), timeout=seconds)
    pool.shutdown(wait=False)
    came: dict[str, Result | BaseException] = {}
    for name, future in futures.items():
        if not future.done():
            came[name] = TimeoutError(f"no answer within {seconds:g} s")
        else:
            error = future.exception()
            came[name] = future.result() if error is None else error
    return came
