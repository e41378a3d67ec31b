"""E-mail over SMTP: several connections, driven in lockstep by one thread.

Every line speaks before anybody listens, so that the waits overlap, and one intent and one record
commit serve all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from orchestrator.channels import mime
from orchestrator.channels.base import Courier, Repeat
from orchestrator.channels.smtp import Line, Relay, connect
from orchestrator.channels.talk import Talk, words
from orchestrator.terms import Draft, Message, Receipt

_GOODBYE = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Email:
    """Mail from `domain` through a relay; nobody downstream drops repeats."""

    domain: str
    relay: Relay
    name: str = "email"
    repeat: Repeat = "none"

    def compose(self, draft: Draft) -> Message:
        return letter(draft, self.domain, self.name)

    def open(self, width: int) -> Courier:
        return SmtpCourier(self.relay, width)


def letter(draft: Draft, domain: str, channel: str) -> Message:
    """The mail of a draft; AbmError for a bad address or a mail that must not leave."""
    sender, recipient = mime.address(draft.sender), mime.address(draft.recipient)
    body = mime.compose(draft, sender=sender, recipient=recipient, domain=domain)
    return Message(draft.key, draft.resend, channel, sender, recipient, body)


class SmtpCourier:
    """`width` connections at most; they open when needed and serve later messages too.

    An offer lasts at most twice `connect + command` of the relay's time-outs and once `connect`
    more, a send at most `command + content`.
    """

    def __init__(self, relay: Relay, width: int) -> None:
        self.width = width
        self._relay = relay
        self._idle: list[Line] = []
        self._held: dict[tuple[str, int], Talk] = {}

    def offer(self, messages: Sequence[Message]) -> list[Receipt | None]:
        if len(messages) > self.width:
            raise ValueError(f"{len(messages)} messages for {self.width} lines")
        self._withdraw()
        seats = self._envelopes(messages)
        # A line that we kept may have been closed meanwhile; nothing left, so ask on a new one.
        if stale := [n for n, talk in enumerate(seats) if isinstance(talk, Talk) and talk.stale]:
            self._hang_up()
            again = self._envelopes([messages[n] for n in stale])
            for n, seat in zip(stale, again, strict=True):
                seats[n] = seat
        return [self._hold(seat) if isinstance(seat, Talk) else seat for seat in seats]

    def send(self, messages: Sequence[Message], deadline: float | None = None) -> list[Receipt]:
        talks = [self._held.pop((message.key, message.resend)) for message in messages]
        self._withdraw()
        late = math.inf if deadline is None else deadline
        timeouts = self._relay.timeouts
        _lockstep(talks, Talk.ask, Talk.asked, timeouts.command, late)
        _lockstep(talks, Talk.tell, Talk.told, timeouts.content, late)
        receipts = [talk.receipt for talk in talks if talk.receipt]
        for talk in talks:
            self._release(talk.line)
        return receipts

    def close(self) -> None:
        self._withdraw()
        self._hang_up()

    # ---------------------------------------------------------------- phases

    def _envelopes(self, messages: Sequence[Message]) -> list[Talk | Receipt]:
        """RSET where needed, MAIL and RCPT: in one packet where the server lets us."""
        seats = self._seat(messages)
        talks = [seat for seat in seats if isinstance(seat, Talk)]
        until = monotonic() + self._relay.timeouts.command
        while speaking := [talk for talk in talks if talk.unsaid and not talk.receipt]:
            _lockstep(speaking, Talk.say, Talk.hear, until - monotonic())
        return seats

    def _seat(self, messages: Sequence[Message]) -> list[Talk | Receipt]:
        """A line for each message; once one could not be opened, the rest is not tried."""
        seats: list[Talk | Receipt] = []
        until = monotonic() + self._relay.timeouts.connect
        trouble: Receipt | None = None
        for message in messages:
            if self._idle:
                seats.append(Talk(message, self._idle.pop(), kept=True))
                continue
            if trouble is None:
                try:
                    line = connect(self._relay)
                    seats.append(Talk(message, line))
                    if monotonic() >= until:
                        trouble = Receipt("retry", "the mail server is slow to open a line")
                    continue
                except OSError as error:
                    trouble = Receipt("retry", words(error))
            seats.append(trouble)
        return seats

    # ---------------------------------------------------------------- lines

    def _hold(self, talk: Talk) -> Receipt | None:
        """Keep a talk that may go on; its message waits for `send`."""
        if talk.receipt is None:
            self._held[talk.message.key, talk.message.resend] = talk
        else:
            self._release(talk.line)
        return talk.receipt

    def _withdraw(self) -> None:
        for talk in self._held.values():
            self._release(talk.line)
        self._held.clear()

    def _release(self, line: Line) -> None:
        if line.mails >= self._relay.messages_per_line:
            _goodbye(line)
        elif line.sock is not None:
            self._idle.append(line)

    def _hang_up(self) -> None:
        for line in self._idle:
            _goodbye(line)
        self._idle.clear()


Step = Callable[[Talk], Receipt | None]


def _lockstep(
    talks: Sequence[Talk], say: Step, hear: Step, seconds: float, late: float = math.inf
) -> None:
    """All speak, none after the instant `late`; then all listen; within `seconds` in total."""
    until = monotonic() + seconds
    for step, end in ((say, min(until, late)), (hear, until)):
        for talk in talks:
            if talk.receipt is None:
                talk.line.until = end
                talk.receipt = _definite(step, talk)


def _definite(step: Step, talk: Talk) -> Receipt | None:
    """One step; where the line breaks in it, the message has not left."""
    try:
        return step(talk)
    except OSError as error:
        talk.line.close()
        return Receipt("retry", words(error))


def _goodbye(line: Line) -> None:
    line.until = monotonic() + _GOODBYE
    with suppress(OSError):
        line.write(b"QUIT\r\n")
    line.close()
