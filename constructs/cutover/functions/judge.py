"""The function that compares new with old each minute, and the alarm on its verdict."""

from __future__ import annotations

from constructs import Construct

from cutover.alarms.alarm import AT_LEAST, Watch
from cutover.alarms.own_metrics import judge_fail
from cutover.declaration.service import Service
from cutover.functions import grants
from cutover.functions.each_minute import WITHIN_THE_MINUTE, call_each_minute, keeps_failing
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names


class JudgeFunction(Construct):
    """Defines the function that says each minute whether new is worse than old, as far as their load
    balancers tell, and the edge's real-time log where there is one.

    Attributes
    ----------
    function : lambda_.Function
        Asked with {"action": "verdict"} it answers and publishes nothing.
    rollback_watches : list of Watch
        That it says FAIL: a reason to roll back. It never fires in a dry run.
    watches : list of Watch
        Over the function itself; for people.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, service: Service
    ) -> None:
        super().__init__(scope, construct_id)
        doors = [
            *(["edge"] if service.edge is not False else []),
            *(["dns"] if service.dns is not None else []),
        ]
        rules = service.judge
        groups = service.promotion.groups
        first = (
            {"GROUPS_FROM_WEIGHT": str(min(group.first_weight for group in groups))}
            if groups
            else {}
        )
        log = (
            {"FAST_LOG_FUNCTION": names.function("fast-log")}
            if service.edge is not False and service.edge.fast_log
            else {}
        )
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("judge"),
            package="judge",
            shared=("doors", "inference"),
            description=f"Says whether new is worse than old, each minute, for {names.service}",
            grants=[
                grants.told(
                    SERVICE=names.service,
                    METRICS_REGION=service.region,
                    DOORS=",".join(doors),
                    LOOKBACK_MINUTES=str(rules.lookback_minutes),
                    MINIMUM_REQUESTS=str(rules.minimum_requests),
                    FALSE_ALARMS_PER_WATCH=f"{rules.false_alarms_per_watch:g}",
                    SLOWDOWN_PERCENT=f"{rules.slowdown_percent:g}",
                    MORE_4XX_POINTS=f"{rules.more_4xx_points:g}",
                    MORE_3XX_POINTS=f"{rules.more_3xx_points:g}",
                    DRY_RUN="true" if rules.dry_run else "false",
                    **first,
                    **log,
                ),
                grants.both_sides(service),
                grants.metrics(),
                grants.own_metrics(),
            ],
            timeout=WITHIN_THE_MINUTE,
        ).function
        call_each_minute(
            self,
            self.function,
            name=names.function("judge"),
            description=f"Compares new with old for {names.service}",
        )
        self.rollback_watches = [
            Watch(
                what="judge-fail",
                means="New surely fails more often than old, answers 4xx or 3xx more often or is slower than "
                "it may be: ask the judge for its reasons.",
                metric=judge_fail(names.service),
                comparison=AT_LEAST,
                threshold=1,
            )
        ]
        self.watches = [
            keeps_failing(
                self.function,
                what="judge-errors",
                means="The judge cannot read or publish metrics: new is not compared with old.",
            )
        ]
