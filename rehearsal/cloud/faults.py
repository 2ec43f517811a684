"""What the embedded cloud is told to get wrong: a small file on this machine that a drill writes and the
cloud's process reads, so that the product's code stays as it is."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

VARIABLE: Final = "REHEARSAL_FAULTS"
"""Names the file; what happened is written beside it."""

Kind = Literal["call", "function", "change"]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Attributes
    ----------
    kind : str
        `call`: of the API; `function`: of a Lambda function; `change`: of a resource by CloudFormation.
    of : str
        The service as its signature names it, like route53; the function's name; the resource's type.
    how : str
        For a call an error code like Throttling, or `hang`: it is not answered. For a function `error`,
        `throttle` or `twice` (it is called twice for one event). For a change the words of the error.
    request : str
        For a call, which: a pattern of its method and path, like `POST .*/healthcheck`.
    status : int
        For a call, the HTTP status.
    times : int or None
        How often; None: until the fault is taken away.
    number : int
        Tells it from every other.
    """

    kind: Kind
    of: str
    how: str
    request: str = ""
    status: int = 400
    times: int | None = None
    number: int = 0


class Told:
    """The drill's end of the file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._faults: dict[int, Fault] = {}
        self._write()

    def add(self, fault: Fault) -> int:
        """Let `fault` happen from now on; return its number."""
        number = next(_numbers)
        self._faults[number] = Fault(**(asdict(fault) | {"number": number}))
        self._write()
        return number

    def clear(self) -> None:
        """Let everything go right again."""
        self._faults.clear()
        self._write()

    def happened(self) -> list[dict[str, Any]]:
        """Return what has happened, oldest first: each with `at` (Unix seconds), `what` and `of`."""
        journal = _journal(self._file)
        if not journal.exists():
            return []
        lines = journal.read_text(encoding="utf-8").splitlines()
        # The last line may be half written.
        return [json.loads(line) for line in lines if line.endswith("}")]

    def _write(self) -> None:
        draft = self._file.with_suffix(".draft")
        text = json.dumps([asdict(fault) for fault in self._faults.values()])
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._file)


class Injected:
    """The cloud's end of the file: which fault meets what, and how often it did."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._met: dict[int, int] = {}

    def call(self, service: str, method: str, path: str) -> Fault | None:
        """Return the fault that meets this call of the API, and count it."""
        for fault in self._standing("call", service):
            if re.fullmatch(fault.request or ".*", f"{method} {path}"):
                return self._meet(fault, f"{method} {path}")
        return None

    def function(self, name: str, *hows: str) -> Fault | None:
        """Return the fault of one of `hows` that meets a call of the function, and count it."""
        for fault in self._standing("function", name):
            if fault.how in hows:
                return self._meet(fault, name)
        return None

    def change(self, resource_type: str) -> Fault | None:
        """Return the fault that meets a change of a resource, and count it."""
        for fault in self._standing("change", resource_type):
            return self._meet(fault, resource_type)
        return None

    def note(self, what: str, of: str, **more: object) -> None:
        """Write down that something happened."""
        line = json.dumps({"at": time.time(), "what": what, "of": of, **more})
        with _journal(self._file).open("a", encoding="utf-8") as journal:
            journal.write(line + "\n")

    def _standing(self, kind: Kind, of: str) -> Iterator[Fault]:
        try:
            told: list[Mapping[str, Any]] = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        for fields in told:
            fault = Fault(**fields)
            spent = fault.times is not None and self._met.get(fault.number, 0) >= fault.times
            if (fault.kind, fault.of) == (kind, of) and not spent:
                yield fault

    def _meet(self, fault: Fault, what: str) -> Fault:
        self._met[fault.number] = self._met.get(fault.number, 0) + 1
        self.note(fault.how, what)
        return fault


def _journal(file: Path) -> Path:
    return file.with_suffix(".journal")
