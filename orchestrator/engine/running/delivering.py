"""Deliver: let what is due leave the house, at most once, and say what became of it.

claim -> render -> offer -> intent -> send -> record, a group of open lines at a time. The intent
is a transaction of its own between the last thing that can be taken back and the first that
cannot; it reads every guard again. The records of one group ride in the intent of the next.

Tests kill the process at before_claim, in_claim, after_claim, after_render, after_offer,
in_record, in_intent, after_record, after_intent and after_send.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from time import monotonic, perf_counter
from typing import NamedTuple
from uuid import uuid4

from sqlmodel import Session

from orchestrator.channels.base import Channel, Courier
from orchestrator.engine.context import Context
from orchestrator.engine.running import intents, outcomes
from orchestrator.engine.running.letters import Letter, Rejected, compose
from orchestrator.engine.running.mending import review
from orchestrator.store.companies import log
from orchestrator.store.database import Kept, lease_now
from orchestrator.store.events import effects
from orchestrator.store.plays import plays
from orchestrator.store.running import mailboxes
from orchestrator.store.running import outgoing as store
from orchestrator.store.running.outgoing import Claimed, Move
from orchestrator.terms import Go, Later, Never, Receipt, Ruling

# Half of it is for the sending of one group, which takes at most 150 s (see `SmtpCourier`).
LEASE = timedelta(minutes=5)
# A frozen process may still hold the line of an unknown open; only then may it be sent again.
NO_RESEND = timedelta(minutes=5)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Delivered:
    """What a pass did.

    `counts` (also by playbook): sent, failed, unknown, suppressed, cancelled, held, and lost to
    another process. `seconds` are the shares of claim, render, offer, store and send.
    """

    claimed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    by_playbook: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, playbook: str, move: Move) -> None:
        name = "held" if move.waits else move.status
        self.counts[name] += 1
        self.by_playbook.setdefault(playbook, Counter())[name] += 1


def deliver(
    ctx: Context, *, limit: int = 200, width: int = 8, lease: timedelta = LEASE
) -> Delivered:
    """One pass over up to `limit` due touches, `width` of them at a time."""
    with ctx.db.kept() as db:
        return _Pass(ctx, db, width, lease).run(limit)


class _Told(NamedTuple):
    """A letter and what the other side said; `repeat` is its channel's."""

    letter: Letter
    receipt: Receipt


class _Pass:
    """One pass: one business time, one owner."""

    def __init__(self, ctx: Context, db: Kept, width: int, lease: timedelta) -> None:
        self.ctx, self.db, self.width, self.lease = ctx, db, width, lease
        self.now, self.done = ctx.clock.now(), Delivered()
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.playbooks: dict[int, str] = {}  # of each touch

    def run(self, limit: int) -> Delivered:
        """What nobody died of comes first; then the others, the fewer together the more did."""
        self._take(limit, 0)
        for swept in self._accused() if self.done.claimed < limit else ():
            most = outcomes.SHARING[min(swept, len(outcomes.SHARING)) - 1]
            while (left := limit - self.done.claimed) and self._take(min(most, left), swept):
                continue
        return self.done

    def _accused(self) -> list[int]:
        with self.ctx.db.reading() as session:
            return store.accused(session, self.now)

    def _take(self, most: int, swept: int) -> int:
        """Claim up to `most` and send them; how many there were."""
        self.ctx.probe("before_claim")
        with self._timed("claim"):
            claimed = self._claim(most, swept)
        self.ctx.probe("after_claim")
        with self._timed("render"):
            letters, rejected = compose(self.ctx, claimed, self.now)
        self.playbooks = {one.touch.id: one.playbook for one in letters}
        self.playbooks |= {one.touch.id: one.playbook for one in rejected}
        self._reject(rejected)
        self.ctx.probe("after_render")
        for name, batch in groupby(sorted(letters, key=_channel), key=_channel):
            self._dispatch(self.ctx.channels[name], list(batch))
        return len(claimed)

    def _claim(self, most: int, swept: int) -> list[Claimed]:
        with self.db.writing() as session:
            until = lease_now(session, self.ctx.clock) + self.lease
            claimed = store.claim(
                session,
                owner=self.owner,
                now=self.now,
                lease_until=until,
                limit=most,
                swept=swept,
            )
            self.ctx.probe("in_claim")
        self.done.claimed += len(claimed)
        return claimed

    def _reject(self, rejected: Sequence[Rejected]) -> None:
        """What cannot become a message never leaves, and somebody is asked to mend it."""
        if not rejected:
            return
        with self.db.writing() as session:
            plays.lock(session, {one.touch.enrollment_id for one in rejected})
            wait = lease_now(session, self.ctx.clock) + NO_RESEND
            moves = [
                outcomes.refused(one.touch, Never("cancelled", one.error.reason), self.now, wait)
                for one in rejected
            ]
            moved = {move.touch.id for move in self._write(session, moves)}
            mend = [one for one in rejected if one.touch.id in moved]
            review(session, mend, now=self.now, run=self.ctx.flow_run_id)

    # ------------------------------------------------------------ one channel

    def _dispatch(self, channel: Channel, letters: Sequence[Letter]) -> None:
        """Send the letters in groups; what was told last is recorded whatever happens."""
        courier, told = channel.open(self.width), list[_Told]()
        try:
            for start in range(0, len(letters), courier.width):
                group = letters[start : start + courier.width]
                going, refused = self._offer(courier, group)
                granted, deadline = self._store(channel, told + refused, going)
                told = []
                with self._timed("send"):
                    receipts = courier.send([letter.message for letter in granted], deadline)
                told = [_Told(*pair) for pair in zip(granted, receipts, strict=True)]
                self.ctx.probe("after_send")
        finally:
            courier.close()
            self._store(channel, told, [])

    def _offer(self, courier: Courier, group: Sequence[Letter]) -> tuple[list[Letter], list[_Told]]:
        """Whom the other side would take a message for, and for whom it will not."""
        with self._timed("offer"):
            answers = courier.offer([letter.message for letter in group])
        self.ctx.probe("after_offer")
        going, told = [], []
        for letter, answer in zip(group, answers, strict=True):
            if answer is None:
                going.append(letter)
            else:
                told.append(_Told(letter, answer))
        return going, told

    def _store(
        self, channel: Channel, told: Sequence[_Told], going: Sequence[Letter]
    ) -> tuple[list[Letter], float]:
        """Record what we were told and write who may go now, in one transaction.

        Returns those who may, and until when (`time.monotonic`) their sending may begin.
        """
        if not told and not going:
            return [], 0.0
        deadline = monotonic() + self.lease.total_seconds() / 2
        with self._timed("store"), self.db.writing() as session:
            letters = [*(one.letter for one in told), *going]
            plays.lock(session, {letter.touch.enrollment_id for letter in letters})
            real = lease_now(session, self.ctx.clock)
            self._record(session, channel, told, real)
            granted = self._intend(session, going, real)
        if told:
            self.ctx.probe("after_record")
        if going:
            self.ctx.probe("after_intent")
        return granted, deadline

    def _record(
        self, session: Session, channel: Channel, told: Sequence[_Told], real: datetime
    ) -> None:
        if not told:
            return
        wait = real + NO_RESEND
        moves = [
            outcomes.answered(
                one.letter.touch, one.receipt, self.now, repeat=channel.repeat, wait_until=wait
            )
            for one in told
        ]
        moved = self._write(session, moves)
        keys = {one.letter.touch.id: one.letter.email_key for one in told}
        self._forbid(session, [(move, keys[move.touch.id]) for move in moved if move.bounced_at])
        self.ctx.probe("in_record")

    def _intend(self, session: Session, going: Sequence[Letter], real: datetime) -> list[Letter]:
        """Ask every guard again; freeze the bytes of those who go, before anything leaves."""
        if not going:
            return []
        answers = intents.rulings(session, going, owner=self.owner, now=self.now)
        kept = [self._not_now(letter, ruling, real + NO_RESEND) for letter, ruling in answers]
        self._write(session, [move for move in kept if move])
        free = [letter for letter, ruling in answers if isinstance(ruling, Go)]
        ours = store.intend(
            session,
            [letter.touch for letter in free],
            owner=self.owner,
            now=self.now,
            lease_until=real + self.lease,
            run=self.ctx.flow_run_id,
        )
        granted = [letter for letter in free if letter.touch.id in ours]
        mailboxes.count(session, intents.keys_of(granted, self.now))
        store.freeze(
            session,
            [(one.touch.id, one.message.body, one.digest) for one in granted if not one.frozen],
        )
        self._lost(len(going) - len(answers) + len(free) - len(granted))
        self.ctx.probe("in_intent")
        return granted

    def _not_now(self, letter: Letter, ruling: Ruling, wait_until: datetime) -> Move | None:
        match ruling:
            case Later():
                return outcomes.held(letter.touch, ruling, self.now)
            case Never():
                return outcomes.refused(letter.touch, ruling, self.now, wait_until)
        return None

    # ------------------------------------------------------------ rows

    def _write(self, session: Session, moves: Sequence[Move]) -> list[Move]:
        """Move the touches that are still ours, tell the log, wake plays of which one ended."""
        if not moves:
            return []
        run = self.ctx.flow_run_id
        moved = store.move(session, moves, owner=self.owner, run=run)
        self._lost(len(moves) - len(moved))
        moved = store.prove(session, moved, outcomes.PROVEN)
        told = [one for one in moved if outcomes.worth_a_line(one)]
        log.write(session, [outcomes.entry(one, at=self.now, run=run) for one in told])
        ended = {one.touch.enrollment_id for one in moved if not one.waits}
        if ended:
            plays.wake(session, ended, self.now, urgent=False)
        for one in moved:
            self.done.count(self.playbooks[one.touch.id], one)
        return moved

    def _forbid(self, session: Session, bounced: Sequence[tuple[Move, str]]) -> None:
        """An address that does not exist is never written to again."""
        rules = [
            {
                "scope": "address",
                "value": key,
                "reason": "hard_bounce",
                "source": f"touch {move.touch.id}",
                "at": self.now,
            }
            for move, key in bounced
            if key
        ]
        effects.add_suppressions(session, rules)
        run = self.ctx.flow_run_id
        log.write(session, [outcomes.bounce(move, at=self.now, run=run) for move, _ in bounced])

    def _lost(self, number: int) -> None:
        """Rows that somebody else holds by now: we were too slow, and leave them alone."""
        if number:
            self.done.counts["lost"] += number
            logger.warning("%d touches belong to another process by now", number)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        started = perf_counter()
        try:
            yield
        finally:
            spent = self.done.seconds.get(name, 0.0)
            self.done.seconds[name] = spent + perf_counter() - started


def _channel(letter: Letter) -> str:
    return letter.message.channel
