"""A question whether a row is about somebody whom we know, answered."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from accounts.importing import ContactRow
from accounts.records import Review
from orchestrator.engine import agreement
from orchestrator.engine.companies.contact_rows import ContactRows
from orchestrator.engine.companies.directory import Directory
from orchestrator.engine.companies.drafts import Ask, Writer
from orchestrator.engine.companies.external_ids import System
from orchestrator.store.companies import people, reviews
from orchestrator.store.events import inbox


def answer(
    session: Session,
    review: Review,
    row: ContactRow,
    said: str,
    writer: Writer,
    directory: Directory,
    user_id: int,
    now: datetime,
) -> tuple[int, bool]:
    """(the account, whether the row may be yet another person there: asked again).

    same: the row is about that contact. new: about somebody else, who becomes a contact. never: so
    too, unless somebody else there may be meant. Whoever has the row's name and address at this
    account is the same from now on.
    """
    assert review.person_id is not None
    assert review.candidate_id is not None
    account_id = people.heads(session, [review.candidate_id]).get(
        review.candidate_id, review.candidate_id
    )
    heads = people.person_heads(session, [review.person_id])
    person_id = heads.get(review.person_id, review.person_id)
    never = [*map(int, review.record.get("never", "").split()), person_id]
    planner = ContactRows(
        session, agreement.current(session), review.source, now, directory,
        system=System(review.record.get("system", "")),
    )  # fmt: skip
    ops, who = planner.place_person(
        row, review.digest, account_id,
        person_id=person_id if said == "same" else None, never=never if said == "never" else None,
    )  # fmt: skip
    for op in ops:
        if isinstance(op, Ask):
            op.values["record"]["never"] = " ".join(map(str, never))
    writer.write(session, ops)
    inbox.answered(session, review.digest, account_id)
    if who is not None:
        reviews.tell(session, review, said, account_id, writer.contact(who), user_id, now)
    return account_id, who is None
