"""The catalogue: every drill, what happens in it and how it must end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from rehearsal.cloud.faults import Fault
from rehearsal.drill import strikes
from rehearsal.drill.budget import Budget
from rehearsal.drill.drill import Drill, Expected, Moment, Playing
from rehearsal.world.leak import Leak

ROLLBACK: Final = "chatmrpt-rollback"
SENTINEL: Final = "chatmrpt-sentinel"
HARD: Final = Budget(20, median=15)
"""A new that is dead, hangs or says something else at what the sentinel asks each two seconds: 4 to 7 s until
four answers in a row are wrong, 10 at most until the alarm is looked at, and the call."""
_ELSEWHERE: Final = Budget(30)
"""The same at another endpoint than the first, which it asks each six to ten seconds."""
_AHEAD: Final = Budget(30)
"""The same where the functions' clock is wrong: what is stamped by it helps nothing, so the period in which
the sentinel speaks must be over before the alarm may look."""
_LOG: Final = Budget(30)
"""What only the edge's log shows: ten seconds twice, 4 s of delivery, and the alarm's look."""
_FLOOR: Final = Budget(120)
"""What one minute's metric shows: 58 s to its end at the worst place."""
_TWO_MINUTES: Final = Budget(130)
"""What two minutes in a row show: 118 s to the end of the second."""
_JUDGE: Final = Budget(480)
"""What only the judge sees: it looks each minute, reads a minute once it is over for a minute, and needs
three minutes or more to be sure. The drills took five and seven."""


def _heard(seconds: float, of: str = "") -> Budget:
    return Budget(seconds, "told", of=of)


_RECORD: Final = "AWS::Route53::RecordSet"
_THROWN: Final = "ROLLED BACK to old"
_CALLED: Final = "CALL A PERSON"

_500: Final = Moment("new answers 500 to everything", strikes.answers_500("new"))


def _back_on_old(weight: int, *told: str, **more: Any) -> Expected:
    """Everybody is on old, the weights are what they were, and people know.

    Of several alarms at once each may be the first at one door, and tells of it: two doors, two at most.
    """
    return Expected("old", "thrown", weight, told=(_THROWN, *told), rollbacks=2, **more)


def _weight_is(weight: int) -> Any:
    def condition(play: Playing) -> bool:
        return play.weight_in_force() == weight

    return condition


def _alarm(containing: str = "-new-") -> Any:
    def condition(play: Playing) -> bool:
        return play.has_alarm(containing)

    return condition


def _told(containing: str) -> Any:
    def condition(play: Playing) -> bool:
        return play.was_told(containing)

    return condition


def _thrown(play: Playing) -> bool:
    return set(play.doors.states().values()) == {"thrown"}


def _released(play: Playing) -> bool:
    return set(play.doors.states().values()) == {"released"}


def _traffic_is_deployed(play: Playing) -> bool:
    """Return whether CloudFormation changes the Traffic stack right now."""
    client = play.cloud.client("cloudformation")
    (stack,) = client.describe_stacks(StackName=f"{play.stage.cutover.name}-traffic")["Stacks"]
    return str(stack["StackStatus"]).endswith("_IN_PROGRESS")


_NEW_IS_BROKEN: Final = (
    Drill(
        "new-500-at-50",
        "New answers 500 to everything, at 50 %",
        "The hard failure: from the fault to the last request that new serves, phase by phase.",
        50,
        (_500,),
        _back_on_old(50, budget=HARD),
        frozenset({"new"}),
    ),
    Drill(
        "new-3-percent-500",
        "New answers 500 to 3 % of requests",
        "One minute cannot prove this fault: two minutes above 1 % throw the switch.",
        50,
        (Moment("new answers 500 to 3 % of requests", strikes.answers_500("new", 0.03)),),
        _back_on_old(50, budget=_TWO_MINUTES),
        frozenset({"new"}),
        within=260,
    ),
    Drill(
        "new-slow",
        "New becomes 400 ms slower",
        "Latency alone throws the switch, after two minutes out of three.",
        50,
        (Moment("new becomes 400 ms slower", strikes.is_slow("new", 400)),),
        _back_on_old(50, budget=_TWO_MINUTES),
        frozenset({"new"}),
        within=260,
    ),
    Drill(
        "new-hangs",
        "New takes requests and answers none",
        "No metric counts a request that never ends: the sentinel and the health checks see it.",
        50,
        (Moment("new takes requests and answers none", strikes.new_hangs),),
        _back_on_old(50, budget=HARD),
        frozenset({"new"}),
    ),
    Drill(
        "new-refuses",
        "New refuses connections",
        "A side that is gone: reads fail over at the edge until the switch is thrown.",
        50,
        (Moment("new refuses connections", strikes.dies("new")),),
        _back_on_old(50, budget=HARD),
        frozenset({"new"}),
    ),
    Drill(
        "new-wrong-content",
        "New answers 200 with another text",
        "The status does not show it: the sentinel and the health checks look for the declared text.",
        50,
        (Moment("new answers 200 with another text", strikes.new_says_something_else),),
        _back_on_old(50, budget=HARD),
        frozenset({"new"}),
    ),
    Drill(
        "only-the-probe-is-good",
        "New's health endpoint is good, all else answers 500",
        "The health check says that all is well: what viewers get counts.",
        50,
        (Moment("all but the health endpoint answers 500", strikes.new_answers_only_the_probe),),
        _back_on_old(50, budget=_ELSEWHERE),
        frozenset({"new"}),
    ),
    Drill(
        "new-slower-than-old",
        "New becomes 100 ms slower, below every threshold",
        "Only the comparison with old shows it: the judge says FAIL, and that is an alarm like any other.",
        50,
        (Moment("new becomes 100 ms slower", strikes.is_slow("new", 100)),),
        _back_on_old(50, "judge-fail", budget=_JUDGE),
        frozenset({"new"}),
        within=540,
    ),
    Drill(
        "new-answers-403-to-writes",
        "New answers 403 to every POST",
        "No 5xx, no slow answer, and every endpoint is asked by GET: only the judge sees that new refuses "
        "what old takes.",
        50,
        (Moment("new answers 403 to every POST", strikes.new_refuses_writes),),
        _back_on_old(50, "judge-fail", budget=_JUDGE),
        frozenset({"new"}),
        within=540,
    ),
    Drill(
        "new-loses-two-of-three",
        "Two of new's three targets die",
        "What is left cannot carry the load: failures throw the switch, and too few healthy targets are an "
        "alarm for as long as they are gone.",
        50,
        (Moment("two of new's three targets die", strikes.loses_targets("new", 2)),),
        _back_on_old(50, "new-healthy-share", budget=_FLOOR),
        frozenset({"new"}),
    ),
    Drill(
        "new-is-redeployed",
        "New's three targets are redeployed, one after another",
        "A rolling deploy is no outage: the two that are healthy carry the load, and nothing is lost.",
        50,
        tuple(
            Moment(
                f"target {number} of 3 is started anew", strikes.redeploys_target("new", number - 1)
            )
            for number in (1, 2, 3)
        ),
        Expected("declared", "released", 50, quiet=True),
        lasts=75,
    ),
    Drill(
        "new-dies-without-traffic",
        "New dies while nobody asks anything",
        "Without a single request the sentinel still throws the switch.",
        50,
        (Moment("new refuses connections", strikes.dies("new")),),
        Expected("unasked", "thrown", 50, told=(_THROWN,), rollbacks=2, budget=HARD),
        frozenset({"new"}),
        viewers=False,
    ),
)


def _old_dies(weight: int, title: str, shows: str) -> Drill:
    """Old dies while it carries a part, and a person moves everybody to new."""
    return Drill(
        f"old-dies-at-{weight}",
        title,
        shows,
        weight,
        (
            Moment("old refuses connections", strikes.dies("old")),
            Moment(
                "a person, told, deploys 100 with an override",
                strikes.deploys(100, *strikes.OVERRIDE),
                when=_told("old"),
                after=5,
                kind="person",
            ),
        ),
        Expected(
            "new",
            "released",
            100,
            told=("old",),
            not_told=(_THROWN,),
            person="deploys 100 with an override, because old is gone",
            deploys=("",),
            budget=_heard(120),
        ),
        frozenset({"old"}),
        within=150,
        at_second=40,
    )


_OLD_IS_BROKEN: Final = (
    _old_dies(
        10,
        "Old dies while it carries 90 %",
        "No rollback to a side that is down: a person is called and moves everybody to new.",
    ),
    _old_dies(
        50,
        "Old dies while it carries half",
        "As at 10 %: throwing the switch would double the outage.",
    ),
    Drill(
        "old-dies-at-100",
        "Old dies when new carries everything",
        "No viewer notices; people learn that the way back is closed.",
        100,
        (Moment("old refuses connections", strikes.dies("old")),),
        Expected("new", "released", 100, told=("old",), not_told=(_THROWN,), budget=_heard(120)),
        frozenset({"old"}),
        lasts=130,
    ),
    Drill(
        "both-die",
        "Both sides die",
        "Only a person can help, and is told.",
        50,
        (Moment("both sides refuse connections", strikes.dies("old", "new")),),
        Expected(
            "nobody",
            "released",
            50,
            told=(_CALLED,),
            not_told=(_THROWN,),
            person="repairs either side",
            budget=_heard(120, _CALLED),
        ),
        frozenset({"old", "new"}),
        at_second=10,
        lasts=130,
    ),
)

_TRAFFIC: Final = (
    Drill(
        "no-traffic",
        "Nobody asks anything, nothing is wrong",
        "Silence is not a fault: nothing fires, nobody is told.",
        50,
        (Moment("nothing happens", strikes.nothing),),
        Expected("unasked", "released", 50, quiet=True),
        viewers=False,
        lasts=150,
    ),
    Drill(
        "traffic-stops-mid-bake",
        "Traffic stops during a bake",
        "Too little traffic proves nothing, but no alarm fires: the deploy ends shifted.",
        10,
        (
            Moment(
                "cdk deploy of 30, with a bake of 2 minutes", strikes.deploys(30), kind="deploy"
            ),
            Moment("all viewers leave", strikes.viewers_leave, when=_weight_is(30), after=20),
        ),
        Expected("unasked", "released", 30, deploys=("",), not_told=(_THROWN,)),
        within=240,
        declared={"promotion": {"bake_minutes": 2}},
    ),
    Drill(
        "new-breaks-mid-bake",
        "New breaks during a bake",
        "The deploy fails and CloudFormation puts the weights back; the switch is thrown too.",
        10,
        (
            Moment(
                "cdk deploy of 50, with a bake of 2 minutes", strikes.deploys(50), kind="deploy"
            ),
            Moment(
                "new answers 500 to everything",
                strikes.answers_500("new"),
                when=_weight_is(50),
                after=10,
            ),
        ),
        _back_on_old(10, deploys=("the bake of new_weight 50 failed",), budget=HARD),
        frozenset({"new"}),
        declared={"promotion": {"bake_minutes": 2}},
    ),
)

_SENTINEL: Final = (
    Drill(
        "sentinel-dead-and-new-dies",
        "The sentinel's function fails, and then new answers 500",
        "The alarms of a minute stand underneath, and people learn that nobody watches by the second.",
        50,
        (
            Moment(
                "the sentinel's function fails from now on",
                strikes.cloud_fault(Fault("function", SENTINEL, "error")),
                kind="before",
            ),
            # A run that is under way goes on for 70 s.
            Moment("new answers 500 to everything", strikes.answers_500("new"), after=75),
        ),
        _back_on_old(50, "sentinel-silent", budget=_FLOOR),
        frozenset({"new"}),
        within=400,
    ),
    Drill(
        "sentinel-alone-cut-off",
        "Neither side can be reached by the sentinel alone",
        "That is its own network: it blames nobody, and people are told that it sees nothing.",
        50,
        (Moment("both sides refuse the sentinel, and nobody else", strikes.functions_are_cut_off),),
        Expected(
            "declared",
            "released",
            50,
            told=("sentinel-silent",),
            not_told=(_THROWN, _CALLED),
            budget=_heard(180, "sentinel-silent"),
        ),
        within=400,
        lasts=200,
    ),
    Drill(
        "noise-on-both-sides",
        "Both sides answer 500 to 1 % of requests, for ten minutes",
        "What both sides do alike is no fault of new: so many failures in a row, where old answers, are none "
        "of it.",
        50,
        (Moment("both sides answer 500 to 1 % of requests", strikes.both_sides_are_noisy),),
        Expected("declared", "released", 50, not_told=(_THROWN, _CALLED), noise_at_the_end=12),
        frozenset({"old", "new"}),
        within=630,
        lasts=600,
        # A service with such a rate must not call it too much.
        declared={"thresholds": {"error_rate_percent": 3.0, "hard_error_rate_percent": 10.0}},
    ),
)

_FUNCTION: Final = (
    Drill(
        "function-throttled",
        "The rollback function is throttled until 10 s after the alarm",
        "Lambda puts a throttled call back and tries again after 1, 2, 4 and 8 seconds.",
        50,
        (
            Moment(
                "the account has no concurrency left for the rollback function",
                strikes.cloud_fault(Fault("function", ROLLBACK, "throttle")),
            ),
            _500,
            Moment("it has again", strikes.cloud_recovers, when=_alarm(), after=10),
        ),
        _back_on_old(
            50,
            # Ten seconds without concurrency, and the next try of 1, 2, 4 and 8 s after that.
            budget=Budget(35),
        ),
        frozenset({"new"}),
    ),
    Drill(
        "function-fails-once",
        "The rollback function fails each alarm's first call",
        "Lambda tries again after its minute, not after ours; people learn of the failure.",
        50,
        (
            Moment(
                "the rollback function fails",
                strikes.cloud_fault(Fault("function", ROLLBACK, "error")),
            ),
            _500,
            Moment("it works again", strikes.cloud_recovers, when=_alarm(), after=10),
        ),
        _back_on_old(
            50,
            "rollback-errors",
            # Lambda waits a minute before its second attempt.
            budget=Budget(85),
        ),
        frozenset({"new"}),
        within=260,
    ),
    Drill(
        "function-fails-always",
        "The rollback function always fails",
        "The dns door leaves new by its health check. People are told, and one deploys 0. Lambda gives up "
        "each call after its third attempt, and people are told that too.",
        50,
        (
            Moment(
                "the rollback function fails from now on",
                strikes.cloud_fault(Fault("function", ROLLBACK, "error")),
            ),
            _500,
            Moment(
                "a person, told that the function fails, deploys 0",
                strikes.deploys(0),
                when=_told("rollback-errors"),
                after=5,
                kind="person",
            ),
        ),
        Expected(
            "old",
            "released",
            0,
            told=("rollback-errors", "rollback-dead-letters"),
            person="deploys 0, because the switch cannot be thrown",
            deploys=("",),
            budget=_heard(120, "rollback-errors"),
        ),
        frozenset({"new"}),
        within=300,
    ),
    Drill(
        "function-called-twice",
        "Each alarm calls the rollback function twice at once",
        "SNS and Lambda deliver at least once: one call writes and tells people, the other finds it done.",
        50,
        (
            Moment(
                "every call is delivered twice",
                strikes.cloud_fault(Fault("function", ROLLBACK, "twice")),
            ),
            _500,
        ),
        _back_on_old(50, budget=HARD),
        frozenset({"new"}),
    ),
)

_CLOUD: Final = (
    Drill(
        "route53-throttled",
        "Route 53 throttles every call about the switch until 3 s after the alarm",
        "The function waits and asks again; the edge door is not held up.",
        50,
        (
            Moment(
                "Route 53 throttles",
                strikes.cloud_fault(
                    Fault("call", "route53", "Throttling", "(GET|POST) .*/healthcheck/.+")
                ),
            ),
            _500,
            Moment("it throttles no more", strikes.cloud_recovers, when=_alarm(), after=3),
        ),
        _back_on_old(50, budget=HARD),
        frozenset({"new"}),
    ),
    Drill(
        "store-refuses-writes",
        "The KeyValueStore refuses writes until 3 s after the alarm",
        "The dns door is thrown at once, the edge door when the store takes it.",
        50,
        (
            Moment(
                "the KeyValueStore refuses writes",
                strikes.cloud_fault(
                    Fault("call", strikes.STORE, "ServiceUnavailable", "PUT .*", status=503)
                ),
            ),
            _500,
            Moment("it takes them again", strikes.cloud_recovers, when=_alarm(), after=3),
        ),
        _back_on_old(
            50,
            # Three seconds without the store, and the next try.
            budget=Budget(25),
        ),
        frozenset({"new"}),
    ),
    Drill(
        "store-unreachable",
        "Nothing can reach the KeyValueStore for 90 s",
        "The edge sends everybody to old, people are told, nothing is lost. The alarm needs two minutes, so "
        "the switch is thrown after the store is back: a person decides when new serves again.",
        50,
        (
            Moment(
                "the KeyValueStore cannot be reached",
                strikes.cloud_fault(Fault("call", strikes.STORE, "ServiceUnavailable", status=503)),
            ),
            Moment("it can be reached again", strikes.cloud_recovers, after=90),
        ),
        _back_on_old(50, budget=_heard(120)),
        within=300,
        lasts=60,
    ),
    Drill(
        "cloud-frozen",
        "The cloud's API and functions freeze for 45 s while new breaks",
        "Both doors keep serving; the alarm comes when the cloud continues.",
        50,
        (
            Moment("the cloud freezes", strikes.cloud_freezes),
            Moment("new answers 500 to everything", strikes.answers_500("new"), after=5),
            Moment("the cloud continues", strikes.cloud_thaws, after=45),
        ),
        _back_on_old(50, budget=Budget(30, since="the cloud continues")),
        frozenset({"new"}),
        at_second=30,
    ),
    Drill(
        "clock-skew",
        "Metrics are stamped a minute late, and the functions' clock is 50 s ahead",
        "Nothing rests on two clocks that agree.",
        50,
        (
            Moment("new's load balancer stamps 60 s behind", strikes.stamps_behind("new", 60)),
            _500,
        ),
        _back_on_old(50, budget=_AHEAD),
        frozenset({"new"}),
        within=260,
        functions_ahead=50,
    ),
    Drill(
        "alarm-flaps",
        "An alarm flaps, and flaps again after a release",
        "One rollback, not one for each swing. After the release the cool-down sees that the alarm is over.",
        50,
        (
            Moment(
                "the alarm fires, though nothing is wrong", strikes.alarm("new-5xx-hard", "ALARM")
            ),
            Moment("it fires again", strikes.alarm("new-5xx-hard", "ALARM"), when=_thrown, after=8),
            Moment("and again", strikes.alarm("new-5xx-hard", "ALARM"), after=8),
            Moment(
                "a person releases the switch",
                strikes.asks(action="release", by="ada", reason="nothing is wrong"),
                after=5,
                kind="person",
            ),
            Moment(
                "it fires once more, within the cool-down",
                strikes.alarm("new-5xx-hard", "ALARM"),
                when=_released,
                after=5,
            ),
        ),
        Expected(
            "declared",
            "released",
            50,
            told=(_THROWN, "released", "NOT ROLLED BACK: the alarm is OK again"),
            rollbacks=1,
            person="releases the switch, as after every rollback",
            budget=Budget(5),
        ),
        lasts=75,
        declared={"rollback": {"cool_down_seconds": 60}},
    ),
)

_DEPLOYS: Final = (
    Drill(
        "deploy-in-flight",
        "A deploy is in flight when the alarm fires",
        "The switch is thrown while CloudFormation writes weights: neither undoes the other.",
        50,
        (
            _500,
            Moment(
                "cdk deploy of 20 starts as the alarm fires",
                strikes.deploys(20),
                when=_alarm(),
                kind="deploy",
            ),
        ),
        _back_on_old(20, deploys=("",), budget=HARD),
        frozenset({"new"}),
    ),
    Drill(
        "deploy-fails-half-way",
        "A deploy fails after the edge has moved",
        "Route 53 refuses one record: CloudFormation puts every weight back, no viewer loses anything.",
        20,
        (
            Moment(
                "Route 53 will refuse a change of a record",
                strikes.cloud_fault(
                    Fault("change", _RECORD, "InvalidChangeBatch: injected by the drill", times=1)
                ),
            ),
            Moment("cdk deploy of 60", strikes.deploys(60), kind="deploy"),
        ),
        Expected("declared", "released", 20, deploys=("InvalidChangeBatch",), not_told=(_THROWN,)),
        lasts=20,
    ),
    Drill(
        "operator-deploys-while-thrown",
        "An operator deploys while the switch is thrown",
        "A rise is refused before anything moves, a lower weight passes. Neither releases the switch.",
        50,
        (
            _500,
            Moment("cdk deploy of 80", strikes.deploys(80), when=_thrown, after=5, kind="deploy"),
            Moment(
                "cdk deploy of 30",
                strikes.deploys(30),
                when=lambda play: play.deploys_ended,
                kind="deploy",
            ),
        ),
        _back_on_old(30, deploys=("may not rise from 50 to 80", ""), budget=HARD),
        frozenset({"new"}),
    ),
    Drill(
        "point-of-no-return",
        "New breaks past the point of no return",
        "The switch stays released: a person is called, and rolls back anyway.",
        50,
        (
            _500,
            Moment(
                "a person is called and rolls back anyway",
                strikes.asks(
                    action="roll_back",
                    by="ada",
                    reason="the data can be carried over",
                    past_point_of_no_return=True,
                ),
                when=_told(_CALLED),
                after=10,
                kind="person",
            ),
        ),
        Expected(
            "old",
            "thrown",
            50,
            told=(_CALLED, f"{_THROWN} by ada"),
            rollbacks=1,
            person="decides, and rolls back anyway",
            budget=_heard(20, _CALLED),
        ),
        frozenset({"new"}),
        declared={
            "rollback": {
                "point_of_no_return": {
                    "reason": "new has migrated the data",
                    "by": "ada",
                    "on": datetime.now(UTC).date().isoformat(),
                }
            }
        },
    ),
)

_FAST_LOG: Final[dict[str, Any]] = {"edge": {"fast_log": True}}
_FAST: Final = "new-fast-5xx"
_BEHIND: Final = "fast-log-behind"


def _blind(name: str, title: str, *moments: Moment) -> Drill:
    """New breaks while the real-time log tells nothing, and people know that it does not."""
    return Drill(
        name,
        title,
        "The log's alarms do not come, and people were told so before. The sentinel sees new all the same.",
        50,
        (*moments, replace(_500, when=_told(_BEHIND), after=5)),
        _back_on_old(50, _BEHIND, budget=replace(HARD, since=_500.what)),
        frozenset({"new"}),
        within=120,
        declared=_FAST_LOG,
    )


_SECONDS: Final = (
    Drill(
        "fast-log-500-at-20",
        "New answers 500 to everything; the edge's log is counted, at 20 requests a second",
        "The hard failure within seconds: reads that old saves are new's failures too.",
        50,
        (_500,),
        _back_on_old(50, _FAST, budget=HARD),
        frozenset({"new"}),
        declared=_FAST_LOG,
        like="new-500-at-50",
    ),
    Drill(
        "fast-log-500-at-200",
        "The same at 200 requests a second",
        "More traffic makes it no slower.",
        50,
        (_500,),
        _back_on_old(50, _FAST, budget=HARD),
        frozenset({"new"}),
        declared=_FAST_LOG,
        edge_a_second=200.0,
        like="new-500-at-50",
    ),
    Drill(
        "fast-log-3-percent-at-200",
        "New answers 500 to 3 % of requests; the edge's log is counted, at 200 requests a second",
        "What takes a minute or two by the load balancer's metrics takes seconds by the log.",
        50,
        (Moment("new answers 500 to 3 % of requests", strikes.answers_500("new", 0.03)),),
        _back_on_old(50, _FAST, budget=_LOG),
        frozenset({"new"}),
        declared=_FAST_LOG,
        edge_a_second=200.0,
        like="new-3-percent-500",
    ),
    _blind(
        "fast-log-silent",
        "The edge's log falls silent, then new breaks",
        Moment("the edge's log delivers nothing", strikes.log_falls_silent),
    ),
    _blind(
        "fast-log-throttled",
        "The log's stream takes nothing, then new breaks",
        Moment(
            "Kinesis throttles every call",
            strikes.cloud_fault(
                Fault("call", "kinesis", "ProvisionedThroughputExceededException", "POST .*")
            ),
        ),
    ),
    _blind(
        "fast-log-an-hour-late",
        "The edge's log comes an hour late, then new breaks",
        Moment("the edge's log tells of an hour ago", strikes.log_is_late(3600)),
    ),
)

_APART: Final = {
    "new": {
        "region": "eu-central-1",
        "load_balancer_dns_name": "chatmrpt-frankfurt-752380251.eu-central-1.elb.amazonaws.com",
    }
}
"""New is in another region than old."""
_BOTH_SIDES: Final = (
    r"deployed 50 %",
    r"old [\d,]+/min",
    r"new [\d,]+/min",
    r"judge [A-Z]+ at",
    r"alarms [^|]*\d+ OK",
)

_TWO_REGIONS: Final = (
    Drill(
        "two-regions-new-dies",
        "New is in another region: it rises through gate and bake, and dies",
        "Gate, watch, status and judge read both regions; the sentinel in old's region throws the switch, "
        "and an alarm of new's region reaches people.",
        10,
        (
            Moment(
                "cdk diff of 50: the weights and nothing else, in five stacks",
                strikes.diffs_weights_alone(50, weights=7),
                kind="before",
            ),
            Moment("cdk deploy of 50, with a bake of a minute", strikes.deploys(50), kind="deploy"),
            Moment(
                "cutover watch beside it reads both regions",
                strikes.shows("watch", "--until", "done", says=_BOTH_SIDES),
                when=_traffic_is_deployed,
                kind="deploy",
            ),
            Moment(
                "cutover status reads both regions",
                # It tells the share of whole minutes, and on a quick machine none is over yet.
                strikes.shows("status", says=(r"served by new +\d", r"judge +[A-Z]+ at"), looks=18),
                when=lambda play: play.deploys_ended,
                kind="before",
            ),
            Moment("new refuses connections", strikes.dies("new")),
        ),
        _back_on_old(50, "new-healthy-hosts.* in eu-central-1", deploys=("",), budget=HARD),
        frozenset({"new"}),
        within=600,
        # Response times are not what is played, and a busy machine adds to them.
        declared=_APART
        | {
            "promotion": {"bake_minutes": 1},
            "thresholds": {"latency_average_ms": 1500, "latency_p95_ms": 5000},
        },
    ),
    Drill(
        "two-regions-new-slow",
        "New is in another region, and becomes 400 ms slower",
        "Only alarms of new's region see it: one of them calls the one rollback function, in us-east-1.",
        50,
        (Moment("new becomes 400 ms slower", strikes.is_slow("new", 400)),),
        _back_on_old(50, "new-latency-average.* in eu-central-1", budget=_TWO_MINUTES),
        frozenset({"new"}),
        within=260,
        declared=_APART,
    ),
)

_LEAK: Final = Leak(first=0.001, last=0.01, seconds=3600)

_HOURS: Final = (
    Drill(
        "slow-leak",
        "New's errors grow from 0.1 to 1 % over an hour; old has 0.1 % all the time",
        "No minute is above a threshold, and no ten seconds are: the judge adds up what each minute says.",
        50,
        (Moment("new's errors begin to grow", strikes.leaks("new", _LEAK)),),
        _back_on_old(
            50,
            "judge-fail",
            # Old's own 0.1 % of what it is asked in the hour, four times.
            lost_where_healthy=400,
            noise_at_the_end=12,
            budget=Budget(_LEAK.seconds),
        ),
        frozenset({"new"}),
        within=_LEAK.seconds + 120,
        # What leaks is errors, and in an hour a busy machine makes some minutes slow.
        declared=_FAST_LOG
        | {
            "thresholds": {"latency_average_ms": 1000, "latency_p95_ms": 3000},
            "judge": {"slowdown_percent": 300},
        },
        edge_a_second=50.0,
        by_name=True,
    ),
)

CATALOGUE: Final = (
    *_NEW_IS_BROKEN,
    *_OLD_IS_BROKEN,
    *_TRAFFIC,
    *_SENTINEL,
    *_FUNCTION,
    *_CLOUD,
    *_DEPLOYS,
    *_SECONDS,
    *_TWO_REGIONS,
    *_HOURS,
)
