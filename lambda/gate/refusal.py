"""Why a weight may not rise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shared.alarms.state import AlarmRef, AlarmState
from shared.doors.door import Door
from shared.doors.patience import DoorError
from shared.doors.switch import SwitchState
from shared.promotion.change import Change
from shared.promotion.groups import said_of
from shared.promotion.line import Line, said


def line_against(read: Callable[[], Line]) -> str:
    """Return why nothing may rise anywhere in this account, or nothing while the line runs.

    A line that cannot be read counts as stopped, for an override too. A deploy needs SSM anyway:
    CloudFormation reads the version of CDK's bootstrap from it (AWS CDK Developer Guide, bootstrapping-env).
    """
    try:
        line = read()
    except DoorError as error:
        return (
            f"it is not known whether the line is stopped: {error}. A lower weight and a rollback pass. Mend "
            "that, or the right of the gate's role to read it, and deploy again"
        )
    stopped = said(line)
    if not stopped:
        return ""
    return (
        f"{stopped}. No weight rises in this account until a person starts the line: cutover line start "
        "'WHY'. A lower weight and a rollback pass"
    )


def switches_against(service: str, change: Change, doors: Sequence[Door]) -> str:
    """Return why `change` is refused, or nothing when it may pass.

    Only a rise can be refused: while a door's switch is thrown, or cannot be read.
    """
    if not change.rises:
        return ""
    return _thrown(
        doors,
        f", so {_what(change)}. Release it first, with a name and a reason: "
        f"aws lambda invoke --region us-east-1 --function-name {service}-rollback:release "
        "--cli-binary-format raw-in-base64-out --payload "
        """'{"action":"release","by":"YOU","reason":"WHY"}' /dev/stdout""",
    )


def switches_thrown(service: str, doors: Sequence[Door]) -> str:
    """Return which door's switch is thrown or cannot be read, or nothing."""
    return _thrown(doors, f": everybody is on old, which may not leave the doors of {service}")


def _thrown(doors: Sequence[Door], so: str) -> str:
    """Return which door's switch is thrown, and then `so`, or which cannot be read, or nothing."""
    for door in doors:
        try:
            state = door.read()
        except DoorError as error:
            return f"the switch of the {door.name} door cannot be read: {error}"
        if state.thrown:
            return f"the switch of the {door.name} door is thrown{_by(state)}{so}"
    return ""


def alarms_against(states: Mapping[AlarmRef, AlarmState], *, creating: bool) -> str:
    """Return which alarm stops the rise, or nothing when none does.

    An alarm acts only when its state changes (CloudWatch User Guide, alarms-and-actions): one that is in
    ALARM before traffic comes would stay silent. So would a missing one. While the stack is being created
    (`creating`), its own alarms cannot exist yet.
    """
    for alarm, state in states.items():
        if state.value == "ALARM":
            return (
                f"the alarm {alarm} is in ALARM already and would not fire again: {state.reason}. "
                "Fix what it watches, wait until it is OK, and deploy again"
            )
        if state.value == "UNREADABLE":
            return f"the alarm {alarm} cannot be read, so it is not known whether it fires: {state.reason}"
        if state.value == "MISSING" and not creating:
            return (
                f"the alarm {alarm} is missing: deploy all stacks first, so that it watches before the "
                "weight rises"
            )
    return ""


def judged_by(service: str, alarms: Sequence[AlarmRef], *, overridden: bool) -> list[AlarmRef]:
    """Return the alarms that may stop a rise: all of them, but with an override only those on new.

    The edge's alarms do not tell the sides apart. When old dies they are in ALARM, and new is where a
    person wants to go.
    """
    if not overridden:
        return list(alarms)
    return [alarm for alarm in alarms if not alarm.name.startswith(f"{service}-edge-")]


def hook_against(hook: str, change: Change, why: str) -> str:
    """Return the refusal of the hook whose ARN is `hook`, or nothing where it has nothing against it."""
    if not why:
        return ""
    return (
        f"the hook {hook} refuses {change.said}: {why}. No door was changed; what the hook has done itself "
        f"stays. {emergency()}"
    )


def capacity_against(change: Change, why: str) -> str:
    """Return the refusal for want of load balancer capacity, or nothing where nothing is wanted."""
    if not why:
        return ""
    return (
        f"the load balancer capacity for {change.said} is not reserved: {why}. No door was changed. "
        f"{emergency()}"
    )


def emergency() -> str:
    """Return how a named person skips the rules, the hook, the capacity and readiness."""
    return "In an emergency: -c override_by=YOU -c override_reason=WHY"


def _what(change: Change) -> str:
    if change.after > change.before:
        return f"new_weight may not rise from {change.before} to {change.after}"
    return f"{said_of(change.joins)} may not join"


def _by(state: SwitchState) -> str:
    return f" by {state.by} since {state.at}" if state.by else ""
