"""Questions that an import could not answer alone, and what a person's answer does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from accounts.consent import Consent
from accounts.errors import AbmError
from accounts.identity import own_domain
from accounts.importing import AccountRow, ContactRow
from accounts.matching import Match, Record, Verdict
from accounts.records import Review
from orchestrator.alignment import Agreement
from orchestrator.engine import agreement, users
from orchestrator.engine.account_rows import added, learned, new_account, record_of
from orchestrator.engine.contact_rows import ContactRows, account_of, company_of, named_by
from orchestrator.engine.context import Context
from orchestrator.engine.directory import Directory, record_key
from orchestrator.engine.drafts import AddAccount, ChangeAccount, Op, Remember, Writer
from orchestrator.engine.external_ids import ACCOUNT, Ids, System
from orchestrator.engine.reopening import reopen
from orchestrator.store import inbox, people, reviews
from orchestrator.store.users import name_of

Row = AccountRow | ContactRow

_ATTEMPTS = 5


class Answer(StrEnum):
    """What a person may say: it is that account, it is another one, the two are never one."""

    SAME = "same"
    NEW = "new"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Question:
    """An open question: a row of a file, the account that it may be, and why we are unsure."""

    id: int
    kind: str
    label: str
    record: Mapping[str, str]
    extra: Mapping[str, str]
    candidate_id: int | None
    candidate: str
    score: float
    reasons: tuple[str, ...]
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """What an answer did. `open` says that the row may be yet another account: asked again."""

    id: int
    answer: Answer
    account_id: int | None
    account: str
    open: bool


def questions(ctx: Context, limit: int = 50) -> list[Question]:
    """Open questions, the likeliest first."""
    with ctx.db.reading() as session:
        return [
            _question(review, name)
            for review, name in reviews.of_status(session, status="open", limit=limit)
        ]


def _question(review: Review, candidate: str) -> Question:
    assert review.id is not None
    record = review.record
    known = [record.get(name, "") for name in ("name", "email", "domain", "company")]
    return Question(
        review.id, review.kind, next(filter(None, known), ""), record, review.extra,
        review.candidate_id, candidate, review.score, tuple(review.reasons), review.source,
        review.at,
    )  # fmt: skip


def decide(ctx: Context, review_id: int, answer: Answer, by: str) -> Decided:
    """Answer a question, once.

    same: the row is the candidate, which is known by the row's names from now on. new: it is
    another account, made unless it is there. never: so too, and the two are never taken for one
    again; where the row may be a third account, that is the next question. Events that waited
    for the answer are applied to the account at once.

    AbmError for a question that does not exist or that somebody has answered.
    """
    for _ in range(_ATTEMPTS):
        with ctx.db.reading() as session:
            directory = Directory(session, ctx.settings.matching.rules)
            extent = people.extent(session)
        if answer is not Answer.SAME:
            directory.prepare()  # takes its time, and nobody waits for it here
        with ctx.db.writing() as session:
            reviews.lock_imports(session)
            if people.extent(session) == extent:
                decided = _decide(ctx, session, review_id, answer, by, directory)
                break
    else:
        raise AbmError("accounts are being changed all the time", "answer again in a moment")
    reopen(ctx)
    return decided


def _decide(
    ctx: Context,
    session: Session,
    review_id: int,
    answer: Answer,
    by: str,
    directory: Directory,
) -> Decided:
    now, user_id = ctx.clock.now(), users.user_id(session, by)
    review = _open(session, review_id)
    desk = _Desk(session, review, directory, now)
    ops, account_id = desk.answer(answer)
    writer = Writer(ctx, f"{review.source}, decided by {by}", now)
    writer.write(session, ops)
    if account_id is None:
        return Decided(review_id, answer, review.candidate_id, desk.name, open=True)
    stored = writer.account(account_id)
    reviews.decide(session, review_id, answer.value, stored, user_id, now)
    inbox.answered(session, review.digest, stored)
    return Decided(review_id, answer, stored, desk.name, open=False)


def _open(session: Session, review_id: int) -> Review:
    review = reviews.get(session, review_id)
    if review is None:
        raise AbmError(f"there is no question {review_id}", "`abm review` lists the open ones")
    if review.status != "open":
        by = name_of(session, review.decided_by)
        raise AbmError(f"question {review_id} is answered: {review.status}, by {by}")
    return review


class _Desk:
    """One question, with everything that an answer needs."""

    def __init__(
        self, session: Session, review: Review, directory: Directory, now: datetime
    ) -> None:
        self._session, self._review, self._now = session, review, now
        self._row = _row(review)
        # Where somebody works is asked when the address is another company's: it tells nothing.
        self._only_person = review.record.get("about") == "person"
        self._system = System(review.record.get("system", ""))
        self._agreement: Agreement = agreement.current(session)
        self._directory = directory
        self.name = ""

    def answer(self, answer: Answer) -> tuple[list[Op], int | None]:
        """(what is written, the account that the row is); None: the question stays open."""
        if answer is Answer.SAME:
            return self._same(self._candidate())
        rulings = [Remember(self._candidate(), "never", record_key(self._record))]
        self._directory.never(self._record, self._candidate())
        found = self._directory.match(self._record)
        if answer is Answer.NEVER and found.verdict is Verdict.REVIEW:
            self._ask_again(found)
            return list(rulings), None
        if found.verdict is Verdict.ACCEPT and found.account_id is not None:
            ops, account_id = self._same(found.account_id)
        else:
            ops, account_id = self._new()
        return [*rulings, *ops], account_id

    @property
    def _record(self) -> Record:
        row = self._row
        if isinstance(row, AccountRow):
            return record_of(row)
        return named_by(row) if self._only_person else company_of(row)

    def _candidate(self) -> int:
        """The account asked about, or the one that it was merged into since."""
        id_ = self._review.candidate_id
        assert id_ is not None
        return people.heads(self._session, [id_]).get(id_, id_)

    def _same(self, account_id: int) -> tuple[list[Op], int]:
        self.name, row = self._directory.name(account_id), self._row
        if isinstance(row, ContactRow):
            return [*self._learned(row, account_id), *self._person(row, account_id)], account_id
        ops: list[Op] = [Remember(account_id, "row", self._review.digest)]
        ops += self._called(row, account_id)
        known = people.account_fields(self._session, [account_id])[account_id]
        if new := added(known, row, self._agreement):
            ops.append(ChangeAccount(account_id, new))
        return [*ops, *learned(self._directory, account_id, row, {**known, **new})], account_id

    def _learned(self, row: ContactRow, account_id: int) -> Iterator[Op]:
        """The company's other name, unless the row's company was never the question."""
        if not self._only_person:
            yield from (Remember(*one) for one in self._directory.learn(account_id, named_by(row)))

    def _new(self) -> tuple[list[Op], int]:
        row, account_id = self._row, self._directory.add(self._record)
        self.name = self._directory.name(account_id)
        if isinstance(row, ContactRow):
            domain = own_domain(row.website) or "" if self._only_person else row.domain
            values = account_of(replace(row, domain=domain), self._agreement, self._now)
            return [AddAccount(account_id, values), *self._person(row, account_id)], account_id
        values = new_account(row, self._review.digest, self._agreement, self._now)
        return [AddAccount(account_id, values), *self._called(row, account_id)], account_id

    def _called(self, row: AccountRow, account_id: int) -> Iterator[Op]:
        """The id that the row's system has for the account, whosever it was before."""
        ids = Ids(self._session, ACCOUNT, self._system)
        yield from ids.learn(row.external_id, account_id)

    def _person(self, row: ContactRow, account_id: int) -> Sequence[Op]:
        """The contact at the account; whoever has the address elsewhere moved from there."""
        planner = ContactRows(
            self._session, self._agreement, self._review.source, self._now, self._directory,
            system=self._system,
        )  # fmt: skip
        return planner.place(row, self._review.digest, account_id, self.name)

    def _ask_again(self, found: Match) -> None:
        self._review.candidate_id = found.account_id
        self._review.score, self._review.reasons = found.score, list(found.reasons)
        self._session.add(self._review)
        self._session.flush()
        self.name = self._directory.name(found.account_id)


def _row(review: Review) -> Row:
    """The row as the file said it."""
    row = AccountRow if review.kind == "account" else ContactRow
    said: dict[str, Any] = {one.name: review.record.get(one.name, "") for one in fields(row)}
    said |= {"line": int(said["line"] or 0), "extra": tuple(review.extra.items())}
    said["domain"] = said["domain"] or own_domain(said["website"], said["email"]) or ""
    if row is AccountRow:
        said["tier"] = int(said["tier"] or 0)
    else:
        said["consent"] = Consent(said["consent"] or "unknown")
    made: Row = row(**said)
    return made
