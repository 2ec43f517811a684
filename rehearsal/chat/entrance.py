"""By which door a person comes in: where to connect to, and which name to ask for."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.chat.acts import EntranceName
from rehearsal.world.dns_server import ask
from rehearsal.world.side import LocalSide


class Entrance:
    """A door, as a browser sees it.

    Attributes
    ----------
    name : str
    host : str
        What it asks for.
    scheme : str
        By which it believes to speak: nobody here speaks TLS to people, whom CloudFront would lead to https.
    """

    name: EntranceName
    host: str
    scheme: str

    async def reach(self) -> tuple[str, int]:
        """Return where to connect to.

        Raises
        ------
        OSError, TimeoutError
            When nobody knows.
        """
        raise NotImplementedError

    @property
    def origin(self) -> str:
        """What a page of this host is."""
        return f"{self.scheme}://{self.host}"


@dataclass
class EdgeEntrance(Entrance):
    """The local edge, by the distribution's domain name."""

    host: str
    address: tuple[str, int]
    name: EntranceName = "edge"
    scheme: str = "https"

    async def reach(self) -> tuple[str, int]:
        """Return where the edge listens."""
        return self.address


@dataclass
class DnsEntrance(Entrance):
    """The side that the record names: asked anew each time, as by a resolver that keeps nothing."""

    host: str
    port: int
    sides: dict[str, LocalSide]
    """Who is at an address."""
    name: EntranceName = "dns"
    scheme: str = "http"

    async def reach(self) -> tuple[str, int]:
        """Return where the side listens that the DNS server names."""
        (address,) = await ask(self.port, self.host, "A")
        return self.sides[address].address
