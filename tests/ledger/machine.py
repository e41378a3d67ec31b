"""Anything that can happen to a few plays, in any order, on the real engine; and what must hold.

The witness of what left is the channel's own book. The model knows who must not hear from us any
more, from the moment in which that was committed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlmodel import Session, select

from accounts.errors import AbmError
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays import enrolling, holding, playbooks
from orchestrator.engine.running.advancing import advance
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.sweeping import sweep
from orchestrator.engine.tasks import desk
from orchestrator.records import Activity, Enrollment, StepRun, Task, Touch
from orchestrator.store.database import Database
from orchestrator.store.tasks.tasks import Card
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
KINDS = st.sampled_from(FOR_EVER + THESE_PLAYS + OTHERS)
HOURS = st.sampled_from((24, 48, 1, 20, 100))
MOODS = st.sampled_from(("takes", "takes", "takes", *sorted(ANSWERS)))
DISPOSITIONS = ("connected", "no_answer", "not_interested", "not_now", "do_not_contact",
                "wrong_person", "accepted", "skipped")  # fmt: skip
ENDED = ("sent", "failed", "suppressed", "cancelled", "unknown")
Rows = Sequence[Any]


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

    db: Mortal  # of a file that each example begins anew
    empty: Path  # a migrated SQLite file
    home: Path  # the project

    def __init__(self) -> None:
        super().__init__()
        self.db.dispose()
        shutil.copyfile(self.empty, str(self.db.engine.url.database))
        self.clock = ManualClock(cast.NOW)
        self.books = Books(self.clock.now, looks=[self.look])
        channels = {
            "email": Recorder("email", "none", self.books),
            "webhook": Recorder("webhook", "keyed", self.books),
        }
        settings = seed.settings(self.home, self.db.url)
        self.ctx = Context(self.db, self.clock, settings, channels)
        self.broken: list[str] = []  # messages that left although they must not
        self.told: list[RawEvent] = []
        self.lines: dict[int, str] = {}  # the log as it was
        self.pinned: dict[int, int] = {}
        self.ended: dict[int, str] = {}  # touches, and how
        self.silent: set[str] = set()  # addresses, for ever
        self.quiet: set[tuple[str, int]] = set()  # addresses, for an enrollment
        self.stopped: set[tuple[int, str]] = set()  # enrollments, and whose words stopped them
        self.held: set[str] = set()  # accounts by their number, and the playbook
        self.people: dict[str, tuple[int, int]] = {}  # address -> (contact, account)
        self.settle_in()

    def settle_in(self) -> None:
        with self.db.writing() as session:
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
        playbooks.apply(self.ctx, PLAYBOOK, "machine.yaml")
        enrolling.enroll(self.ctx, "machine", accounts=[1, 2])

    def teardown(self) -> None:
        if not self.broken:
            self.come_to_rest()
        self.db.dispose()

    # ------------------------------------------------------------ what happens

    @rule(hours=HOURS, mood=MOODS)
    def a_pass(self, hours: int, mood: str) -> None:
        self.later(hours, mood)
        self.one_pass(self.ctx)

    @rule(days=st.integers(1, 4))
    def days_pass(self, days: int) -> None:
        for _ in range(days):
            self.a_pass(24, "takes")

    @rule(account=st.integers(1, 3))
    def enroll(self, account: int) -> None:
        enrolling.enroll(self.ctx, "machine", accounts=[account])

    @rule(kind=KINDS, who=st.integers(0, 8))
    def an_event(self, kind: str, who: int) -> None:
        self.hear(self.raw(kind, who))

    @rule(
        kind=KINDS,
        who=st.integers(0, 8),
        at=st.sampled_from(("after_claim", "after_render", "after_offer", "before_write")),
        hours=HOURS,
    )
    def an_event_within_a_pass(self, kind: str, who: int, at: str, hours: int) -> None:
        self.later(hours)
        raw = self.raw(kind, who)
        self.meanwhile(at, lambda: self.hear(raw))

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def the_same_event_again(self, data: st.DataObject) -> None:
        raw = data.draw(st.sampled_from(self.told))
        assert receive(self.ctx, [raw]).stored == 0

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
                self.read_anew(card)
                if undo:
                    desk.undo(self.ctx, card.id, user)
                elif card.contact_id and disposition == "do_not_contact":
                    self.silent |= {e for e, (c, _) in self.people.items() if c == card.contact_id}

    @rule(
        whom=st.sampled_from(("1", "2", "3", "machine")),
        at=st.sampled_from(("", "after_claim", "after_offer")),
    )
    def pause(self, whom: str, at: str) -> None:
        def switch() -> None:
            holding.pause(self.ctx, self.target(whom))
            self.held.add(whom)

        if at:
            self.later(24)
            self.meanwhile(at, switch)
        else:
            switch()

    @precondition(lambda self: self.held)
    @rule()
    def resume(self) -> None:
        for whom in sorted(self.held):
            holding.resume(self.ctx, self.target(whom))
        self.held.clear()

    @rule(account=st.integers(1, 3))
    def stop(self, account: int) -> None:
        running = self.running(account)
        holding.stop(self.ctx, self.target(str(account)))
        self.stopped |= {(play, "") for play in running}

    @rule(source=st.sampled_from([PLAYBOOK, EDITED]))
    def edit(self, source: str) -> None:
        playbooks.apply(self.ctx, source, "machine.yaml")

    @rule(point=st.sampled_from(POINTS), nth=st.integers(1, 3), hours=HOURS, mood=MOODS)
    def a_crash(self, point: str, nth: int, hours: int, mood: str) -> None:
        """A pass dies there; the next process finds what it left, once the leases are over."""
        self.later(hours, mood)
        left = [nth]

        def probe(passed: str) -> None:
            left[0] -= passed == point
            if left[0] == 0:
                self.db.dead = True
                raise Crash

        with suppress(Crash):
            self.one_pass(replace(self.ctx, probe=probe))
        self.db.dead = False
        self.db.dispose()
        witness.lapse(self.db)

    # ------------------------------------------------------------ how it happens

    def later(self, hours: int, mood: str = "takes") -> None:
        self.clock.advance(timedelta(hours=hours))
        self.books.mood = mood

    def one_pass(self, ctx: Context) -> None:
        sweep(ctx)
        enrolling.activate(ctx, self.clock.now())
        advance(ctx)
        deliver(ctx, width=2)

    def meanwhile(self, point: str, happens: Callable[[], object]) -> None:
        """A pass in which something happens at a point; if it never comes there, afterwards."""
        waits = [happens]

        def probe(passed: str) -> None:
            if passed == point and waits:
                waits.pop()()

        self.one_pass(replace(self.ctx, probe=probe))
        if waits:
            waits.pop()()

    def raw(self, kind: str, who: int) -> RawEvent:
        email = sorted(self.people)[who]
        self.told.append(
            RawEvent("machine", str(len(self.told)), kind, self.clock.now(), {"email": email})
        )
        return self.told[-1]

    def hear(self, raw: RawEvent) -> None:
        """What the event forbids, it forbids from now on."""
        email = str(raw.payload["email"])
        running = self.running(self.people[email][1])
        receive(self.ctx, [raw])
        if raw.kind in FOR_EVER:
            self.silent.add(email)
        if raw.kind in THESE_PLAYS:
            self.quiet |= {(email, play) for play in running}
        if raw.kind in ("reply.interested", "meeting_booked"):
            whose = email if raw.kind.startswith("reply.") else ""
            self.stopped |= {(play, whose) for play in running}

    def read_anew(self, card: Card) -> None:
        """A rep who has read the reply may say that it meant something else."""
        if card.purpose == "reply":
            emails = {email for email, (one, _) in self.people.items() if one == card.contact_id}
            self.quiet -= {pair for pair in self.quiet if pair[0] in emails}
            self.stopped -= {pair for pair in self.stopped if pair[1] in emails}

    def target(self, whom: str) -> holding.Target:
        return holding.target(self.ctx, "playbook" if whom == "machine" else "account", whom)

    def running(self, account: int) -> set[int]:
        return {
            row.id
            for row in self.rows(Enrollment)
            if row.account_id == account and row.status != "ended"
        }

    def rows(self, table: type[Any]) -> list[Any]:
        with self.db.reading() as session:
            return list(session.exec(select(table)))

    def come_to_rest(self) -> None:
        """Undo every hold and let time pass: nothing may be forgotten, nothing claimed falsely."""
        self.resume()
        for _ in range(3):
            self.a_pass(1, "takes")
        self.the_promises_hold()
        names = {taken.name for taken in self.books.taken}
        for row in self.rows(Touch):
            assert not row.owner, "it was forgotten"
            if row.status == "sent":
                assert witness.name(row) in names or row.reason, "it says sent, and never left"
            if witness.name(row) in names:  # a webhook may wait to go again under its key
                told = row.status in ("sent", "unknown", "sending")
                told = told or row.reason.startswith("settled")
                assert told, f"it left, and is {row.status}: {row.reason}"

    # ------------------------------------------------------------ what must hold

    def look(self, taken: Taken) -> None:
        """Asked in the moment in which a message leaves."""
        key, email = taken.name.partition(".")[0], taken.recipient
        row = next(row for row in self.rows(Touch) if row.key == key)
        self.broken += [
            words
            for wrong, words in (
                (email in self.silent, f"{email} asked us to stop"),
                ((email, row.enrollment_id) in self.quiet, f"{email} has replied"),
                (row.enrollment_id in dict(self.stopped), "the account was stopped"),
                (not self.held.isdisjoint({str(row.account_id), "machine"}), "it is paused"),
            )
            if wrong
        ]

    @invariant()
    def the_promises_hold(self) -> None:
        assert not self.broken, self.broken
        touches, enrollments = self.rows(Touch), self.rows(Enrollment)
        self.no_message_leaves_twice()
        self.caps_hold(touches)
        self.one_play_drives_an_account(enrollments)
        self.running_plays_stay_with_their_version(enrollments)
        self.everything_held_has_a_reason(touches, enrollments)
        self.finished_plays_are_complete(touches, enrollments)
        self.the_log_only_grows()
        self.what_ended_stays_so(touches)

    def no_message_leaves_twice(self) -> None:
        mails = [one.name for one in self.books.taken if "@" in one.recipient]
        assert len(mails) == len(set(mails))
        calls = {(one.name, one.body) for one in self.books.taken if "@" not in one.recipient}
        assert len(calls) == len({name for name, _ in calls})

    def caps_hold(self, touches: Rows) -> None:
        """They count what reached somebody, or may have: not what is known to have bounced."""
        bounced = {witness.name(row) for row in touches if row.status == "failed"}
        mails = [
            one for one in self.books.taken if "@" in one.recipient and one.name not in bounced
        ]
        for email, (_, account) in self.people.items():
            mine = [one.at for one in mails if one.recipient == email]
            ours = [one.at for one in mails if self.people[one.recipient][1] == account]
            assert most_within(mine, WEEK) <= CAPS["contact"]
            assert most_within(ours, WEEK) <= CAPS["account"]

    def one_play_drives_an_account(self, enrollments: Rows) -> None:
        live = [row.account_id for row in enrollments if row.status in LIVE]
        assert len(live) == len(set(live))

    def running_plays_stay_with_their_version(self, enrollments: Rows) -> None:
        for row in enrollments:
            assert self.pinned.setdefault(row.id, row.version_id) == row.version_id

    def everything_held_has_a_reason(self, touches: Rows, enrollments: Rows) -> None:
        assert all(row.reason for row in self.rows(StepRun) if row.status == "held")
        for row in touches:
            assert row.reason or row.status in ("ready", "sent", "sending", "claimed"), row
            assert row.reason or row.status != "ready" or row.due_at == row.planned_at, row
        for row in enrollments:
            assert row.reason or row.status not in ("waiting", "paused"), row
            assert bool(row.outcome) == (row.status == "ended"), row

    def finished_plays_are_complete(self, touches: Rows, enrollments: Rows) -> None:
        ended = {row.id for row in enrollments if row.status == "ended"}
        left = [row for row in touches if row.enrollment_id in ended and row.status not in ENDED]
        assert not left
        assert not [
            row
            for row in self.rows(Task)
            if (row.purpose, row.status, row.ended_at) == ("step", "open", None)
            and row.enrollment_id in ended
        ]

    def the_log_only_grows(self) -> None:
        now = {row.id: repr(row.model_dump()) for row in self.rows(Activity)}
        assert now.items() >= self.lines.items()
        self.lines = now

    def what_ended_stays_so(self, touches: Rows) -> None:
        for row in touches:
            assert self.ended.get(row.id, row.status) in (row.status, "unknown"), row
            if row.status in ENDED:
                self.ended[row.id] = row.status


LIVE = ("active", "paused")


def most_within(instants: list[datetime], window: timedelta) -> int:
    """The largest number of instants in any window of that length."""
    ordered = sorted(instants)
    return max(
        (sum(start <= at < start + window for at in ordered) for start in ordered), default=0
    )
