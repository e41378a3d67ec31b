"""Rows about people: at which account each one works, and whether we know them already."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from anyascii import anyascii
from sqlmodel import Session

from accounts.consent import Consent
from accounts.identity import clean_text, email_key
from accounts.importing import AccountRow, ContactRow, Rejected, merge_extra, row_digest
from accounts.matching import Match, Record, Verdict
from accounts.records import Contact
from orchestrator.alignment import Agreement
from orchestrator.engine.account_rows import Progress, new_account, question, rejected
from orchestrator.engine.directory import NEW, Directory
from orchestrator.engine.drafts import (
    AddAccount,
    AddContact,
    Ask,
    ChangeContact,
    Op,
    Outcome,
    Planned,
    Remember,
    columns_of,
)
from orchestrator.engine.external_ids import ACCOUNT, CONTACT, NOBODY, Ids, System
from orchestrator.store import people, reviews
from orchestrator.zones import zone_of

_FILLED = (
    "first_name", "email", "email_key", "phone", "social", "title", "role", "persona", "country",
    "zone", "language",
)  # fmt: skip


@dataclass(slots=True)
class _Person:
    """A contact, stored or new: `values` are all its columns, `account_id` follows merges."""

    id: int
    account_id: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Answered:
    row: ContactRow
    digest: str
    match: Match | None  # None: the row was seen before
    contact_id: int | None = None  # and became this contact


class ContactRows:
    """Plans rows about people; `new_accounts` lets a company that nobody knows become one."""

    def __init__(
        self,
        session: Session,
        agreement: Agreement,
        source: str,
        now: datetime,
        directory: Directory,
        *,
        new_accounts: bool = False,
        system: System = NOBODY,
    ) -> None:
        self._session, self._agreement = session, agreement
        self._source, self._now, self._new_accounts = source, now, new_accounts
        self._directory = directory
        self._heads = people.merged(session)
        self._digests = people.contact_digests(session)
        self._asked = reviews.asked(session)
        self._ids = Ids(session, CONTACT, system)
        self._companies = Ids(session, ACCOUNT, system, self._heads)
        self._matches: dict[tuple[Record, str], Match] = {}
        self._people: dict[int, _Person] = {}
        self._by_id: dict[str, _Person] = {}
        self._by_email: defaultdict[str, list[_Person]] = defaultdict(list)
        self._by_name: dict[tuple[int, str], _Person] = {}
        self._fresh = count(NEW)
        # Rows by the account that their company becomes; none once it is made.
        self._makers: dict[int, ContactRow] = {}

    def plan(self, rows: Sequence[ContactRow | Rejected], progress: Progress) -> list[Planned]:
        """What becomes of each row, in order."""
        answers: list[_Answered | Rejected] = []
        known = [row for row in rows if isinstance(row, ContactRow)]
        self._ids.distrust(((row.external_id, row.name or row.email) for row in known), person_key)
        for done, row in enumerate(rows, start=1):
            answers.append(row if isinstance(row, Rejected) else self._answer(row))
            progress(done, len(rows))
        self._load(one for one in answers if isinstance(one, _Answered))
        seen: set[str] = set()
        return [
            rejected(one) if isinstance(one, Rejected) else self._plan(one, seen) for one in answers
        ]

    def place(
        self, rows: Sequence[tuple[ContactRow, str]], account_id: int, company: str
    ) -> list[Op]:
        """What it takes that the people of these rows, each with its digest, are at this account,
        as somebody said.

        Whoever has the same address or id at another account has moved from there.
        """
        said = Match(Verdict.ACCEPT, account_id, 1.0, None, ())
        self._load([_Answered(row, digest, said) for row, digest in rows])
        return [op for row, digest in rows for op in self._place(row, digest, account_id, company)]

    def _place(self, row: ContactRow, digest: str, account_id: int, company: str) -> list[Op]:
        planned = Planned(row.line, row.name, Outcome.MATCHED)
        for person in self._same_address_or_id(row):
            if person.account_id != account_id and not person.values["left_at"]:
                gone = {"left_at": self._now, "left_reason": f"moved to {company}"}
                person.values |= gone
                planned.ops.append(ChangeContact(person.id, person.account_id, gone))
        self._put(planned, row, digest, account_id)
        return planned.ops

    def _answer(self, row: ContactRow) -> _Answered:
        digest = row_digest(row)
        if digest in self._digests or digest in self._asked:
            return _Answered(row, digest, None, self._digests.get(digest))
        key = company_of(row), row.company_id
        if key not in self._matches:
            found = self._company(row)
            if found.verdict is Verdict.NONE and self._new_accounts and (row.company or row.domain):
                made = self._directory.add(key[0])
                self._makers[made] = row
                found = Match(Verdict.ACCEPT, made, 1.0, None, found.reasons)
            self._matches[key] = found
        return _Answered(row, digest, self._matches[key])

    def _company(self, row: ContactRow) -> Match:
        known, system = self._companies.find(row.company_id), self._companies.system
        found = None
        if known is not None:
            named = named_by(row)
            found = self._directory.identified(named, known, system.name, sure=system.sure)
        return found or self._directory.match(company_of(row))

    # -------------------------------------------------------------- who is known

    def _load(self, answers: Iterable[_Answered]) -> None:
        """Everybody whom these rows may be."""
        rows = [one for one in answers if one.match]
        keys = {email_key(one.row.email) for one in rows if one.row.email}
        for key, found in people.contacts_by_email(self._session, keys).items():
            self._by_email[key] = [self._stored(one) for one in found]
        called = {value: self._ids.find(value) for value in {one.row.external_id for one in rows}}
        stored = people.contacts(self._session, {id_ for id_ in called.values() if id_ is not None})
        self._by_id = {
            value: self._stored(stored[id_]) for value, id_ in called.items() if id_ in stored
        }
        accounts = {one.match.account_id for one in rows if one.match}
        at = {one for one in accounts if one is not None and one < NEW}
        at |= {old for old, head in self._heads.items() if head in at}
        for one in people.contacts_of(self._session, at):
            person = self._stored(one)
            self._by_name.setdefault((person.account_id, person_key(one.name)), person)

    def _stored(self, one: Contact) -> _Person:
        """One object for each, however it is found, so that each row sees what those above add."""
        assert one.id is not None
        at = self._heads.get(one.account_id, one.account_id)
        return self._people.setdefault(one.id, _Person(one.id, at, one.model_dump()))

    def _same(self, row: ContactRow, account_id: int) -> _Person | None:
        """The person at this account: by id, by address, else by name where one has no address."""
        key = email_key(row.email)
        for person in self._same_address_or_id(row):
            if person.account_id == account_id:
                return person
        found = self._by_name.get((account_id, person_key(row.name))) if row.name else None
        return found if found and not (key and found.values["email_key"]) else None

    def _same_address_or_id(self, row: ContactRow) -> list[_Person]:
        """Whoever has the row's id, then whoever has its address, wherever they are."""
        called = [self._by_id[row.external_id]] if row.external_id in self._by_id else []
        found = self._by_email.get(email_key(row.email), []) if row.email else []
        return called + [person for person in found if person not in called]

    # -------------------------------------------------------------- one row

    def _plan(self, one: _Answered, seen: set[str]) -> Planned:
        row, planned = one.row, Planned(one.row.line, one.row.name or one.row.email, Outcome.SAME)
        if one.digest in seen or one.match is None:
            planned.outcome = Outcome.DUPLICATE if one.digest in seen else Outcome.SAME
            if one.contact_id is not None:
                planned.ops += self._ids.learn(row.external_id, one.contact_id, again=True)
            return planned
        seen.add(one.digest)
        planned.why = "; ".join(one.match.reasons)
        known = self._known(row, one.match)
        if known:
            self._known_person(planned, one, one.match, known[0])
        elif one.match.verdict is Verdict.REVIEW:
            self._ask(planned, one, one.match)
        elif one.match.account_id is None:
            company = row.company or row.domain or row.company_id
            planned.outcome = Outcome.REJECTED
            planned.why = f"no account is {company!r}: import it first, or say --new-accounts"
        else:
            self._settle(planned, one, one.match.account_id)
        return planned

    def _known(self, row: ContactRow, match: Match) -> list[_Person]:
        """Who has the row's id or address, the one at its account first; an id beats an address.

        Who left elsewhere is gone.
        """
        called = self._by_id.get(row.external_id)
        known = [
            person
            for person in self._same_address_or_id(row)
            if person.account_id == match.account_id or not person.values["left_at"]
        ]
        return sorted(
            known, key=lambda one: (one is not called, one.account_id != match.account_id)
        )

    def _known_person(
        self, planned: Planned, one: _Answered, match: Match, person: _Person
    ) -> None:
        """Somebody has the id or the address: that tells the account, unless the row names another
        one."""
        what = "id" if person is self._by_id.get(one.row.external_id) else "address"
        there = match.verdict is Verdict.ACCEPT and match.account_id == person.account_id
        if there or match.verdict is Verdict.NONE or not one.row.company:
            planned.why = f"the {what} is known"
            self._put(planned, one.row, one.digest, person.account_id)
            return
        words = f"the {what} is {person.values['name']}'s at {self._name(person.account_id)}"
        reasons = (words, f"the row says {one.row.company}")
        found = Match(Verdict.REVIEW, person.account_id, 0.5, None, reasons)
        self._ask(planned, one, found, about="person")

    def _settle(self, planned: Planned, one: _Answered, account_id: int) -> None:
        self._make(planned, account_id)
        learned = self._directory.learn(account_id, named_by(one.row))
        planned.ops += [Remember(*alias) for alias in learned]
        self._put(planned, one.row, one.digest, account_id)

    def _make(self, planned: Planned, account_id: int | None) -> None:
        """The company becomes an account before anything points to it."""
        maker = self._makers.pop(account_id, None) if account_id is not None else None
        if maker is not None and account_id is not None:
            values = account_of(maker, self._agreement, self._now)
            planned.ops.append(AddAccount(account_id, values))

    def _ask(self, planned: Planned, one: _Answered, match: Match, about: str = "company") -> None:
        planned.outcome = Outcome.UNSURE
        planned.about, planned.why = self._name(match.account_id), "; ".join(match.reasons)
        self._make(planned, match.account_id)
        values = question(
            "contact", one.row, one.digest, match, self._source, self._now,
            company_of(one.row) if about == "company" else None,
            about=about, system=self._ids.system.name,
        )  # fmt: skip
        planned.ops.append(Ask(values))

    def _name(self, account_id: int | None) -> str:
        return self._directory.name(account_id)

    def _put(self, planned: Planned, row: ContactRow, digest: str, account_id: int) -> None:
        """Add the person to the account, or fill in what we did not know of them."""
        planned.about = self._name(account_id)
        person = self._same(row, account_id)
        if person is None:
            planned.outcome = Outcome.NEW
            added = self._new(row, digest, account_id)
            planned.ops += [added, *self._ids.learn(row.external_id, added.id)]
            return
        planned.ops += self._ids.learn(row.external_id, person.id)
        if person.values["left_at"]:
            planned.outcome, planned.why = Outcome.MATCHED, "left the company"
        else:
            new = self._added(person, row)
            person.values |= new
            planned.outcome = Outcome.CHANGED if new else Outcome.MATCHED
            if person.id >= NEW:  # what is new itself is written with all that its rows tell
                planned.outcome = Outcome.DUPLICATE
            elif new:
                planned.ops.append(ChangeContact(person.id, person.account_id, new))

    def _new(self, row: ContactRow, digest: str, account_id: int) -> AddContact:
        facts: dict[str, Any] = self._facts(row)
        values = columns_of(
            Contact(
                account_id=account_id,
                name=row.name or row.email,
                **facts,
                consent=row.consent.value,
                extra=dict(row.extra),
                digest=digest,
                created_at=self._now,
            )
        )
        person = _Person(next(self._fresh), account_id, values)
        if facts["email_key"]:
            self._by_email[facts["email_key"]].append(person)
        self._by_name.setdefault((account_id, person_key(row.name)), person)
        return AddContact(person.id, values)

    def _facts(self, row: ContactRow) -> dict[str, str]:
        """What the row says of a person, by our columns; role and persona follow from the title."""
        persona = self._agreement.personas.get(row.persona) or (
            None if row.persona else self._agreement.persona_of(row.title)
        )
        return {
            "first_name": row.first_name or first_name(row.name),
            "email": row.email,
            "email_key": email_key(row.email) if row.email else "",
            "phone": row.phone,
            "social": row.social,
            "title": row.title,
            "role": _slug(row.role) or (persona.role if persona else ""),
            "persona": row.persona or (persona.name if persona else ""),
            "country": row.country,
            "zone": row.zone or zone_of(row.country, row.city) or "",
            "language": row.language.casefold(),
        }

    def _added(self, person: _Person, row: ContactRow) -> dict[str, Any]:
        """What a row tells that nobody has told yet. A refusal is heard whatever stood before.

        Of what is no field of ours, the last row stands.
        """
        facts, have = self._facts(row), person.values
        new: dict[str, Any] = {
            name: facts[name] for name in _FILLED if facts[name] and not have[name]
        }
        if row.name and have["name"] == have["email"]:  # it had no name but that
            new |= {"name": row.name, "first_name": facts["first_name"]}
        refused = row.consent is Consent.REFUSED and have["consent"] != Consent.REFUSED
        if refused or (have["consent"] == Consent.UNKNOWN and row.consent is not Consent.UNKNOWN):
            new["consent"] = row.consent.value
        if (extra := merge_extra(have["extra"], row.extra)) != have["extra"]:
            new["extra"] = extra
        return new


# ---------------------------------------------------------------- words of a row


def company_of(row: ContactRow) -> Record:
    """The company as the matcher asks about it; where a person lives says nothing about it."""
    return Record(row.company, row.website, row.email)


def named_by(row: ContactRow) -> Record:
    """What the row says of the company itself: an address may be a consultant's."""
    return Record(row.company, row.website)


def account_of(row: ContactRow, agreement: Agreement, now: datetime) -> dict[str, Any]:
    """All columns of the account that a person's company becomes."""
    unknown = dict.fromkeys(
        ("email", "phone", "sector", "industry", "country", "state", "city", "market_cap", "zone",
         "parent", "external_id"), "",
    )  # fmt: skip
    company = AccountRow(
        line=row.line, name=row.company, website=row.website, domain=row.domain, tier=0, extra=(),
        **unknown,
    )  # fmt: skip
    return new_account(company, "", agreement, now)


def person_key(name: str) -> str:
    """A person's name made comparable: "Archer, Ann" and "ann archer" are one."""
    last, comma, first = anyascii(clean_text(name)).casefold().partition(",")
    words = f"{first} {last}" if comma else last
    return " ".join(re.findall(r"[a-z0-9]+", words))


def first_name(name: str) -> str:
    """The first of two names or more; "" where a name is one word."""
    last, comma, first = clean_text(name).partition(",")
    words = (f"{first} {last}" if comma else last).split()
    return words[0] if len(words) > 1 else ""


def _slug(role: str) -> str:
    """A role as playbooks spell it: "Economic Buyer" is economic_buyer."""
    return re.sub(r"[^a-z0-9/]+", "_", anyascii(role).casefold()).strip("_")
