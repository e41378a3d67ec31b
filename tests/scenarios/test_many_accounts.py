"""The dry run of many accounts is their real run: what `abm simulate` tells is what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.records import AccountTeam
from orchestrator.calendar import parse_span
from orchestrator.clock import ManualClock
from orchestrator.engine import agreement
from orchestrator.engine.events import inbox
from orchestrator.engine.plays import simulating
from orchestrator.engine.plays.enrolling import enroll
from orchestrator.engine.running import fading
from orchestrator.engine.tasks import desk
from orchestrator.language import check
from orchestrator.scenarios.dry_run import ADDRESSES, addresses, since
from orchestrator.scenarios.telling import TEAM, Scenario
from orchestrator.settings import Workspace
from orchestrator.simulate import Closing, Crowd, Desk, Rates, Setting, Simulated, let_run
from orchestrator.simulate.likely import Likely
from orchestrator.store.database import Database
from orchestrator.terms import Event, OpenTask, OpenTouch, Pace, Plan, RawEvent, message_key
from tests.planner.plans import MONDAY
from tests.scenarios.plays import scenarios
from tests.scenarios.worlds import TABLES, ByHand, context, write_templates
from tests.support import cast

# Everything happens often, so that a short play meets all of it.
LIVELY = Rates().with_shares({
    "email": {"opened": 0.5, "clicked": 0.4, "bounce.hard": 0.1, "bounce.soft": 0.05,
              "unsubscribe": 0.05, "complaint": 0.05, "reply.auto": 0.1, "reply.interested": 0.05,
              "reply.not_now": 0.1, "reply.wrong_person": 0.05, "reply.refusal": 0.05,
              "reply.referral": 0.0, "reply.legal": 0.03, "meeting_booked": 0.05},
    "call": {"connected": 0.2, "meeting_booked": 0.1, "not_now": 0.1, "not_interested": 0.1,
             "voicemail": 0.2, "wrong_number": 0.1, "left_company": 0.1, "referral": 0.0,
             "interested": 0.05, "do_not_contact": 0.05, "gatekeeper": 0.0},
    "social": {"reply.interested": 0.1, "reply.not_now": 0.1, "reply.refusal": 0.2},
})  # fmt: skip


class Did(NamedTuple):
    """A touch or a task of one account: when it left or opened, and how it ended."""

    account_id: int
    table: str
    step: str
    who: str
    purpose: str
    occurrence: int
    at: datetime
    status: str
    outcome: str


class Real(ByHand):
    """Accounts alike but for their numbers, in the real engine; an audience answers them."""

    def __init__(self, scenario: Scenario, number: int, folder: Path, db: Database) -> None:
        self.scenario, self.plan = scenario, scenario.plan
        self.clock = ManualClock(scenario.start)
        self.ctx = context(db, self.clock, folder, Workspace())
        write_templates(scenario.plan, folder / "templates")
        self.agenda: list[tuple[datetime, int, int, Callable[[], None]]] = []
        self.touches: set[int] = set()
        self.tasks: set[int] = set()
        self.count = 0
        with db.writing() as session:
            ours = [cast.user(session, role, told["team"], role=role)
                    for role, told in scenario.team.items()]  # fmt: skip
            for n in range(1, number + 1):
                account = cast.company(session, f"Acme {n}", zone="UTC", country="")
                assert account.id
                for name, told in scenario.people.items():
                    kinds = {one: ADDRESSES[one].format(f"{name}{n}") for one in addresses(told)}
                    # Who has no address cannot be known by one when they answer.
                    email = {"email": f"{name}@acme-{n}.example"}
                    has = dict.fromkeys(ADDRESSES, "") | kinds | email
                    cast.person(
                        session, account, f"{name} {n}", role=told["role"], zone=told["zone"],
                        **has,
                    ).created_at = since(scenario, told)  # fmt: skip
                for one in ours:
                    assert one.id
                    session.add(AccountTeam(account_id=account.id, role=one.role, user_id=one.id))
            cast.version(session, self.plan)

    def setting(self, number: int) -> Setting:
        """What `abm simulate` reads of the workspace."""
        days = (self.scenario.until - self.scenario.start).days
        ids = range(1, number + 1)
        return simulating.load(self.ctx, self.plan, days=days, accounts=ids).setting

    def run(self, setting: Setting, audience: Likely) -> None:
        """Enroll them all, and let time pass with the audience that the dry run has."""
        ids = [member.id for member in setting.members]
        assert not enroll(self.ctx, self.plan.name, accounts=ids).refused
        members = {member.id: member for member in setting.members}
        while (at := self._next()) is not None and at <= setting.until:
            self.move(at)
            fading.fade(self.ctx)
            due = sorted((one for one in self.agenda if one[0] <= at), key=lambda one: one[:3])
            self.agenda = [one for one in self.agenda if one[0] > at]
            for *_, happening in due:
                happening()
            self.settle()
            self._heed(members, audience)

    def _next(self) -> datetime | None:
        dues = [self.next_at(), *(one[0] for one in self.agenda)]
        return min((at for at in dues if at), default=None)

    def _later(self, at: datetime, account_id: int, happening: Callable[[], None]) -> None:
        self.count += 1
        self.agenda.append((max(at, self.clock.now()), account_id, self.count, happening))

    def _heed(self, members: Mapping[int, Any], audience: Likely) -> None:
        for row in self._rows("touch"):
            if row.status == "sent" and row.id not in self.touches:
                self.touches.add(row.id)
                touch = OpenTouch(row.step, row.party_key, row.occurrence, row.channel, "", "",
                                  row.due_at, None)  # fmt: skip
                for event in audience.hears(members[row.account_id], touch, row.ended_at):
                    self._foresee(row, event)
        for row in self._rows("task"):
            if row.status == "open" and row.id not in self.tasks:
                task = OpenTask(
                    row.step, row.party_key, row.occurrence, row.purpose, row.kind, row.team, "",
                    row.title, "", "", row.opened_at, row.due_at,
                )  # fmt: skip
                self._hand_out(row, task, members[row.account_id], audience)
            self.tasks.add(row.id)

    def _rows(self, table: str) -> list[Any]:
        c = TABLES[table].c
        with self.ctx.db.reading() as session:
            query = select(TABLES[table]).order_by(c.account_id, c.id)
            return list(session.connection().execute(query))

    def _foresee(self, row: Any, event: Event) -> None:
        self._later(event.at, row.account_id, partial(self._event, row, event))

    def _event(self, row: Any, event: Event) -> None:
        key = message_key(row.enrollment_id, row.step, row.party_key, row.occurrence)
        with self.ctx.db.reading() as session:
            c = TABLES["contact"].c
            query = select(c.email).where(c.id == event.contact_id)
            email = session.connection().execute(query).scalar_one()
        payload = {"email": email} | ({"key": key} if row.step in self._sends() else {})
        self.count += 1
        told = RawEvent("test", str(self.count), event.kind, event.at, payload)
        assert inbox.receive(self.ctx, [told]).counts == {"applied": 1}

    def _sends(self) -> set[str]:
        return {step.id for step in self.plan.steps if step.kind == "email"}

    def _hand_out(self, row: Any, task: OpenTask, member: Any, audience: Likely) -> None:
        now = Simulated(self.plan, member.facts, self.clock.now())
        if how := audience.does(member, now, row.id, task):
            close = partial(self._close, row, task, member, how, audience)
            self._later(how.at, row.account_id, close)

    def _close(
        self, row: Any, task: OpenTask, member: Any, how: Closing, audience: Likely
    ) -> None:  # fmt: skip
        status = next(one.status for one in self._rows("task") if one.id == row.id)
        if status != "open":
            return
        if how.disposition == "skipped":
            desk.skip(self.ctx, row.id, 1, "no time")
        else:
            said: dict[str, Any] = dict(how.said)
            if kind := said.get("address"):
                said["address"] = ADDRESSES[kind].format(f"found{row.id}")
            if how.disposition == "declined":
                said["note"] = "no"
            desk.done(self.ctx, row.id, 1, how.disposition, **said)
        for event in audience.told(member, row.id, task, how):
            self._foresee(row, event)

    def did(self) -> list[Did]:
        """Every touch and task."""
        touches = [
            Did(row.account_id, "touch", row.step, row.party_key, "step", row.occurrence,
                row.ended_at or row.due_at, row.status, row.outcome)
            for row in self._rows("touch")
        ]  # fmt: skip
        tasks = [
            Did(row.account_id, "task", row.step, row.party_key, row.purpose, row.occurrence,
                row.opened_at, row.status, row.outcome)
            for row in self._rows("task")
        ]  # fmt: skip
        return sorted(touches + tasks)

    def ends(self) -> dict[int, tuple[str, str]]:
        """How each account's play stands."""
        return {row.account_id: (row.status, row.outcome) for row in self._rows("enrollment")}


def told(crowd: Crowd) -> list[Did]:
    """Every touch and task of a dry run."""
    return sorted(
        Did(id_, one.table, one.step, one.who, one.purpose, one.occurrence,
            (one.ended_at or one.due_at or one.opened_at) if one.table == "touch"
            else one.opened_at, one.status, one.outcome)
        for id_, play in crowd.plays.items()
        for one in play.ledger.parties.values()
    )  # fmt: skip


def stand(crowd: Crowd) -> dict[int, tuple[str, str]]:
    """How each account's play stands."""
    return {
        id_: (play.ledger.status, play.ledger.outcome)
        if (play := crowd.plays.get(id_))
        else ("waiting", "")
        for id_ in crowd.members
    }


def paced(plan: Plan, limit: int, span: str) -> Plan:
    return replace(plan, pace=Pace(limit, parse_span(span)), unsigned=True)


@settings(
    max_examples=25,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large,
    ],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
@given(
    scenario=scenarios(),
    number=st.integers(2, 5),
    limit=st.integers(1, 3),
    span=st.sampled_from(("2d", "1w")),
    seed=st.integers(1, 1_000),
    room=st.sampled_from((None, 1, 2)),
)
def test_many_accounts_at_a_pace_do_in_the_dry_run_what_they_do_in_the_engine(
    scenario: Scenario, number: int, limit: int, span: str, seed: int, room: int | None,
    folder: Path, empty_database: Callable[[], Database],
) -> None:  # fmt: skip
    plan = paced(scenario.plan, limit, span)
    until = scenario.start + timedelta(days=40)
    scenario = replace(scenario, plan=plan, events=(), answers=(), until=until)
    real = Real(scenario, number, folder, empty_database())
    read = real.setting(number)
    reps = {name: replace(rep, capacity=room) for name, rep in read.reps.items()}
    setting = replace(read, reps=reps)
    likely = partial(Likely, LIVELY, seed=seed)
    crowd = Crowd(
        plan, setting.start, setting.zone, likely(Desk(reps, setting.whose)), setting.scores
    )
    let_run(crowd, setting)
    note("\n".join(map(str, crowd.lines())))
    real.run(setting, likely(Desk(reps, setting.whose)))
    assert real.did() == told(crowd)
    assert real.ends() == stand(crowd)


AGREED = """
score: {half_life: 10d, weights: {opened: 3, clicked: 8, reply: 20, meeting_booked: 30}}
"""
WARM = """
name: warm
for: {signed: no}
pace: 2 accounts per 2d
committee: {champion: {role: champion, at_most: 2}}
steps:
  - {id: hello, email: {to: champion, template: email/hello}, after: []}
  - {id: again, email: {to: champion, template: email/again}, wait: 2d}
  - {id: warm, wait_for: {until: account.engagement >= 10, at_most: 8d}}
  - {id: ring, call: {to: champion}, when: contact.engagement >= 4, overdue: [skip]}
  - {id: last, email: {to: champion, template: email/last}, when: account.engagement < 5, wait: 3d}
"""


def test_scores_grow_and_fade_in_the_dry_run_as_they_do_in_the_engine(
    folder: Path, empty_database: Callable[[], Database]
) -> None:
    checked = check(WARM, "warm.yaml")
    assert checked.plan, checked.problems
    people = {name: {"role": "champion", "zone": "UTC"} for name in ("ann", "bob", "cat")}
    until = MONDAY + timedelta(days=50)
    scenario = Scenario("warm", MONDAY, until, checked.plan, people, team=TEAM)
    real = Real(scenario, 8, folder, empty_database())
    agreement.apply(real.ctx, AGREED)
    setting = real.setting(8)
    likely = partial(Likely, LIVELY, seed=5)
    desk = Desk(setting.reps, setting.whose)
    crowd = Crowd(checked.plan, MONDAY, "UTC", likely(desk), setting.scores)
    let_run(crowd, setting)
    real.run(setting, likely(Desk(setting.reps, setting.whose)))
    assert real.did() == told(crowd)
    assert {one.outcome for one in told(crowd) if one.step == "ring"} >= {"reached", "not_done"}
