"""The review queue: what the matcher was unsure about, the question that is worth most first.

Rows and events that name the same company and may be the same account are one question: one answer
serves them all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.questions import Stake, because, worth
from accounts.records import Review
from orchestrator.engine.context import Context
from orchestrator.store.companies import people
from orchestrator.store.companies import reviews as store
from orchestrator.store.companies.reviews import Asked, Open
from orchestrator.store.staff.users import name_of

DOUBLE = "double"  # the kind of a question about two accounts
# Of whom an event of these kinds tells: somebody who said something to us.
_URGENT = ("reply", "form", "meeting")


@dataclass(frozen=True, slots=True)
class Question:
    """An open question: a record (or another account), the account that it may be, why we are
    unsure, and what an answer is worth (`accounts.questions`) and why.

    `serves` are the questions that one answer settles, this one among them.
    """

    id: int
    kind: str
    label: str
    record: Mapping[str, str]
    extra: Mapping[str, str]
    candidate_id: int | None
    candidate: str
    double_id: int | None
    score: float
    reasons: tuple[str, ...]
    source: str
    at: datetime
    worth: float
    because: str
    serves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Questions that wait for one answer, and what that is worth."""

    ones: Sequence[Open]
    stake: Stake
    worth: float

    @property
    def order(self) -> tuple[float, datetime, int]:
        """The worthiest first, then the oldest."""
        return -self.worth, self.ones[0].at, self.ones[0].id


def questions(ctx: Context, limit: int = 50) -> list[Question]:
    """Open questions, the one that is worth most first; an order that only changes with them."""
    with ctx.db.reading() as session:
        ones = store.open_questions(session)
        ids = {one for each in ones for one in (each.candidate_id, each.double_id) if one}
        heads = people.heads(session, ids)
        accounts = store.asked_about(session, {heads.get(id_, id_) for id_ in ids})
        found = _groups(ones, heads, accounts, _events(session))
        first = nsmallest(limit, found, key=lambda one: one.order)
        return _in_words(session, first, heads, accounts)


def open_question(session: Session, review_id: int) -> Review:
    """The question, locked; AbmError unless it is there and open."""
    review = store.get(session, review_id)
    if review is None:
        raise AbmError(f"there is no question {review_id}", "`abm review` lists the open ones")
    if review.status != "open":
        by = name_of(session, review.decided_by)
        raise AbmError(f"question {review_id} is answered: {review.status}, by {by}")
    return review


def _events(session: Session) -> dict[str, Counter[bool]]:
    """By question: how many events wait that only tell something (False), and that press (True)."""
    found: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for digest, kind, number in store.waiting_events(session):
        found[digest][kind.startswith(_URGENT) and kind != "reply.auto"] += number
    return found


def _groups(
    ones: Iterable[Open],
    heads: Mapping[int, int],
    accounts: Mapping[int, Asked],
    events: Mapping[str, Counter[bool]],
) -> list[_Group]:
    """The questions by what they wait for; rows about companies stand first in each group."""
    found: defaultdict[tuple[object, ...], list[Open]] = defaultdict(list)
    for one in sorted(ones, key=lambda one: (one.kind, one.id)):
        alone = 0 if one.company else one.id
        found[heads.get(one.candidate_id, one.candidate_id), one.company, alone].append(one)
    return [
        _group(group, [accounts[id_] for id_ in _about(group[0], heads)], events)
        for group in found.values()
    ]


def _about(one: Open, heads: Mapping[int, int]) -> set[int]:
    """The accounts that it is about, where they live now."""
    return {heads.get(id_, id_) for id_ in (one.candidate_id, one.double_id) if id_}


def _group(
    ones: Sequence[Open], accounts: Sequence[Asked], events: Mapping[str, Counter[bool]]
) -> _Group:
    waiting = Counter[bool]()
    for one in ones:
        waiting.update(events.get(one.digest, {}))
    stake = Stake(
        ones[0].score,
        rows=sum(1 for one in ones if one.digest not in events and one.kind != DOUBLE),
        events=waiting[False],
        urgent=waiting[True],
        accounts=len(accounts) if ones[0].kind == DOUBLE else 0,
        tier=min((one.tier for one in accounts if one.tier), default=0),
        target=any(one.stage != "identified" for one in accounts),
        playing=any(one.playing for one in accounts),
    )
    return _Group(ones, stake, worth(stake))


def _in_words(
    session: Session,
    groups: Sequence[_Group],
    heads: Mapping[int, int],
    accounts: Mapping[int, Asked],
) -> list[Question]:
    stored = store.with_ids(session, [one.ones[0].id for one in groups])

    def name(id_: int | None) -> str:
        return accounts[heads.get(id_, id_)].name if id_ else ""

    return [
        _question(stored[one.ones[0].id], one, name(one.ones[0].candidate_id),
                  name(one.ones[0].double_id))
        for one in groups
    ]  # fmt: skip


def _question(review: Review, group: _Group, candidate: str, double: str) -> Question:
    record, first = review.record, group.ones[0]
    known = [double, *(record.get(name, "") for name in ("name", "email", "domain", "company"))]
    return Question(
        first.id, review.kind, next(filter(None, known), ""), record, review.extra,
        review.candidate_id, candidate, review.double_id, review.score, tuple(review.reasons),
        review.source, review.at, group.worth, because(group.stake),
        tuple(sorted(one.id for one in group.ones)),
    )  # fmt: skip
