"""HTTP onto the wire, through the guard. Only who sends imports it: httpx takes its time."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from functools import lru_cache
from time import monotonic
from typing import Any, cast

import httpcore
import httpx

from orchestrator.channels.guard import Guard


@lru_cache(maxsize=1)
def _system_authorities() -> ssl.SSLContext:
    """Whom the machine trusts. Reading it takes 50 ms."""
    return ssl.create_default_context()


class GuardedTransport(httpx.BaseTransport):
    """HTTP through the guard; a request and its answer take `seconds` at most.

    Raises httpx.ConnectError while the request has not begun to leave, Refused if it must not,
    and another httpx.TransportError from then on. Connections are not kept: one that the other
    side closes at the wrong moment would leave a doubt where there need be none.
    """

    def __init__(self, guard: Guard, seconds: float) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_system_authorities(),
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
