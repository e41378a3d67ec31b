"""What nobody knows is settled by proof, once, and is never sent again by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlmodel import text

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.sweeping import sweep
from orchestrator.engine.running.unknowns import settle, unknowns
from orchestrator.store.database import Database
from orchestrator.terms import RawEvent
from tests.ledger import seed, witness, worker
from tests.ledger.conftest import Post
from tests.support import cast
from tests.support.cast import NOW

House = Callable[..., Context]


def doubtful(ctx: Context, post: Post, *, swept: bool = True) -> str:
    """A mail that was taken while its sender died; its Message-ID."""
    seed.mails(ctx.db, 1)
    process = worker.start(worker.Job("deliver", ctx.settings, "after_send"))
    process.join(30)
    witness.lapse(ctx.db)
    if swept:
        assert sweep(ctx).counts == {"unknown": 1}
    return str(post.accepted()[0]["message_id"])


def news(ctx: Context, kind: str, message_id: str, source_id: str = "1") -> None:
    about = "in_reply_to" if kind.startswith("reply") else "message_id"
    receive(ctx, [RawEvent("test", source_id, kind, NOW, {about: message_id})])


@pytest.mark.parametrize("swept", [True, False], ids=["after-the-sweep", "before-the-sweep"])
@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("delivered", "sent"),
        ("clicked", "sent"),
        ("reply.interested", "sent"),
        ("bounce.soft", "failed"),
    ],
)
def test_an_event_about_it_settles_it_whenever_it_comes(
    house: House, post: Post, kind: str, status: str, swept: bool
):
    ctx = house(post)
    message_id = doubtful(ctx, post, swept=swept)
    news(ctx, kind, message_id)
    sweep(ctx)
    (touch,) = witness.touches(ctx.db)
    assert (touch.status, touch.lease_until) == (status, None)
    assert touch.reason.startswith("settled")
    stood = touch.model_dump()
    news(ctx, kind, message_id)  # the same one again
    news(ctx, "delivered", message_id, "2")  # and another one
    (touch,) = witness.touches(ctx.db)
    told = {"delivered_at": touch.delivered_at}
    assert touch.model_dump() == {**stood, **told}
    assert deliver(ctx).claimed == 0
    assert len(post.accepted()) == 1


def test_it_is_sent_again_only_by_a_person_and_not_too_soon(house: House, post: Post):
    ctx = house(post)
    doubtful(ctx, post)
    with ctx.db.writing() as session:
        user = cast.user(session, "sam", "marketing").id or 0
    (one,) = unknowns(ctx)
    ctx.clock.advance(timedelta(days=9))  # type: ignore[attr-defined]  # business time is no proof
    assert deliver(ctx).claimed == 0
    with pytest.raises(AbmError, match="may still be on its way"):
        settle(ctx, one.id, "resend", user, "asked the relay")
    with pytest.raises(AbmError, match="proof"):
        settle(ctx, one.id, "resend", user, " ")
    witness.lapse(ctx.db)
    settle(ctx, one.id, "resend", user, "asked the relay")
    with pytest.raises(AbmError, match="not unknown"):
        settle(ctx, one.id, "resend", user, "asked the relay")
    assert deliver(ctx).counts == {"sent": 1}
    first, second = (entry["message_id"] for entry in post.accepted())
    assert second == first.replace(".0@", ".1@")


# ---------------------------------------------------------------- was it committed?


def unsure(url: str, nth: int, *, committed: bool) -> Database:
    """PostgreSQL whose connection dies at the n-th commit: before it, or just after."""
    database, commits = Database(url), count(1)

    def on_commit(connection: Connection) -> None:
        if connection.get_execution_options().get("postgresql_readonly") or next(commits) != nth:
            return
        driver: Any = connection.connection.dbapi_connection
        pid = driver.info.backend_pid
        if committed:
            driver.commit()
        with database.reading() as killer:
            killer.connection().execute(text(f"SELECT pg_terminate_backend({pid})"))
        driver.execute("SELECT 1")

    event.listen(database.engine, "commit", on_commit)
    return database


@pytest.mark.parametrize("kind", ["postgresql"])
@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_commit_whose_outcome_nobody_heard_doubles_nothing(
    house: House, post: Post, kind: str, nth: int, committed: bool
):
    ctx = house(post)
    seed.mails(ctx.db, 4)
    db = unsure(ctx.db.url, nth, committed=committed)
    with pytest.raises(Exception, match=r"terminat|closed|transaction"):
        deliver(Context(db, ctx.clock, ctx.settings, ctx.channels), width=2)
    db.dispose()
    witness.lapse(ctx.db)
    witness.finish(ctx)
    found = witness.verdict(ctx.db, witness.mails(post.accepted()))
    assert found.honest, found
