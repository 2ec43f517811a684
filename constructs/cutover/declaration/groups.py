"""Who is on new before everybody: `promotion.groups`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Any, Final, Self

from pydantic import Field, field_validator, model_validator

from cutover.declaration.countries import COUNTRIES
from cutover.declaration.model import Model
from cutover.declaration.shown import shown

MOST_GROUPS: Final = 10
MOST_OF_GROUPS_AND_PATHS: Final = 3_400
"""Characters of groups and static paths as the edge function holds them. Its code is at most 10,240 bytes
(CloudFront Developer Guide, cloudfront-limits)."""

Network = IPv4Network | IPv6Network

_FIELD_NAME: Final = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$"
"""The name of a header or a cookie (RFC 9110, 5.6.2; RFC 6265, 4.1.1)."""
_UNSEEN: Final = re.compile(
    r"connection|content-length|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|"
    r"via|x-accel-.*|x-amz-cf-.*|x-amzn-.*|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip"
)
"""What a function is not shown, or what CloudFront writes itself (CloudFront Developer Guide,
edge-function-restrictions-all, RequestAndResponseBehaviorCustomOrigin)."""
_OURS: Final = re.compile(r"x-cutover-.*|x-forwarded-(?:for|host)")
_SECRET: Final = re.compile(r"authorization|x-api-key")
_COOKIE_VALUE: Final = re.compile(r"[!#-+\--:<-\[\]-~]+")
"""RFC 6265, 4.1.1: no blank, quote, comma, semicolon or backslash."""
_NOT_ON_THE_INTERNET: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
"""RFC 1918, 3927, 4193, 4291 and 6598."""
_MAPPED: Final = 96
"""Bits before the IPv4 address in an IPv6 one (RFC 4291, 2.5.5.2)."""
_DIGIT: Final = 4
"""Bits of a hex digit."""


class Told(Model):
    """A header or a cookie, and what it must hold."""

    name: str = Field(
        pattern=_FIELD_NAME, description="its name, at most 64 characters, like x-beta"
    )
    values: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        max_length=20,
        description="the values that count, 1 to 20, each compared letter by letter, of 1 to 100 printable "
        "ASCII characters",
    )

    @field_validator("values")
    @classmethod
    def _are_values(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if not 1 <= len(value) <= 100 or not value.isascii() or not value.isprintable():  # noqa: PLR2004 - as described
                raise ValueError(f"holds {shown(value) or 'nothing'}")
            if value != value.strip():
                raise ValueError(f'holds "{shown(value)}", with a blank at its end: none arrives')
        if len(set(values)) != len(values):
            raise ValueError("holds a value twice")
        return values


class Group(Model):
    """Some viewers, told from the others at the edge function."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,19}$",
        description="its name, which viewers may see: small letters, digits and -, at most 20, like staff",
    )
    from_weight: int | None = Field(
        default=None,
        ge=1,
        le=99,
        description="the step, 1 to 99, from which on the group is on new; left out: as soon as new_weight "
        "is above 0. At 0 nobody is",
    )
    header: Told | None = Field(
        default=None,
        description="a header that the group's requests have. Anybody can send it: a group is no lock",
    )
    cookie: Told | None = Field(
        default=None,
        description="a cookie that the group's browsers have. Anybody can send it: a group is no lock",
    )
    countries: tuple[str, ...] | None = Field(
        default=None,
        strict=False,
        min_length=1,
        max_length=50,
        description="countries, as CloudFront tells them by the address, 1 to 50 codes of ISO 3166-1 "
        "alpha-2 in capitals, like SE; edge.forward_host must be true",
    )
    networks: tuple[str, ...] | None = Field(
        default=None,
        strict=False,
        min_length=1,
        max_length=50,
        description="networks by which the group reaches the internet, 1 to 50, IPv4 or IPv6, like "
        "192.0.2.0/24 or 2001:db8::/32",
    )

    @field_validator("countries")
    @classmethod
    def _are_countries(cls, codes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for code in codes or ():
            if code not in COUNTRIES:
                capitals = code.upper()
                meant = f": write {capitals}" if capitals in COUNTRIES else ""
                raise ValueError(f"names {shown(code)}, which is no country's code{meant}")
        if codes is not None and len(set(codes)) != len(codes):
            raise ValueError("names a country twice")
        return codes

    @field_validator("networks")
    @classmethod
    def _are_networks(cls, texts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        networks = [_network(text) for text in texts or ()]
        if len(set(networks)) != len(networks):
            raise ValueError("names a network twice")
        return texts

    @model_validator(mode="after")
    def _has_one_kind(self) -> Self:
        kinds = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            has = " and ".join(kinds) if kinds else "none"
            raise ValueError(
                f"must have exactly one of {', '.join(_KINDS)}, and has {has}: declare two groups where two "
                "kinds are meant"
            )
        return self

    @model_validator(mode="after")
    def _can_be_seen(self) -> Self:
        if self.header is not None:
            _check_header(self.header.name.lower())
        if self.cookie is not None:
            if self.cookie.name.lower().startswith("cutover-"):
                raise ValueError(
                    f"goes by the cookie {self.cookie.name}, which is the edge's own: take another name"
                )
            for value in self.cookie.values:
                if _COOKIE_VALUE.fullmatch(value) is None:
                    raise ValueError(
                        f"goes by a cookie that holds {shown(value)}: a cookie's value has no blank, quote, "
                        "comma, semicolon or backslash"
                    )
        return self

    @property
    def first_weight(self) -> int:
        """The weight of new, in percent, from which on the group is on new."""
        return self.from_weight or 1

    @property
    def by(self) -> str:
        """By what its viewers are told, in words, like `header x-beta`."""
        if self.header is not None:
            return f"header {self.header.name.lower()}"
        if self.cookie is not None:
            return f"cookie {self.cookie.name}"
        return "country" if self.countries is not None else "network"

    @property
    def values(self) -> tuple[str, ...]:
        """What counts there."""
        told = self.header or self.cookie
        return told.values if told is not None else self.countries or self.networks or ()

    @property
    def at_edge(self) -> dict[str, Any]:
        """What lambda/edge/router.js looks at. `keep` is there where membership is remembered."""
        held: dict[str, Any] = {"name": self.name, "from": self.first_weight}
        if self.networks is not None:
            expression = "|".join(digits_of(_network(text)) for text in self.networks)
            return held | {"keep": 1, "network": expression}
        if self.countries is not None:
            return held | {"keep": 1, "header": "cloudfront-viewer-country", "is": self.countries}
        if self.header is not None:
            return held | {"header": self.header.name.lower(), "is": self.header.values}
        assert self.cookie is not None
        return held | {"cookie": self.cookie.name, "is": self.cookie.values}


_KINDS: Final = ("header", "cookie", "countries", "networks")


def as_code(groups: Sequence[Group]) -> str:
    """Return `groups` as the edge function holds them: JSON, which is JavaScript too."""
    return json.dumps([group.at_edge for group in groups], separators=(",", ":"))


def digits_of(network: Network) -> str:
    """Return the regular expression that the addresses of `network` begin with: 4 or 6, and hex digits, of
    which the last may be one of several."""
    whole, rest = divmod(network.prefixlen, _DIGIT)
    digits = f"{int(network.network_address):0{network.max_prefixlen // _DIGIT}x}"
    expression = f"{network.version}{digits[:whole]}"
    if rest:
        first = int(digits[whole], 16)
        last = first + 2 ** (_DIGIT - rest) - 1
        expression += f"[{first:x}-{last:x}]"
    return expression


def _network(text: str) -> Network:
    if "%" in text:
        raise ValueError(f"names {shown(text)}, which is no network")
    try:
        network = ip_network(text)
    except ValueError as error:
        try:
            meant = ip_network(text, strict=False)
        except ValueError:
            raise ValueError(f"names {shown(text)}, which is no network") from error
        raise ValueError(
            f"names {shown(text)}, whose address has bits set beyond its length: write {meant}"
        ) from error
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED:
        inner = IPv6Address(network.network_address).ipv4_mapped
        if inner is not None:
            meant = ip_network(f"{inner}/{network.prefixlen - _MAPPED}")
            raise ValueError(f"names {shown(text)}, which is IPv4 written as IPv6: write {meant}")
    if network.prefixlen == 0:
        raise ValueError(f"names {shown(text)}, which is everybody: raise new_weight for that")
    for private in _NOT_ON_THE_INTERNET:
        if network.version == private.version and network.subnet_of(private):  # type: ignore[arg-type]
            raise ValueError(
                f"names {shown(text)}, from which nobody reaches CloudFront: name the addresses by which the "
                "group reaches the internet"
            )
    return network


def _check_header(name: str) -> None:
    if name == "cookie":
        raise ValueError("goes by the header cookie: declare a cookie instead")
    if name == "cloudfront-viewer-country":
        raise ValueError("goes by the header cloudfront-viewer-country: declare countries instead")
    if name.startswith("cloudfront-"):
        raise ValueError(
            f"goes by the header {name}, which CloudFront writes itself and not on every path: take one of "
            "your own"
        )
    if _SECRET.fullmatch(name) is not None:
        raise ValueError(
            f"goes by the header {name}, which holds a secret, and a declaration is no place for one: take a "
            "header of your own"
        )
    if _OURS.fullmatch(name) is not None:
        raise ValueError(f"goes by the header {name}, which the edge writes itself: take another")
    if _UNSEEN.fullmatch(name) is not None:
        raise ValueError(
            f"goes by the header {name}, which CloudFront keeps from the edge function or writes itself: "
            "take one of your own"
        )
