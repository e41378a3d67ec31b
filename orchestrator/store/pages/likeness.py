"""What an act is done to, as the audit log keeps it: a keyed digest of the rows that it names.

Two digests of one object are the same where its rows are. Nobody tells from one what the rows say,
not even by trying all short values, without the key, which stands in the database alone.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Column, Select, Table, func, select
from sqlmodel import Session

from accounts.columns import instant_text
from accounts.company_names import name_key
from accounts.identity import domain_key
from orchestrator.store.pages import reports
from orchestrator.store.staff.audit import house_key
from orchestrator.store.tables import (
    ABSENCE,
    ACCOUNT,
    ACTIVITY,
    AGREEMENT,
    CALIBRATION,
    CREDENTIAL,
    ENROLLMENT,
    FEED,
    IDENTITY,
    MERGE,
    NOMINATION,
    PLAYBOOK,
    REVIEW,
    SHARE,
    SIGN_OFF,
    STOP,
    TASK,
    TEAM,
    TOKEN,
    TOUCH,
    USER,
    VIEW,
)

_LONGEST_ID = 18  # digits: every database has numbers of that length

Rows = Mapping[str, list[dict[str, Any]]]


def likeness(session: Session, kind: str, name: str) -> str:
    """The digest of the object of that kind and name as it stands; "" where there is none such,
    and for what is no kind of object."""
    read = KINDS.get(kind)
    if read is None:
        return ""
    rows = read(session, name.replace("\0", "").encode(errors="ignore").decode())
    if not any(rows.values()):
        return ""
    text = json.dumps([kind, rows], sort_keys=True, separators=(",", ":"), default=_plain)
    return hmac.digest(house_key(session).encode(), text.encode(), "sha256").hex()


def _plain(value: object) -> str:
    """What JSON has no word for, alike on both databases."""
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


# ---------------------------------------------------------------- kinds of objects


def _rows(session: Session, *columns: Column[Any], of: object) -> Rows:
    """The rows of the tables of these columns that have the value there."""
    return {
        column.table.name: _told(
            session,
            select(column.table).where(column == of).order_by(*column.table.primary_key),
        )
        for column in columns
    }


def _told(session: Session, query: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in session.connection().execute(query).mappings()]


def _by_id(*columns: Column[Any]) -> Callable[[Session, str], Rows]:
    """Objects that are named by a number."""

    def read(session: Session, name: str) -> Rows:
        if not name.isdecimal() or len(name) > _LONGEST_ID:
            return {}
        return _rows(session, *columns, of=int(name))

    return read


def _by_name(*columns: Column[Any]) -> Callable[[Session, str], Rows]:
    """Objects that are named by a word."""
    return lambda session, name: _rows(session, *columns, of=name.strip())


def _newest(table: Table, *columns: Column[Any]) -> Callable[[Session, str], Rows]:
    """What there is one of, in versions: the one in force."""
    query = select(*columns).order_by(table.c.id.desc()).limit(1)
    return lambda session, _name: {table.name: _told(session, query)}


def _user(session: Session, name: str) -> Rows:
    """One of us, by what they come in, when they are away, and what they were given to see."""
    user = _rows(session, USER.c.name, of=name.strip().casefold())
    ways = (CREDENTIAL, IDENTITY, TOKEN, FEED, ABSENCE, SHARE)
    of = [row["id"] for row in user[USER.name]]
    return {**user, **_rows(session, *(way.c.user_id for way in ways), of=of[0])} if of else {}


def _account(session: Session, name: str) -> Rows:
    """A company by its id, name or domain: who plays which role, its plays and stops, and the last
    entry of its log, by which whatever is told there shows."""
    if not name.isdecimal():
        key, domain = name_key(name).core, domain_key(name)
        found = reports.accounts_called(session, name, key=key, domain=domain)
        name = str(found[0].id) if len(found) == 1 else ""
    rows = _by_id(ACCOUNT.c.id, TEAM.c.account_id, ENROLLMENT.c.account_id, STOP.c.account_id)
    of = rows(session, name)
    if not any(of.values()):
        return {}
    last = select(func.max(ACTIVITY.c.id).label("last"))
    return {**of, ACTIVITY.name: _told(session, last.where(ACTIVITY.c.account_id == int(name)))}


KINDS: Final[Mapping[str, Callable[[Session, str], Rows]]] = {
    "account": _account,
    "agreement": _newest(AGREEMENT, AGREEMENT.c.id, AGREEMENT.c.digest),
    "list": _by_name(NOMINATION.c.list_name, SIGN_OFF.c.list_name),
    "matcher": _newest(CALIBRATION, *CALIBRATION.c),
    "merge": _by_id(MERGE.c.id),
    "playbook": _by_name(PLAYBOOK.c.name),
    "question": _by_id(REVIEW.c.id),
    "task": _by_id(TASK.c.id),
    "token": _by_id(TOKEN.c.id),
    "touch": _by_id(TOUCH.c.id),
    "user": _user,
    "view": _by_id(VIEW.c.id),
}
