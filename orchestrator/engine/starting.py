"""Start what waits: at the playbook's pace, and one play for each account at a time.

What cannot start says why in words, and is not asked again before that may have changed; see
`store.enrolling`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.pacing import window
from orchestrator.store import enrolling as store
from orchestrator.store import holding, log
from orchestrator.store.enrolling import Book, Waiting
from orchestrator.terms import Pace, Plan

BATCH = 500  # enrollments looked at in one transaction


@dataclass(frozen=True, slots=True)
class Started:
    """What a batch did: plays that started, and whether the next batch may start more."""

    started: int
    more: bool


def activate(ctx: Context, now: datetime) -> int:
    """Start all that may start at `now`; how many did."""
    total, more = 0, True
    while more:
        done = start_batch(ctx, now)
        total, more = total + done.started, done.more
    return total


def start_batch(ctx: Context, now: datetime, batch: int = BATCH) -> Started:
    """Look at the next `batch` enrollments in turn, over all playbooks: by priority, waiting since
    and account. A playbook without a place stands aside."""
    with ctx.db.writing() as session:
        store.lock(session)
        books = store.books_due(session, now)
        plans = plans_of(ctx.db).of(session, {book.version_id for book in books})
        turns = {
            book.name: _turn(session, book, plans[book.version_id], now, batch) for book in books
        }
        titles = store.titles(session) if turns else {}
        walk = _Walk(turns, titles, now, batch, ZoneInfo(ctx.settings.workspace.zone))
        walk.write(ctx, session)
        for turn in turns.values():
            rested_at = store.rests_until(session, turn.book.name, now)
            store.ask_at(session, turn.book.name, turn.asked_at(now, rested_at))
    return Started(len(walk.started), any(turn.more for turn in turns.values()))


def pace_words(pace: Pace) -> str:
    """`pace: 10 accounts per week`: why most wait."""
    accounts = "1 account" if pace.limit == 1 else f"{pace.limit} accounts"
    return f"pace: {accounts} per {str(pace.window).removeprefix('1 ')}"


# ---------------------------------------------------------------- one playbook


@dataclass(slots=True)
class _Turn:
    """Who is in turn in one playbook, and its places.

    `frees` tells when each place that is taken will be free again, in order. `queue` are those in
    turn who find no place; `unseen` says that there are more than a batch looks at.
    """

    book: Book
    pace: Pace | None
    waiting: list[Waiting]
    frees: list[datetime]
    unseen: bool
    queue: list[Waiting] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether every place is taken."""
        return self.pace is not None and len(self.frees) >= self.pace.limit

    @property
    def more(self) -> bool:
        """Whether the next batch may start somebody."""
        return self.unseen and not self.full

    def take(self, one: Waiting, now: datetime) -> bool:
        """Whether there is a place; the pace counts first starts only."""
        if one.activated_at or self.pace is None:
            return True
        if self.full:
            return False
        self.frees.append(now + window(self.pace.window))
        return True

    def place(self, number: int) -> datetime | None:
        """When somebody with that number in the queue (from 0) finds a place."""
        if self.pace is None or number >= self.pace.limit:
            return None
        return self.frees[number - self.pace.limit]

    def asked_at(self, now: datetime, rested_at: datetime | None) -> datetime | None:
        """When somebody may start; None when only an event can bring that about."""
        if self.more:
            return now
        place = self.place(0) if self.queue or self.unseen else None
        return min(filter(None, (place, rested_at)), default=None)


def _turn(session: Session, book: Book, plan: Plan, now: datetime, batch: int) -> _Turn:
    waiting, pace = store.in_turn(session, book.name, now, batch), plan.pace
    frees = []
    if pace:
        length = window(pace.window)
        frees = [at + length for at in store.started_since(session, book.name, now - length)]
    return _Turn(book, pace, waiting, frees, unseen=len(waiting) == batch)


# ---------------------------------------------------------------- all of them in order


class _Walk:
    """One walk over everybody in turn, the first `batch` of them."""

    def __init__(
        self, turns: Mapping[str, _Turn], titles: Mapping[str, str], now: datetime, batch: int,
        zone: ZoneInfo,
    ) -> None:  # fmt: skip
        self.turns, self.titles, self.now, self.zone = turns, titles, now, zone
        self.started: list[Waiting] = []
        self.stopped: list[Waiting] = []
        self.held: list[tuple[Waiting, str, datetime | None]] = []
        self._drives: dict[int, str] = {}
        everybody = sorted((one for turn in turns.values() for one in turn.waiting), key=_order)
        for one in everybody:
            if len(self.started) + len(self.stopped) + len(self.held) == batch:
                turns[one.playbook].unseen = True
            else:
                self._look(one)
        for turn in turns.values():
            self._tell(turn)

    def _look(self, one: Waiting) -> None:
        if one.stop_reason:
            self.stopped.append(one)
        elif driver := self._drives.get(one.account_id, one.live):
            words = f"another play drives the account: {self.titles.get(driver, driver)}"
            self.held.append((one, words, None))
        elif _rests(one, self.now):
            self.held.append((one, f"the account rests: {one.pause_reason}", one.paused_until))
        elif self.turns[one.playbook].take(one, self.now):
            self.started.append(one)
            self._drives[one.account_id] = one.playbook
        else:
            self.turns[one.playbook].queue.append(one)

    def _tell(self, turn: _Turn) -> None:
        """Say to the head of a queue when its place comes."""
        if turn.pace is None:
            return
        for number, one in enumerate(turn.queue[: turn.pace.limit]):
            at = turn.place(number)
            day = f"; next place on {at.astimezone(self.zone):%Y-%m-%d}" if at else ""
            if (words := pace_words(turn.pace) + day) != one.reason:
                self.held.append((one, words, self.now))

    def write(self, ctx: Context, session: Session) -> None:
        """Write what was found, each line of it on the log."""
        run = ctx.flow_run_id
        store.start(session, [one.id for one in self.started], self.now, run)
        holding.rested(session, [one.account_id for one in self.started], self.now)
        store.stop(session, [(one.id, one.stop_reason) for one in self.stopped], self.now, run)
        rows = [
            {"of_id": one.id, "because": words, "ask_at": ask_at}
            for one, words, ask_at in self.held
        ]
        store.wait(session, rows, run)
        log.write(session, [*self._lines(run)])

    def _lines(self, run: str) -> Sequence[dict[str, Any]]:
        lines = [("started", one, f"{self.titles[one.playbook]} starts") for one in self.started]
        lines += [
            ("ended", one, f"{self.titles[one.playbook]} ended before it began: {one.stop_reason}")
            for one in self.stopped
        ]
        lines += [
            ("waiting", one, f"{self.titles[one.playbook]} waits: {words}")
            for one, words, _ in self.held
            if words != one.reason
        ]
        return [
            log.entry(
                kind, at=self.now, account_id=one.account_id, enrollment_id=one.id, team="engine",
                text=text, flow_run_id=run,
            )
            for kind, one, text in lines
        ]  # fmt: skip


def _order(one: Waiting) -> tuple[int, datetime, int, int]:
    return -one.priority, one.waiting_since, one.account_id, one.id


def _rests(one: Waiting, now: datetime) -> bool:
    """Whether the account rests; a hold by hand may have no date."""
    if one.paused_until is None:
        return bool(one.pause_reason)
    return one.paused_until > now
