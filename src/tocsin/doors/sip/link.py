"""Between the wire and the protocol: who a message came from, and how to answer there."""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from tocsin.errors import Misconfigured


class Link(NamedTuple):
    """The way back to a peer.

    Args:
        host: its address.
        port: the port it sent from.
        reliable: TCP, where nothing is sent twice.
        send: sends bytes to a port of it; over TCP the port means nothing.
    """

    host: str
    port: int
    reliable: bool
    send: Callable[[bytes, int], None]


class Trusted:
    """The peers whose word on who is calling is taken (RFC 3325's trust domain). Empty means nobody.

    Args:
        networks: addresses and prefixes.

    Raises:
        Misconfigured: one is neither.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        try:
            self._networks: list[IPv4Network | IPv6Network] = [ip_network(each) for each in networks]
        except ValueError as error:
            raise Misconfigured(f"a trusted peer is an address or a prefix: {error}") from error

    def __contains__(self, host: str) -> bool:
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._networks)
