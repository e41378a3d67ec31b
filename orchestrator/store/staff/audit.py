"""The audit log: a chain of rows, each of which vouches for the one before.

One writer at a time links its row: SQLite has one write lock, PostgreSQL gets one here. A row is
linked at the very end of its transaction, so that nobody waits for that lock with others in hand
that it needs.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, insert, select
from sqlmodel import Session

from accounts.columns import instant_text
from orchestrator.records import HouseKey
from orchestrator.store.statements import insert_new
from orchestrator.store.tables import AUDIT, KEY

START = "0" * 64  # what the first row vouches for
_PAGE = 1_000
_KEY = "audit"
_LOCK = 0x61626D + 1  # "abm", and one more: the first is the migrations'


class Deed(NamedTuple):
    """What was done, before it is linked."""

    action: str
    object: str = ""
    detail: str = ""
    actor: str = ""
    actor_id: int | None = None
    via: str = ""
    address: str = ""
    request: str = ""
    kind: str = ""  # of the one object that it is done to, as `likeness` reads it; "" for none
    name: str = ""


class Link(NamedTuple):
    """A row of the chain."""

    number: int
    at: datetime
    actor_id: int | None
    actor: str
    via: str
    action: str
    object: str
    detail: str
    address: str
    request: str
    before: str
    after: str
    digest: str

    def digest_after(self, previous: str) -> str:
        """What `digest` has to be, where the row before has the digest `previous`."""
        said = [previous, self.number, instant_text(self.at), *self[2:-1]]
        text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


_COLUMNS = tuple(AUDIT.c[name] for name in Link._fields)


def house_key(session: Session) -> str:
    """The key of all likenesses in this workspace, made the first time that it is asked for."""
    asked = select(KEY.c.secret).where(KEY.c.name == _KEY)
    found: str | None = session.connection().execute(asked).scalar()
    if found is None:
        insert_new(session, HouseKey, [{"name": _KEY, "secret": secrets.token_hex(32)}])
        found = session.connection().execute(asked).scalar_one()
    return found


def append(session: Session, deed: Deed, at: datetime, before: str = "", after: str = "") -> None:
    """Link a row for the deed; the transaction has to end right after it. `before` and `after` are
    the likenesses of its object."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = head(session)
    number, previous = (last.number, last.digest) if last else (0, START)
    row = Link(
        number + 1, at, deed.actor_id, deed.actor, deed.via, deed.action, deed.object,
        deed.detail, deed.address, deed.request, before, after, "",
    )  # fmt: skip
    row = row._replace(digest=row.digest_after(previous))
    session.connection().execute(insert(AUDIT), row._asdict())


def head(session: Session) -> Link | None:
    """The newest row."""
    query = select(*_COLUMNS).order_by(AUDIT.c.number.desc()).limit(1)
    row = session.connection().execute(query).first()
    return Link._make(row) if row else None


def chain(session: Session) -> Iterator[Link]:
    """Every row in order, read a thousand at a time."""
    query = select(*_COLUMNS).order_by(AUDIT.c.number).limit(_PAGE)
    after: int | None = 0
    while after is not None:
        rows = session.connection().execute(query.where(AUDIT.c.number > after)).all()
        yield from map(Link._make, rows)
        after = rows[-1].number if len(rows) == _PAGE else None


def newest(session: Session, limit: int, before: int | None, said: str) -> list[Link]:
    """At most `limit` rows older than `before`, the newest first; `said` is part of who did what
    to what."""
    query = select(*_COLUMNS).order_by(AUDIT.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(AUDIT.c.number < before)
    if said:
        text = AUDIT.c.actor + " " + AUDIT.c.action + " " + AUDIT.c.object
        query = query.where(text.icontains(said, autoescape=True))
    return [Link._make(row) for row in session.connection().execute(query)]
