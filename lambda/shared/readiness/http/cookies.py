"""What a side asks a browser to do with its cookies; their values are not read here."""

from __future__ import annotations

from collections.abc import Iterable


def attributes(set_cookies: Iterable[str]) -> dict[str, str]:
    """Return, for each cookie's name, its attributes in a fixed order, like `httponly; path=/; secure`.

    A date of expiry is told as `lasting` only: it differs from one second to the next. Max-Age, which
    overrules it (RFC 6265, 5.3), is told as it is. A cookie that is set more than once is told as often.
    """
    found: dict[str, list[str]] = {}
    for header in set_cookies:
        first, *rest = header.split(";")
        kept: dict[str, str] = {}
        for part in rest:
            name, _, value = (piece.strip().lower() for piece in part.partition("="))
            if name:
                kept[name] = f"{name}={value}" if value else name
        expires = kept.pop("expires", "")
        if expires and "max-age" not in kept:
            kept["expires"] = "lasting"
        shown = "; ".join(sorted(kept.values())) or "no attributes"
        found.setdefault(first.partition("=")[0].strip(), []).append(shown)
    return {name: ", and ".join(sorted(each)) for name, each in found.items()}
