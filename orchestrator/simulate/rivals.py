"""Several playbooks on the same accounts, each a crowd: one play drives an account at a time (11).

The walk over who may start is the engine's own. Whoever starts or goes on knows what the play
before it has learned of the account: whom it reached, who left, what stops every play.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from orchestrator import sentences
from orchestrator.planner.starting import Waiting, Walk
from orchestrator.simulate.crowd import Crowd
from orchestrator.simulate.ledger import Ledger
from orchestrator.simulate.resting import come_to_rest
from orchestrator.terms import Note


class Rivals:
    """Crowds by playbook; move them as one: `next_at`, `move`, what happens to each, `settle`."""

    def __init__(self, crowds: Sequence[Crowd]) -> None:
        self.crowds = {crowd.plan.name: crowd for crowd in crowds}
        self._drove: dict[int, Ledger] = {}  # the ledger that knew an account last

    @property
    def now(self) -> datetime:
        """The instant at which they stand."""
        return max(crowd.now for crowd in self.crowds.values())

    def next_at(self) -> datetime | None:
        """When something is due next; None when only an event can bring that about."""
        dues = (crowd.next_at() for crowd in self.crowds.values())
        return min((at for at in dues if at), default=None)

    def move(self, to: datetime) -> None:
        """Set the clock on, never back."""
        for crowd in self.crowds.values():
            crowd.move(to)

    def settle(self) -> None:
        """Start, decide and send until nothing is due at this instant any more."""
        come_to_rest(", ".join(self.crowds), self.now, self.next_at, self._pass)

    def lines(self) -> Iterator[tuple[int, Note]]:
        """(account, line) of the whole log."""
        for crowd in self.crowds.values():
            yield from crowd.lines()

    # ------------------------------------------------------------ one pass

    def _pass(self) -> None:
        crowds = self.crowds.values()
        for crowd in crowds:
            crowd.wake_up()
        if any(crowd.asks for crowd in crowds):
            self._start()
        for crowd in crowds:
            crowd.work()
        for id_ in {id_ for crowd in crowds for id_ in crowd.members}:
            if self._driver(id_) is None:
                for crowd in crowds:
                    crowd.free(id_)

    def _start(self) -> None:
        asking = {name: crowd for name, crowd in self.crowds.items() if crowd.asks}
        turns = {name: crowd.turn(self._seen) for name, crowd in asking.items()}
        titles = {name: sentences.called(crowd.plan) for name, crowd in self.crowds.items()}
        most = 1 + sum(len(one.waiting) for one in turns.values())
        zone = ZoneInfo(next(iter(self.crowds.values())).zone)
        walk = Walk(turns, titles, self.now, most, zone)
        for name, crowd in self.crowds.items():
            crowd.follow(walk, turns.get(name))
        for one in walk.started:
            self._hand_over(one)

    def _seen(self, one: Waiting) -> Waiting:
        """One who waits, beside the play that drives the account."""
        driver = self._driver(one.account_id)
        if driver is None:
            outside = self.crowds[one.playbook].members[one.account_id].driven_by
            return one._replace(live=outside or None, live_id=None, live_yields=False)
        plan = driver.members[one.account_id].plan
        return one._replace(
            live=plan.name, live_id=one.account_id, live_priority=plan.priority, live_yields=True
        )

    def _driver(self, id_: int) -> Crowd | None:
        """The crowd whose play of the account is live, if any is."""
        for crowd in self.crowds.values():
            play = crowd.plays.get(id_)
            if play and play.ledger.status in ("active", "paused"):
                return crowd
        return None

    def _hand_over(self, one: Waiting) -> None:
        ledger = self.crowds[one.playbook].plays[one.account_id].ledger
        before = self._drove.get(one.account_id, ledger)
        if before is not ledger:
            ours = ledger.facts
            ledger.facts = before.facts._replace(assignee_hours=ours.assignee_hours, away=ours.away)
            known = {id(stop) for stop in ledger.stops}
            everywhere = (stop for stop in before.stops if stop.enrollment_id is None)
            ledger.stops += [stop for stop in everywhere if id(stop) not in known]
        self._drove[one.account_id] = ledger
