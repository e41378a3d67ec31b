"""Calls to addresses that somebody typed: never into our own network.

A name is resolved once, every address that it has must pass, and the socket opens to an address
that passed: a name that changes its mind between check and call gains nothing. `ipaddress`'
own ideas of private and global miss carrier NAT and the tunnels into IPv4, hence the list.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import SOCK_STREAM, getaddrinfo
from time import monotonic
from typing import Any, NamedTuple, cast

import httpcore
import httpx

from accounts.errors import AbmError

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


# ---------------------------------------------------------------- the way onto the wire


class GuardedTransport(httpx.BaseTransport):
    """HTTP through the guard; a request and its answer take `seconds` at most.

    Raises httpx.ConnectError while the request has not begun to leave, Refused if it must not,
    and another httpx.TransportError from then on. Connections are not kept: one that the other
    side closes at the wrong moment would leave a doubt where there need be none.
    """

    def __init__(self, guard: Guard, seconds: float) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=_Backend(guard, seconds),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        try:
            response = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=cast("Iterable[bytes]", request.stream),
                    extensions=request.extensions,
                )
            )
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise httpx.ConnectError(str(error) or "no connection in time") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise httpx.TransportError(str(error) or type(error).__name__) from error
        return httpx.Response(response.status, headers=response.headers, stream=_Content(response))

    def close(self) -> None:
        self._pool.close()


class _Content(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _Backend(httpcore.NetworkBackend):
    """Opens sockets to addresses that passed. TLS keeps asking for the name, not the address."""

    def __init__(self, guard: Guard, seconds: float) -> None:
        self._guard, self._seconds = guard, seconds
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        until = monotonic() + self._seconds
        try:
            addresses = self._guard.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        trouble: Exception = httpcore.ConnectTimeout()
        for address in addresses:
            if (left := until - monotonic()) <= 0:
                break
            try:
                stream = self._sockets.connect_tcp(address, port, left, *args, **kwargs)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
            else:
                return _Timed(stream, until)
        raise trouble


class _Timed(httpcore.NetworkStream):
    """A stream that ends at an absolute instant, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def _left(self, late: type[Exception]) -> float:
        if (left := self._until - monotonic()) <= 0:
            raise late("no time left")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._left(httpcore.ConnectTimeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
