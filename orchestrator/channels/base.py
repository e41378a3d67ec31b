"""What a channel is, and how its messages leave in two phases.

A channel turns a draft into bytes and opens couriers. A courier does everything that can be
answered for certain first (`offer`); then its caller stores the intent; then it says the one
sentence that cannot be taken back (`send`). What lies between the two makes "sent twice"
impossible and "perhaps sent" rare.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from orchestrator.terms import Draft, Message, Receipt

# What becomes of a message that the other side gets twice: it lands on itself, the other side
# drops it by our key, or it is seen twice.
Repeat = Literal["natural", "keyed", "none"]


class Courier(Protocol):
    """Open lines of one channel, used by one thread."""

    @property
    def width(self) -> int:
        """How many messages one `offer` takes at most."""

    def offer(self, messages: Sequence[Message]) -> list[Receipt | None]:
        """All that is definite before the point of no return; one answer for each message.

        None: it may be sent. A receipt (retry or failed) is final: nothing left. Never raises
        for a fault of the network or of the other side.
        """

    def send(self, messages: Sequence[Message], deadline: float | None = None) -> list[Receipt]:
        """Let some of the last offer's messages go; the others are withdrawn.

        `deadline` is in seconds of `time.monotonic`: what could not start before it comes back
        as retry. A time-out, a reset or a close after the point of no return is `unknown`.
        Never raises for a fault of the network or of the other side.
        """

    def close(self) -> None:
        """Say goodbye, if anybody still listens."""


class Channel(Protocol):
    """One way out of the house; stateless, shared by threads."""

    @property
    def name(self) -> str: ...

    @property
    def repeat(self) -> Repeat: ...

    def compose(self, draft: Draft) -> Message:
        """The draft's bytes, the same for the same draft; AbmError if it must not leave."""

    def open(self, width: int) -> Courier:
        """A courier for `width` messages at a time; connects on its first offer."""
