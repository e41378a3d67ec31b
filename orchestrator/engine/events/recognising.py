"""Companies that events name in other words than we know: the matcher says, or a person does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from accounts.matching import Match, Record, Rules, Verdict
from accounts.records import Review
from orchestrator.engine.companies.directory import Directory, company_key, rules_of
from orchestrator.engine.context import Context
from orchestrator.engine.events.understanding import Understood
from orchestrator.store.companies import people, reviews
from orchestrator.store.events import inbox as store
from orchestrator.store.statements import insert_new

TORN = "the address is known at more than one account"

# The directory of each database and how much there was when it was made; a second to make.
_DIRECTORIES: dict[tuple[str, Rules], tuple[people.Extent, Directory]] = {}


def directory_of(ctx: Context, session: Session) -> Directory:
    """Every account, as of the last account, alias or contact that anybody added."""
    extent = people.extent(session)._replace(open_reviews=0, ids=0)
    key = ctx.db.url, ctx.settings.matching.rules
    known = _DIRECTORIES.get(key)
    if known is None or known[0] != extent:
        known = _DIRECTORIES[key] = extent, Directory(session, rules_of(ctx, session))
    return known[1]


def recognise(ctx: Context, says: Sequence[Understood]) -> dict[Record, Match]:
    """What the matcher says of the companies that nothing else identifies.

    Read before the events are stored: nobody waits for it.
    """
    named = [one for one in says if one.company_key or one.domain]
    if not named:
        return {}
    with ctx.db.reading() as session:
        exact = store.companies(
            session, {one.domain for one in named}, {one.company_key for one in named}
        )
        known = store.people(session, {one.email_key for one in named})
        open_ = {
            one.record
            for one in named
            if not one.messages and one.email_key not in known and exactly(exact, one)[0] is None
        }
        if not open_:
            return {}
        directory = directory_of(ctx, session)
    return {record: directory.match(record) for record in open_}


def exactly(companies: Mapping[tuple[str, str], int], said: Understood) -> tuple[int | None, str]:
    """The only account that answers to all that the event says of its company, and why it does.

    A domain of one account with a name that is not its own, and a known name with a domain that is
    not, are for the matcher: it may be another company.
    """
    by_domain = companies.get(("domain", said.domain))
    by_name = companies.get(("name", said.company_key))
    if by_domain and (not said.company_key or by_name == by_domain):
        return by_domain, f"same domain {said.domain}"
    if by_name and not said.domain:
        return by_name, f"same name as {said.record.name!r}"
    return None, ""


def ask(
    session: Session, unsure: Sequence[tuple[Understood, Match]], now: datetime
) -> dict[str, int]:
    """Put what the matcher is unsure of before a person, each company once.

    What a person has answered before, or is just answering: {digest: the account that it is}.
    """
    asked = {question_of(said): _question(said, match, now) for said, match in unsure}
    # By key, so that two processes with the same questions wait for each other in one order.
    insert_new(session, Review, [asked[digest] for digest in sorted(asked)])
    return reviews.answers(session, asked)


def question_of(said: Understood) -> str:
    """What the question about this company and person is known by."""
    return hashlib.sha256(f"event {said.record} {said.person}".encode()).hexdigest()


def _question(said: Understood, match: Match, now: datetime) -> dict[str, Any]:
    record, person = said.record, said.person
    about = {"website": record.website, "line": "0"}
    if person or record.email:
        about |= {"name": person, "email": record.email, "company": record.name}
    else:
        about |= {"name": record.name}
    where = TORN in match.reasons  # where somebody works: the answer serves nobody else
    about |= {"about": "person"} if where else {}
    return Review(
        digest=question_of(said),
        kind="event" if person or record.email else "account",
        candidate_id=match.account_id,
        company="" if where else company_key(record),
        score=match.score,
        probability=match.probability,
        doubted=match.doubted,
        reasons=list(match.reasons),
        record={name: value for name, value in about.items() if value},
        source=f"event from {said.key[0]}",
        at=now,
    ).model_dump(exclude={"id"})


def is_sure(match: Match | None) -> bool:
    """Whether the matcher decided for an account."""
    return match is not None and match.verdict is Verdict.ACCEPT


def is_unsure(match: Match | None) -> bool:
    """Whether it asks a person."""
    return match is not None and match.verdict is Verdict.REVIEW
