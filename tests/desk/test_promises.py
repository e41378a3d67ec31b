"""What both teams agreed to owe each other is due by the agreement, and counted side by side."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.errors import Problems
from accounts.records import Account
from orchestrator.engine import agreement
from orchestrator.engine.events import inbox
from orchestrator.engine.pages import promises
from orchestrator.engine.tasks import desk as use
from orchestrator.engine.tasks.dispositions import HAND_BACKS
from orchestrator.records import Task
from orchestrator.terms import RawEvent
from tests.support.cast import NOW
from tests.support.desk import Desk

AGREED = """
sla:
  reply: 2 business hours
  hand_off: {tier-1: 1 business hour, otherwise: 8 business hours}
  context: 4 business hours
  hand_back: 2 business days
"""


def interested(desk: Desk) -> dict[str, Task]:
    """The tasks that a reply with interest opens, by purpose."""
    payload = {"email": "ann.archer@acme.example", "text": "Yes, please call me."}
    inbox.receive(desk.ctx, [RawEvent("mail", "1", "reply.interested", NOW, payload)])
    return {one.purpose: one for one in desk.all(Task)}


@pytest.mark.parametrize(("tier", "hand_off"), [(0, 24 + 8), (1, 1), (2, 24 + 8)])
def test_what_an_answer_asks_for_is_due_by_the_agreement(desk: Desk, tier: int, hand_off: int):
    """Counted in the workspace's working hours: of eight from eleven o'clock on, six are today."""
    agreement.apply(desk.ctx, AGREED)
    with desk.ctx.db.writing() as session:
        session.get_one(Account, desk.acme).tier = tier
    tasks = interested(desk)
    assert tasks["reply"].due_at == NOW + timedelta(hours=2)
    assert tasks["context"].due_at == NOW + timedelta(hours=4)
    assert (tasks["context"].team, tasks["hand_off"].team) == ("marketing", "sales")
    eleven = NOW + timedelta(hours=hand_off)
    wanted = eleven if tier == 1 else datetime(2026, 3, 4, 11, tzinfo=NOW.tzinfo)
    assert tasks["hand_off"].due_at == wanted


def test_without_an_agreement_everything_is_owed_within_a_day(desk: Desk):
    tasks = interested(desk)
    assert tasks.keys() == {"reply", "hand_off"}
    assert {one.due_at for one in tasks.values()} == {NOW + timedelta(days=1)}


def test_what_sales_gives_back_is_owed_by_marketing(desk: Desk):
    agreement.apply(desk.ctx, AGREED)
    why = next(iter(HAND_BACKS))
    use.hand_back(desk.ctx, desk.task(), desk.dana, why, note="no budget")
    [back] = [one for one in desk.all(Task) if one.purpose == "review"]
    assert (back.team, back.due_at) == ("marketing", NOW + timedelta(days=2))


@pytest.mark.parametrize(
    "said",
    ["sla: {reply: 0h}", "sla: {reply: soon}", "sla: {answer: 1h}", "sla: {reply: {tier-1: 1h}}",
     "sla: {reply: {tier-9: 1h, otherwise: 1d}}", "sla: 1d"],
)  # fmt: skip
def test_times_that_cannot_be_kept_are_refused(said: str):
    with pytest.raises(Problems):
        agreement.parse(said)


def test_kept_broken_open_and_at_risk_are_counted_by_team(desk: Desk):
    day, hour = timedelta(days=1), timedelta(hours=1)
    for number, (due, ended) in enumerate([
        (-day, -day - hour), (-day, -2 * hour),  # kept, and ended late
        (-10 * day, -11 * day), (-10 * day, -9 * day), (-40 * day, -40 * day),
        (-hour, None), (-9 * day, None), (hour, None), (3 * day, None),
    ]):  # fmt: skip
        done: dict[str, Any] = (
            {"status": "done", "ended_at": NOW + ended, "done_by": desk.dana} if ended else {}
        )
        desk.task(purpose="reply", step="", occurrence=number + 1, due_at=NOW + due, **done)
    desk.task(due_at=NOW - day)  # a step's task is no promise
    desk.task(purpose="context", step="", team="marketing", due_at=NOW + day)
    marketing, sales = promises.kept(desk.ctx)
    assert marketing == ("marketing", 0, 0, 0, 0, 1, 0)
    assert sales == ("sales", 1, 2, 2, 4, 4, 1)
    for state, days, number in (("kept", 7, 1), ("kept", 30, 2), ("broken", 7, 2),
                                ("broken", 30, 4), ("open", 7, 4), ("at_risk", 7, 1)):  # fmt: skip
        found = promises.behind(desk.ctx, "sales", state, days, 10)
        assert len(found) == number, (state, days)
        assert {one.account for one in found} == {"Acme"}


def test_a_walk_through_what_is_owed_finds_each_task_once(desk: Desk):
    """Several are due at the same instant: the place of a page is the instant and the task."""
    owed = [
        desk.task(purpose="reply", step="", occurrence=number, due_at=NOW - timedelta(hours=hours))
        for number, hours in enumerate([1, 2, 2, 2, 3], 1)
    ]
    found: list[int] = []
    before: tuple[datetime, int] | None = None
    while page := promises.behind(desk.ctx, "sales", "broken", 30, 2, before=before):
        found += [one.id for one in page]
        before = page[-1].due_at, page[-1].id
    assert found == [owed[0], owed[3], owed[2], owed[1], owed[4]]
