"""A named cast for every room: builders of rows, each valid as it is, every field open to change.

acme = company(session, "Acme")
ann = person(session, acme, "Ann Archer")          # ann.archer@acme.example
play = enrolled(session, acme, version(session, plan))
touch(session, play, ann, "insight")
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

from accounts.identity import email_key
from accounts.records import Account, Contact, User
from orchestrator.language.canonical import canonical, digest
from orchestrator.records import Enrollment, Playbook, PlaybookVersion, Task, Touch
from orchestrator.terms import ACCOUNT, Plan, message_key

# A Tuesday in working hours, from Lisbon to Helsinki.
NOW = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=30)

Row = TypeVar("Row", bound=SQLModel)


def stored(session: Session, row: Row) -> Row:
    """The row with its number."""
    session.add(row)
    session.flush()
    return row


def company(session: Session, name: str, **fields: Any) -> Account:
    """A signed-up company in Berlin."""
    slug = name.casefold().replace(" ", "-")
    known = {"domain": f"{slug}.example", "country": "DE", "zone": "Europe/Berlin"}
    return stored(session, Account(name=name, created_at=BEFORE, **(known | fields)))


def person(session: Session, account: Account, name: str, **fields: Any) -> Contact:
    """Somebody there, with an address made of the name."""
    email = fields.get("email", f"{name.casefold().replace(' ', '.')}@{account.domain}")
    known = {
        "first_name": name.split(maxsplit=1)[0],
        "email": email,
        "email_key": email_key(email),
        "consent": "granted",
    }
    assert account.id is not None
    row = Contact(account_id=account.id, name=name, created_at=BEFORE, **(known | fields))
    return stored(session, row)


def user(session: Session, name: str, team: str, **fields: Any) -> User:
    """One of us."""
    known = {"full_name": name.title(), "email": f"{name}@us.example"}
    return stored(session, User(name=name, team=team, created_at=BEFORE, **(known | fields)))


def version(session: Session, plan: Plan, number: int = 1) -> PlaybookVersion:
    """The plan as a stored version of its playbook."""
    if session.get(Playbook, plan.name) is None:
        stored(session, Playbook(name=plan.name, title=plan.title, current=number))
    row = PlaybookVersion(
        playbook=plan.name,
        number=number,
        digest=digest(plan),
        format=1,
        source="",
        canonical=canonical(plan),
        created_at=BEFORE,
    )
    return stored(session, row)


def enrolled(
    session: Session, account: Account, version: PlaybookVersion, **fields: Any
) -> Enrollment:
    """An active enrollment that waits for an event."""
    assert account.id is not None
    assert version.id is not None
    known: dict[str, Any] = {"status": "active", "waiting_since": BEFORE, "activated_at": BEFORE}
    row = Enrollment(
        account_id=account.id,
        playbook=version.playbook,
        version_id=version.id,
        **(known | fields),
    )
    return stored(session, row)


def touch(
    session: Session, enrollment: Enrollment, contact: Contact | None, step: str, **fields: Any
) -> Touch:
    """A mail of one step that is due now; without a contact, a webhook."""
    return stored(session, Touch(**touch_row(enrollment, contact, step, **fields)))


def touch_row(
    enrollment: Enrollment, contact: Contact | None, step: str, **fields: Any
) -> Mapping[str, Any]:
    """What `touch` stores, for tests that store many."""
    who, occurrence = str(contact.id) if contact else ACCOUNT, fields.get("occurrence", 1)
    assert enrollment.id is not None
    return {
        "enrollment_id": enrollment.id,
        "account_id": enrollment.account_id,
        "contact_id": contact.id if contact else None,
        "step": step,
        "party_key": who,
        "key": message_key(enrollment.id, step, who, occurrence),
        "channel": "email" if contact else "webhook",
        "template": "email/insight" if contact else "",
        "planned_at": NOW,
        "due_at": NOW,
        **fields,
    }


def task(session: Session, enrollment: Enrollment, contact: Contact | None, **fields: Any) -> Task:
    """A call that is open."""
    known = {
        "enrollment_id": enrollment.id,
        "account_id": enrollment.account_id,
        "contact_id": contact.id if contact else None,
        "step": "ring",
        "party_key": str(contact.id) if contact else ACCOUNT,
        "kind": "call",
        "team": "sales",
        "title": "Ring them",
        "opened_at": BEFORE,
    }
    return stored(session, Task(**(known | fields)))
