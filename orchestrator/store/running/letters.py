"""What a letter is made from: whom it goes to, from whom, about which account, by which plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlmodel import Session

from orchestrator.store.running.outgoing import Claimed
from orchestrator.store.statements import among_param
from orchestrator.store.tables import ACCOUNT, CONTACT, ENROLLMENT, USER


class Company(NamedTuple):
    """The account of a letter."""

    id: int
    name: str
    domain: str
    website: str
    sector: str
    industry: str
    segment: str
    tier: int
    city: str
    state: str
    country: str
    zone: str
    lost_reason: str = ""


class Recipient(NamedTuple):
    """The person of a letter."""

    id: int
    name: str
    first_name: str
    title: str
    role: str
    persona: str
    language: str
    country: str
    zone: str
    email: str
    email_key: str


class Writer(NamedTuple):
    """One of us, in whose name a letter goes."""

    id: int
    name: str
    title: str
    email: str
    zone: str = ""


class Sources(NamedTuple):
    """Everything that the letters of one claim are made from, by id."""

    versions: dict[int, int]  # enrollment -> playbook version
    companies: dict[int, Company]
    recipients: dict[int, Recipient]
    writers: dict[int, Writer]


def _by_id(table: Any, columns: Sequence[str]) -> Select[Any]:
    return select(*(table.c[name] for name in columns)).where(among_param(table.c.id, "ids"))


_VERSIONS = _by_id(ENROLLMENT, ("id", "version_id"))
_COMPANIES = _by_id(ACCOUNT, Company._fields)
_RECIPIENTS = _by_id(CONTACT, Recipient._fields)
_WRITERS = _by_id(USER, ("id", "full_name", "title", "email", "zone"))


def sources(session: Session, touches: Sequence[Claimed]) -> Sources:
    """Load what these touches need, in four statements."""

    def rows(statement: Select[Any], ids: Collection[int | None]) -> Sequence[Any]:
        return session.connection().execute(statement, {"ids": ids - {None}}).all()  # type: ignore[operator]

    return Sources(
        {row[0]: row[1] for row in rows(_VERSIONS, {one.enrollment_id for one in touches})},
        {row[0]: Company(*row) for row in rows(_COMPANIES, {one.account_id for one in touches})},
        {row[0]: Recipient(*row) for row in rows(_RECIPIENTS, {one.contact_id for one in touches})},
        {row[0]: Writer(*row) for row in rows(_WRITERS, {one.sender_id for one in touches})},
    )


def writers(session: Session, user_ids: Collection[int]) -> dict[int, Writer]:
    """Some of us, by id."""
    rows = session.connection().execute(_WRITERS, {"ids": user_ids})
    return {row[0]: Writer(*row) for row in rows}
