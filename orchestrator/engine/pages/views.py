"""Saved views: what one of us asks of a page again and again, under a name."""

from __future__ import annotations

from accounts.errors import AbmError
from accounts.identity import clean_text
from orchestrator.engine.context import Context
from orchestrator.store.staff import views as store
from orchestrator.store.staff.views import View

MOST = 50  # views of one user
LONGEST_NAME, LONGEST_QUERY = 60, 1000  # characters


def views(ctx: Context, user_id: int, page: str) -> list[View]:
    """The user's views of a page, by name."""
    with ctx.db.reading() as session:
        return store.of_user(session, user_id, page)


def save(ctx: Context, user_id: int, page: str, name: str, query: str) -> None:
    """Keep a view, in place of the one of that name.

    AbmError for a name that is empty or too long, and when there are too many.
    """
    called = clean_text(name)
    if not 0 < len(called) <= LONGEST_NAME:
        raise AbmError(f"a view has a name of 1 to {LONGEST_NAME} characters")
    if len(query) > LONGEST_QUERY:
        raise AbmError("this view asks for too much to be kept")
    with ctx.db.writing() as session:
        if store.count(session, user_id) >= MOST:
            raise AbmError(f"nobody keeps more than {MOST} views", "delete one first")
        store.put(session, user_id, page, called, query, ctx.clock.now())


def drop(ctx: Context, user_id: int, view_id: int) -> None:
    """Forget a view. AbmError if the user has no such one."""
    with ctx.db.writing() as session:
        if not store.drop(session, user_id, view_id):
            raise AbmError(f"there is no view {view_id}")
