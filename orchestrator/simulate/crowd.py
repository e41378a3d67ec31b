"""Many accounts in one playbook: who waits, who starts at its pace, and how their plays go."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from orchestrator import sentences
from orchestrator.pacing import window
from orchestrator.planner.starting import Held, Missed, Turn, Waiting, Walk, later_turns, turn
from orchestrator.simulate.resting import come_to_rest
from orchestrator.simulate.world import Simulated
from orchestrator.terms import Facts, Note, Plan


@dataclass(frozen=True, slots=True)
class Member:
    """An account that was enrolled, and the version that was current then."""

    plan: Plan
    facts: Facts
    account: str
    names: dict[str, str]


@dataclass(slots=True)
class Crowd:
    """One playbook; `zone` is where days are named.

    Move it yourself: `next_at`, `move`, what happens (also to one of its `plays`), `settle`. A plan
    that is put in the place of `plan` is a new version; who waits keeps the priority of the one
    that it was enrolled in.
    """

    plan: Plan
    now: datetime
    zone: str = "UTC"
    plays: dict[int, Simulated] = field(default_factory=dict)  # those that began, by account
    log: list[tuple[int, Note]] = field(default_factory=list)  # (account, line) of who waits
    _members: dict[int, Member] = field(default_factory=dict)
    _waiting: dict[int, Held] = field(default_factory=dict)
    _started: list[datetime] = field(default_factory=list)
    _ask_at: datetime | None = None
    _paused: bool = False
    _paused_until: datetime | None = None

    # ------------------------------------------------------------ what happens

    def enroll(self, facts: Facts, account: str, names: dict[str, str]) -> None:
        """Let an account wait for its start; KeyError if it is enrolled already."""
        id_, plan = facts.account.id, self.plan
        if id_ in self._members:
            raise KeyError(f"{account} is enrolled already")
        self._members[id_] = Member(plan, facts, account, names)
        reason = sentences.pace(plan.pace) if plan.pace else sentences.NEXT_TICK
        one = Waiting(id_, id_, plan.name, plan.priority, self.now, reason=reason)
        self._waiting[id_], self._ask_at = Held(one, reason, self.now), self.now
        self._say(id_, "enrolled", sentences.enrolled(sentences.called(plan), reason))

    def pause(self, reason: str, until: datetime | None = None) -> None:
        """Nobody starts and nothing leaves until that date, or until it is resumed."""
        self._paused, self._paused_until = True, until
        day = until.astimezone(ZoneInfo(self.zone)).date() if until else None
        for id_, play in self._live():
            play.ledger.switch_off(reason, until)
            self._say(id_, "paused", sentences.paused(self._title, reason, day))

    def resume(self, because: str) -> None:
        """Everything goes on now, what was missed at the pace."""
        later = self._switch_on()
        for id_, play in self._live():
            if play.ledger.switched_off and id_ not in later:
                play.ledger.resume(self.now, because)

    # ------------------------------------------------------------ let time pass

    def next_at(self) -> datetime | None:
        """When something is due next; None when only an event can bring that about."""
        dues = [play.next_at() for play in self.plays.values()]
        dues.append(self._paused_until if self._paused else self._ask_at)
        return min((at for at in dues if at), default=None)

    def move(self, to: datetime) -> None:
        """Set the clock on, never back."""
        self.now = max(self.now, to)
        for play in self.plays.values():
            play.move(self.now)

    def settle(self) -> None:
        """Start, decide and send until nothing is due at this instant any more."""
        come_to_rest(self.plan.name, self.now, self.next_at, self._pass)

    def lines(self) -> Iterator[tuple[int, Note]]:
        """(account, line) of the whole log."""
        yield from self.log
        for id_, play in self.plays.items():
            yield from ((id_, note) for note in play.ledger.log)

    # ------------------------------------------------------------ one pass

    def _pass(self) -> None:
        if self._paused and self._paused_until and self._paused_until <= self.now:
            self._switch_on()
        if not self._paused and self._ask_at and self._ask_at <= self.now:
            self._activate()
        for play in self.plays.values():
            play.settle()

    def _activate(self) -> None:
        in_turn = self._turn()
        walk = Walk(
            {self.plan.name: in_turn}, {self.plan.name: self._title}, self.now,
            1 + len(self._waiting), ZoneInfo(self.zone),
        )  # fmt: skip
        for kind, one, text in walk.lines():
            self._say(one.account_id, kind, text)
        for one in walk.started:
            self._start(one.account_id)
        for held in walk.held:
            known = held.one._replace(reason=held.because)
            self._waiting[known.account_id] = held._replace(one=known)
        rests = [at for _, _, at in self._waiting.values() if at and at > self.now]
        self._ask_at = in_turn.asked_at(self.now, min(rests, default=None))

    def _turn(self) -> Turn:
        """Everybody whose turn it is, and whose first start still takes a place."""
        waiting = [one for one, _, at in self._waiting.values() if at and at <= self.now]
        pace = self.plan.pace
        since = self.now - (window(pace.window) if pace else timedelta())
        return turn(self.plan.name, pace, waiting, [at for at in self._started if at > since])

    def _start(self, id_: int) -> None:
        member = self._members[id_]
        del self._waiting[id_]
        self._started.append(self.now)
        self.plays[id_] = Simulated(
            member.plan, member.facts, self.now, account=member.account, names=member.names
        )

    def _switch_on(self) -> Collection[int]:
        """Let accounts begin again; which of those that began wait for their turn."""
        was_paused = self._paused
        self._paused, self._paused_until, self._ask_at = False, None, self.now
        pace, off = self.plan.pace, {i: p for i, p in self._live() if p.ledger.switched_off}
        if pace is None or not was_paused:
            return ()
        dues = {id_: play.ledger.missed_at(self.now) for id_, play in off.items()}
        missed = [Missed(at, id_, id_) for id_, at in dues.items() if at]
        turns, reason = later_turns(missed, pace, self.now), sentences.at_pace(pace)
        for id_, at in turns.items():
            off[id_].ledger.take_turn(at, reason)
            day = at.astimezone(ZoneInfo(self.zone)).date()
            self._say(id_, "paused", sentences.paused(self._title, reason, day))
        return turns

    def _live(self) -> list[tuple[int, Simulated]]:
        return [(id_, one) for id_, one in self.plays.items() if one.ledger.status != "ended"]

    @property
    def _title(self) -> str:
        return sentences.called(self.plan)

    def _say(self, id_: int, kind: str, text: str) -> None:
        self.log.append((id_, Note(kind, "", "", text, self.now)))
