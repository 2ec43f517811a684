"""The rollback plan: what takes the traffic back, who decides, and what each person types."""

from __future__ import annotations

from commands.papers.blocks import Block, Command, Heading, Known, Listed, Paper, Table, Words
from commands.papers.facts import Facts
from commands.papers.takes_back import takes_back
from shared.promotion.groups import said_of
from shared.status.standing import Unread


def rollback_plan(facts: Facts) -> Paper:
    """Return it."""
    cutover, service = facts.cutover, facts.cutover.service
    point = service.rollback.point_of_no_return
    blocks: list[Block] = [
        Heading("What rolls back by itself"),
        Table(
            ("what", "limit", "how it is known"),
            [
                *((one.what, one.limit, Known.DECLARED) for one in takes_back(service)),
                ("alarms that are deployed", _alarms(facts), _known(facts)),
            ],
        ),
        Words(
            "An alarm throws the switch, and viewers go to old. No weight is changed. At the edge door this "
            "takes seconds; at the dns door as long as resolvers keep an answer, 60 s and more. The switch "
            "stays thrown until a named person releases it." + _groups(facts)
        ),
        Heading("When it does not"),
        Listed(
            [
                "Old is known to be down: a person is called, and nothing is done.",
                f"An alarm within {service.rollback.cool_down_seconds} s of a release, unless it lasts.",
                "Alarms are muted by a named person: they tell people, and do nothing else.",
                *(
                    [
                        f"From {point.on} on: {point.reason} (declared by {point.by}). A person decides."
                    ]
                    if point is not None
                    else [
                        "No point of no return is declared: set it when going back would lose something."
                    ]
                ),
            ]
        ),
        Heading("Who decides, and who is told"),
        Table(
            ("role", "name", "reachable at"),
            [
                ("decides to roll back", "", ""),
                ("decides to release", "", ""),
                ("on call for old", "", ""),
            ],
            boxes=False,
        ),
        Words(
            f"Told at once: {', '.join(service.notify)}."
            if service.notify
            else "Nobody is declared to be told (notify is empty): fill it in before anything moves."
        ),
        Heading("What a person types"),
        Command(
            f'call() {{ aws lambda invoke --function-name "{cutover.name}-rollback:$1" \\\n'
            "           --region us-east-1 --cli-binary-format raw-in-base64-out "
            '--payload "$2" /dev/stdout; }\n'
            """call roll_back '{"action":"roll_back","by":"YOU","reason":"WHY"}'\n"""
            """call status '{"action":"status"}'\n"""
            """call release '{"action":"release","by":"YOU","reason":"WHY"}'"""
        ),
        Words(
            "The dashboard has the same as buttons. Roll back first, and look for the cause afterwards."
        ),
        Heading("What a rollback does not take back"),
        Listed(
            [
                "What new has written: data, mails, payments. Both sides must be able to live with it.",
                "Sessions that old does not know: their users log in again.",
                "Requests that new has already taken: they end on new.",
                "People who reach new by its own name: no door is between.",
            ]
        ),
        Heading("Tried"),
        Table(
            ("what", "who", "when", "how long it took"),
            [
                ("roll back and release, by hand, at 0 %", "", "", ""),
                ("an alarm rolls back", "", "", ""),
            ],
            boxes=True,
        ),
    ]
    return Paper(
        "rollback-plan",
        f"Rollback plan: {cutover.name}",
        "Any of these alarms, or one command, sends every viewer back to old. The switch now: "
        f"{_switch(facts)}.",
        facts.made,
        blocks,
    )


def _groups(facts: Facts) -> str:
    groups = facts.cutover.service.promotion.groups
    if not groups:
        return ""
    return (
        f" This holds for {said_of([group.name for group in groups])} as well: a group is on new only while "
        "the switch is released."
    )


def _alarms(facts: Facts) -> str:
    if facts.live is None or isinstance(facts.live.alarms, Unread):
        return "not known"
    acting = [one for one in facts.live.alarms if one.rolls_back]
    firing = [one.name for one in acting if one.state.value == "ALARM"]
    return f"{len(acting)}" + (f", in ALARM: {', '.join(firing)}" if firing else "")


def _known(facts: Facts) -> Known:
    return (
        Known.NOBODY
        if facts.live is None or isinstance(facts.live.alarms, Unread)
        else Known.MEASURED
    )


def _switch(facts: Facts) -> str:
    if facts.live is None:
        return "not known"
    states = [door.switch for door in facts.live.standing.doors]
    if any(isinstance(state, Unread) for state in states):
        return "not known"
    return "THROWN" if facts.live.standing.thrown else "released"
