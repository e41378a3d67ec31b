"""Many accounts in one playbook: who waits, who starts at its pace, and how their plays go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count, islice
from zoneinfo import ZoneInfo

from orchestrator import sentences
from orchestrator.pacing import window
from orchestrator.planner.beginning import begins_on, why_not_again
from orchestrator.planner.coming_back import why_not
from orchestrator.planner.scores import reads_scores
from orchestrator.planner.starting import Held, Missed, Turn, Waiting, Walk, later_turns, turn
from orchestrator.simulate.audience import Audience, Closing, Member, Nobody
from orchestrator.simulate.outbox import Outbox
from orchestrator.simulate.purse import Money, costs_anything
from orchestrator.simulate.resting import come_to_rest
from orchestrator.simulate.scores import Scores
from orchestrator.simulate.world import Simulated
from orchestrator.terms import UNAGREED, Again, Event, Facts, Note, OpenTask, Owed, Plan


@dataclass(slots=True)
class _Seen:
    """What the audience was told of a play, and when it is due next."""

    touches: int = 0
    tasks: int = 0
    due: datetime | None = None


@dataclass(slots=True)
class Crowd:
    """One playbook; `zone` is where days are named, `started` when earlier accounts began.

    Let it `run`, or move it yourself: `next_at`, `move`, what happens, `settle`. A plan that is put
    in the place of `plan` is a new version; who waits keeps the priority of the one that it was
    enrolled in. What is due stands in heaps, so that time leaps from one due to the next.
    """

    plan: Plan
    now: datetime
    zone: str = "UTC"
    audience: Audience = field(default_factory=Nobody)
    scores: Scores | None = None  # None: they stay as they are
    started: list[datetime] = field(default_factory=list)
    outbox: Outbox | None = None
    money: Money | None = None  # its own, if left out and anything costs
    owed: Owed = UNAGREED  # how soon answers are
    plays: dict[int, Simulated] = field(default_factory=dict)  # those that began, by account
    past: list[tuple[int, Simulated]] = field(default_factory=list)  # of those that came back
    log: list[tuple[int, Note]] = field(default_factory=list)  # (account, line) of who waits
    members: dict[int, Member] = field(default_factory=dict)
    _waiting: dict[int, Held] = field(default_factory=dict)
    _ask_at: datetime | None = None
    _paused: bool = False
    _paused_until: datetime | None = None
    _seen: dict[int, _Seen] = field(default_factory=dict)
    _dues: list[tuple[datetime, int]] = field(default_factory=list)
    # (at, account, number, what): one account's stand in the order in which they were foreseen.
    _agenda: list[tuple[datetime, int, int, Callable[[], None]]] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)  # steps of `once` that were opened
    _tiers: dict[int, int] = field(default_factory=dict)  # those that changed
    _since: dict[int, datetime] = field(default_factory=dict)  # when each began to wait
    _numbers: Iterator[int] = field(default_factory=count)
    _moved: set[int] = field(default_factory=set)  # of whom the audience has not heard yet

    def __post_init__(self) -> None:
        if self.money is None and costs_anything(self.plan):
            self.money = Money(self.plan.budget)

    # ------------------------------------------------------------ what happens

    def enroll(self, facts: Facts, account: str, names: Mapping[str, str]) -> None:
        """Let an account wait for its start; KeyError if it is enrolled already."""
        self.join(Member(self.plan, facts, account, names))

    def join(self, member: Member) -> None:
        """Let one wait of which more is known; KeyError if it is enrolled already."""
        id_ = member.id
        if id_ in self.members:
            raise KeyError(f"{member.account} is enrolled already")
        self._wait(member)

    def _wait(self, member: Member, because: str = "") -> None:
        id_, plan, account = member.id, member.plan, member.facts.account
        self.members[id_] = member
        reason = sentences.pace(plan.pace) if plan.pace else sentences.NEXT_TICK
        one = Waiting(
            id_, id_, plan.name, plan.priority, self.now, reason=reason,
            live=member.driven_by or None, paused_until=account.paused_until,
            pause_reason=account.pause_reason, preempt=plan.preempt,
        )  # fmt: skip
        self._since[id_] = self.now
        self._waiting[id_], self._ask_at = Held(one, reason, self.now), self.now
        told = sentences.enrolled(sentences.called(plan), reason, because=because)
        self._say(id_, "enrolled", told)

    def pause(self, reason: str, until: datetime | None = None) -> None:
        """Nobody starts and nothing leaves until that date, or until it is resumed."""
        self._paused, self._paused_until = True, until
        day = until.astimezone(ZoneInfo(self.zone)).date() if until else None
        for id_, play in self._live():
            play.ledger.switch_off(reason, until)
            self._say(id_, "paused", sentences.paused(self._title, reason, day))
            self._look_again(id_)

    def resume(self, because: str) -> None:
        """Everything goes on now, what was missed at the pace."""
        later = self._switch_on()
        for id_, play in self._live():
            if play.ledger.switched_off and id_ not in later:
                play.ledger.resume(self.now, because)
                self._look_again(id_)

    def happen(self, id_: int, event: Event) -> None:
        """Let an event happen now to the play of an account that has begun."""
        play = self._woken(id_)
        play.happen(event)
        if self.scores and self.scores.refresh(self.members[id_], play) and reads_scores(play.plan):
            play.ledger.wake(self.now)
        self._look_again(id_)

    def close(self, id_: int, task_id: int, how: Closing) -> None:
        """End a task of an account now, if it is still open."""
        play = self._woken(id_)
        party = play.ledger.parties.get(task_id)
        if party is None or party.status != "open":
            return
        play.close(task_id, how.disposition, **how.said)
        task = play.ledger.tasks[task_id]
        for event in self.audience.told(self.members[id_], task_id, task, how):
            self._foresee(id_, event)
        self._look_again(id_)

    def at(self, when: datetime, id_: int, happening: Callable[[], None]) -> None:
        """Let something happen to an account at an instant to come."""
        heappush(self._agenda, (max(when, self.now), id_, next(self._numbers), happening))

    # ------------------------------------------------------------ let time pass

    def run(self, until: datetime, tell: Callable[[datetime], None] | None = None) -> None:
        """Let time pass to `until`; `tell` hears each instant at which something is due."""
        while (at := self.next_at()) is not None and at <= until:
            self.move(at)
            self.settle()
            if tell:
                tell(at)
        self.move(until)

    def next_at(self) -> datetime | None:
        """When something is due next; None when only an event can bring that about."""
        while self._dues and self._seen[self._dues[0][1]].due != self._dues[0][0]:
            heappop(self._dues)
        heads = [heap[0][0] for heap in (self._dues, self._agenda) if heap]
        starts = self._paused_until if self._paused else self._ask_at
        return min((*heads, *([starts] if starts else ())), default=None)

    def move(self, to: datetime) -> None:
        """Set the clock on, never back."""
        self.now = max(self.now, to)

    def settle(self) -> None:
        """Start, decide and send until nothing is due at this instant any more."""
        come_to_rest(self.plan.name, self.now, self.next_at, self._pass)

    def lines(self) -> Iterator[tuple[int, Note]]:
        """(account, line) of the whole log."""
        yield from self.log
        for id_, play in (*self.past, *self.plays.items()):
            yield from ((id_, note) for note in play.ledger.log)

    def waiting(self) -> Iterator[tuple[int, str]]:
        """(account, why) of those that have not begun."""
        for id_, held in self._waiting.items():
            yield id_, held.one.reason

    # ------------------------------------------------------------ one pass

    def _pass(self) -> None:
        self.wake_up()
        if self.asks:
            in_turn = self.turn()
            most = 1 + len(self._waiting)
            turns = {self.plan.name: in_turn}
            walk = Walk(turns, self._titles(), self.now, most, ZoneInfo(self.zone))
            self.follow(walk, in_turn)
        self.work()

    def wake_up(self) -> None:
        """What is due now, but for who starts and what plays do."""
        while self._agenda and self._agenda[0][0] <= self.now:
            heappop(self._agenda)[3]()
        if self._paused and self._paused_until and self._paused_until <= self.now:
            self._switch_on()

    @property
    def asks(self) -> bool:
        """Whether somebody who waits may start now."""
        return not self._paused and self._ask_at is not None and self._ask_at <= self.now

    def work(self) -> None:
        """Let plays that are due decide and send."""
        while self._dues and self._dues[0][0] <= self.now:
            at, id_ = heappop(self._dues)
            if self._seen[id_].due == at:
                self._woken(id_).settle()
                self._look_again(id_)
        # In the order of accounts, whatever was due first: they compete for the days of our reps.
        for id_ in sorted(self._moved):
            self._heed(id_)
        self._moved.clear()

    def _woken(self, id_: int) -> Simulated:
        play = self.plays[id_]
        play.move(self.now)
        if self.money:
            self.money.budget = self.plan.budget  # the newest version's binds every play
        if self.scores:
            self.scores.refresh(self.members[id_], play)
        return play

    def _heed(self, id_: int) -> None:
        """Foresee what comes of what has left and of what was opened."""
        play, seen, member = self.plays[id_], self._seen[id_], self.members[id_]
        ledger = play.ledger
        for touch_id in islice(ledger.departed, seen.touches, None):
            for event in self.audience.hears(member, ledger.planned[touch_id], self.now):
                self._foresee(id_, event)
        seen.touches = len(ledger.departed)
        if seen.tasks < len(ledger.tasks):
            self._hand_out(id_, list(islice(ledger.tasks.items(), seen.tasks, None)))
            seen.tasks = len(ledger.tasks)
        if again := ledger.again:
            ledger.again = None
            self.at(again.at, id_, lambda: self._come_back(id_, again))

    def _hand_out(self, id_: int, tasks: Iterable[tuple[int, OpenTask]]) -> None:
        play, member = self.plays[id_], self.members[id_]
        for task_id, task in tasks:
            if play.ledger.parties[task_id].status != "open":
                continue
            if how := self.audience.does(member, play, task_id, task):
                self.at(how.at, id_, lambda n=task_id, end=how: self.close(id_, n, end))  # type: ignore[misc]

    def _foresee(self, id_: int, event: Event) -> None:
        self.at(event.at, id_, lambda: self.happen(id_, event))

    def _look_again(self, id_: int) -> None:
        """Note when the play is due next, and that something may have come of it."""
        if self.money:
            self.money.count(self.plays[id_].ledger)
        self._moved.add(id_)
        due, seen = self.plays[id_].next_at(), self._seen[id_]
        if due != seen.due:
            seen.due = due
            if due:
                heappush(self._dues, (due, id_))

    # ------------------------------------------------------------ who starts

    def follow(self, walk: Walk, in_turn: Turn | None) -> None:
        """Do with those of this playbook what a walk found."""
        for kind, one, text in walk.lines():
            if self._has(one):
                self._say(one.account_id, kind, text)
        for held in filter(self._holds, walk.displaced):
            self._displace(held)
        for one in filter(self._has, walk.started):
            self._start(one.account_id)
        for held in filter(self._holds, walk.held):
            known = held.one._replace(reason=held.because)
            self._waiting[known.account_id] = held._replace(one=known)
        if in_turn:
            rests = [at for _, _, at in self._waiting.values() if at and at > self.now]
            self._ask_at = in_turn.asked_at(self.now, min(rests, default=None))

    def _has(self, one: Waiting) -> bool:
        return one.playbook == self.plan.name

    def _holds(self, held: Held) -> bool:
        return self._has(held.one)

    def _displace(self, held: Held) -> None:
        """Let a live play wait again until its account is free."""
        id_, plan = held.one.account_id, self.members[held.one.account_id].plan
        ledger = self.plays[id_].ledger
        ledger.hold_back(held.because)
        one = Waiting(
            id_, id_, plan.name, plan.priority, self._since[id_], ledger.activated_at,
            held.because, preempt=plan.preempt,
        )  # fmt: skip
        self._waiting[id_] = held._replace(one=one)
        self._look_again(id_)

    def free(self, id_: int) -> None:
        """The account is free: whoever waits for it asks for its start."""
        if (held := self._waiting.get(id_)) and held.ask_at is None:
            self._waiting[id_], self._ask_at = held._replace(ask_at=self.now), self.now

    def _titles(self) -> dict[str, str]:
        return {self.plan.name: self._title}

    def turn(self, seen: Callable[[Waiting], Waiting] = lambda one: one) -> Turn:
        """Everybody whose turn it is, and whose first start still takes a place. `seen` adds what
        else is known of each."""
        waiting = [seen(one) for one, _, at in self._waiting.values() if at and at <= self.now]
        pace = self.plan.pace
        since = self.now - (window(pace.window) if pace else timedelta())
        return turn(self.plan.name, pace, waiting, [at for at in self.started if at > since])

    def _start(self, id_: int) -> None:
        member = self.members[id_]
        del self._waiting[id_]
        if (held := self.plays.get(id_)) and held.ledger.status == "waiting":
            held.ledger.go_on(self.now)
            self._look_again(id_)
            return
        self.started.append(self.now)
        for once in self.plan.once:
            if once.id not in self._told:
                self._told.add(once.id)
                self._say(id_, "task.opened", once.title)
        play = Simulated(
            member.plan,
            member.facts,
            self.now,
            account=member.account,
            names=dict(member.names),
            outbox=self.outbox,
            money=self.money,
            owed=self.owed,
        )
        if was := self.plays.get(id_):
            self.past.append((id_, was))
            play.ledger.count_on(was.ledger)
        play.ledger.stops += member.stops
        play.ledger.round = member.round
        self.plays[id_] = play
        self._seen[id_] = _Seen()
        self._look_again(id_)

    def _come_back(self, id_: int, again: Again) -> None:
        """Enroll an account again, as it stands now, in the version that is the newest now."""
        was, member = self.plays[id_].ledger, self.members[id_]
        because = again.because
        if again.round and (why := why_not(self.plan, again.round)):
            self._say(id_, "not_enrolled", sentences.not_enrolled(self._title, because, why))
            return
        stops = tuple(stop for stop in was.stops if stop.enrollment_id is None)
        account = was.facts.account
        account = account._replace(tier=self._tiers.get(id_, account.tier))
        facts = was.facts._replace(account=account)
        fresh = replace(
            member, plan=self.plan, facts=facts, names=was.names, stops=stops,
            round=max(again.round, 1),
        )  # fmt: skip
        self._wait(fresh, because)

    def new_tier(self, id_: int, tier: int) -> None:
        """Let an account's tier change; its live play keeps the one with which it began."""
        ledger, then = self.plays[id_].ledger, self.members[id_].plan.on_tier_change
        was, self._tiers[id_] = self._tiers.get(id_, ledger.facts.account.tier), tier
        words = sentences.at_new_tier(sentences.called(self.members[id_].plan), then)
        told = f"{sentences.tier_changed(tier, was)}; {words}"
        self._say(id_, "account.tier", told)
        if then:
            ledger.stop_for(sentences.new_tier(tier), self.now)
        self._look_again(id_)

    def signal(self, facts: Facts, account: str, names: Mapping[str, str], event: Event) -> None:
        """Let an account begin by itself, if that is an event on which it does."""
        if not begins_on(self.plan, event, self.now):
            return
        id_, because = facts.account.id, sentences.for_signal(event.kind)
        was = self.plays.get(id_)
        if id_ in self._waiting or (was and was.ledger.status != "ended"):
            return
        if why := why_not_again(self.plan, was.ledger.ended_at if was else None, self.now):
            self._say(id_, "not_enrolled", sentences.not_enrolled(self._title, because, why))
        else:
            self._wait(Member(self.plan, facts, account, names), because)

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
            self._look_again(id_)
        return turns

    def _live(self) -> list[tuple[int, Simulated]]:
        return [(id_, one) for id_, one in self.plays.items() if one.ledger.status != "ended"]

    @property
    def _title(self) -> str:
        return sentences.called(self.plan)

    def _say(self, id_: int, kind: str, text: str) -> None:
        self.log.append((id_, Note(kind, "", "", text, self.now)))
