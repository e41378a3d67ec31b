"""Somebody names a colleague: is it a person whom we know at the account?"""

from __future__ import annotations

import re

from sqlmodel import Session

from accounts.identity import email_key
from accounts.people_matching import Person, Verdict, same_person
from accounts.records import Contact
from orchestrator.store.companies import people

_ADDRESS = re.compile(r"[^\s<>(),;:]+@[^\s<>(),;:]+")


def known_here(session: Session, account_id: int, referral: str) -> list[str]:
    """Whom of the account's people a referral ("Robin Sand robin@…") may mean, the likeliest first.

    One line each, with the reasons; it names nobody's address.
    """
    asked = _named(referral)
    found = [
        (likeness.probability, one, likeness)
        for one in people.contacts_of(session, [account_id])
        if (likeness := same_person(asked, _person(one))).verdict is not Verdict.OTHER
    ]
    found.sort(key=lambda each: (-each[0], each[1].id))
    return [
        f"{'known here' if likeness.verdict is Verdict.SAME else 'perhaps'}: "
        f"{_called(one)}; {', '.join(likeness.reasons)}"
        for _, one, likeness in found
    ]


def _named(referral: str) -> Person:
    address = _ADDRESS.search(referral)
    name = " ".join(_ADDRESS.sub(" ", referral).split()).strip("<>(),;: ")
    return Person(name, email_key(address.group()) if address else "")


def _person(one: Contact) -> Person:
    return Person(one.name, one.email_key, one.phone, one.title, one.left_at is not None)


def _called(one: Contact) -> str:
    """A person as a colleague would point them out."""
    what = ", ".join(filter(None, (one.title, one.role, "has left" if one.left_at else "")))
    return f"{one.name} ({what})" if what else one.name
