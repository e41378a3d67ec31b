"""Imports, and the questions about companies that they and the inbox leave for a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from accounts.records import Account, ImportRun, Review
from orchestrator.store.statements import among

_IMPORT_LOCK = 0x696D706F7274  # "import": any number that nobody else takes


# ---------------------------------------------------------------- imported files


def import_run(session: Session, digest: str) -> ImportRun | None:
    """The import that took this very content."""
    return session.exec(select(ImportRun).where(col(ImportRun.digest) == digest)).first()


def keep_run(session: Session, run: ImportRun) -> None:
    """Store that this content was taken; its later imports count what they added."""
    values = run.model_dump(exclude={"id", "digest"})
    same = update(ImportRun).where(col(ImportRun.digest) == run.digest).values(values)
    if not session.connection().execute(same).rowcount:
        session.add(run)
        session.flush()


def lock_imports(session: Session) -> None:
    """Let imports wait for each other; on SQLite the write lock does it."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))


# ---------------------------------------------------------------- questions for a person


def of_status(session: Session, *, status: str, limit: int) -> list[tuple[Review, str]]:
    """Questions of a status, the likeliest first, each with its candidate's name."""
    query = (
        select(Review, col(Account.name))
        .outerjoin(Account, col(Account.id) == col(Review.candidate_id))
        .where(col(Review.status) == status)
        .order_by(col(Review.score).desc(), col(Review.id))
        .limit(limit)
    )
    return [(review, name or "") for review, name in session.exec(query)]


def get(session: Session, review_id: int) -> Review | None:
    """One question, locked until the transaction ends: two answers are one too many."""
    query = select(Review).where(col(Review.id) == review_id).with_for_update()
    return session.exec(query).first()


def answers(session: Session, digests: Collection[str]) -> dict[str, int]:
    """The accounts that some questions turned out to be, by digest; an answer is waited for.

    Who gives an answer has to wait for this transaction, too, so that none passes it by.
    """
    query = (
        select(col(Review.digest), col(Review.account_id))
        .where(among(col(Review.digest), digests))
        .order_by(col(Review.digest))
        .with_for_update(read=True)
    )
    found = session.exec(query) if digests else ()
    return {digest: account_id for digest, account_id in found if account_id is not None}


def asked(session: Session) -> set[str]:
    """The digests of the rows about which somebody was asked."""
    return set(session.exec(select(Review.digest)))


def decide(
    session: Session, review_id: int, status: str, account_id: int, user_id: int, now: datetime
) -> bool:
    """Close an open question: the account that it is; whether it was still open."""
    statement = (
        update(Review)
        .where(col(Review.id) == review_id, col(Review.status) == "open")
        .values(status=status, account_id=account_id, decided_by=user_id, decided_at=now)
    )
    return session.connection().execute(statement).rowcount == 1
