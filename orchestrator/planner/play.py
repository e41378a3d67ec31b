"""One decision's working view of an enrollment: its runs, parties, people and dues.

Pure. `decide` asks it questions and tells it what it decided; it keeps both sides in step, so that
a later step of the same decision sees what an earlier one has just ended.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from orchestrator.calendar import (
    CalendarError,
    Hours,
    add,
    next_open,
    next_open_both,
    parse_days,
    parse_hours,
)
from orchestrator.terms import (
    ACCOUNT,
    ADDRESS_OF,
    REACHES_PERSON,
    TEAM_OF,
    CalendarSpec,
    Decision,
    Facts,
    Holder,
    How,
    Kind,
    Note,
    OutcomeClass,
    Party,
    Person,
    Plan,
    Run,
    Seat,
    State,
    Step,
)

IMMEDIATE = frozenset({Kind.WEBHOOK, Kind.NOTIFY})  # machines keep no working hours


class Play:
    """State and facts of one enrollment at `now`, and the decision that grows from them."""

    __slots__ = (
        "_counted", "_newcomers", "chains", "decision", "facts", "gone", "holders", "now",
        "others", "people", "plan", "runs", "state",
    )  # fmt: skip

    def __init__(self, plan: Plan, state: State, facts: Facts, now: datetime) -> None:
        self.plan, self.state, self.facts, self.now = plan, state, facts, now
        self.decision = Decision()
        self._newcomers: dict[str, Holder] | None = None
        self._counted = 0
        self.runs: dict[str, Run] = dict(state.runs)
        self.people = {str(person.id): person for person in facts.people}
        self.chains: dict[tuple[str, str], list[Party]] = {}
        self.others: dict[tuple[str, str, str], Party] = {}
        for party in state.parties:
            if party.purpose == "step":
                self.chains.setdefault((party.step, party.who), []).append(party)
            else:
                self.others[party.purpose, party.step, party.who] = party
        self.holders = [holder for holder in state.holders if holder.left_at is None]
        self.gone = {
            str(holder.contact_id): holder.left_at for holder in state.holders if holder.left_at
        }

    # ------------------------------------------------------------ what decide tells

    def later(self, at: datetime) -> None:
        """Ask again at `at`, or earlier if anything else is due before."""
        due = self.decision.next_due
        self.decision.next_due = at if due is None else min(at, due)

    def note(self, kind: str, step: str, who: str, text: str) -> None:
        """Write a line for the activity log."""
        self.decision.notes.append(Note(kind, step, who, text, self.now))

    def put_run(self, run: Run) -> None:
        """Remember a run, and write it only if it differs from the stored one."""
        self.runs[run.step] = run
        changes = self.decision.runs
        changes[:] = [other for other in changes if other.step != run.step]
        if run != self.state.runs.get(run.step):
            changes.append(run)

    def put_party(self, party: Party) -> None:
        """Add or replace the last party of its chain."""
        chain = self.chains.setdefault((party.step, party.who), [])
        if chain and chain[-1].occurrence == party.occurrence:
            chain[-1] = party
        else:
            chain.append(party)

    # ------------------------------------------------------------ people and seats

    def seated(self, seat: Seat, *, bind: bool) -> list[str]:
        """The people of a seat, in order of binding; free places are filled from who fits.

        With `bind` the newly seated are recorded; without, the answer is what binding would give.
        """
        present = [h for h in self.holders if h.seat == seat.name]
        whos = [str(holder.contact_id) for holder in present]
        if len(whos) < seat.at_most:
            for person in self._candidates(seat)[: seat.at_most - len(whos)]:
                whos.append(str(person.id))
                if bind:
                    self._bind(seat, person)
        return whos

    def _bind(self, seat: Seat, person: Person) -> None:
        holder = Holder(seat.name, person.id, self.now)
        self.holders.append(holder)
        self.decision.holders.append(holder)

    def _candidates(self, seat: Seat) -> list[Person]:
        """Who fits and sits nowhere yet: by engagement, then by age of the record."""
        taken = {holder.contact_id for holder in self.state.holders}
        taken.update(holder.contact_id for holder in self.holders)
        fitting = [p for p in self.facts.people if p.id not in taken and fits(p, seat)]
        return sorted(fitting, key=lambda p: (-p.engagement, p.since, p.id))

    def cast_of(self, step: Step, *, bind: bool = False) -> tuple[str, ...]:
        """The party keys that a step reaches if it opens now; () when nobody fits."""
        reach = step.reach
        if reach.how is How.ACCOUNT:
            return (ACCOUNT,)
        if reach.how is How.STEP:
            run = self.runs.get(reach.step)
            return cast_of_run(run)[-1:] if run else ()
        if reach.how is How.FIRST:
            return self._first(step, bind=bind)
        whos = (w for name in reach.seats for w in self.seated(self.plan.seats[name], bind=bind))
        return tuple(dict.fromkeys(whos))

    def _first(self, step: Step, *, bind: bool) -> tuple[str, ...]:
        """The first person, seat by seat, who can be reached; else the first at all."""
        seated: list[str] = []
        for name in step.reach.seats:
            here = self.seated(self.plan.seats[name], bind=bind)
            for who in here:
                if self.reachable(step, who):
                    return (who,)
            seated += here
        return tuple(seated[:1])

    def reachable(self, step: Step, who: str) -> bool:
        """Whether we have the address that the step's kind needs, and may use it."""
        person = self.people.get(who)
        if person is None or person.refused or person.left_at:
            return person is None and who == ACCOUNT
        needed = ADDRESS_OF.get(step.kind)
        return needed is None or needed in person.addresses

    # ------------------------------------------------------------ when

    def hours(self, who: str) -> Hours:
        """The working time of a person or of the whole account."""
        facts = self.facts
        return recipient_hours(
            self.plan.calendar,
            self.people.get(who),
            facts.account,
            facts.workspace_zone,
            facts.workspace_country,
        )

    def assignee_hours(self, step: Step) -> Hours:
        """The working time of whoever does a task."""
        team = self.facts.assignee_hours
        hours = team.get(step.by) or team.get(TEAM_OF[step.kind])
        return hours or working_hours(
            self.plan.calendar, self.facts.workspace_zone, self.facts.workspace_country
        )

    def opening(self, step: Step, who: str, at: datetime) -> datetime:
        """The first instant from `at` on that lies in the hours of everybody concerned."""
        if step.always or step.kind in IMMEDIATE:
            return at
        if step.kind is Kind.EMAIL:
            return next_open(at, self.hours(who))
        if step.kind in REACHES_PERSON:
            return next_open_both(at, self.assignee_hours(step), self.hours(who))
        return next_open(at, self.assignee_hours(step))

    def due(self, step: Step, who: str) -> datetime | None:
        """When a party opens: the end of its own prerequisites, the wait, the working hours."""
        start = self._start(step, who)
        if start is None:
            return None
        return self.opening(step, who, add(start, step.wait, self.hours(who)))

    def _start(self, step: Step, who: str) -> datetime | None:
        joined = self._joined_late(step, who)
        if not step.after.steps:
            return joined or self.state.activated_at
        ends = [self._end_of(prior, step, who) for prior in step.after.steps]
        known = [end for end in ends if end]
        if not known or (len(known) < len(ends) and not step.after.any):
            return None
        start = min(known) if step.after.any else max(known)
        return max(start, joined) if joined else start

    def _end_of(self, prior: str, step: Step, who: str) -> datetime | None:
        """When a prerequisite ended for this party: its own thread's end, or the whole step's."""
        run = self.runs.get(prior)
        end = run.done_at if run and run.status == "done" else None
        own_thread = step.reach.how in (How.EACH, How.STEP) and who != ACCOUNT
        if run and own_thread and ((prior, who) in self.chains or who in cast_of_run(run)):
            end = self.end_of_party(self.step(prior), who)
        if end and prior in step.after.ended and (lasts := self.step(prior).lasts):
            return add(end, lasts, self.hours(ACCOUNT))
        return end

    def end_of_party(self, step: Step, who: str) -> datetime | None:
        """When a party ended for good, None while it is open, to come or to be tried again."""
        chain = self.chains.get((step.id, who))
        if not chain:
            return self.gone.get(who)
        last = chain[-1]
        if last.ended_at and self.to_retry(step, last):
            return self.gone.get(who)
        return last.ended_at

    @staticmethod
    def to_retry(step: Step, last: Party) -> bool:
        """Whether another attempt follows: only after one that did not reach the person."""
        return last.outcome == OutcomeClass.NOT_REACHED and last.occurrence < step.attempts

    def _joined_late(self, step: Step, who: str) -> datetime | None:
        """When this person took a seat that had stood open while the play moved on, if so."""
        holder = self.newcomers.get(who)
        return holder.bound_at if holder and holder.seat in step.reach.seats else None

    @property
    def newcomers(self) -> dict[str, Holder]:
        """Who took a seat that nobody held, after a step that reaches it was done."""
        if self._newcomers is None or len(self.holders) != self._counted:
            self._counted = len(self.holders)
            self._newcomers = {
                str(holder.contact_id): holder
                for holder in self.holders
                if self._moved_on(holder) and not self._was_held(holder)
            }
        return self._newcomers

    def _moved_on(self, holder: Holder) -> bool:
        return any(
            holder.seat in step.reach.seats
            and (run := self.runs.get(step.id)) is not None
            and run.done_at is not None
            and run.done_at < holder.bound_at
            for step in self.plan.steps
        )

    def _was_held(self, holder: Holder) -> bool:
        return any(
            other.seat == holder.seat
            and other.contact_id != holder.contact_id
            and other.bound_at <= holder.bound_at
            and (other.left_at is None or other.left_at > holder.bound_at)
            for other in self.state.holders
        )

    def step(self, step_id: str) -> Step:
        """The plan's step of that id; StopIteration cannot be: checks hold the names."""
        return next(step for step in self.plan.steps if step.id == step_id)


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


class Placed(Protocol):
    """Whoever lives somewhere: a person, an account."""

    @property
    def zone(self) -> str: ...

    @property
    def country(self) -> str: ...


def recipient_hours(
    spec: CalendarSpec, person: Placed | None, account: Placed, zone: str, country: str
) -> Hours:
    """The working time of a person; account and workspace (`zone`, `country`) stand in for gaps."""
    country = (person.country if person else "") or account.country or country
    places = {"contact": (person.zone if person else "") or account.zone, "account": account.zone}
    own = places.get(spec.zone, "" if spec.zone == "workspace" else spec.zone)
    return working_hours(spec, own or zone, country)


@lru_cache(maxsize=4096)
def working_hours(spec: CalendarSpec, zone: str, country: str) -> Hours:
    """The Hours of a calendar spec in a zone; an unknown zone falls back to UTC."""
    opens, closes = parse_hours(spec.hours)
    holidays = {"country": country, "none": ""}.get(spec.holidays, spec.holidays)
    blackout = frozenset(date.fromisoformat(day) for day in spec.blackout)
    try:
        return Hours(opens, closes, parse_days(spec.days), zone, holidays, blackout)
    except CalendarError:
        return Hours(opens, closes, parse_days(spec.days), "UTC", holidays, blackout)


FAIR_START = timedelta(hours=1)


def opened_at(due: datetime, now: datetime) -> datetime:
    """When a task counts as opened: at its due, unless an outage kept it from the rep for long.

    Dues derive from recorded instants, never from the tick, so that the dry run is the real run;
    but nobody is overdue with work that was not there.
    """
    return due if now - due <= FAIR_START else now
