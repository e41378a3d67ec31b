"""Whom a step would reach at an account, by the planner's own rules and before anybody plans it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.identity import clean_text, email_key
from accounts.nearest import nearest
from accounts.records import Account, Contact
from orchestrator.engine.context import Context
from orchestrator.planner.parties import variant_of
from orchestrator.planner.play import Play, fits, rank
from orchestrator.store.companies import people
from orchestrator.store.plays import plays
from orchestrator.store.running import facts
from orchestrator.terms import ACCOUNT, Facts, How, Plan, State, Step, Variant

_UNPLANNED = 0  # the enrollment of what nobody planned


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom a step would reach, in the order of the seats, and who fits but finds no free place.

    Both are empty for a step that reaches the account as a whole. `drawn` is the account's arm.
    """

    reached: tuple[Contact, ...]
    others: tuple[Contact, ...]
    drawn: Variant
    tier: int

    def one(self, said: str) -> Contact | None:
        """Whoever is called so, by name or e-mail address, else the first; AbmError if unknown."""
        if not said:
            return self.reached[0] if self.reached else None
        everybody, name = (*self.reached, *self.others), clean_text(said).casefold()
        found = [
            one for one in everybody
            if one.name.casefold() == name or (one.email and one.email_key == email_key(said))
        ]  # fmt: skip
        if len(found) > 1:
            raise AbmError(f"{said!r} may be several people", "say the e-mail address")
        if not found:
            hint = nearest(said, [one.name for one in everybody]) if everybody else ""
            raise AbmError(f"the step does not reach {said!r}", hint)
        return found[0]


def cast_of(
    ctx: Context, session: Session, plan: Plan, step: Step, company: Account, now: datetime
) -> Cast:
    """The people of the step. Those who sit in the account's running play of that name stay.

    AbmError if nobody fits.
    """
    play = _play(ctx, session, plan, company, now)
    whos = _reached(play, step)
    if whos == (ACCOUNT,):
        return Cast((), (), variant_of(play, step), play.facts.account.tier)
    if not whos:
        seats = ", ".join(_reach_of(plan, step).reach.seats)
        hint = "`abm import contacts` adds people; their role and persona decide"
        raise AbmError(f"nobody at {company.name} fits {seats or step.id}", hint)
    others = _others(play, _reach_of(plan, step), whos)
    known = people.contacts(session, [int(who) for who in (*whos, *others)])

    def found(these: Sequence[str]) -> tuple[Contact, ...]:
        return tuple(known[int(who)] for who in these)

    return Cast(found(whos), found(others), variant_of(play, step), play.facts.account.tier)


def _play(ctx: Context, session: Session, plan: Plan, company: Account, now: datetime) -> Play:
    """The account's play, as it stands or as it would begin."""
    assert company.id is not None
    running = plays.live_of(session, company.id, plan.name) or _UNPLANNED
    loaded = facts.load(session, {running: company.id}, now, kinds=(), since=None)
    state = State(
        running, company.id, "active", now,
        holders=tuple(loaded.holders.get(running, ())),
        stops=tuple(loaded.stops.get(company.id, ())),
    )  # fmt: skip
    workspace = ctx.settings.workspace
    seen = Facts(
        loaded.accounts[company.id], tuple(loaded.people.get(company.id, ())),
        workspace_zone=workspace.zone, workspace_country=workspace.country,
        workspace_quiet=workspace.quiet,
    )  # fmt: skip
    return Play(plan, state, seen, now)


def _reach_of(plan: Plan, step: Step) -> Step:
    """The step that chooses the people: another one, where it is threaded on that."""
    while step.reach.how is How.STEP:
        step = plan.by_id[step.reach.step]
    return step


def _reached(play: Play, step: Step) -> tuple[str, ...]:
    """The cast, after the steps before it have taken the seats that they name."""
    chooser = _reach_of(play.plan, step)
    for earlier in play.plan.steps:
        if earlier.id == chooser.id:
            break
        play.cast_of(earlier, bind=True)
    cast = play.cast_of(chooser, bind=True)
    return cast if chooser is step else cast[-1:]


def _others(play: Play, step: Step, whos: Sequence[str]) -> tuple[str, ...]:
    """Who fits a seat of the step and sits in no other one."""
    names = step.reach.seats
    elsewhere = {
        holder.contact_id
        for seat, holders in play.seats.items()
        for holder in holders
        if seat not in names
    }
    return tuple(
        str(one.id)
        for one in sorted(play.facts.people, key=rank)
        if str(one.id) not in whos
        and one.id not in elsewhere
        and any(fits(one, play.plan.seats[name]) for name in names)
    )
