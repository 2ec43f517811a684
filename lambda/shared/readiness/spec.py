"""What is to be checked, and against what: as the gate is given it by CloudFormation and as the command
reads it from the declaration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from urllib.parse import urlsplit

from shared.readiness.journeys.journey import Journey, Secret, Session
from shared.readiness.reading import SpecError

BodyMeasure = Literal["similarity", "text", "json", "pattern", "any"]
Heard = Literal["viewer", "own"]
Scheme = Literal["", "http", "https"]
SIDES: Final = ("old", "new")
_PATH: Final = re.compile(r"/[^\s#]{0,254}")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
NO_SESSION: Final = Session()
_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Side:
    """One environment.

    Attributes
    ----------
    url : str
        Its root, like http://name-1.us-east-2.elb.amazonaws.com:80.
    load_balancer, target_group : str
        ARN suffixes, where there is an Application Load Balancer to look at; otherwise empty.
    region : str
        Where that is, if elsewhere than the service; otherwise empty.

    Raises
    ------
    SpecError
        When `url` is not scheme, host and perhaps port, and nothing else.
    """

    url: str
    load_balancer: str = ""
    target_group: str = ""
    region: str = ""

    def __post_init__(self) -> None:
        try:
            split = urlsplit(self.url)
            port = split.port
        except ValueError as error:
            raise SpecError(f"{self.url!r} is not a URL: {error}") from error
        rest = ("@" in split.netloc, split.path.strip("/"), split.query, split.fragment)
        is_site = split.scheme in _DEFAULT_PORTS and bool(split.hostname) and port != 0
        if not is_site or any(rest) or not self.url.isprintable():
            raise SpecError(
                f"{self.url!r} is not the root of a site, like http://old.example.com:8080"
            )

    @property
    def scheme(self) -> str:
        """Either http or https."""
        return urlsplit(self.url).scheme

    @property
    def host(self) -> str:
        """The host name in `url`, in small letters."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port in `url`, or the scheme's own."""
        return urlsplit(self.url).port or _DEFAULT_PORTS[self.scheme]

    @property
    def is_secure(self) -> bool:
        """Whether it is reached by TLS."""
        return self.scheme == "https"

    def authority(self, name: str) -> str:
        """Return what a viewer who knows this side as `name` sends as Host: the name, and the port unless it
        is the scheme's own (RFC 9110, 7.2)."""
        return name if self.port == _DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"


@dataclass(frozen=True)
class Body:
    """How the bodies of both sides are compared.

    Attributes
    ----------
    by : str
        `similarity` of words, exact `text`, `json` but for what is ignored, `pattern` (a regular
        expression that both must hold), or `any`.
    ignore : tuple of str
        For json: paths like `meta.time`, `items.*.id` or `**.updated`.
    pattern : str
        For pattern.
    at_least : float
        For similarity: the share of word pairs both must have in common, 0 to 1.
    unordered : tuple of str
        For json: paths of lists whose order means nothing; `.` is the document itself.

    Raises
    ------
    SpecError
        When `pattern` is not a regular expression, or is missing, or `at_least` is out of range.
    """

    by: BodyMeasure = "similarity"
    ignore: tuple[str, ...] = ()
    pattern: str = ""
    at_least: float = 0.8
    unordered: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise SpecError(f"{self.pattern!r} is not a regular expression: {error}") from error
        if self.by == "pattern" and not self.pattern:
            raise SpecError("bodies are compared by pattern, but pattern is empty")
        if not 0 <= self.at_least <= 1:
            raise SpecError(f"at_least is {self.at_least}: it must be from 0 to 1")


@dataclass(frozen=True)
class Endpoint:
    """A path, what it must answer, and how the two answers are compared.

    Attributes
    ----------
    path : str
        Path and query, like /ping.
    status : int
        What both sides must answer; 0: anything below 500.
    contains : str
        What the first 5,120 bytes of the body must contain; empty: anything.
    body : Body

    Raises
    ------
    SpecError
        When `path` is not a path.
    """

    path: str
    status: int = 0
    contains: str = ""
    body: Body = Body()

    def __post_init__(self) -> None:
        if not is_path(self.path):
            raise SpecError(
                f"{self.path!r} is not a path: it must start with / and hold no space and no #, "
                "in at most 255 characters"
            )


@dataclass(frozen=True)
class Latency:
    """How fast new must be. Times in milliseconds, samples for each endpoint and side."""

    samples: int
    average_ms: float
    p95_ms: float
    slowdown_percent: float


@dataclass(frozen=True)
class Load:
    """What is sent at once, in a loop, and by the clock. Rates in requests a second; `rate_source` is the
    sentence that says where `rate` comes from."""

    at_once: int
    loop_seconds: float
    rate: float
    max_rate: float
    ramp_seconds: float
    hold_seconds: float
    rate_source: str = ""


@dataclass(frozen=True)
class Waiver:
    """A difference that a person accepts until the end of a day (ISO date).

    Raises
    ------
    SpecError
        When the name, the reason or the end is missing.
    """

    finding: str
    by: str
    reason: str
    until: str

    def __post_init__(self) -> None:
        if not (self.finding and self.by.strip() and self.reason.strip()):
            raise SpecError("a waiver needs a finding, a name and a reason")
        _check_date("until", self.until)


@dataclass(frozen=True)
class Attestation:
    """What only people know; `by` and `on` (ISO date) are empty until a person vouches for it.

    Raises
    ------
    SpecError
        When `on` is not a date, or it is valid for less than a day or more than ten years.
    """

    what: str
    valid_days: int
    by: str = ""
    on: str = ""

    def __post_init__(self) -> None:
        if self.on:
            _check_date("on", self.on)
        if not 1 <= self.valid_days <= 3650:  # noqa: PLR2004
            raise SpecError(f"valid_days is {self.valid_days}: it must be from 1 to 3650")


@dataclass(frozen=True)
class Spec:
    """Everything that readiness needs to know.

    Attributes
    ----------
    discover, exclude : tuple of str
        Paths of documents that name endpoints, and patterns of paths that are not taken from them.
    public_hosts : tuple of str
        The names by which viewers ask both sides (Host, and the name in TLS), beside each side's own.
    public_names : tuple of str
        The names that viewers ask for, as far as they are declared; *.example.com among them.
    host : str
        What a side hears as Host of a viewer's request: the name that the viewer asked for, or its own.
    response_timeout_seconds : int
        How long the edge waits for each part of an answer; 0 without the edge door.
    edge_hosts : tuple of str
        The names that the edge hands on to both sides as Host; in TLS it takes the sides' own as well.
    door : str
        The root URL of the deployed edge; empty: what `traffic_stack` says.
    traffic_stack : str
        The stack that holds the deployed edge; empty without the edge door.
    door_name : str
        By which name the door is asked; empty: its own.
    door_adds : tuple of str
        Headers that the door is declared to add where a side sends none.
    viewer_scheme : str
        By what viewers come; empty where it is not known.
    static_paths : tuple of str
        Patterns of paths that the edge asks both sides for (docs/decisions/016); without the edge door none.
    journeys, session, secrets
        What people do, how one sees whether a viewer is known, and where the secrets for it are kept.

    Raises
    ------
    SpecError
        When one of `public_hosts` or `edge_hosts` is no host name, or `door` no root of a site.
    """

    service: str
    old: Side
    new: Side
    endpoints: tuple[Endpoint, ...]
    latency: Latency
    load: Load
    timeout_seconds: float
    certificate_days: int
    region: str = ""
    discover: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    public_hosts: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    public_names: tuple[str, ...] = ()
    host: Heard = "viewer"
    response_timeout_seconds: int = 0
    edge_hosts: tuple[str, ...] = ()
    door: str = ""
    traffic_stack: str = ""
    door_name: str = ""
    door_adds: tuple[str, ...] = ()
    viewer_scheme: Scheme = ""
    static_paths: tuple[str, ...] = ()
    journeys: tuple[Journey, ...] = ()
    session: Session = NO_SESSION
    secrets: tuple[Secret, ...] = ()

    @property
    def public_name(self) -> str:
        """One name that viewers ask for, or nothing where none is declared."""
        return next((name for name in self.public_names if "*" not in name), "")

    def __post_init__(self) -> None:
        for where in ("public_hosts", "edge_hosts"):
            for name in getattr(self, where):
                if _NAME.fullmatch(name) is None:
                    raise SpecError(f"{name!r} in {where} is not a host name, like app.example.com")
        if self.door:
            Side(self.door)

    def region_of(self, name: str) -> str:
        """Return the region of the side called `name`; empty where it is not known."""
        return self.side(name).region or self.region

    @property
    def is_apart(self) -> bool:
        """Whether the sides are in two regions."""
        return self.region_of("old") != self.region_of("new")

    def side(self, name: str) -> Side:
        """Return the side called `name`, old or new."""
        return self.old if name == "old" else self.new


def is_path(text: str) -> bool:
    """Return whether `text` can be asked for: it starts with /, has no space, fragment or control character
    and 255 characters at most."""
    return _PATH.fullmatch(text) is not None and text.isprintable()


def _check_date(name: str, given: str) -> None:
    try:
        date.fromisoformat(given)
    except ValueError as error:
        raise SpecError(f"{name} is {given!r}: it must be a day, like 2026-11-30") from error
