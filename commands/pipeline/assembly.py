"""What `cdk synth` made: its stacks in the order of their deploy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from commands.files import json_in
from commands.pipeline.errors import CouldNotTellError

_STACK: Final = "aws:cloudformation:stack"


@dataclass(frozen=True)
class Stack:
    """One stack of an assembly; `bucket` is where its template is uploaded to, with the account left open."""

    name: str
    region: str
    template: Mapping[str, Any]
    bucket: str


def stacks_of(folder: Path) -> list[Stack]:
    """Return the stacks in `folder`, each after those that it depends on.

    Raises
    ------
    CouldNotTellError
        When it is not an assembly.
    """
    try:
        artifacts = _read(folder / "manifest.json")["artifacts"]
        stacks = {id_: held for id_, held in artifacts.items() if held["type"] == _STACK}
        return [_stack(folder, id_, stacks[id_]) for id_ in _in_order(stacks)]
    except OSError as error:
        raise CouldNotTellError(
            f"{folder} holds no assembly ({error.strerror}): make one with cdk synth --output cdk.out."
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CouldNotTellError(
            f"{folder} holds an assembly that cannot be read: make it anew with cdk synth."
        ) from error


def _in_order(stacks: Mapping[str, Any]) -> list[str]:
    ordered: dict[str, None] = {}

    def place(id_: str) -> None:
        for needed in stacks[id_].get("dependencies", ()):
            if needed in stacks and needed not in ordered:
                place(needed)
        ordered[id_] = None

    for id_ in stacks:
        place(id_)
    return list(ordered)


def _stack(folder: Path, id_: str, held: Mapping[str, Any]) -> Stack:
    properties = held["properties"]
    return Stack(
        name=properties.get("stackName", id_),
        region=held["environment"].rsplit("/", 1)[1],
        template=_read(folder / properties["templateFile"]),
        bucket=properties["stackTemplateAssetObjectUrl"].removeprefix("s3://").split("/")[0],
    )


def _read(file: Path) -> Any:
    return json_in(file)
