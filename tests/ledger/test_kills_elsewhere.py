"""SIGKILL inside of `advance`, `receive` and `sweep`: what they write is there once, or not at all.

The witness is a twin: the same database on which nobody was killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running.advancing import advance
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.sweeping import sweep
from orchestrator.records import Activity, Enrollment, SeatHolder, StepRun, Stop, Task, Touch
from orchestrator.store.database import lease_now
from orchestrator.store.running import outgoing
from orchestrator.terms import RawEvent
from tests.ledger import seed, witness, worker
from tests.ledger.conftest import Databases, Post
from tests.support.cast import NOW

House = Callable[..., Context]
TABLES: tuple[type[SQLModel], ...] = (Touch, Task, StepRun, SeatHolder, Stop, Activity, Enrollment)
# Made anew in each process, or counted up by a claim that came to nothing.
INCIDENTAL = {"id", "touch_id", "fence", "inbox_id", "version_id"}


def effects(ctx: Context) -> dict[str, list[str]]:
    """Everything that the play's tables hold, in an order of its own."""
    with ctx.db.reading() as session:
        return {
            str(table.__tablename__): sorted(map(_facts, session.exec(select(table))))
            for table in TABLES
        }


def _facts(row: SQLModel) -> str:
    facts = dict(sorted(row.model_dump(exclude=INCIDENTAL).items()))
    data = facts.get("data") or {}
    return repr(facts | {"data": {name: data[name] for name in data.keys() - INCIDENTAL}})


@pytest.fixture
def twin(kind: str, databases: Databases, home: Path) -> Iterator[Context]:
    """A context on a database of the same kind."""
    with databases(kind) as url:
        ctx = worker.context(seed.settings(home, url))
        yield ctx
        ctx.db.dispose()


def killed(ctx: Context, work: str, point: str, **options: Any) -> None:
    """The work in a process of its own, which dies at the point."""
    process = worker.start(worker.Job(work, ctx.settings, point, **options))
    process.join(30)
    assert process.exitcode == -9


@pytest.mark.parametrize("point", ["after_claim", "before_write", "in_write"])
def test_a_batch_that_was_killed_is_decided_again_and_written_once(
    house: House, twin: Context, point: str
):
    ctx = house()
    for one in (ctx, twin):
        seed.play(one.db, number=3)
    killed(ctx, "advance", point)
    assert effects(ctx)["touch"] == []
    assert advance(ctx).decided == 0  # its lease still runs
    witness.lapse(ctx.db)
    for one in (ctx, twin):
        assert advance(one).decided == 3
    assert effects(ctx) == effects(twin)
    assert len(effects(ctx)["touch"]) == 6  # a mail and a webhook each
    for one in (ctx, twin):  # and nothing is left to be done
        assert advance(one).decided == 0
    assert effects(ctx) == effects(twin)


@pytest.mark.parametrize("kind", ["reply.interested", "reply.opt_out", "bounce.hard", "clicked"])
def test_an_event_whose_storing_was_killed_comes_again_and_works_once(
    house: House, twin: Context, kind: str
):
    ctx = house()
    for one in (ctx, twin):
        seed.play(one.db)
        advance(one)
    key = next(row.key for row in witness.touches(ctx.db) if row.step == "insight")
    event = RawEvent("test", "1", kind, NOW, {"message_id": f"<{key}.0@us.example>"})
    before = effects(ctx)
    killed(ctx, "receive", "in_inbox", events=(event,))
    assert effects(ctx) == before
    assert receive(ctx, [event]).stored == 1
    assert receive(ctx, [event]).repeated == 1
    receive(twin, [event])
    assert effects(ctx) == effects(twin)


def test_a_sweeper_that_was_killed_leaves_its_work_to_the_next(house: House, post: Post):
    ctx = house(post)
    seed.mails(ctx.db, 4)
    killed(ctx, "deliver", "after_send")
    witness.lapse(ctx.db)
    killed(ctx, "sweep", "in_sweep")
    assert _lapsed(ctx) == 4  # its transaction is gone, too
    assert sweep(ctx).counts == {"unknown": 2, "ready": 2}
    witness.finish(ctx)
    found = witness.verdict(ctx.db, witness.mails(post.accepted()))
    assert found.honest, found
    assert (len(found.unknown), found.unknown_accepted) == (2, 2)


def _lapsed(ctx: Context) -> int:
    with ctx.db.reading() as session:
        return len(outgoing.lapsed(session, lease_now=lease_now(session, ctx.clock), limit=99))


def test_a_lease_that_runs_is_nobodys_business(house: House, post: Post):
    ctx = house(post)
    seed.mails(ctx.db, 2)
    killed(ctx, "deliver", "after_claim")
    assert sweep(ctx).counts == {}
    assert deliver(ctx).claimed == 0
