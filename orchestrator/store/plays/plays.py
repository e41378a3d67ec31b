"""Playbooks, their versions and agreements, and the waking of plays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, update
from sqlmodel import Session, col, select

from orchestrator.records import AgreementVersion, Playbook, PlaybookVersion
from orchestrator.store.bulk import Bulk, Query, connection_of
from orchestrator.store.statements import among, among_param, instant
from orchestrator.store.tables import ENROLLMENT, VERSION

_NOW = instant("now")
# Built once: every end of a touch wakes its play.
_LIVE = (
    update(ENROLLMENT)
    .where(among_param(ENROLLMENT.c.id, "ids"), ENROLLMENT.c.status.in_(("active", "paused")))
    .values(
        next_due_at=case((ENROLLMENT.c.status == "active", _NOW), else_=ENROLLMENT.c.next_due_at),
        fence=ENROLLMENT.c.fence + 1,
        owner="",
        lease_until=None,
    )
)
_WAKE, _WAKE_URGENTLY = Bulk(_LIVE), Bulk(_LIVE.values(woken_at=_NOW))


def wake(session: Session, enrollment_ids: Collection[int], now: datetime, *, urgent: bool) -> int:
    """Make live enrollments due at once and void every claim on them; how many there were.

    Paused ones keep their date. `urgent` lets the next `react` pass take them before what is
    merely due.
    """
    statement = _WAKE_URGENTLY if urgent else _WAKE
    return statement.run(session, [{"ids": enrollment_ids, "now": now}])


_LOCK = (
    select(ENROLLMENT.c.id)
    .where(among_param(ENROLLMENT.c.id, "ids"))
    .order_by(ENROLLMENT.c.id)
    .with_for_update()
)


def lock(session: Session, enrollment_ids: Collection[int]) -> None:
    """Hold these enrollments until the transaction ends, in the one order of all locks.

    Two transactions never wait for each other as long as each takes the playbooks
    (`enrolling.lock`) before any enrollment, and its enrollments by their ids in one go. On SQLite
    every writing transaction already holds the one lock there is.
    """
    connection = connection_of(session)
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK, {"ids": enrollment_ids}).all()


def live(session: Session, account_ids: Collection[int]) -> list[int]:
    """The live enrollments of these accounts."""
    query = select(ENROLLMENT.c.id).where(
        among(ENROLLMENT.c.account_id, account_ids), ENROLLMENT.c.status.in_(("active", "paused"))
    )
    return list(session.connection().execute(query.order_by(ENROLLMENT.c.id)).scalars())


def live_of(session: Session, account_id: int, playbook: str) -> int | None:
    """The account's live enrollment in that playbook, if it has one."""
    query = select(ENROLLMENT.c.id).where(
        ENROLLMENT.c.account_id == account_id,
        ENROLLMENT.c.playbook == playbook,
        ENROLLMENT.c.status.in_(("active", "paused")),
    )
    return session.connection().execute(query).scalar()


# ---------------------------------------------------------------- playbooks and agreements


def playbook(session: Session, name: str) -> Playbook | None:
    """The playbook's name, current version and switch."""
    return session.get(Playbook, name)


def playbook_names(session: Session) -> list[str]:
    """The names of all playbooks."""
    return sorted(session.exec(select(Playbook.name)))


def _applied(name: str) -> Any:
    """What was applied of a playbook, rather than made for plays that moved."""
    return and_(col(PlaybookVersion.playbook) == name, col(PlaybookVersion.base_id).is_(None))


def version(session: Session, name: str, number: int) -> PlaybookVersion | None:
    """One version of a playbook."""
    same = _applied(name), col(PlaybookVersion.number) == number
    return session.exec(select(PlaybookVersion).where(*same)).first()


def versions(session: Session, name: str) -> list[PlaybookVersion]:
    """Every version of a playbook, the newest first."""
    query = select(PlaybookVersion).where(_applied(name))
    return list(session.exec(query.order_by(col(PlaybookVersion.number).desc())))


def on_versions(session: Session, name: str) -> dict[int, dict[str, int]]:
    """How many accounts are enrolled with each version (number), by status."""
    query = (
        select(VERSION.c.number, ENROLLMENT.c.status, func.count())
        .join_from(ENROLLMENT, VERSION, VERSION.c.id == ENROLLMENT.c.version_id)
        .where(ENROLLMENT.c.playbook == name)
        .group_by(VERSION.c.number, ENROLLMENT.c.status)
    )
    found: dict[int, dict[str, int]] = {}
    for number, status, accounts in session.connection().execute(query):
        found.setdefault(number, {})[status] = accounts
    return found


def version_of_digest(session: Session, name: str, digest: str) -> PlaybookVersion | None:
    """The newest version that holds this very content."""
    query = select(PlaybookVersion).where(_applied(name), col(PlaybookVersion.digest) == digest)
    return session.exec(query.order_by(col(PlaybookVersion.number).desc())).first()


_CANONICALS = Query(
    select(VERSION.c.id, VERSION.c.canonical).where(among_param(VERSION.c.id, "ids"))
)


def canonicals(session: Session, version_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The stored canonical form of playbook versions."""
    return dict(_CANONICALS.rows(session, ids=version_ids))


def current_versions(session: Session) -> dict[str, int]:
    """The id of every playbook's current version, by name."""
    query = select(PlaybookVersion.playbook, PlaybookVersion.id).join(
        Playbook,
        (col(Playbook.name) == PlaybookVersion.playbook)
        & (col(Playbook.current) == PlaybookVersion.number),
    )
    return {name: id_ for name, id_ in session.exec(query) if id_ is not None}


def add_version(session: Session, new: PlaybookVersion, title: str) -> PlaybookVersion:
    """Store a version under the next number, and make the playbook if it is the first."""
    last = select(func.max(PlaybookVersion.number)).where(
        col(PlaybookVersion.playbook) == new.playbook
    )
    new.number = (session.exec(last).one() or 0) + 1
    if playbook(session, new.playbook) is None:
        session.add(Playbook(name=new.playbook, title=title))
        session.flush()
    session.add(new)
    session.flush()
    return new


def set_current(session: Session, name: str, number: int, title: str) -> None:
    """New enrollments take this version from now on."""
    this = update(Playbook).where(col(Playbook.name) == name)
    session.connection().execute(this.values(current=number, title=title))


def newest_agreement(session: Session) -> AgreementVersion | None:
    """The agreement in force."""
    return session.exec(select(AgreementVersion).order_by(col(AgreementVersion.id).desc())).first()


def add_agreement(
    session: Session, digest: str, source: str, canonical: dict[str, Any], now: datetime
) -> None:
    """Store a version of the agreement; it is in force from now on."""
    session.add(AgreementVersion(digest=digest, source=source, canonical=canonical, created_at=now))
    session.flush()
