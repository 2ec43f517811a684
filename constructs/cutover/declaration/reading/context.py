"""Reads the declaration and what the command line says about it: CDK context in, typed services out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from cutover.declaration.ci import Ci
from cutover.declaration.fleet import Fleet
from cutover.declaration.model import Model
from cutover.declaration.reading.collisions import collisions
from cutover.declaration.reading.errors import DeclarationError, letters, nearest, sentences
from cutover.declaration.reading.file import read_json
from cutover.declaration.reading.not_as_written import not_as_written
from cutover.declaration.reading.schema_key import fault_of_schema_key, services_in
from cutover.declaration.service import PHASES, Phase, Service
from cutover.declaration.shown import shown, shown_value
from cutover.paths import CDK_JSON

CONTEXT_KEYS: Final = (
    "cutover",
    "cutover_ci",
    "cutover_fleet",
    "declaration",
    "service",
    "new_weight",
    "old_weight",
    "phase",
    "override_by",
    "override_reason",
)
SERVICE_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,29}[a-z0-9]")
_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,3}")
_LONGEST_SAID: Final = 300
Part = TypeVar("Part", bound=Model)
_OF_CDK: Final = ("@", "aws:", "aws-cdk:")
"""How the context keys of CDK itself begin."""


@dataclass(frozen=True)
class Override:
    """Who lets a weight rise past the declared step, window, freeze and readiness, and why."""

    by: str
    reason: str


@dataclass(frozen=True)
class Cutover:
    """A service as this run is to build it.

    Attributes
    ----------
    name : str
        The service's name, which its stacks and resources start with.
    service : Service
        The declaration, with `new_weight` as it applies to this run.
    overridden_weight : int or None
        The declared weight, where `-c new_weight` put another in its place for this run.
    source : str
        Where a person finds the declaration.
    override : Override or None
        An emergency, by `-c override_by` and `-c override_reason`, for this run only.
    overridden_phase : str or None
        The declared phase, where `-c phase` put another in its place for this run.
    """

    name: str
    service: Service
    overridden_weight: int | None
    source: str
    override: Override | None = None
    overridden_phase: Phase | None = None


def read_context(context: Mapping[str, Any], declaration_file: str | None = None) -> list[Cutover]:
    """Return the services to build, in the order they are declared.

    Parameters
    ----------
    context : mapping
        The app's CDK context: `cdk.json`'s, overridden by `-c key=value` (always strings).
    declaration_file : str, optional
        A JSON file that holds the declaration; `-c declaration=FILE` says the same and wins.

    Raises
    ------
    DeclarationError
        With every fault found.
    """
    _refuse_misspelt_keys(context)
    declared, source = _declared(context, declaration_file)
    services = _parse(declared, source)
    name = _text(context, "service")
    if name is not None:
        if name not in services:
            raise DeclarationError(
                [
                    f"-c service={shown(name)} is not declared in {source}."
                    f"{nearest(name, services)} Declared: {', '.join(services)}."
                ]
            )
        services = {name: services[name]}
    weight = _weight_override(context, list(services))
    phase = _phase_override(context, list(services))
    faults = [
        f"{name}, with what -c says, {fault}."
        for name, service in services.items()
        if (fault := service.run_fault(*_run(service, weight, phase))) is not None
    ]
    if faults:
        raise DeclarationError(faults)
    override = _emergency(context, list(services))
    return [
        Cutover(
            name=name,
            service=service.model_copy(
                update=dict(zip(("new_weight", "phase"), _run(service, weight, phase), strict=True))
            ),
            overridden_weight=service.new_weight
            if weight is not None and weight != service.new_weight
            else None,
            source=source,
            override=override,
            overridden_phase=service.phase if phase not in {None, service.phase} else None,
        )
        for name, service in services.items()
    ]


def read_ci(context: Mapping[str, Any]) -> Ci | None:
    """Return who may look, plan and apply in CI, or None where nobody is declared.

    Raises
    ------
    DeclarationError
        With every fault found.
    """
    return _beside(context, "cutover_ci", Ci, "an object that names a repository")


def read_fleet(context: Mapping[str, Any], declaration_file: str | None = None) -> Fleet | None:
    """Return how many of the services of cdk.json move at once and in which order, or None where nothing is
    declared. It says nothing of services that another file declares.

    Parameters
    ----------
    context, declaration_file
        As for `read_context`.

    Raises
    ------
    DeclarationError
        With every fault found.
    """
    fleet = _beside(context, "cutover_fleet", Fleet, 'an object, like {"at_once": 3}')
    if fleet is None or _text(context, "declaration") or declaration_file:
        return None
    declared = context.get("cutover")
    faults = fleet.faults(services_in(declared)) if isinstance(declared, dict) else []
    if faults:
        raise DeclarationError(f"cdk.json: cutover_fleet.waves {fault}." for fault in faults)
    return fleet


def _beside(context: Mapping[str, Any], key: str, model: type[Part], right: str) -> Part | None:
    declared = context.get(key)
    if declared is None:
        return None
    place = f"cdk.json: {key}"
    if not isinstance(declared, dict):
        raise DeclarationError([f"{place} is {shown_value(declared)}. It must be: {right}."])
    altered = [f"{place}{what}" for what in not_as_written(declared)]
    if altered:
        raise DeclarationError(altered)
    try:
        return model.model_validate(declared)
    except ValidationError as error:
        raise DeclarationError(sentences(error, model, place)) from error


def cdk_json_context(path: Path = CDK_JSON) -> dict[str, Any]:
    """Return the context of cdk.json, for whoever is not called by CDK.

    Raises
    ------
    DeclarationError
        When there is none, or the file holds a key twice.
    """
    held = read_json(str(path), called=path.name)
    context = held.get("context") if isinstance(held, dict) else None
    if not isinstance(context, dict):
        raise DeclarationError(
            [f"{path.name} has no context, which declares the services to move."]
        )
    return context


def _refuse_misspelt_keys(context: Mapping[str, Any]) -> None:
    """A misspelt `-c newweight=0` must not pass as no `-c` at all: a key that begins like one of ours, or
    seems to be meant as one, is refused."""
    ours = {letters(key): key for key in CONTEXT_KEYS}
    faults = []
    for key in context:
        if key in CONTEXT_KEYS or key.startswith(_OF_CDK):
            continue
        given = letters(key)
        begins = max((one for one in ours if given.startswith(one)), key=len, default=None)
        meant = f" Did you mean {ours[begins]}?" if begins else nearest(key, CONTEXT_KEYS)
        if meant:
            faults.append(f"-c {shown(key)}=… is not a context key of this app.{meant}")
    if faults:
        raise DeclarationError(faults)


def _text(context: Mapping[str, Any], key: str) -> str | None:
    """Return the text behind `-c key=…`, or None where there is none."""
    value = context.get(key)
    if value is not None and not isinstance(value, str):
        raise DeclarationError([f"-c {key} is {shown_value(value)}. It must be: text."])
    return value


def _declared(context: Mapping[str, Any], declaration_file: str | None) -> tuple[Any, str]:
    file = _text(context, "declaration")
    if file is None:
        file = declaration_file
    if file is None:
        if "cutover" not in context:
            raise DeclarationError(
                ["cdk.json: context.cutover is missing: it declares the services to move."]
            )
        return context["cutover"], "cdk.json"
    declared = read_json(file, called=f"declaration={file}")
    if isinstance(declared, dict) and "context" in declared and "app" in declared:
        raise DeclarationError(
            [
                f"declaration={shown(file, 200)} is a cdk.json, not a declaration. Leave -c declaration "
                "out, or give a file that holds the services by their names."
            ]
        )
    return declared, shown(file, 200)


def _parse(declared: Any, source: str) -> dict[str, Service]:
    if not isinstance(declared, dict) or not services_in(declared):
        raise DeclarationError(
            [f"{source}: cutover must be an object that holds at least one service by its name."]
        )
    faults = fault_of_schema_key(declared, source)
    services: dict[str, Service] = {}
    for name, body in services_in(declared).items():
        place = f"{source}: cutover.{shown(name)}"
        if SERVICE_NAME.fullmatch(name) is None:
            faults.append(
                f"{place} is not a valid service name. It must be: 2 to 31 small letters, digits "
                "and dashes, starting with a letter, ending with a letter or a digit."
            )
            continue
        if not isinstance(body, dict):
            faults.append(f"{place} must be an object that declares the service.")
            continue
        altered = [f"{place}{what}" for what in not_as_written(body)]
        if altered:
            faults += altered
            continue
        try:
            services[name] = Service.model_validate(body)
        except ValidationError as error:
            faults.extend(sentences(error, Service, place))
    if faults:
        raise DeclarationError(faults)
    clashes = collisions(services)
    if clashes:
        raise DeclarationError(f"{source}: {clash}" for clash in clashes)
    return services


def _run(service: Service, weight: int | None, phase: Phase | None) -> tuple[int, Phase]:
    """Return weight and phase of this run."""
    return service.new_weight if weight is None else weight, phase or service.phase


def _phase_override(context: Mapping[str, Any], services: list[str]) -> Phase | None:
    if "phase" not in context:
        return None
    given = str(context["phase"])
    if given not in PHASES:
        raise DeclarationError(
            [f"-c phase={shown(given)} is not a phase. It must be: {' or '.join(PHASES)}."]
        )
    if len(services) > 1:
        raise DeclarationError(
            [
                f"-c phase is given, but {len(services)} services are declared: say which "
                f"one with -c service=NAME. Declared: {', '.join(services)}."
            ]
        )
    return given


def _weight_override(context: Mapping[str, Any], services: list[str]) -> int | None:
    given = {key: context[key] for key in ("new_weight", "old_weight") if key in context}
    if not given:
        return None
    if "new_weight" not in given:
        raise DeclarationError(
            ["-c old_weight is given without -c new_weight: give new_weight; old gets the rest."]
        )
    if len(services) > 1:
        raise DeclarationError(
            [
                f"-c new_weight is given, but {len(services)} services are declared: say which "
                f"one with -c service=NAME. Declared: {', '.join(services)}."
            ]
        )
    weights = {key: _percentage(key, value) for key, value in given.items()}
    if sum(weights.values()) != 100 and "old_weight" in weights:  # noqa: PLR2004 - percent
        raise DeclarationError(
            [
                f"-c new_weight={weights['new_weight']} and -c old_weight="
                f"{weights['old_weight']} make {sum(weights.values())}: they must make 100."
            ]
        )
    return weights["new_weight"]


def _emergency(context: Mapping[str, Any], services: list[str]) -> Override | None:
    given = {
        key: (_text(context, key) or "").strip()
        for key in ("override_by", "override_reason")
        if key in context
    }
    for key, said in given.items():
        if len(said) > _LONGEST_SAID or not said.isprintable():
            raise DeclarationError(
                [
                    f"-c {key}={shown(said)} cannot be announced. It must be: one line of at most "
                    f"{_LONGEST_SAID} characters, none of control."
                ]
            )
    altered = [f"-c {key}{why}" for key, said in given.items() for why in not_as_written(said)]
    if altered:
        raise DeclarationError(altered)
    if not given:
        return None
    if len(given) < 2 or not all(given.values()):  # noqa: PLR2004 - a name and a reason
        raise DeclarationError(
            [
                "-c override_by and -c override_reason belong together: give a name and a reason, like "
                "-c override_by=ada -c override_reason='old is on fire'."
            ]
        )
    if len(services) > 1:
        raise DeclarationError(
            [
                f"-c override_by is given, but {len(services)} services are declared: say which "
                f"one with -c service=NAME. Declared: {', '.join(services)}."
            ]
        )
    return Override(given["override_by"], given["override_reason"])


def _percentage(key: str, value: object) -> int:
    text = str(value)
    if _WHOLE_NUMBER.fullmatch(text) is None or int(text) > 100:  # noqa: PLR2004 - percent
        raise DeclarationError(
            [
                f"-c {key}={shown(text)} is not a valid weight. It must be: a whole number from 0 to 100."
            ]
        )
    return int(text)
