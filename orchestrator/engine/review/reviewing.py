"""What a person's answer to a question of the review queue does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from orchestrator.engine import agreement
from orchestrator.engine.companies.account_rows import added, learned, new_account, record_of
from orchestrator.engine.companies.contact_rows import ContactRows
from orchestrator.engine.companies.contact_words import account_of, company_of, named_by
from orchestrator.engine.companies.directory import NEW, Directory, record_key, rules_of
from orchestrator.engine.companies.drafts import (
    AddAccount,
    Ask,
    ChangeAccount,
    Op,
    Recognise,
    Remember,
    Writer,
)
from orchestrator.engine.companies.external_ids import ACCOUNT, Ids, System
from orchestrator.engine.context import Context
from orchestrator.engine.events.reopening import reopen
from orchestrator.engine.review import pairs, person_answers
from orchestrator.engine.review.questions import open_question
from orchestrator.engine.staff import users
from orchestrator.store.companies import people, reviews
from orchestrator.store.events import inbox

Row = AccountRow | ContactRow

_ATTEMPTS = 5


class Answer(StrEnum):
    """What a person may say: it is that account, it is another one, the two are never one."""

    SAME = "same"
    NEW = "new"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Decided:
    """What an answer did, and to which questions. `open` says that the record may be yet another
    account: asked again."""

    id: int
    answer: Answer
    account_id: int | None
    account: str
    open: bool
    serves: tuple[int, ...]


def decide(ctx: Context, review_id: int, answer: Answer, by: str) -> Decided:
    """Answer a question, once, and with it all that name the same company.

    same: the row is the candidate, which is known by the row's names from now on. new: it is
    another account, made unless it is there. never: so too, and the two are never taken for one
    again; where the row may be a third account, that is the next question. Events that waited
    for the answer are applied to the account at once. Where the question is who somebody is, the
    answers say the same of the two people (`person_answers`).

    Two accounts that are the same are merged; new and never both say that they are two, for good.

    AbmError for a question that does not exist or that somebody has answered.
    """
    with ctx.db.reading() as session:
        is_pair = reviews.is_pair(session, review_id)
    if is_pair:
        keep, name = pairs.answer(ctx, review_id, by, same=answer is Answer.SAME)
        return Decided(review_id, answer, keep, name, False, (review_id,))
    for _ in range(_ATTEMPTS):
        with ctx.db.reading() as session:
            directory = Directory(session, rules_of(ctx, session))
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
    first = open_question(session, review_id)
    group, row = _together(session, first), _row(first)
    sources = ", ".join(dict.fromkeys(one.source for one in group[:3]))
    writer = Writer(ctx, f"{sources}, decided by {by}", now)
    if first.person_id is not None and isinstance(row, ContactRow):
        at, again = person_answers.answer(
            session, first, row, answer.value, writer, directory, user_id, now
        )
        return Decided(review_id, answer, at, directory.name(at), again, (review_id,))
    ids = tuple(sorted(one.id or 0 for one in group))
    desk = _Desk(session, group, directory, now)
    reviews.keep_answer(session, group[0], desk.candidate, answer.value, user_id, now)
    ops, account_id = desk.answer(answer)
    writer.write(session, ops)
    if account_id is None:
        return Decided(review_id, answer, group[0].candidate_id, desk.name, True, ids)
    stored = writer.account(account_id)
    unsure = {op.values["digest"] for op in ops if isinstance(op, Ask)}  # who they are is asked now
    for one in group:
        inbox.answered(session, one.digest, stored)
        if one.digest not in unsure:
            reviews.decide(session, one.id or 0, answer.value, stored, user_id, now)
    return Decided(review_id, answer, stored, desk.name, False, ids)


def _together(session: Session, review: Review) -> list[Review]:
    """The questions about the same company and the same account, as accounts live now."""
    found = reviews.together(session, review)
    heads = people.heads(session, {one.candidate_id or 0 for one in found})
    return [one for one in found if _head(one, heads) == _head(review, heads)]


def _head(review: Review, heads: Mapping[int, int]) -> int:
    """The account asked about, or the one that it was merged into since."""
    assert review.candidate_id is not None
    return heads.get(review.candidate_id, review.candidate_id)


class _Desk:
    """Questions that have one answer, with everything that it needs; the first one speaks."""

    def __init__(
        self, session: Session, group: Sequence[Review], directory: Directory, now: datetime
    ) -> None:
        self._session, self._group, self._now = session, group, now
        self._review = group[0]
        self._row = _row(self._review)
        # Where somebody works is asked when the address is another company's: it tells nothing.
        self._only_person = self._review.record.get("about") == "person"
        self._agreement: Agreement = agreement.current(session)
        self._directory = directory
        heads = people.heads(session, [self._review.candidate_id or 0])
        self.candidate = _head(self._review, heads)
        self.name = ""

    def answer(self, answer: Answer) -> tuple[list[Op], int | None]:
        """(what is written, the account that the row is); None: the question stays open."""
        if answer is Answer.SAME:
            why = "; ".join(self._review.reasons)
            ops, account_id = self._same(self.candidate)
            return [Recognise(account_id, _label(self._review), why), *ops], account_id
        rulings = [Remember(self.candidate, "never", record_key(self._record))]
        self._directory.never(self._record, self.candidate)
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

    def _same(self, account_id: int) -> tuple[list[Op], int]:
        """Every row at an account that is stored."""
        self.name = self._directory.name(account_id)
        known = people.account_fields(self._session, [account_id])[account_id]
        ops = [*self._companies(self._group, account_id, known), *self._people(account_id)]
        return ops, account_id

    def _new(self) -> tuple[list[Op], int]:
        """An account of the first row, and every row at it; AbmError where it names none."""
        if not (self._record.name or own_domain(self._record.website, self._record.email)):
            hint = "say same of the account where they are, or import them with their company"
            raise AbmError("nothing names another company", hint)
        row, account_id = self._row, self._directory.add(self._record)
        self.name = self._directory.name(account_id)
        ops: list[Op] = []
        if isinstance(row, ContactRow):
            domain = own_domain(row.website) or "" if self._only_person else row.domain
            values = account_of(replace(row, domain=domain), self._agreement, self._now)
        else:
            values = new_account(row, self._review.digest, self._agreement, self._now)
            ops += self._called(self._review, row, account_id)
        ops += self._companies(self._group[1:], account_id, values)
        return [AddAccount(account_id, values), *ops, *self._people(account_id)], account_id

    def _companies(
        self, ones: Iterable[Review], account_id: int, known: dict[str, Any]
    ) -> Iterator[Op]:
        """Rows about the company at the account; what one adds is known to the next."""
        for one in ones:
            row = _row(one)
            if isinstance(row, ContactRow):
                continue
            yield Remember(account_id, "row", one.digest)
            yield from self._called(one, row, account_id)
            new = added(known, row, self._agreement)
            known |= new
            if new and account_id < NEW:  # what is new itself is written with all that rows tell
                yield ChangeAccount(account_id, new)
            yield from learned(self._directory, account_id, row, known)

    def _people(self, account_id: int) -> Iterator[Op]:
        """The contacts at the account; whoever has an address elsewhere moved from there."""
        by_system: defaultdict[System, list[tuple[ContactRow, str]]] = defaultdict(list)
        for one in self._group:
            row = _row(one)
            if isinstance(row, ContactRow):
                yield from self._learned(row, account_id)
                by_system[_system(one)].append((row, one.digest))
        for system, rows in by_system.items():
            planner = ContactRows(
                self._session, self._agreement, self._review.source, self._now, self._directory,
                system=system,
            )  # fmt: skip
            yield from planner.place(rows, account_id, self.name)

    def _learned(self, row: ContactRow, account_id: int) -> Iterator[Op]:
        """The company's other name, unless the row's company was never the question."""
        if not self._only_person:
            yield from (Remember(*one) for one in self._directory.learn(account_id, named_by(row)))

    def _called(self, one: Review, row: AccountRow, account_id: int) -> Iterator[Op]:
        """The id that the row's system has for the account, whosever it was before."""
        yield from Ids(self._session, ACCOUNT, _system(one)).learn(row.external_id, account_id)

    def _ask_again(self, found: Match) -> None:
        """The same rows, about the next account."""
        for one in self._group:
            one.candidate_id, one.score = found.account_id, found.score
            one.reasons = list(found.reasons)
            one.probability, one.doubted = found.probability, found.doubted
            self._session.add(one)
        self._session.flush()
        self.name = self._directory.name(found.account_id)


def _system(one: Review) -> System:
    return System(one.record.get("system", ""))


def _label(one: Review) -> str:
    """What the question is about, in a word: the company, or who names it."""
    said = (one.record.get(name, "") for name in ("company", "name", "website", "email"))
    return next(filter(None, said), "a record")


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
