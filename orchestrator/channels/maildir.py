"""E-mail into a folder: the zero-set-up sink, readable by any mail program.

A message is a file named after its key. Sending it twice puts the same file in the same place, so
that a crash at any moment costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestrator.channels.base import Courier, Repeat
from orchestrator.channels.email import letter
from orchestrator.terms import Draft, Message, Receipt


@dataclass(frozen=True, slots=True)
class Maildir:
    """Mail from `domain` into `folder`/new."""

    domain: str
    folder: Path
    name: str = "email"
    repeat: Repeat = "natural"

    def compose(self, draft: Draft) -> Message:
        return letter(draft, self.domain, self.name)

    def open(self, width: int) -> Courier:
        return MaildirCourier(self.folder, width)


class MaildirCourier:
    """Writes to tmp/ when offered, renames to new/ when sent."""

    def __init__(self, folder: Path, width: int) -> None:
        self.width = width
        self._tmp, self._new = folder / "tmp", folder / "new"
        self._written: set[str] = set()
        self._folder = folder

    def offer(self, messages: Sequence[Message]) -> list[Receipt | None]:
        self._withdraw()
        return [self._write(message) for message in messages]

    def send(self, messages: Sequence[Message], deadline: float | None = None) -> list[Receipt]:
        receipts = [self._deliver(message) for message in messages]
        self._withdraw()
        try:
            _sync(self._new)
        except OSError as error:  # in place, but perhaps not after a power cut
            return [Receipt("unknown", str(error))] * len(receipts)
        return receipts

    def close(self) -> None:
        self._withdraw()

    def _write(self, message: Message) -> Receipt | None:
        try:
            for name in ("tmp", "new", "cur"):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
            with (self._tmp / _name(message)).open("wb") as file:
                self._written.add(_name(message))
                file.write(message.body)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            return Receipt("retry", str(error))
        return None

    def _deliver(self, message: Message) -> Receipt:
        name = _name(message)
        try:
            (self._tmp / name).replace(self._new / name)
        except OSError as error:
            return Receipt("retry", str(error))
        self._written.discard(name)
        return Receipt("sent", f"new/{name}")

    def _withdraw(self) -> None:
        for name in self._written:
            with suppress(OSError):
                (self._tmp / name).unlink(missing_ok=True)
        self._written.clear()


def _name(message: Message) -> str:
    return f"{message.key}.{message.resend}"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
