"""Pause, resume and stop: a playbook, an account, or one account's play; by whom and why.

A switch binds at once: every intent reads again whether its play is active and no stop covers it.
A play goes on only when neither its playbook, nor its account, nor somebody by hand holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.nearest import nearest
from accounts.records import User
from orchestrator import sentences
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.reading import find_account
from orchestrator.engine.staff import users
from orchestrator.planner.starting import later_turns
from orchestrator.store.companies import log
from orchestrator.store.plays import enrolling, plays
from orchestrator.store.plays import holding as store
from orchestrator.store.plays.holding import BY_ACCOUNT, BY_HAND, BY_PLAYBOOK, Play
from orchestrator.store.running import inviting
from orchestrator.terms import Pace

BATCH = 500  # plays that are woken in one transaction


@dataclass(frozen=True, slots=True)
class Target:
    """What a switch is of: a playbook, an account, or (with both) one account's play."""

    name: str  # as people call it
    playbook: str = ""
    account_id: int | None = None

    @property
    def hold(self) -> str:
        """How plays say that this switch holds them."""
        if self.account_id is None:
            return BY_PLAYBOOK
        return BY_HAND if self.playbook else BY_ACCOUNT


@dataclass(frozen=True, slots=True)
class Switched:
    """What a switch did: how many plays it changed, of how many that have not ended."""

    name: str
    done: str  # paused, resumed, stopped
    plays: int
    of: int

    def __str__(self) -> str:
        return f"{self.name}: {self.plays} of {self.of} plays {self.done}"


def target(ctx: Context, kind: str, name: str, play: str = "") -> Target:
    """The playbook or the account called so, or the account's `play` of that playbook.

    AbmError names the nearest when there is none.
    """
    with ctx.db.reading() as session:
        if kind == "playbook":
            return Target(_playbook(session, name), playbook=name)
        account = find_account(session, name)
        label = f"{account.name}, {_playbook(session, play)}" if play else account.name
        return Target(label, play, account.id)


def _playbook(session: Session, name: str) -> str:
    if book := plays.playbook(session, name):
        return book.title or book.name
    known = plays.playbook_names(session)
    hint = nearest(name, known) or "`abm apply playbooks/FILE.yaml` stores one"
    raise AbmError(f"there is no playbook {name!r}", hint)


# ---------------------------------------------------------------- the three switches


def pause(
    ctx: Context, what: Target, *, by: str = "", reason: str = "", until: datetime | None = None
) -> Switched:
    """Hold its plays until a date, or until somebody resumes them; tasks stay workable.

    `by` is a user's short name. AbmError for a date that has passed and a play that has ended.
    """
    now = ctx.clock.now()
    if until and until <= now:
        raise AbmError(f"{until:%Y-%m-%d %H:%M} has passed", "say a date to come, or none")
    with ctx.db.writing() as session:
        switch = _Switch(ctx, session, what, by, now)
        words = switch.words(reason, "paused by hand")
        if what.hold == BY_PLAYBOOK:
            store.switch_playbook(session, what.playbook, now, words, until)
        elif what.hold == BY_ACCOUNT:
            store.rest(session, what.account_id or 0, words, until)
        held = [one for one in switch.live if _yields(one, what.hold)]
        store.pause(session, [one.id for one in held], what.hold, words, until)
        if what.hold == BY_HAND:
            held += switch.waiting
            store.keep_waiting(session, [one.id for one in switch.waiting], words, until)
        zone = ZoneInfo(ctx.settings.workspace.zone)
        day = until.astimezone(zone).date() if until else None
        switch.tell("paused", held, lambda title: sentences.paused(title, words, day))
    return Switched(what.name, "paused", len(held), len(switch.plays))


def _yields(one: Play, to: str) -> bool:
    """Whether a play lets itself be held by this switch from now on: by hand goes before the
    playbook, and the playbook before the account."""
    stronger = {BY_ACCOUNT: (BY_PLAYBOOK, BY_HAND), BY_PLAYBOOK: (BY_HAND,), BY_HAND: ()}
    return one.status == "active" or one.hold not in stronger[to]


def resume(ctx: Context, what: Target, *, by: str = "", reason: str = "") -> Switched:
    """Let its plays go on, but for those that another switch holds; what a rest kept from
    starting is asked again.

    What a playbook's pause made them miss comes at its pace; whoever resumes it once more lets
    all of it come.
    """
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        switch = _Switch(ctx, session, what, by, now)
        later: Collection[int] = ()
        if what.hold == BY_PLAYBOOK:
            later = _switch_on(ctx, session, what.playbook, now, switch.user)
        else:
            if what.hold == BY_ACCOUNT:
                store.rest(session, what.account_id or 0, "", None)
            asked = [one for one in switch.waiting if one.hold == what.hold]
            store.let_wait(session, [one.id for one in asked], now)
            enrolling.ask_now(session, [one.playbook for one in asked], now)
        held = [one for one in switch.live if one.status == "paused" and one.hold == what.hold]
        going = store.release(session, [one.id for one in held if one.id not in later], now)
        words = switch.words(reason, "resumed by hand")
        gone_on = [one for one in held if one.id in going]
        switch.tell("resumed", gone_on, lambda title: sentences.goes_on(title, words))
    return Switched(what.name, "resumed", len(going), len(switch.plays))


def stop(ctx: Context, what: Target, *, by: str = "", reason: str = "") -> Switched:
    """End its plays for good: nothing leaves any more, and the next tick cancels what is open."""
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        switch = _Switch(ctx, session, what, by, now)
        words = switch.words(reason, "stopped by hand")
        begun = [one for one in switch.waiting if one.begun]
        store.stop(session, [*switch.live, *begun], words, now)
        never = [(one.id, words) for one in switch.waiting if not one.begun]
        enrolling.stop(session, never, now, ctx.flow_run_id)
        inviting.withdraw(session, playbook=what.playbook, account_id=what.account_id)
        switch.tell("stopped", switch.plays, lambda title: f"{title} stopped: {words}")
    return Switched(what.name, "stopped", len(switch.plays), len(switch.plays))


# ---------------------------------------------------------------- dates that have come


def wake(ctx: Context, now: datetime, limit: int = BATCH) -> tuple[int, bool]:
    """Let up to `limit` paused plays go on whose date has come; how many do, and whether there
    may be more."""
    with ctx.db.writing() as session:
        enrolling.lock(session)
        books = store.playbooks_over(session, now)
        store.lock_over(session, books, now, limit)
        for name in books:
            _switch_on(ctx, session, name, now, None)
        over = store.plays_over(session, now, limit)
        store.rested(session, {one.account_id for one in over}, now)
        going = store.release(session, [one.id for one in over], now)
        titles = enrolling.titles(session)
        lines = [
            (one.account_id, one.id, sentences.goes_on(titles[one.playbook]))
            for one in over
            if one.id in going
        ]
        _log(ctx, session, "resumed", lines, None, now)
    return len(going), len(over) == limit


def _switch_on(
    ctx: Context, session: Session, playbook: str, now: datetime, user: User | None
) -> Collection[int]:
    """Turn a playbook on again; which of its plays wait for their turn at its pace."""
    book = plays.playbook(session, playbook)
    was_off = book is not None and book.paused_at is not None
    store.switch_playbook(session, playbook, None)
    enrolling.ask_now(session, [playbook], now)
    pace = _pace(ctx, session, playbook, now) if was_off else None
    if pace is None:
        return ()
    missed = store.missed(session, playbook, now)
    turns = later_turns(missed, pace, now)
    reason = sentences.at_pace(pace)
    store.take_turns(session, turns, reason)
    title, zone = enrolling.titles(session)[playbook], ZoneInfo(ctx.settings.workspace.zone)
    days = {id_: at.astimezone(zone).date() for id_, at in turns.items()}
    lines = [
        (one.account_id, one.enrollment_id, sentences.paused(title, reason, day))
        for one in missed
        if (day := days.get(one.enrollment_id))
    ]
    _log(ctx, session, "paused", lines, user, now)
    return turns


def _pace(ctx: Context, session: Session, playbook: str, now: datetime) -> Pace | None:
    """The pace of the version that new enrollments take."""
    for book in enrolling.books_due(session, now):
        if book.name == playbook:
            return plans_of(ctx.db).of(session, {book.version_id})[book.version_id].pace
    return None


# ---------------------------------------------------------------- one switch


class _Switch:
    """The plays that a switch concerns, locked, and who turns it."""

    def __init__(
        self, ctx: Context, session: Session, what: Target, by: str, now: datetime
    ) -> None:
        enrolling.lock(session)
        self.ctx, self.session, self.what, self.now = ctx, session, what, now
        self.user = users.find(session, by) if by else None
        self.plays = store.plays(session, playbook=what.playbook, account_id=what.account_id)
        if what.hold == BY_HAND and not self.plays:
            raise AbmError(
                f"{what.name} does not run", "`abm log ACCOUNT` shows an account's plays"
            )

    @property
    def waiting(self) -> list[Play]:
        return [one for one in self.plays if one.status == "waiting"]

    @property
    def live(self) -> list[Play]:
        return [one for one in self.plays if one.status != "waiting"]

    def words(self, reason: str, otherwise: str) -> str:
        """Why, and who said so."""
        return (reason.strip() or otherwise) + (f" ({self.user.name})" if self.user else "")

    def tell(self, kind: str, plays: Sequence[Play], text: Callable[[str], str]) -> None:
        """Put it on the log: of every play, or once of an account as a whole."""
        if self.what.hold == BY_ACCOUNT:
            live = next((one.id for one in self.live), None)
            lines = [(self.what.account_id, live, text(self.what.name))]
        else:
            titles = enrolling.titles(self.session)
            lines = [(one.account_id, one.id, text(titles[one.playbook])) for one in plays]
        _log(self.ctx, self.session, kind, lines, self.user, self.now)


def _log(
    ctx: Context, session: Session, kind: str, lines: Iterable[tuple[int | None, int | None, str]],
    user: User | None, now: datetime,
) -> None:  # fmt: skip
    """Write lines (account, enrollment, text) by one of us or by the engine."""
    log.write(
        session,
        [
            log.entry(
                kind, at=now, account_id=account_id, enrollment_id=enrollment_id, text=text,
                team=user.team if user else "engine", actor_id=user.id if user else None,
                flow_run_id=ctx.flow_run_id,
            )
            for account_id, enrollment_id, text in lines
        ],
    )  # fmt: skip
