"""Anything that can happen to a few plays, in any order, on the real engine; and what must hold.

The witness of what left is the channel's own book. The model knows who must not hear from us any
more, from the moment in which that was committed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlmodel import Session, col, select

from accounts.errors import AbmError
from orchestrator.clock import ManualClock
from orchestrator.engine import desk, enrolling, holding, playbooks
from orchestrator.engine.advancing import advance
from orchestrator.engine.context import Context
from orchestrator.engine.delivering import deliver
from orchestrator.engine.inbox import receive
from orchestrator.engine.sweeping import sweep
from orchestrator.records import Activity, Enrollment, StepRun, Task, Touch
from orchestrator.store.database import Database
from orchestrator.terms import RawEvent
from tests.ledger import seed, witness
from tests.ledger.recorder import ANSWERS, Books, Recorder, Taken
from tests.support import cast

PLAYBOOK = """\
name: machine
title: Anything goes
for: {signed: no}
committee:
  champion: {role: champion, at_most: 2}
  buyer: {role: economic_buyer}
caps: {contact: 2 per 7d, account: 4 per 7d}
stop:
  - {on: meeting_booked, then: hand_off}
steps:
  - {id: insight, email: {to: champion, template: email/insight}, after: []}
  - {id: proof, email: {to: [champion, buyer], template: email/insight}, wait: 1 business day}
  - {id: tell, webhook: {url: "https://hooks.example/x"}, after: []}
  - id: ring
    call: {to: {first: [buyer, champion]}}
    after: [insight]
    due: 8 business hours
    attempts: {at_most: 2, every: 1 business day}
    overdue: [escalate, proceed]
  - {id: last, email: {to: champion, template: email/insight}, wait: 2 business days}
"""
EDITED = PLAYBOOK + "  - {id: more, email: {to: buyer, template: email/insight}, after: []}\n"
CAPS = {"contact": 2, "account": 4}
WEEK = timedelta(days=7)

POINTS = (
    "before_claim", "in_claim", "after_claim", "after_render", "after_offer", "in_intent",
    "after_intent", "after_send", "in_record", "after_record", "before_write", "in_write",
    "in_sweep",
)  # fmt: skip
# Who says so never hears from us again, or not from the plays that run.
FOR_EVER = ("bounce.hard", "unsubscribe", "complaint", "reply.opt_out")
THESE_PLAYS = ("reply.refusal", "reply.unclear", "reply.referral", "reply.interested")
OTHERS = ("reply.not_now", "reply.auto", "reply.wrong_person", "departed", "delivered", "opened",
          "clicked", "bounce.soft", "visit", "meeting_booked", "nonsense")  # fmt: skip
DISPOSITIONS = ("connected", "no_answer", "not_interested", "not_now", "do_not_contact",
                "wrong_person", "accepted", "skipped")  # fmt: skip
ENDED = ("sent", "failed", "suppressed", "cancelled", "unknown")


class Crash(Exception):
    """The process dies here."""


class Mortal(Database):
    """A database that a dead process cannot reach any more, whatever its `finally` clauses try."""

    dead = False

    @contextmanager
    def writing(self) -> Iterator[Session]:
        if self.dead:
            raise Crash
        with super().writing() as session:
            yield session


class Machine(RuleBasedStateMachine):
    """Three companies with a committee each; everything happens to them."""

    template: Path  # a migrated SQLite file
    home: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="abm-machine-"))
        shutil.copyfile(self.template, self.folder / "abm.db")
        self.clock = ManualClock(cast.NOW)
        self.books = Books(self.clock.now)
        self.books.looks.append(self.look)
        self.ctx = self.reborn()
        self.told: list[RawEvent] = []
        self.lines: dict[int, str] = {}  # the log as it was
        self.pinned: dict[int, int] = {}
        self.settled: dict[int, str] = {}  # touches that ended, and how
        self.silent: set[str] = set()  # addresses, for ever
        self.quiet: set[tuple[str, int]] = set()  # addresses, for an enrollment
        self.stopped: set[int] = set()  # enrollments
        self.held_accounts: set[int] = set()
        self.held_playbook = False
        self.people: dict[str, tuple[int, int]] = {}  # address -> (contact, account)
        self.settle_in()

    def settle_in(self) -> None:
        with self.ctx.db.writing() as session:
            for n, team in enumerate(("marketing", "sales", "leader")):
                cast.user(session, f"user{n}", team)
            for n in range(3):
                account = cast.company(session, f"Company {n}")
                for who, role in (
                    ("Ann Archer", "champion"),
                    ("Bob Brown", "champion"),
                    ("Eve Buyer", "economic_buyer"),
                ):
                    row = cast.person(session, account, who, role=role, phone="+49301234567")
                    self.people[row.email] = (row.id or 0, account.id or 0)
        self.edit(PLAYBOOK)

    def teardown(self) -> None:
        try:
            self.come_to_rest()
        finally:
            self.ctx.db.dispose()
            shutil.rmtree(self.folder)

    def reborn(self, probe: Any = lambda _point: None) -> Context:
        """A process that has just started, on the same database."""
        url = f"sqlite:///{self.folder / 'abm.db'}"
        channels = {
            "email": Recorder("email", "none", self.books),
            "webhook": Recorder("webhook", "keyed", self.books),
        }
        settings = seed.settings(self.home, url)
        return Context(Mortal(url), self.clock, settings, channels, probe=probe)

    # ------------------------------------------------------------ what happens

    @rule(account=st.integers(1, 3))
    def enroll(self, account: int) -> None:
        enrolling.enroll(self.ctx, "machine", accounts=[account])

    @rule()
    def tick(self) -> None:
        self.one_pass(self.ctx)

    @rule(hours=st.sampled_from([1, 5, 20, 24, 72, 200]))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self.one_pass(self.ctx)

    @rule(mood=st.sampled_from(sorted(ANSWERS)))
    def other_side(self, mood: str) -> None:
        self.books.mood = mood

    @rule(
        kind=st.sampled_from(FOR_EVER + THESE_PLAYS + OTHERS),
        who=st.integers(0, 8),
        at=st.sampled_from(("", "after_claim", "after_offer", "before_write")),
    )
    def event(self, kind: str, who: int, at: str) -> None:
        """Between two passes, or in the middle of one."""
        email = sorted(self.people)[who]
        raw = RawEvent("machine", str(len(self.told)), kind, self.clock.now(), {"email": email})
        self.told.append(raw)
        if at:
            self.meanwhile(at, lambda: self.hear(raw))
        else:
            self.hear(raw)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def the_same_event_again(self, data: st.DataObject) -> None:
        raw = data.draw(st.sampled_from(self.told))
        if receive(self.ctx, [raw]).stored:  # it came in a pass that never got there
            self.remember(raw)

    @precondition(lambda self: self.books.taken)
    @rule(kind=st.sampled_from(["delivered", "clicked", "bounce.soft"]), data=st.data())
    def news_of_a_message(self, kind: str, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.books.taken)).name
        payload = {"message_id": f"<{name}@us.example>"}
        receive(self.ctx, [RawEvent("news", f"{kind}/{name}", kind, self.clock.now(), payload)])

    @rule(disposition=st.sampled_from(DISPOSITIONS), user=st.integers(1, 3), undo=st.booleans())
    def a_rep_works(self, disposition: str, user: int, undo: bool) -> None:
        for card in desk.queue(self.ctx, user, limit=1):
            with suppress(AbmError):  # a disposition that this task cannot have
                desk.done(self.ctx, card.id, user, disposition, "token", note="said so")
                if undo:
                    desk.undo(self.ctx, card.id, user)
                elif card.contact_id and disposition == "do_not_contact":
                    self.silent |= {e for e, (c, _) in self.people.items() if c == card.contact_id}

    @rule(account=st.integers(1, 3))
    def pause_account(self, account: int) -> None:
        holding.pause(self.ctx, holding.target(self.ctx, "account", str(account)))
        self.held_accounts.add(account)

    @rule(account=st.integers(1, 3))
    def resume_account(self, account: int) -> None:
        holding.resume(self.ctx, holding.target(self.ctx, "account", str(account)))
        self.held_accounts.discard(account)

    @rule()
    def pause_playbook(self) -> None:
        holding.pause(self.ctx, holding.target(self.ctx, "playbook", "machine"))
        self.held_playbook = True

    @rule()
    def resume_playbook(self) -> None:
        holding.resume(self.ctx, holding.target(self.ctx, "playbook", "machine"))
        self.held_playbook = False

    @rule(account=st.integers(1, 3))
    def stop_account(self, account: int) -> None:
        running = self.running(account)
        holding.stop(self.ctx, holding.target(self.ctx, "account", str(account)))
        self.stopped |= running

    @rule(source=st.sampled_from([PLAYBOOK, EDITED]))
    def edit(self, source: str) -> None:
        playbooks.apply(self.ctx, source, "machine.yaml")

    @rule(point=st.sampled_from(POINTS), nth=st.integers(1, 3))
    def crash(self, point: str, nth: int) -> None:
        """A pass dies there; the next process finds what it left, once the leases are over."""
        left = [nth]

        def probe(passed: str) -> None:
            left[0] -= passed == point
            if left[0] == 0:
                assert isinstance(ctx.db, Mortal)
                ctx.db.dead = True
                raise Crash

        ctx = self.reborn(probe)
        with suppress(Crash):
            self.one_pass(ctx)
        ctx.db.dispose()
        self.ctx.db.dispose()
        self.ctx = self.reborn()
        witness.lapse(self.ctx.db)

    # ------------------------------------------------------------ how it happens

    def one_pass(self, ctx: Context) -> None:
        sweep(ctx)
        enrolling.activate(ctx, self.clock.now())
        advance(ctx)
        deliver(ctx, width=2)

    def meanwhile(self, point: str, happens: Any) -> None:
        """A pass in which something happens at a point; if it never comes there, afterwards."""
        waits = [happens]

        def probe(passed: str) -> None:
            if passed == point and waits:
                waits.pop()()

        ctx = self.reborn(probe)
        self.one_pass(ctx)
        ctx.db.dispose()
        if waits:
            waits.pop()()

    def hear(self, raw: RawEvent) -> None:
        receive(self.ctx, [raw])
        self.remember(raw)

    def remember(self, raw: RawEvent) -> None:
        """What the event forbids, from now on."""
        email = str(raw.payload["email"])
        running = self.running(self.people[email][1])
        if raw.kind in FOR_EVER:
            self.silent.add(email)
        if raw.kind in THESE_PLAYS:
            self.quiet |= {(email, play) for play in running}
        if raw.kind in ("reply.interested", "meeting_booked"):
            self.stopped |= running

    def running(self, account: int) -> set[int]:
        with self.ctx.db.reading() as session:
            mine = col(Enrollment.account_id) == account, col(Enrollment.status) != "ended"
            return {one or 0 for one in session.exec(select(Enrollment.id).where(*mine))}

    def come_to_rest(self) -> None:
        """Undo every hold and let time pass: nothing may be forgotten."""
        self.books.mood = "takes"
        for account in range(1, 4):
            self.resume_account(account)
        self.resume_playbook()
        witness.lapse(self.ctx.db)
        for _ in range(3):
            self.time_passes(1)
        rows = self.rows(Touch)
        assert not [row.id for row in rows if row.status in ("claimed", "sending")]
        names = {taken.name for taken in self.books.taken}
        for row in rows:
            if row.status == "sent":
                assert witness.name(row) in names or row.reason, "it says sent, and never left"
            if witness.name(row) in names:
                told = row.status in ("sent", "unknown") or row.reason.startswith("settled")
                assert told, f"it left, and is {row.status}: {row.reason}"

    def rows(self, table: type[Any]) -> list[Any]:
        with self.ctx.db.reading() as session:
            return list(session.exec(select(table)))

    # ------------------------------------------------------------ what must hold

    def look(self, taken: Taken) -> None:
        """Asked in the moment in which a message leaves."""
        key = taken.name.partition(".")[0]
        with Database(str(self.ctx.db.url)).reading() as session:
            row = session.exec(select(Touch).where(col(Touch.key) == key)).one()
        email = taken.recipient
        assert email not in self.silent, f"{email} asked us to stop"
        assert (email, row.enrollment_id) not in self.quiet, f"{email} has replied"
        assert row.enrollment_id not in self.stopped, "the account was stopped"
        assert row.account_id not in self.held_accounts, "the account is paused"
        assert not self.held_playbook, "the playbook is paused"

    @invariant()
    def no_message_leaves_twice(self) -> None:
        mails = [one.name for one in self.books.taken if "@" in one.recipient]
        assert len(mails) == len(set(mails))
        calls = {(one.name, one.body) for one in self.books.taken if "@" not in one.recipient}
        assert len(calls) == len({name for name, _ in calls})

    @invariant()
    def caps_hold(self) -> None:
        mails = [one for one in self.books.taken if "@" in one.recipient]
        for email, (_, account) in self.people.items():
            mine = [one.at for one in mails if one.recipient == email]
            ours = [one.at for one in mails if self.people[one.recipient][1] == account]
            assert most_within(mine, WEEK) <= CAPS["contact"]
            assert most_within(ours, WEEK) <= CAPS["account"]

    @invariant()
    def one_play_drives_an_account(self) -> None:
        live = [row.account_id for row in self.rows(Enrollment) if row.status in LIVE]
        assert len(live) == len(set(live))

    @invariant()
    def running_plays_stay_with_their_version(self) -> None:
        for row in self.rows(Enrollment):
            assert self.pinned.setdefault(row.id, row.version_id) == row.version_id

    @invariant()
    def everything_held_has_a_reason(self) -> None:
        assert all(row.reason for row in self.rows(StepRun) if row.status == "held")
        for row in self.rows(Touch):
            assert row.reason or row.status in ("ready", "sent", "sending", "claimed"), row
            assert row.reason or row.status != "ready" or row.due_at == row.planned_at, row
        for row in self.rows(Enrollment):
            assert row.reason or row.status not in ("waiting", "paused"), row
            assert bool(row.outcome) == (row.status == "ended"), row

    @invariant()
    def finished_plays_are_complete(self) -> None:
        ended = {row.id for row in self.rows(Enrollment) if row.status == "ended"}
        assert not [
            row
            for row in self.rows(Touch)
            if row.enrollment_id in ended and row.status not in ENDED
        ]
        assert not [
            row
            for row in self.rows(Task)
            if row.enrollment_id in ended
            and row.purpose == "step"
            and row.status == "open"
            and row.ended_at is None
        ]

    @invariant()
    def the_log_only_grows(self) -> None:
        now = {row.id: repr(row.model_dump()) for row in self.rows(Activity)}
        assert now.items() >= self.lines.items()
        self.lines = now

    @invariant()
    def what_ended_stays_so(self) -> None:
        for row in self.rows(Touch):
            before = self.settled.get(row.id, row.status)
            assert before in (row.status, "unknown"), (before, row)
            if row.status in ENDED:
                self.settled[row.id] = row.status


LIVE = ("active", "paused")


def most_within(instants: list[datetime], window: timedelta) -> int:
    """The largest number of instants in any window of that length."""
    ordered = sorted(instants)
    return max(
        (sum(start <= at < start + window for at in ordered) for start in ordered), default=0
    )
