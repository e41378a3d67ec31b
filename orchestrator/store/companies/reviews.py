"""Imports, and the questions about companies that they and the inbox leave for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, text, update
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from accounts.records import Decision, ImportRun, Review
from orchestrator.store.bulk import Query
from orchestrator.store.statements import among, among_param, insert_for, there_is
from orchestrator.store.tables import ACCOUNT, ENROLLMENT, INBOX, REVIEW

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


class Open(NamedTuple):
    """An open question, without its words."""

    id: int
    digest: str
    kind: str
    candidate_id: int
    double_id: int | None
    company: str
    score: float
    at: datetime


_OPEN = Query(
    core_select(*(REVIEW.c[name] for name in Open._fields)).where(REVIEW.c.status == "open")
)


def open_questions(session: Session) -> list[Open]:
    """Every open question, in no order."""
    return [Open(*row) for row in _OPEN.rows(session)]


_WAITING = Query(
    core_select(INBOX.c.question, INBOX.c.kind, func.count().label("number"))
    .where(text("question <> ''"), INBOX.c.status == "unmatched")
    .group_by(INBOX.c.question, INBOX.c.kind)
)


def waiting_events(session: Session) -> list[tuple[str, str, int]]:
    """How many events wait for an answer, as (digest of the question, kind, number)."""
    return [(digest, kind, number) for digest, kind, number in _WAITING.rows(session)]


class Asked(NamedTuple):
    """An account that a question is about."""

    id: int
    name: str
    tier: int
    stage: str
    playing: bool


_ASKED = Query(
    core_select(
        *(ACCOUNT.c[name] for name in Asked._fields[:-1]),
        there_is(
            ENROLLMENT,
            ENROLLMENT.c.account_id == ACCOUNT.c.id,
            ENROLLMENT.c.status.in_(("active", "paused")),
        ).label("playing"),
    ).where(among_param(ACCOUNT.c.id, "ids"))
)


def asked_about(session: Session, ids: Collection[int]) -> dict[int, Asked]:
    """What makes a question about these accounts pressing, by id."""
    rows = _ASKED.rows(session, ids=sorted(ids)) if ids else ()
    return {row[0]: Asked(*row) for row in rows}


def with_ids(session: Session, ids: Collection[int]) -> dict[int, Review]:
    """The questions with these ids."""
    found = session.exec(select(Review).where(among(col(Review.id), ids)))
    return {one.id: one for one in found if one.id is not None}


def together(session: Session, review: Review) -> list[Review]:
    """The open questions that the answer to this one serves, it among them, locked; rows about
    companies first, for they say the most."""
    these = col(Review.id) == review.id
    if review.company:
        these = col(Review.company) == review.company
    query = select(Review).where(these, col(Review.status) == "open").with_for_update()
    return list(session.exec(query.order_by(col(Review.kind), col(Review.id))))


def is_pair(session: Session, review_id: int) -> bool:
    """Whether the question is about two accounts."""
    query = select(col(Review.double_id)).where(col(Review.id) == review_id)
    return session.exec(query).first() is not None


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


def ask(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store questions, all columns of each. One that is open takes the place of the same record's
    last one; what is answered stays answered."""
    if not rows:
        return
    statement = insert_for(session)(Review)
    changed = ("candidate_id", "person_id", "company", "score", "probability", "reasons", "record")
    newer = statement.on_conflict_do_update(
        index_elements=["digest"],
        set_={name: statement.excluded[name] for name in changed},
        where=REVIEW.c.status == "open",
    )
    session.connection().execute(newer, rows)


def asked(session: Session) -> set[str]:
    """The digests of the rows about which somebody was asked."""
    return set(session.exec(select(Review.digest)))


def tell(
    session: Session, review: Review, status: str, account_id: int, person_id: int, user_id: int,
    now: datetime,
) -> None:  # fmt: skip
    """Close a question that the caller has locked: who it is."""
    review.status, review.account_id, review.person_id = status, account_id, person_id
    review.decided_by, review.decided_at = user_id, now
    session.add(review)
    session.flush()


def said_of_people(
    session: Session, account_ids: Iterable[int]
) -> list[tuple[int, Mapping[str, str]]]:
    """Who the records at these accounts are, as people have said: (contact, record), the last
    word last."""
    query = (
        select(col(Review.person_id), col(Review.record))
        .where(col(Review.person_id).is_not(None), col(Review.status) != "open")
        .where(among(col(Review.account_id), sorted(account_ids)))
        .order_by(col(Review.decided_at), col(Review.id))
    )
    return [(person_id, record) for person_id, record in session.exec(query) if person_id]


def decide(
    session: Session, review_id: int, status: str, account_id: int, user_id: int, now: datetime
) -> None:
    """Close a question that the caller has locked: the account that it is."""
    statement = (
        update(Review)
        .where(col(Review.id) == review_id)
        .values(status=status, account_id=account_id, decided_by=user_id, decided_at=now)
    )
    session.connection().execute(statement)


def keep_answer(
    session: Session, review: Review, account_id: int, answer: str, user_id: int, now: datetime
) -> None:
    """Remember what was said of the question's pair, and how probable it was held to be."""
    about = str(review.double_id) if review.double_id else review.company or review.digest
    decision = Decision(
        kind=review.kind, account_id=account_id, about=about, answer=answer,
        probability=review.probability, doubted=review.doubted, user_id=user_id, at=now,
    )  # fmt: skip
    session.add(decision)
    session.flush()


def of_pair(session: Session, low: int, high: int) -> list[Review]:
    """The question about two accounts, unless the answer is that they are two."""
    asked = col(Review.digest) == pair_digest(low, high)
    return list(session.exec(select(Review).where(asked, col(Review.status) != "never")))


def pair_digest(one: int, other: int) -> str:
    """What a question about two accounts is known by."""
    low, high = sorted((one, other))
    return f"double {low} {high}"
