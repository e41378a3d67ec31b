"""Who of those that wait may start: at each playbook's pace, one play for each account at a time.

Pure. The engine asks it about the rows in turn, the dry run about the accounts in its hand. The
numbers in brackets are the rules of the language reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orchestrator import sentences
from orchestrator.pacing import window
from orchestrator.terms import Pace

HOLD = "hold"  # what `preempt` says: the play that drives the account waits meanwhile


class Waiting(NamedTuple):
    """An enrollment in turn, and what may keep its account: a live play, a rest."""

    id: int
    account_id: int
    playbook: str
    priority: int
    waiting_since: datetime
    activated_at: datetime | None = None
    reason: str = ""
    stop_reason: str = ""
    preempt: str = ""
    live: str | None = None  # the playbook that drives the account
    paused_until: datetime | None = None
    pause_reason: str = ""
    live_id: int | None = None  # its enrollment, how urgent that is, and whether it may be held
    live_priority: int = 0
    live_yields: bool = False


class Held(NamedTuple):
    """Who cannot start, why in words, and when to ask again (None: once something happens)."""

    one: Waiting
    because: str
    ask_at: datetime | None


# ---------------------------------------------------------------- one playbook


@dataclass(slots=True)
class Turn:
    """Who is in turn in one playbook, and its places (18).

    `frees` tells when each place that is taken will be free again, in order. `queue` are those in
    turn who find no place; `unseen` says that there are more than a batch looks at.
    """

    playbook: str
    pace: Pace | None
    waiting: Sequence[Waiting]
    frees: list[datetime]
    unseen: bool = False
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

    def asked_at(self, now: datetime, rested_at: datetime | None = None) -> datetime | None:
        """When somebody may start; None when only an event can bring that about."""
        if self.more:
            return now
        place = self.place(0) if self.queue or self.unseen else None
        return min(filter(None, (place, rested_at)), default=None)


def turn(
    playbook: str,
    pace: Pace | None,
    waiting: Sequence[Waiting],
    started: Sequence[datetime],
    *,
    unseen: bool = False,
) -> Turn:
    """`started` are the first starts within the pace's window, in order."""
    frees = [at + window(pace.window) for at in started] if pace else []
    return Turn(playbook, pace, waiting, frees, unseen)


# ---------------------------------------------------------------- who goes on after a pause


class Missed(NamedTuple):
    """A play that its playbook's pause holds, and when the first of what it missed was due."""

    due_at: datetime
    account_id: int
    enrollment_id: int


def later_turns(missed: Iterable[Missed], pace: Pace | None, now: datetime) -> dict[int, datetime]:
    """Which enrollments go on only later than `now`, and when, so that nothing comes in a burst.

    As many as the pace lets begin go on at once. Each other one goes on with the next so many, or
    as long after the first as it would have come without the pause: whichever is sooner (18).
    """
    in_order = sorted(missed)
    if pace is None or not in_order:
        return {}
    turns = {
        one.enrollment_id: now
        + min(number // pace.limit * window(pace.window), one.due_at - in_order[0].due_at)
        for number, one in enumerate(in_order)
    }
    return {id_: at for id_, at in turns.items() if at > now}


# ---------------------------------------------------------------- all of them in order


class Walk:
    """One walk over everybody in turn, the first `batch` of them.

    `titles` are what people call playbooks; dates in words are those of `zone`.
    """

    def __init__(
        self, turns: Mapping[str, Turn], titles: Mapping[str, str], now: datetime, batch: int,
        zone: ZoneInfo,
    ) -> None:  # fmt: skip
        self.turns, self.titles, self.now, self.zone = turns, titles, now, zone
        self.started: list[Waiting] = []
        self.stopped: list[Waiting] = []
        self.held: list[Held] = []
        self.displaced: list[Held] = []  # live plays that give way, in the words of who waits
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
        driver = self._drives.get(one.account_id, one.live)
        if one.stop_reason and not one.activated_at:
            self.stopped.append(one)
        elif driver and not self._preempts(one):
            words = sentences.driven_by(self.titles.get(driver, driver))
            self.held.append(Held(one, words, None))
        elif _rests(one, self.now):
            self.held.append(Held(one, sentences.rests(one.pause_reason), one.paused_until))
        elif self.turns[one.playbook].take(one, self.now):
            self.started.append(one)
            if driver:
                self._displace(one)
            self._drives[one.account_id] = one.playbook
        else:
            self.turns[one.playbook].queue.append(one)

    def _preempts(self, one: Waiting) -> bool:
        """Whether it holds the play that drives its account (11)."""
        free = one.account_id not in self._drives and one.live_yields
        return free and one.preempt == HOLD and one.priority > one.live_priority

    def _displace(self, one: Waiting) -> None:
        assert one.live_id
        assert one.live
        other = one._replace(id=one.live_id, playbook=one.live)
        words = sentences.driven_by(self.titles.get(one.playbook, one.playbook))
        self.displaced.append(Held(other, words, None))

    def _tell(self, turn: Turn) -> None:
        """Say to the head of a queue when its place comes."""
        if turn.pace is None:
            return
        for number, one in enumerate(turn.queue[: turn.pace.limit]):
            at = turn.place(number)
            words = sentences.pace(turn.pace, at.astimezone(self.zone).date() if at else None)
            if words != one.reason:
                self.held.append(Held(one, words, self.now))

    @property
    def moved(self) -> list[int]:
        """The enrollments that it writes."""
        held = [kept.one for kept in (*self.held, *self.displaced)]
        return [one.id for one in (*self.started, *self.stopped, *held)]

    def lines(self) -> Iterator[tuple[str, Waiting, str]]:
        """(kind, who, text) of every line of the log."""
        for one, words, _ in self.displaced:
            yield "waiting", one, sentences.waits(self.titles[one.playbook], words)
        for one in self.started:
            title = self.titles[one.playbook]
            if one.activated_at:
                yield "resumed", one, sentences.goes_on(title, sentences.FREE)
            else:
                yield "started", one, sentences.starts(title)
        for one in self.stopped:
            title = self.titles[one.playbook]
            yield "ended", one, sentences.ended_unbegun(title, one.stop_reason)
        for one, words, _ in self.held:
            if words != one.reason:
                yield "waiting", one, sentences.waits(self.titles[one.playbook], words)


def _order(one: Waiting) -> tuple[int, datetime, int, int]:
    return -one.priority, one.waiting_since, one.account_id, one.id


def _rests(one: Waiting, now: datetime) -> bool:
    """Whether the account rests; a hold by hand may have no date."""
    if one.paused_until is None:
        return bool(one.pause_reason)
    return one.paused_until > now
