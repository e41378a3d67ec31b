"""A channel that keeps its own books in memory and answers as it is told: the machine's witness."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from orchestrator.channels.base import Repeat
from orchestrator.channels.email import letter
from orchestrator.channels.webhook import Webhook
from orchestrator.terms import Draft, Message, Receipt

ANSWERS = {
    "takes": Receipt("sent", "250 ok"),
    "hangs up after taking": Receipt("unknown", "the line broke"),
    "hangs up before taking": Receipt("unknown", "the line broke"),
    "puts off": Receipt("retry", "451 later"),
    "refuses": Receipt("failed", "554 no", permanent="refused"),
    "knows nobody": Receipt("failed", "550 5.1.1 no such user", permanent="bad_address"),
}
TAKES = ("takes", "hangs up after taking")


@dataclass(frozen=True)
class Taken:
    """A message that the other side took, and when (business time)."""

    name: str
    recipient: str
    body: bytes
    at: datetime


@dataclass
class Books:
    """What the other side took, how it answers now, and who looks at each message that leaves."""

    now: Callable[[], datetime]
    taken: list[Taken] = field(default_factory=list)
    mood: str = "takes"
    looks: list[Callable[[Taken], None]] = field(default_factory=list)

    def take(self, message: Message) -> Receipt:
        """Answer in the mood of the moment."""
        if self.mood in TAKES:
            name = f"{message.key}.{message.resend}"
            one = Taken(name, message.recipient, message.body, self.now())
            self.taken.append(one)
            for look in self.looks:
                look(one)
        return ANSWERS[self.mood]


@dataclass(frozen=True)
class Recorder:
    """E-mail, which nobody downstream takes for a repeat, or webhooks, which carry a key."""

    name: str
    repeat: Repeat
    books: Books

    def compose(self, draft: Draft) -> Message:
        if self.name == "email":
            return letter(draft, "us.example", self.name)
        return Webhook().compose(draft)

    def open(self, width: int) -> RecordingCourier:
        return RecordingCourier(self.books, width)


@dataclass
class RecordingCourier:
    """Offers everything, sends what it is told to."""

    books: Books
    width: int

    def offer(self, messages: Sequence[Message]) -> list[Receipt | None]:
        return [None] * len(messages)

    def send(self, messages: Sequence[Message], deadline: float | None = None) -> list[Receipt]:
        return [self.books.take(message) for message in messages]

    def close(self) -> None:
        """Nobody is on the line."""
