"""A mail server in a thread that says exactly what a test puts into its mouth."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Say = bytes | Callable[[socket.socket], None]

POLITE: dict[str, Say] = {
    "GREETING": b"220 liar.example ESMTP\r\n",
    "EHLO": b"250-liar.example\r\n250 PIPELINING\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go on\r\n",
    "DOT": b"250 2.0.0 taken\r\n",
    "RSET": b"250 2.0.0 ok\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
}


class HangUp(Exception):
    """Leave, at once."""


def hang_up(_: socket.socket) -> None:
    raise HangUp


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    raise HangUp


def silence(_: socket.socket) -> None:
    """No answer; the next command is read."""


def drip(answer: bytes, pause: float) -> Say:
    """An octet at a time."""

    def say(connection: socket.socket) -> None:
        for position in range(len(answer)):
            connection.sendall(answer[position : position + 1])
            time.sleep(pause)

    return say


def then_hang_up(answer: bytes) -> Say:
    def say(connection: socket.socket) -> None:
        connection.sendall(answer)
        raise HangUp

    return say


class Liar:
    """`heard` are the commands, `packets` what arrived at once, `taken` the whole messages.

    `says` maps a verb to an answer, or to a list of answers for its first, second … time; the
    last one stays. With `tls` it can do STARTTLS, or TLS from the start (`implicit`).
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, implicit: bool = False, **says: Say | list[Say]
    ) -> None:
        self.says: dict[str, Any] = {**POLITE, **says}
        self.tls, self.implicit = tls, implicit
        self.heard: list[str] = []
        self.packets: list[bytes] = []
        self.taken: list[bytes] = []
        self.lines = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[Session] = []
        self.host, self.port = self._server.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for session in self._open:
            with suppress(OSError):
                session.connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def answer(self, verb: str) -> Say:
        answer = self.says.get(verb, b"502 5.5.1 what?\r\n")
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]  # type: ignore[no-any-return]
        return answer  # type: ignore[no-any-return]

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.lines += 1
                self._open.append(Session(self, connection))
                threading.Thread(target=self._open[-1].run, daemon=True).start()


class Session:
    """One connection."""

    def __init__(self, liar: Liar, connection: socket.socket) -> None:
        self.liar, self.connection, self.unread = liar, connection, b""

    def run(self) -> None:
        with suppress(HangUp, OSError):
            if self.liar.implicit:
                self.start_tls()
            self.say("GREETING")
            while verb := self.command():
                answer = self.say(verb)
                if verb == "QUIT":
                    break
                if verb == "STARTTLS" and isinstance(answer, bytes) and answer.startswith(b"220"):
                    self.start_tls()
                if verb == "DATA" and answer == POLITE["DATA"]:
                    self.take()
        self.connection.close()

    def start_tls(self) -> None:
        assert self.liar.tls
        self.connection = self.liar.tls.wrap_socket(self.connection, server_side=True)

    def say(self, verb: str) -> Say:
        answer = self.liar.answer(verb)
        if isinstance(answer, bytes):
            self.connection.sendall(answer)
        else:
            answer(self.connection)
        return answer

    def command(self) -> str:
        line = self.until(b"\r\n").decode()
        self.liar.heard.append(line)
        return line.partition(" ")[0].upper()

    def take(self) -> None:
        self.liar.taken.append(self.until(b"\r\n.\r\n") + b"\r\n")
        self.say("DOT")

    def until(self, end: bytes) -> bytes:
        while end not in self.unread:
            if not (packet := self.connection.recv(1 << 16)):
                raise HangUp
            self.liar.packets.append(packet)
            self.unread += packet
        found, self.unread = self.unread.split(end, 1)
        return found
