"""What kills whoever has it in hand is found out and given up; its neighbours leave in peace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlmodel import Session, col, select

from orchestrator.engine.context import Context
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.outcomes import DEADLY, SHARING
from orchestrator.engine.running.sweeping import sweep
from orchestrator.engine.running.unknowns import unknowns
from orchestrator.engine.ticking import due
from orchestrator.records import Activity, Body, Enrollment, Task, Touch
from tests.ledger import poison, seed, witness
from tests.ledger.conftest import Post
from tests.planner import plans
from tests.support import cast
from tests.support.cast import NOW
from tests.support.sinks import HttpSink

House = Callable[..., Context]
MAILS = 24
on_one = pytest.mark.parametrize("kind", ["sqlite"])


def deaths(work: str, ctx: Context, key: str) -> int:
    """Start processes until one comes through; how many died."""
    for number in range(20):
        process = poison.start(work, ctx.settings, key)
        process.join(30)
        if process.exitcode == 0:
            return number
        assert process.exitcode == -9
        witness.lapse(ctx.db)
        sweep(ctx)
    raise AssertionError("it kills for ever")


def found(ctx: Context, table: type[Any], *where: Any) -> Sequence[Any]:
    with ctx.db.reading() as session:
        return session.exec(select(table).where(*where)).all()


def test_it_ends_with_a_reason_and_a_task_and_every_other_mail_leaves(house: House, post: Post):
    ctx = house(post)
    ids = seed.mails(ctx.db, MAILS)
    bad = seed.touch(ctx.db, ids[MAILS // 2])
    assert deaths("deliver", ctx, bad.key) == len(SHARING) + 1
    rows = {row.id: row for row in witness.touches(ctx.db)}
    guilty = rows.pop(bad.id)
    assert {row.status for row in rows.values()} == {"sent"}
    assert len(post.accepted()) == MAILS - 1
    assert (guilty.status, guilty.reason, guilty.outcome) == ("failed", DEADLY, "not_done")
    assert (guilty.ended_at, guilty.intent_at, guilty.owner) == (NOW, None, "")
    (mend,) = found(ctx, Task, col(Task.purpose) == "review")
    assert (mend.status, mend.contact_id, mend.reason) == ("open", guilty.contact_id, DEADLY)
    lines = [one.text for one in found(ctx, Activity)]
    assert f"insight: failed, {DEADLY}" in lines
    assert "Mend insight: it could not be sent" in lines
    play = seed.enrollment(ctx.db, guilty.enrollment_id)
    assert play.next_due_at == NOW  # it goes on


@on_one
def test_who_stood_beside_it_is_free_of_suspicion_once_it_was_in_living_hands(
    house: House, post: Post
):
    ctx = house(post)
    one, other = seed.mails(ctx.db, 2)
    with ctx.db.writing() as session:
        session.get_one(Touch, one).swept = session.get_one(Touch, other).swept = len(SHARING)
        session.get_one(Enrollment, 1).status = "paused"
    assert deliver(ctx).counts == {"held": 2}
    assert [row.swept for row in witness.touches(ctx.db)] == [0, 0]


@on_one
def test_the_accused_go_after_the_others_and_the_last_of_them_alone(house: House, post: Post):
    ctx = house(post)
    ids = seed.mails(ctx.db, 16)
    with ctx.db.writing() as session:
        for number, id_ in enumerate(ids[:12]):
            session.get_one(Touch, id_).swept = 1 if number < 10 else 2
    in_hand: list[list[int | None]] = []

    def look(point: str) -> None:
        if point == "after_claim":
            in_hand.append([row.id for row in witness.touches(ctx.db) if row.owner])

    assert deliver(house(post, probe=look)).counts == {"sent": 16}
    assert [hand for hand in in_hand if hand] == [
        ids[12:], ids[:8], ids[8:10], ids[10:11], ids[11:12]
    ]  # fmt: skip


@on_one
def test_what_may_have_left_is_unknown_when_it_is_given_up(house: House, http_sink: HttpSink):
    ctx = house(http_sink)
    (one,) = seed.hooks(ctx.db, 1, http_sink.url("/drop-after-accept"))
    assert deliver(ctx).counts == {"held": 1}
    for _ in range(len(SHARING) + 1):
        with ctx.db.writing() as session:
            row = session.get_one(Touch, one)
            row.owner, row.lease_until = "a dead one", witness.LONG_AGO
        sweep(ctx)
    touch = seed.touch(ctx.db, one)
    assert (touch.status, touch.intent_at, touch.ended_at) == ("unknown", NOW, NOW)
    assert DEADLY in touch.reason
    assert [row.id for row in unknowns(ctx)] == [one]
    assert len(found(ctx, Task, col(Task.purpose) == "review")) == 1


# ---------------------------------------------------------------- drafts


def _drafts(session: Session, number: int) -> None:
    insight = plans.step("insight", "email", "champion", variants=("insight",), approve="rep")
    acme = cast.company(session, "Acme")
    play = cast.enrolled(session, acme, cast.version(session, plans.plan(insight)))
    for n in range(number):
        ann = cast.person(session, acme, f"Ann {n}", role="champion")
        cast.touch(session, play, ann, "insight", status="draft")
        cast.task(session, play, ann, step="insight", purpose="approve", kind="email")


def test_a_draft_that_kills_whoever_writes_it_is_given_up_too(house: House, post: Post):
    ctx = house(post)
    with ctx.db.writing() as session:
        _drafts(session, 12)
    bad = seed.touch(ctx.db, 6)
    assert deaths("freeze", ctx, bad.key) == len(SHARING) + 1
    assert "freeze" not in due(ctx)
    guilty = seed.touch(ctx.db, 6)
    assert (guilty.status, guilty.reason) == ("cancelled", DEADLY)
    rows = [row for row in witness.touches(ctx.db) if row.id != 6]
    assert {(row.status, row.swept, row.lease_until) for row in rows} == {("draft", 0, None)}
    assert len(found(ctx, Body)) == 11
    (mend,) = found(ctx, Task, col(Task.purpose) == "review")
    assert DEADLY in mend.body
    asked = found(ctx, Task, col(Task.purpose) == "approve", col(Task.contact_id) == 6)
    assert [task.status for task in asked] == ["cancelled"]


@on_one
def test_a_draft_in_a_dead_hand_is_not_asked_for_before_its_lease_is_over(house: House, post: Post):
    ctx = house(post)
    with ctx.db.writing() as session:
        _drafts(session, 1)
    assert "freeze" in due(ctx)
    poison.start("freeze", ctx.settings, seed.touch(ctx.db, 1).key).join(30)
    assert "freeze" not in due(ctx)
    witness.lapse(ctx.db)
    assert "freeze" in due(ctx)
