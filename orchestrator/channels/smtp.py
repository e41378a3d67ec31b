"""One SMTP connection whose every wait ends at an absolute instant.

`smtplib` greets, starts TLS and logs in; its two lowest calls are replaced, because its reader
waits anew for each byte of a dribbling server and takes an over-long answer for a 500.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from socket import IPPROTO_TCP, TCP_NODELAY
from time import monotonic
from typing import TYPE_CHECKING, Any

from orchestrator.channels.replies import Reply

if TYPE_CHECKING:
    from socket import socket

_CHUNK = 8192  # octets read at once; also more than any line of an answer may have
_MOST_LINES = 100  # of one answer


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for a whole phase on all lines together."""

    connect: float = 30.0  # until logged in
    command: float = 30.0  # MAIL and RCPT; DATA
    content: float = 120.0  # the message and the answer to its dot


@dataclass(frozen=True, slots=True)
class Relay:
    """The server that takes our mail. `tls` is starttls, implicit or none."""

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "starttls"
    helo: str = "localhost"
    timeouts: Timeouts = Timeouts()
    messages_per_line: int = 100
    context: ssl.SSLContext | None = None  # None: the system's authorities


class Garbled(OSError):
    """The other side does not speak SMTP."""


class Cut(OSError):
    """Writing ended early; `unsent` octets never left."""

    def __init__(self, cause: OSError, unsent: int) -> None:
        super().__init__(str(cause) or type(cause).__name__)
        self.unsent = unsent


class Line(smtplib.SMTP):
    """A connection that is open, greeted and logged in once `connect` returned it."""

    def __init__(self, relay: Relay, **options: Any) -> None:
        self.until = monotonic() + relay.timeouts.connect
        self.mails = 0  # how many messages it has carried
        self.dirty = False  # a mail transaction was begun and not ended
        self._unread = bytearray()
        self._read_from: socket | None = None
        options |= {"local_hostname": relay.helo, "timeout": relay.timeouts.connect}
        try:
            super().__init__(relay.host, relay.port, **options)
            self._socket().setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        except BaseException:
            self.close()
            raise

    @property
    def pipelining(self) -> bool:
        return self.has_extn("pipelining")

    @property
    def quiet(self) -> bool:
        """Has the other side said no more than we have read?"""
        return not self._unread

    def write(self, data: bytes) -> None:
        """All of `data` before `until`, or Cut."""
        view, sock = memoryview(data), self._socket()
        while view:
            try:
                sock.settimeout(self._left())
                view = view[sock.send(view) :]
            except OSError as error:
                raise Cut(error, len(view)) from error

    def reply(self) -> Reply:
        """One whole answer before `until`; OSError if the line breaks, Garbled for nonsense."""
        code, texts = self._read_reply()
        return Reply(code, " ".join(" ".join(texts).split()))

    def _read_reply(self) -> tuple[int, list[str]]:
        texts = []
        for _ in range(_MOST_LINES):
            line = self._read_line()
            code, mark = line[:3], line[3:4]
            if not (code.isdigit() and b"200" <= code < b"600" and mark in (b" ", b"-", b"")):
                raise Garbled("the mail server's answer is not SMTP")
            texts.append(line[4:].decode("ascii", "replace"))
            if mark != b"-":
                return int(code), texts
        raise Garbled("the mail server's answer has no end")

    def _read_line(self) -> bytes:
        sock = self._socket()
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) >= _CHUNK:
                raise Garbled("the mail server's answer is too long")
            if not (chunk := self._receive(sock)):
                raise ConnectionResetError("the mail server hung up")
            self._unread += chunk
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line.rstrip(b"\r")

    def _receive(self, sock: socket) -> bytes:
        """Octets that come before `until`, or had come by then: a line is read when it is its turn,
        and another one's silence must not make an answer unheard."""
        sock.settimeout(max(self.until - monotonic(), 0.0))
        try:
            return sock.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError) as error:
            raise TimeoutError("no time left") from error

    def _socket(self) -> socket:
        """The socket; what was read before TLS began is not an answer to anything after it."""
        sock: socket | None = self.sock
        if sock is None:
            raise ConnectionResetError("the line is closed")
        if sock is not self._read_from:
            self._read_from = sock
            self._unread.clear()
        return sock

    def _left(self) -> float:
        if (left := self.until - monotonic()) <= 0:
            raise TimeoutError("no time left")
        return left

    # ------------------------------------------------ what smtplib's own methods stand on

    def send(self, s: Any) -> None:
        self.write(s.encode("ascii") if isinstance(s, str) else bytes(s))

    def getreply(self) -> tuple[int, bytes]:
        code, texts = self._read_reply()
        return code, "\n".join(texts).encode()


class TlsLine(Line, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""


def connect(relay: Relay) -> Line:
    """A line ready for mail; OSError, in words that hold no secret, if there is none."""
    context = relay.context or (_system_authorities() if relay.tls != "none" else None)
    line = TlsLine(relay, context=context) if relay.tls == "implicit" else Line(relay)
    try:
        line.ehlo_or_helo_if_needed()
        if relay.tls == "starttls":
            line.starttls(context=context)
            line.ehlo_or_helo_if_needed()
        if relay.user:
            _log_in(line, relay)
    except BaseException:
        line.close()
        raise
    return line


@lru_cache(1)
def _system_authorities() -> ssl.SSLContext:
    return ssl.create_default_context()  # reads a hundred certificates


def _log_in(line: Line, relay: Relay) -> None:
    """Log in. The server's words are dropped: some repeat what they were told."""
    try:
        line.login(relay.user, relay.password)
    except smtplib.SMTPAuthenticationError as error:
        reason = f"the mail server refused our log-in with {error.smtp_code}"
        raise ConnectionRefusedError(reason) from None
    except UnicodeError:
        raise ConnectionRefusedError("user and password of [mail] must be ASCII") from None
