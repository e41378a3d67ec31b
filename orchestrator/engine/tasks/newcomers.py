"""Somebody of an account whom a rep has met: a contact, with no file to import.

Whoever is known there already is filled in, never doubled: the same address is the same person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.identity import clean_text, email_key, phone_key
from accounts.records import Account, Contact
from orchestrator.engine.agreement import current
from orchestrator.engine.companies.contact_words import first_name
from orchestrator.engine.context import Context
from orchestrator.engine.tasks.desk import member_of
from orchestrator.store.companies import log, people
from orchestrator.store.plays import plays

LONGEST = 200  # characters of a name or a title


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a rep knows of somebody. A name, or at least an address."""

    name: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""
    reason: str = ""  # as "Ann says so"


@dataclass(frozen=True, slots=True)
class Added:
    """Whom it became, and whether we knew them before."""

    contact_id: int
    name: str
    known: bool


def add_person(ctx: Context, account_id: int, user: int, who: Newcomer) -> Added:
    """Add somebody to an account; its play hears of it at once, for a seat may be open.

    AbmError for no name, and for an address or a number that is none.
    """
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        by, account = member_of(session, user), session.get(Account, account_id)
        if account is None:
            raise AbmError(f"there is no account {account_id}")
        values = _values(session, who, account)
        row = _known(session, account_id, values)
        known = row is not None
        if row is None:
            row = Contact(account_id=account_id, created_at=now, **values)
            session.add(row)
        else:
            for name, value in values.items():
                if value and not getattr(row, name):
                    setattr(row, name, value)
        session.flush()
        assert row.id is not None
        why = f" ({clean_text(who.reason)[:LONGEST]})" if who.reason.strip() else ""
        entry = log.entry(
            "contact.added", at=now, account_id=account_id, contact_id=row.id, team=by.team,
            actor_id=by.id, text=f"{by.name} {'knows' if known else 'added'} {row.name}{why}",
            flow_run_id=ctx.flow_run_id,
        )  # fmt: skip
        log.write(session, [entry])
        plays.wake(session, plays.live(session, [account_id]), now, urgent=True)
        return Added(row.id, row.name, known)


def _values(session: Session, who: Newcomer, account: Account) -> dict[str, Any]:
    name, title = clean_text(who.name)[:LONGEST], clean_text(who.title)[:LONGEST]
    email, phone = who.email.strip(), who.phone.strip()
    if not name and not email:
        raise AbmError("a person has a name", "or at least an address")
    key = email_key(email) if email else ""
    if email and ("@" not in email or not key or " " in email):
        raise AbmError(f"{email[:80]!r} is no e-mail address")
    number = phone_key(phone, account.country) if phone else ""
    if number is None:
        raise AbmError(f"{phone[:40]!r} is no phone number", "with its country: +49 30 1234567")
    persona = current(session).persona_of(title)
    return {
        "name": name or email, "first_name": first_name(name), "title": title, "email": email,
        "email_key": key, "phone": number, "country": account.country, "zone": account.zone,
        "role": persona.role if persona else "", "persona": persona.name if persona else "",
    }  # fmt: skip


def _known(session: Session, account_id: int, values: dict[str, Any]) -> Contact | None:
    """The same address, or the very same name at the account."""
    if values["email_key"]:
        there = people.contacts_by_email(session, [values["email_key"]])
        found = [one for ones in there.values() for one in ones if one.account_id == account_id]
        return found[0] if found else None
    name = values["name"].casefold()
    here = people.contacts_of(session, [account_id])
    return next((one for one in here if one.name.casefold() == name and not one.left_at), None)
