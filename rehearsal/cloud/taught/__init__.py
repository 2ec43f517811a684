"""What the embedded cloud lacks, one file a lesson."""

from __future__ import annotations


def teach() -> None:
    """Teach MiniStack everything, each lesson once."""
    # MiniStack reads the environment when it is imported, and each lesson imports it.
    from rehearsal.cloud.taught import (  # noqa: PLC0415
        alarms,
        asynchronous_calls,
        delivery,
        faults,
        health_checks,
        imports,
        key_value_store,
        listener_rules,
        load_balancers,
        named_queries,
        outputs,
        percentile_ranks,
        queues,
        realtime_logs,
        replacements,
        reserved_capacity,
        rights,
        secrets,
    )

    for lesson in (
        alarms,
        asynchronous_calls,
        delivery,
        health_checks,
        imports,
        key_value_store,
        listener_rules,
        load_balancers,
        named_queries,
        outputs,
        percentile_ranks,
        queues,
        realtime_logs,
        replacements,
        reserved_capacity,
        secrets,
        # After what delivers: what they may is decided before.
        rights,
        # Last: what the others taught is what goes wrong.
        faults,
    ):
        lesson.teach()
