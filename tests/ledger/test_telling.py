"""An event tells of a message in the moment in which its sender is given up: both are heard."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlmodel import select, text

from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running.sweeping import sweep
from orchestrator.records import Activity, Enrollment, Touch
from orchestrator.store.database import Database
from orchestrator.terms import RawEvent
from tests.ledger import seed, witness, worker
from tests.ledger.conftest import After, Post
from tests.support.cast import NOW
from tests.support.processes import wait_until

pytestmark = pytest.mark.parametrize("kind", ["postgresql"])  # SQLite has one writer at a time

House = Callable[..., Context]
KINDS = [
    ("delivered", "sent"),
    ("reply.refusal", "sent"),
    ("reply.auto", "sent"),
    ("unsubscribe", "sent"),
    ("complaint", "sent"),
    ("bounce.soft", "failed"),
]


def in_doubt(ctx: Context, post: Post) -> str:
    """A mail that was taken while its sender died, and nobody has noticed; its Message-ID."""
    seed.mails(ctx.db, 1)
    worker.start(worker.Job("deliver", ctx.settings, "after_send")).join(30)
    witness.lapse(ctx.db)
    return str(post.accepted()[0]["message_id"])


def news(kind: str, message_id: str) -> RawEvent:
    about = "in_reply_to" if kind.startswith("reply") else "message_id"
    return RawEvent("test", "1", kind, NOW, {about: message_id})


def somebody_waits(db: Database) -> bool:
    """Whether another connection waits for a lock."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with db.reading() as session:
        return bool(session.connection().execute(text(query)).scalar())


class Aside:
    """Work on a connection of its own, until it is done or has to wait for us."""

    def __init__(self, ctx: Context, work: Callable[[], object]) -> None:
        self._ctx, self._thread = ctx, threading.Thread(target=work)

    def begin(self) -> None:
        self._thread.start()
        wait_until(self._waits_or_is_done, "the lock")

    def _waits_or_is_done(self) -> bool:
        return somebody_waits(self._ctx.db) or not self._thread.is_alive()

    def join(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.mark.parametrize("ended", [False, True], ids=["live", "ended"])
@pytest.mark.parametrize(("event", "status"), KINDS)
def test_an_event_that_comes_while_the_sweep_gives_up_settles_it(
    house: House, post: Post, event: str, status: str, ended: bool
):
    ctx = house(post)
    message_id = in_doubt(ctx, post)
    if ended:  # nobody locks an ended play
        with ctx.db.writing() as session:
            session.get_one(Enrollment, 1).status = "ended"
    other = house(post)
    telling = Aside(ctx, lambda: receive(other, [news(event, message_id)]))
    sweep(house(post, probe=After("in_sweep", telling.begin)))
    telling.join()
    settled(ctx, status)


@pytest.mark.parametrize("ended", [False, True], ids=["live", "ended"])
@pytest.mark.parametrize(("event", "status"), KINDS)
def test_a_sweep_that_comes_while_the_event_is_stored_settles_it(
    house: House, post: Post, event: str, status: str, ended: bool
):
    ctx = house(post)
    message_id = in_doubt(ctx, post)
    if ended:
        with ctx.db.writing() as session:
            session.get_one(Enrollment, 1).status = "ended"
    other = house(post)
    giving_up = Aside(ctx, lambda: sweep(other))
    receive(house(post, probe=After("in_inbox", giving_up.begin)), [news(event, message_id)])
    giving_up.join()
    settled(ctx, status)


def settled(ctx: Context, status: str) -> None:
    with ctx.db.reading() as session:
        touch = session.exec(select(Touch)).one()
        kinds = session.exec(select(Activity.kind)).all()
    assert (touch.status, touch.lease_until) == (status, None)
    assert touch.reason.startswith("settled")
    assert "touch.settled" in kinds or f"touch.{status}" in kinds
