"""Pairs of accounts that may be one company: asked about once, and never again once answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from accounts.records import Review, User
from orchestrator.engine.context import Context
from orchestrator.engine.review.deduping import Doubles
from orchestrator.engine.review.merging import lock, merge_within, tell
from orchestrator.engine.review.questions import DOUBLE, open_question
from orchestrator.engine.staff import users
from orchestrator.store.companies import people, reviews
from orchestrator.store.statements import insert_new


def ask(ctx: Context, found: Sequence[Doubles]) -> int:
    """Put each double and the account to keep into the review queue; how many are new there."""
    now = ctx.clock.now()
    asked = [
        Review(
            digest=reviews.pair_digest(one.survivor_id, other.id),
            kind=DOUBLE,
            candidate_id=one.survivor_id,
            double_id=other.id,
            score=other.likely.probability if other.likely else other.probability,
            probability=other.likely.model if other.likely else None,
            doubted=bool(other.likely and other.likely.doubted),
            reasons=list(other.reasons),
            source="abm dedupe",
            at=now,
        ).model_dump(exclude={"id"})
        for one in found
        for other in one.others
    ]
    with ctx.db.writing() as session:
        return insert_new(session, Review, asked)


def answer(ctx: Context, review_id: int, by: str, *, same: bool) -> tuple[int, str]:
    """Merge the pair of an open question, or say that they are two for good.

    (the account that the question was about, its name); the other one lives on in it, if at all.
    """
    with ctx.db.writing() as session:
        lock(session)
        user = users.find(session, by)
        review = open_question(session, review_id)
        ids = [review.candidate_id or 0, review.double_id or 0]
        heads = people.heads(session, ids)
        keep, other = (heads.get(id_, id_) for id_ in ids)
        if same:
            merge_within(ctx, session, keep, [other], user)
        else:
            keep_apart(session, keep, other, user, ctx.clock.now())
            _say(ctx, session, keep, other, user)
        return keep, people.account_fields(session, [keep])[keep]["name"]


def keep_apart(session: Session, one: int, other: int, user: User, now: datetime) -> None:
    """Remember that two accounts are never one; a question about them has its answer."""
    low, high = sorted((one, other))
    people.add_aliases(session, [(low, "apart", str(high))], f"decided by {user.name}", now)
    for review in reviews.of_pair(session, low, high):
        reviews.keep_answer(session, review, review.candidate_id or one, "never", user.id or 0, now)
        reviews.decide(session, review.id or 0, "never", one, user.id or 0, now)


def _say(ctx: Context, session: Session, keep: int, other: int, user: User) -> None:
    names = {id_: row["name"] for id_, row in people.account_fields(session, [keep, other]).items()}
    text = f"{user.name}: {names[keep]} ({keep}) and {names[other]} ({other}) are two companies"
    for id_ in (keep, other):
        tell(ctx, session, "account.apart", id_, text, user, ctx.clock.now())
