"""Calls to addresses that somebody typed: never into our own network.

A name is resolved once, every address that it has must pass, and the socket opens to an address
that passed: a name that changes its mind between check and call gains nothing. `ipaddress`'
own ideas of private and global miss carrier NAT and the tunnels into IPv4, hence the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import SOCK_STREAM, getaddrinfo
from typing import TYPE_CHECKING, NamedTuple

from accounts.errors import AbmError

if TYPE_CHECKING:
    import httpx

PORTS = frozenset({80, 443})
DENIED = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3"),
        # "::/96" holds loopback, the unspecified address and the old way to write IPv4.
        *("::/96", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),  # tunnels into IPv4
    )
)

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Iterable[str]]


class Refused(AbmError):
    """A URL that we do not call."""


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name; OSError if it has none."""
    found = getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class _Allowed(NamedTuple):
    """An exception: a host or a network, at one port or at the usual ones."""

    host: str
    network: IPv4Network | IPv6Network | None
    port: int | None

    def covers(self, host: str, address: Address, port: int) -> bool:
        at_port = port == self.port if self.port else port in PORTS
        return at_port and (
            host == self.host or (self.network is not None and address in self.network)
        )


class Guard:
    """Which addresses may be called.

    `allow` names exceptions: a host or a network, each with a port if it is not 80 or 443
    (`hooks.internal`, `10.1.0.0/16`, `localhost:8080`, `[fd00::/8]:8080`).
    """

    def __init__(self, allow: Iterable[str] = (), resolver: Resolver = resolve) -> None:
        self._allow = tuple(map(_allowed, allow))
        self._resolve = resolver

    def url(self, text: str) -> httpx.URL:
        """The URL if its form is right; Refused, without a look at the network, if not."""
        import httpx

        try:
            url = httpx.URL(text)
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise Refused("not a URL") from error
        if url.scheme not in {"http", "https"}:
            raise Refused(f"a webhook goes to http or https, not to {url.scheme or 'nowhere'!r}")
        if url.userinfo:
            raise Refused("a webhook's URL carries no user name or password")
        if url.port is not None and not 0 < url.port < 65_536:
            raise Refused(f"{url.port} is no port")
        if not url.host:
            raise Refused("the webhook's URL has no host")
        return url

    def addresses(self, host: str, port: int) -> list[str]:
        """Addresses of the host, all of them fit to call; Refused if one is not, OSError if none.

        Blocks while the resolver works.
        """
        found = list(self._resolve(host, port))
        if not found:
            raise OSError(f"{host} has no address")
        for text in found:
            self._check(host, _unwrapped(text), port)
        return found

    def _check(self, host: str, address: Address, port: int) -> None:
        if any(allowed.covers(host.lower(), address, port) for allowed in self._allow):
            return
        hint = "an administrator may add it to `allow` of [webhooks]"
        if any(address in network for network in DENIED):
            raise Refused(f"{host} is inside a private network", hint)
        if port not in PORTS:
            raise Refused(f"port {port} is not a web port", hint)


def _unwrapped(text: str) -> Address:
    """The address that is really called: IPv4 may come wrapped in IPv6."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _allowed(text: str) -> _Allowed:
    if network := _network(text):
        return _Allowed("", network, None)
    host, colon, port = text.rpartition(":")
    if not colon:
        return _Allowed(text.lower(), None, None)
    if not (host and port.isascii() and port.isdigit()):
        raise AbmError(f"allow {text!r} is no host or network", "write host, host:port, 10.0.0.0/8")
    return _Allowed(host.lower(), _network(host.strip("[]")), int(port))


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None
