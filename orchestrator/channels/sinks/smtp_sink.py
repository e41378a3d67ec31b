"""An SMTP server that keeps an honest accept log and misbehaves on request.

    python smtp_sink.py FOLDER [--mode MODE [--every N]] [--delay SECONDS]

Every message that it accepts is on disk (FOLDER/raw/N.eml, then one JSON line in
FOLDER/accepted.jsonl) before it says 250: what the log holds was delivered, the rest was not,
whatever the client believes. It runs as a process of its own, so that killing the client proves
something. The port it chose stands in FOLDER/port.

A recipient such as `bounce-jane@x.example` asks for the mode `bounce`; --mode asks for it on
behalf of everybody (each N-th message with --every). Only the standard library, so that it
starts in no time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from itertools import count
from pathlib import Path
from typing import BinaryIO

# Mode -> the answer in place of 250 (RCPT), 354 (DATA) or 250 (final dot). Not accepted.
AT_RCPT = {
    "bounce": b"550 5.1.1 no such mailbox",
    "defer": b"450 4.2.1 try later",
    "grey": b"450 4.7.1 greylisted, welcome the second time",
    "close": b"421 4.3.2 shutting down",
}
AT_DATA = {"nodata": b"554 5.7.1 no valid recipients", "mute": b""}
AT_DOT = {
    "refuse": b"554 5.7.1 content refused",
    "tempfail": b"451 4.3.0 disk full",
}
# Accepted and logged, and then: gone before 250; silent for ever; 250 a byte at a time; 250, gone.
AFTER_ACCEPT = ("drop", "stall", "slow", "reset")
MODES = (*AT_RCPT, *AT_DATA, *AT_DOT, *AFTER_ACCEPT)

ADDRESS = re.compile(rb"<([^<>]*)>")


class HangUp(Exception):
    """Close this connection now, after a last word if there is one."""

    def __init__(self, last_word: bytes = b"") -> None:
        super().__init__(last_word)
        self.last_word = last_word


class AcceptLog:
    """The witness: a message is in here if, and only if, the sink took it."""

    def __init__(self, folder: Path) -> None:
        self._raw = folder / "raw"
        self._raw.mkdir(exist_ok=True)
        self._lines = (folder / "accepted.jsonl").open("ab")
        self._numbers = count(1 + len(list(self._raw.iterdir())))

    def write(self, mail: Envelope, content: bytes, mode: str) -> None:
        raw = self._raw / f"{next(self._numbers):06d}.eml"
        with raw.open("wb") as file:
            _write_through(file, content)
        entry = {
            "at": datetime.now(UTC).isoformat(),  # noqa: TID251 - a witness has its own clock
            "from": mail.sender,
            "to": mail.recipients,
            "message_id": str(BytesHeaderParser().parsebytes(content).get("Message-ID", "")),
            "size": len(content),
            "raw": str(raw),
            "mode": mode,
        }
        _write_through(self._lines, json.dumps(entry).encode() + b"\n")


def _write_through(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


@dataclass
class Envelope:
    """One mail transaction; `mode` is what --mode asks for this time."""

    sender: str
    mode: str = ""
    recipients: list[str] = field(default_factory=list)

    def modes(self) -> list[str]:
        asked = (address.partition("@")[0].partition("-") for address in self.recipients)
        return [self.mode, *(mode for mode, dash, _ in asked if dash and mode in MODES)]

    def first(self, modes: Collection[str]) -> str:
        return next((mode for mode in self.modes() if mode in modes), "")


class Sink:
    """The state that all connections share."""

    def __init__(self, folder: Path, mode: str, every: int, delay: float) -> None:
        self.log = AcceptLog(folder)
        self.delay = delay
        self._mode, self._every, self._mails = mode, every, count(1)
        self._greylisted: set[str] = set()

    def envelope(self, sender: str) -> Envelope:
        due = next(self._mails) % self._every == 0
        return Envelope(sender, self._mode if due else "")

    def rcpt_answer(self, mail: Envelope, address: str) -> bytes:
        mode = Envelope(mail.sender, mail.mode, [address]).first(AT_RCPT)
        if mode == "grey" and address in self._greylisted:
            return b"250 2.1.5 ok"
        self._greylisted.add(address)
        if mode == "close":
            raise HangUp(AT_RCPT[mode])
        return AT_RCPT.get(mode, b"250 2.1.5 ok")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from greeting to goodbye."""
        session = Session(self, reader, writer)
        with contextlib.suppress(ConnectionError):
            try:
                await session.run()
            except HangUp as end:
                await session.say(end.last_word)
        writer.close()


class Session:
    """One connection. A command's method returns the answer to give."""

    def __init__(
        self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._sink, self._reader, self._writer = sink, reader, writer
        self._mail: Envelope | None = None
        self._commands = {
            b"EHLO": self._ehlo,
            b"HELO": self._ehlo,
            b"MAIL": self._mail_from,
            b"RCPT": self._rcpt,
            b"DATA": self._data,
            b"RSET": self._rset,
            b"NOOP": self._noop,
            b"QUIT": self._quit,
        }

    async def run(self) -> None:
        await self.say(b"220 sink.example ESMTP")
        while line := await self._reader.readline():
            command = self._commands.get(line[:4].upper().rstrip(), self._unknown)
            await self.say(await command(line))

    async def say(self, answer: bytes) -> None:
        if answer:
            self._writer.write(answer + b"\r\n")
            await self._writer.drain()

    async def _ehlo(self, line: bytes) -> bytes:
        self._mail = None
        return b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8"

    async def _mail_from(self, line: bytes) -> bytes:
        if not (address := ADDRESS.search(line)):
            return b"501 5.5.4 MAIL FROM:<address>"
        self._mail = self._sink.envelope(address[1].decode(errors="replace"))
        return b"250 2.1.0 ok"

    async def _rcpt(self, line: bytes) -> bytes:
        if not (self._mail and (address := ADDRESS.search(line))):
            return b"503 5.5.1 MAIL first"
        recipient = address[1].decode(errors="replace")
        answer = self._sink.rcpt_answer(self._mail, recipient)
        if answer.startswith(b"250"):
            self._mail.recipients.append(recipient)
        return answer

    async def _data(self, line: bytes) -> bytes:
        if not (self._mail and self._mail.recipients):
            return b"503 5.5.1 RCPT first"
        if mode := self._mail.first(AT_DATA):
            return AT_DATA[mode] or await self._silence()
        await self.say(b"354 go on")
        mail, self._mail = self._mail, None
        content = await self._content()
        if mode := mail.first(AT_DOT):
            return AT_DOT[mode]
        mode = mail.first(AFTER_ACCEPT)
        self._sink.log.write(mail, content, mode)
        await asyncio.sleep(self._sink.delay)
        return await self._accepted(mode)

    async def _content(self) -> bytes:
        """The message with its dots unstuffed; HangUp if the client goes before the final dot."""
        lines = []
        while (line := await self._reader.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                raise HangUp
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    async def _accepted(self, mode: str) -> bytes:
        answer = b"250 2.0.0 accepted"
        match mode:
            case "drop":
                raise HangUp
            case "reset":
                raise HangUp(answer)
            case "stall":
                await self._silence()
            case "slow":
                for position in range(len(answer) - 1):
                    self._writer.write(answer[position : position + 1])
                    await asyncio.sleep(0.05)
                return answer[-1:]
        return answer

    async def _silence(self) -> bytes:
        """Read on and say nothing until the client gives up."""
        while await self._reader.read(1 << 16):
            pass
        raise HangUp

    async def _rset(self, line: bytes) -> bytes:
        self._mail = None
        return b"250 2.0.0 ok"

    async def _noop(self, line: bytes) -> bytes:
        return b"250 2.0.0 ok"

    async def _quit(self, line: bytes) -> bytes:
        raise HangUp(b"221 2.0.0 bye")

    async def _unknown(self, line: bytes) -> bytes:
        return b"502 5.5.2 unknown command"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mode", choices=MODES, default="")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--delay", type=float, default=0.0)
    options = parser.parse_args()
    sink = Sink(options.folder, options.mode, options.every, options.delay)
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=1 << 22)
    port = options.folder / "port.new"
    port.write_text(str(server.sockets[0].getsockname()[1]))
    port.rename(options.folder / "port")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
