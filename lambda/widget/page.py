"""The widget's HTML: markup and style, never a script, because CloudWatch removes scripts. Every text that
a person wrote is escaped.

Source: CloudWatch User Guide, add_custom_widget_dashboard_about, _interactivity and _security.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from shared.doors.switch import SwitchState
from shared.status.compare import headline
from shared.status.facts import UNKNOWN, facts, percent
from shared.status.finding import Finding, Kind, gravest
from shared.status.standing import Door, Standing, Unread
from shared.status.times import shown
from widget.style import style

_LOOKS: Final = {Kind.DISAGREES: "bad", Kind.UNREAD: "unsure", Kind.NOTE: "good"}
_SAID: Final = {Kind.DISAGREES: "Disagrees: ", Kind.UNREAD: "Cannot tell: ", Kind.NOTE: ""}


def page(
    standing: Standing,
    findings: Sequence[Finding],
    *,
    rollback_arn: str,
    typed: Mapping[str, str],
    theme: str,
) -> str:
    """Return the widget.

    Parameters
    ----------
    standing : Standing
        What was seen.
    findings : sequence of Finding
        What there is to say of it, the gravest first.
    rollback_arn : str
        The function whose aliases the buttons call, with the viewer's own rights.
    typed : mapping
        What was typed into the fields by and reason: a refresh must not delete it.
    theme : str
        light or dark, as the dashboard is.
    """
    looks = "bad" if standing.thrown else _LOOKS[gravest(findings)]
    return "".join(
        [
            style(theme),
            '<div class="cutover">',
            f'<p class="head {looks}">{escape(headline(standing, findings))}</p>',
            # On a narrow screen the buttons come first, on a wide one they are at the right.
            f'<div class="sides"><div class="hand">{_by_hand(standing, rollback_arn, typed)}</div>',
            '<div class="seen">',
            *map(_finding, findings),
            _doors(standing),
            _facts(standing),
            "</div></div></div>",
        ]
    )


def _finding(finding: Finding) -> str:
    looks = "" if finding.kind is Kind.NOTE else f" {_LOOKS[finding.kind]}"
    said = f"<b>{_SAID[finding.kind]}</b>" if _SAID[finding.kind] else ""
    return f'<p class="says{looks}">{said}{escape(finding.says)}</p>'


def _doors(standing: Standing) -> str:
    held = standing.deployed
    deployed = held if isinstance(held, Unread) else held.weight
    nothing: dict[str, float | Unread | None] = {"its store only": None}
    rows = [
        f'<tr><td class="name">{escape(door.name)}</td><td class="name">{escape(holder)}</td>'
        f'<td class="number">{percent(deployed)}</td>'
        f'<td class="number">{percent(weight)}</td><td>{_switch(door)}</td></tr>'
        for door in standing.doors
        for holder, weight in (door.weights or nothing).items()
    ]
    return (
        '<table><thead><tr><th>door</th><th>weight of new in</th><th class="number">deployed</th>'
        '<th class="number">live</th><th>switch</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _switch(door: Door) -> str:
    if isinstance(door.switch, Unread):
        return UNKNOWN
    state = door.switch
    told = ", ".join(
        part for part in (f"by {state.by}" if state.by else "", shown(state.at)) if part
    )
    # The reason for the throw is shown above.
    why = f": {state.reason}" if state.reason and not state.thrown else ""
    word = "<b>THROWN</b>" if state.thrown else "released"
    return f'{word} <span class="soft">{escape(told + why)}</span>'


def _facts(standing: Standing) -> str:
    rows = "".join(
        f'<tr><td class="soft name">{what}</td><td>{escape(said)}</td></tr>'
        for what, said in facts(standing).items()
    )
    return (
        f"<table><tbody>{rows}</tbody></table>"
        f'<p class="soft">Read at {standing.at:%H:%M:%S} UTC. The dashboard cannot see what git declares: '
        "<code>cutover status</code> compares that too.</p>"
    )


def _by_hand(standing: Standing, rollback_arn: str, typed: Mapping[str, str]) -> str:
    service = standing.service
    states = [door.switch for door in standing.doors]
    buttons = []
    if not all(isinstance(state, SwitchState) and state.thrown for state in states):
        buttons.append(
            _button(
                "Roll back now",
                "btn btn-primary",
                f"{rollback_arn}:roll_back",
                # What is typed replaces them: an empty field must not stop a rollback.
                {
                    "action": "roll_back",
                    "by": "somebody at the dashboard",
                    "reason": "Roll back now was pressed",
                },
                f"Send all viewers of {service} to old, immediately, at every door?",
            )
        )
    if not all(isinstance(state, SwitchState) and not state.thrown for state in states):
        gets = (
            "its declared weight"
            if isinstance(standing.deployed, Unread)
            else f"{standing.deployed.weight} % of all traffic"
        )
        buttons.append(
            _button(
                "Release…",
                "btn",
                f"{rollback_arn}:release",
                {"action": "release"},
                f"STOP. New of {service} will get {gets} again, immediately. Is the cause fixed? Are new's "
                "alarms OK? Is this the weight that you want? Only then release.",
            )
        )
    return (
        "<form>"
        f"{_field('by', 'Your name', typed)}{_field('reason', 'Reason', typed)}"
        f'</form><p class="buttons">{" ".join(buttons)}</p>'
        '<p class="soft">A button acts with your own rights in this account. Type your name '
        "first: nothing else says who you are. A rollback changes no weight.</p>"
    )


def _field(name: str, label: str, typed: Mapping[str, str]) -> str:
    value = escape(typed.get(name, ""), quote=True)
    return (
        f'<label>{label}<input type="text" name="{name}" value="{value}" maxlength="160"></label>'
    )


def _button(
    label: str, looks: str, endpoint: str, request: Mapping[str, str], confirmation: str
) -> str:
    # An action belongs to the element just before it.
    return (
        f'<a class="{looks}">{label}</a>'
        f'<cwdb-action action="call" display="popup" endpoint="{escape(endpoint, quote=True)}" '
        f'confirmation="{escape(confirmation, quote=True)}">'
        f"{escape(json.dumps(request), quote=False)}</cwdb-action>"
    )
