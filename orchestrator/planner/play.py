"""One decision's working view of an enrollment: its runs, parties, seats and people.

Pure. `decide` asks it questions and tells it what it decided; it keeps both sides in step, so that
a later step of the same decision sees what an earlier one has just ended. The numbers in brackets
are the rules of the language reference.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain

from orchestrator import sentences
from orchestrator.calendar import Hours
from orchestrator.planner.hours import recipient_hours, working_hours
from orchestrator.terms import (
    ACCOUNT,
    ADDRESS_OF,
    TEAM_OF,
    Away,
    Decision,
    Facts,
    Holder,
    How,
    Kind,
    Note,
    Party,
    Person,
    Plan,
    Run,
    Seat,
    State,
    Step,
    StopMark,
)


class Play:
    """State and facts of one enrollment at `now`, and the decision that grows from them.

    `chains` holds the attempts of each party of a step, `others` the tasks beside the steps,
    `seats` who sits where, `gone` who left a seat and when. `missed` and `first_missed` are those
    of `catching_up`.
    """

    __slots__ = (
        "_hours", "_newcomers", "_taken", "chains", "decision", "dues", "facts", "first_missed",
        "gone", "left", "missed", "now", "others", "people", "plan", "runs", "seats", "state",
        "steps",
    )  # fmt: skip

    def __init__(self, plan: Plan, state: State, facts: Facts, now: datetime) -> None:
        if state.tier not in (None, facts.account.tier):  # pinned, as all that it runs by
            facts = facts._replace(account=facts.account._replace(tier=state.tier))
        self.plan, self.state, self.facts, self.now = plan, state, facts, now
        self.decision = Decision()
        self.left = facts.purse.left if facts.purse else None
        self.steps = plan.by_id
        self.runs: dict[str, Run] = dict(state.runs)
        self.people = {str(person.id): person for person in facts.people}
        self.dues: dict[tuple[str, datetime, int], datetime] = {}
        self.missed: list[datetime] | None = None
        self.first_missed: datetime | None = None
        self._hours: dict[str, Hours] = {}
        self._read_parties()
        self._read_holders()

    def _read_parties(self) -> None:
        self.chains: dict[tuple[str, str], list[Party]] = {}
        self.others: dict[tuple[str, str, str], Party] = {}
        for party in self.state.parties:
            if party.purpose == "step":
                self.chains.setdefault((party.step, party.who), []).append(party)
            else:
                self.others[party.purpose, party.step, party.who] = party

    def _read_holders(self) -> None:
        self.seats: dict[str, list[Holder]] = {}
        self.gone: dict[str, datetime] = {}
        for holder in self.state.holders:
            if holder.left_at:
                self.gone[str(holder.contact_id)] = holder.left_at
            else:
                self.seats.setdefault(holder.seat, []).append(holder)
        self._taken = {holder.contact_id for holder in self.state.holders}
        self._newcomers: dict[str, Holder] | None = None

    # ------------------------------------------------------------ what decide tells

    def later(self, at: datetime) -> None:
        """Ask again at `at`, or earlier if anything else is due before."""
        due = self.decision.next_due
        self.decision.next_due = at if due is None else min(at, due)

    def note(self, kind: str, step: str, who: str, text: str) -> None:
        """Write a line for the activity log."""
        self.decision.notes.append(Note(kind, step, who, text, self.now))

    def put_run(self, run: Run) -> None:
        """Remember a run; it is written if it differs from the stored one."""
        self.runs[run.step] = run

    def changed_runs(self) -> list[Run]:
        """The runs that differ from the stored ones."""
        stored = self.state.runs
        return [
            run
            for step, run in self.runs.items()
            if run is not (was := stored.get(step)) and run != was
        ]

    def put_party(self, party: Party) -> None:
        """Add or replace the last party of its chain."""
        chain = self.chains.setdefault((party.step, party.who), [])
        if chain and chain[-1].occurrence == party.occurrence:
            chain[-1] = party
        else:
            chain.append(party)

    def put_other(self, party: Party) -> None:
        """Remember a task beside a step."""
        self.others[party.purpose, party.step, party.who] = party

    def last(self, step: str, who: str) -> Party | None:
        """The newest attempt of a party, None if it never began."""
        chain = self.chains.get((step, who))
        return chain[-1] if chain else None

    # ------------------------------------------------------------ seats

    def seated(self, seat: Seat, *, bind: bool) -> list[str]:
        """The people of a seat, ranked; free places are filled from who fits (2).

        With `bind` the newly seated are recorded; without, the answer is what binding would give.
        """
        whos = self._present(seat.name)
        if (free := seat.at_most - len(whos)) > 0:
            for person in self._candidates(seat)[:free]:
                whos.append(str(person.id))
                if bind:
                    self._bind(seat, person)
        return whos

    def _present(self, seat: str) -> list[str]:
        whos = [str(holder.contact_id) for holder in self.seats.get(seat, ())]
        return whos if len(whos) < 2 else sorted(whos, key=lambda who: rank(self.people[who]))

    def _candidates(self, seat: Seat) -> list[Person]:
        """Who fits and sits nowhere yet."""
        fitting = [p for p in self.facts.people if p.id not in self._taken and fits(p, seat)]
        return sorted(fitting, key=rank)

    def _bind(self, seat: Seat, person: Person) -> None:
        holder = Holder(seat.name, person.id, self.now)
        self.seats.setdefault(seat.name, []).append(holder)
        self._taken.add(person.id)
        self._newcomers = None
        self.decision.holders.append(holder)

    def release(self, holder: Holder, reason: str) -> datetime:
        """Let a person leave their seat; the instant at which they did."""
        person = self.people.get(str(holder.contact_id))
        left = person.left_at if person and person.left_at else self.now
        at = max(left, holder.bound_at)
        self.seats[holder.seat].remove(holder)
        self.gone[str(holder.contact_id)] = at
        self._newcomers = None
        self.decision.holders.append(holder._replace(left_at=at, left_reason=reason))
        return at

    def vacated_at(self, seat: str) -> datetime | None:
        """When somebody last left the seat."""
        holders = (*self.state.holders, *self.decision.holders)
        return max((h.left_at for h in holders if h.seat == seat and h.left_at), default=None)

    @property
    def newcomers(self) -> dict[str, Holder]:
        """Who took a seat that nobody held after a step that reaches it had opened (8)."""
        if self._newcomers is None:
            self._newcomers = self._newly_seated() if self._stood_open() else {}
        return self._newcomers

    def _newly_seated(self) -> dict[str, Holder]:
        return {
            str(holder.contact_id): holder
            for holders in self.seats.values()
            for holder in holders
            if self._came_after(holder) and not self._was_held(holder)
        }

    def _stood_open(self) -> bool:
        """Whether any seat ever did: somebody left one, or a coverage task was opened for it."""
        if self.gone or not self.others:
            return bool(self.gone)
        return any(purpose == "cover" for purpose, _, _ in self.others)

    def _came_after(self, holder: Holder) -> bool:
        who = str(holder.contact_id)
        return any(
            run.opened_at is not None
            and run.opened_at <= holder.bound_at
            and holder.seat in (reach := self.steps[run.step].reach).seats
            and reach.how is How.EACH
            and who not in cast_of_run(run)
            for run in self.runs.values()
            if run.step in self.steps
        )

    def _was_held(self, holder: Holder) -> bool:
        return any(
            other.seat == holder.seat
            and other.contact_id != holder.contact_id
            and other.bound_at <= holder.bound_at
            and not self._had_left(other, holder.bound_at)
            for other in self.state.holders
        )

    def _had_left(self, holder: Holder, at: datetime) -> bool:
        left_at = holder.left_at or self.gone.get(str(holder.contact_id))
        return left_at is not None and left_at <= at

    # ------------------------------------------------------------ casts

    def cast_of(self, step: Step, *, bind: bool = False) -> tuple[str, ...]:
        """The party keys that a step reaches if it opens now; () when nobody fits (3)."""
        reach = step.reach
        if reach.how is How.ACCOUNT:
            return (ACCOUNT,)
        if reach.how is How.STEP:
            run = self.runs.get(reach.step)
            return cast_of_run(run)[-1:] if run else ()
        if reach.how is How.FIRST:
            return self._first(step, bind=bind)
        seats = [self.seated(self.plan.seats[name], bind=bind) for name in reach.seats]
        return tuple(seats[0]) if len(seats) == 1 else tuple(dict.fromkeys(chain(*seats)))

    def _first(self, step: Step, *, bind: bool) -> tuple[str, ...]:
        """The first person, seat by seat, who can be reached; else the first at all (7)."""
        seated: list[str] = []
        for name in step.reach.seats:
            here = self.seated(self.plan.seats[name], bind=bind)
            for who in here:
                if self.reachable(step, who) and not self._silenced(who):
                    return (who,)
            seated += here
        return tuple(seated[:1])

    def _silenced(self, who: str) -> bool:
        """Whether a stop for good covers this person: no better reached than without address."""
        return any(
            stop.contact_id is not None and str(stop.contact_id) == who and stop.until is None
            for stop in self.stops
        )

    @property
    def stops(self) -> list[StopMark]:
        """The stops that bind this enrollment."""
        own = (None, self.state.enrollment_id)
        return [stop for stop in self.state.stops if stop.enrollment_id in own]

    def reachable(self, step: Step, who: str) -> bool:
        """Whether we have the address that the step's kind needs, and may use it."""
        if who == ACCOUNT:
            return True
        person = self.people.get(who)
        if person is None or person.refused or person.left_at:
            return False
        needed = ADDRESS_OF.get(step.kind)
        return needed is None or needed in person.addresses

    # ------------------------------------------------------------ money

    def lacks(self, step: Step) -> str:
        """Why the budget does not let a step open, "" if it does."""
        if self.left is None or not step.cost or step.cost <= self.left:
            return ""
        assert self.facts.purse
        return sentences.spent(self.facts.purse, step.cost)

    def spend(self, step: Step) -> None:
        """A party of the step opens: what it costs is gone."""
        if self.left is not None and step.cost:
            self.left -= step.cost

    # ------------------------------------------------------------ whose hours

    def hours(self, who: str) -> Hours:
        """The working time of a person or of the whole account."""
        found = self._hours.get(who)
        if found is None:
            facts = self.facts
            found = self._hours[who] = recipient_hours(
                self.plan.calendar,
                self.people.get(who),
                facts.account,
                facts.workspace_zone,
                facts.workspace_country,
                facts.workspace_quiet,
            )
        return found

    def away(self, step: Step) -> Away | None:
        """The absence of whoever does the step, or signs its mail, if it is now (15)."""
        if not self.facts.away:
            return None
        role = step.sender if step.kind is Kind.EMAIL else step.by or TEAM_OF[step.kind]
        theirs = self.facts.away.get(role, ())
        return next((one for one in theirs if one.since <= self.now < one.until), None)

    def assignee_hours(self, step: Step) -> Hours:
        """The working time of whoever does a task (16), be it as a stand-in (15)."""
        away = self.away(step) if step.away == "cover" else None
        if away and away.hours:
            return away.hours
        team = self.facts.assignee_hours
        hours = team.get(step.by) or team.get(TEAM_OF[step.kind])
        return hours or working_hours(
            self.plan.calendar, self.facts.workspace_zone, self.facts.workspace_country
        )


def rank(person: Person) -> tuple[float, datetime, int]:
    """By engagement, then by age of the record (2)."""
    return -person.engagement, person.since, person.id


def fits(person: Person, seat: Seat) -> bool:
    """Whether a person may take a seat; somebody without a known persona is not ruled out."""
    return (
        not person.left_at
        and not person.refused
        and (not seat.role or person.role == seat.role)
        and (not seat.persona or not person.persona or person.persona == seat.persona)
    )


def cast_of_run(run: Run) -> tuple[str, ...]:
    """The party keys frozen in a run that has opened."""
    return tuple(run.cast_ids.split(",")) if run.cast_ids else ()


def is_kept(step: Step, stop: StopMark) -> bool:
    """Whether a step goes on in spite of a stop (9)."""
    return step.id in stop.keep or step.kind in stop.keep
