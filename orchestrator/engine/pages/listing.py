"""What programs read, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from orchestrator.engine.context import Context
from orchestrator.store.pages import listing as store
from orchestrator.store.pages.listing import Row


class Reader(NamedTuple):
    """Who lists tasks, and whose: own and shared ones, those of the team, everybody's."""

    user_id: int
    team: str
    colleagues: bool
    everybody: bool


def rows(
    ctx: Context,
    what: str,
    names: Sequence[str],
    *,
    after: int = 0,
    limit: int = 1,
    reader: Reader | None = None,
    **same: Any,
) -> list[Row]:
    """Rows of accounts, contacts, enrollments or tasks by id, as the columns in `same` say; None
    there says nothing. `reader` sees only the tasks that he may work on."""
    said = {name: value for name, value in same.items() if value not in (None, "")}
    where = (
        store.workable(
            reader.user_id, reader.team, colleagues=reader.colleagues, everybody=reader.everybody
        )
        if reader
        else ()
    )
    with ctx.db.reading() as session:
        return store.rows(session, what, names, after=after, limit=limit, same=said, where=where)


def activities(
    ctx: Context,
    names: Sequence[str],
    *,
    after: tuple[datetime, int],
    limit: int,
    account_id: int | None = None,
    kind: str = "",
) -> list[Row]:
    """Entries of the log after (instant, id), of one kind or of all, the oldest first."""
    with ctx.db.reading() as session:
        return store.activities(
            session, names, after=after, limit=limit, account_id=account_id, kind=kind
        )
