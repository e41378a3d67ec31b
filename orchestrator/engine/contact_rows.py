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
from accounts.records import Contact, Review
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
from orchestrator.store import people
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


class ContactRows:
    """Plans rows about people; `new_accounts` lets a company that nobody knows become one."""

    def __init__(
        self,
        session: Session,
        agreement: Agreement,
        source: str,
        now: datetime,
        *,
        new_accounts: bool = False,
        directory: Directory | None = None,
    ) -> None:
        self._session, self._agreement = session, agreement
        self._source, self._now, self._new_accounts = source, now, new_accounts
        self._directory = directory or Directory(session)
        self._heads = people.merged(session)
        self._digests = people.digests(session, Contact)
        self._asked = people.digests(session, Review)
        self._matches: dict[Record, Match] = {}
        self._by_email: defaultdict[str, list[_Person]] = defaultdict(list)
        self._by_name: dict[tuple[int, str], _Person] = {}
        self._fresh = count(NEW)
        # Rows by the account that their company becomes; none once it is made.
        self._makers: dict[int, ContactRow] = {}

    def plan(self, rows: Sequence[ContactRow | Rejected], progress: Progress) -> list[Planned]:
        """What becomes of each row, in order."""
        answers: list[_Answered | Rejected] = []
        for done, row in enumerate(rows, start=1):
            answers.append(row if isinstance(row, Rejected) else self._answer(row))
            progress(done, len(rows))
        self._load(one for one in answers if isinstance(one, _Answered))
        seen: set[str] = set()
        return [
            rejected(one) if isinstance(one, Rejected) else self._plan(one, seen) for one in answers
        ]

    def place(self, row: ContactRow, digest: str, account_id: int, company: str) -> list[Op]:
        """What it takes that the row's person is at this account, as somebody said.

        Whoever has the same address at another account has moved from there.
        """
        self._load([_Answered(row, digest, Match(Verdict.ACCEPT, account_id, 1.0, None, ()))])
        planned = Planned(row.line, row.name, Outcome.MATCHED)
        for person in self._by_email[email_key(row.email)] if row.email else ():
            if person.account_id != account_id and not person.values["left_at"]:
                gone = {"left_at": self._now, "left_reason": f"moved to {company}"}
                planned.ops.append(ChangeContact(person.id, person.account_id, gone))
        self._put(planned, row, digest, account_id)
        return planned.ops

    def _answer(self, row: ContactRow) -> _Answered:
        digest = row_digest(row)
        if digest in self._digests or digest in self._asked:
            return _Answered(row, digest, None)
        record = company_of(row)
        if record not in self._matches:
            found = self._directory.match(record)
            if found.verdict is Verdict.NONE and self._new_accounts:
                made = self._directory.add(record)
                self._makers[made] = row
                found = Match(Verdict.ACCEPT, made, 1.0, None, found.reasons)
            self._matches[record] = found
        return _Answered(row, digest, self._matches[record])

    # -------------------------------------------------------------- who is known

    def _load(self, answers: Iterable[_Answered]) -> None:
        """Everybody whom these rows may be."""
        rows = [one for one in answers if one.match]
        keys = {email_key(one.row.email) for one in rows if one.row.email}
        for key, found in people.contacts_by_email(self._session, keys).items():
            self._by_email[key] = [self._stored(one) for one in found]
        accounts = {one.match.account_id for one in rows if one.match}
        at = {one for one in accounts if one is not None and one < NEW}
        at |= {old for old, head in self._heads.items() if head in at}
        for one in people.contacts_of(self._session, at):
            person = self._stored(one)
            self._by_name.setdefault((person.account_id, person_key(one.name)), person)

    def _stored(self, one: Contact) -> _Person:
        assert one.id is not None
        at = self._heads.get(one.account_id, one.account_id)
        return _Person(one.id, at, one.model_dump())

    def _same(self, row: ContactRow, account_id: int) -> _Person | None:
        """The person at this account: by address, else by name where one has no address."""
        key = email_key(row.email)
        for person in self._by_email.get(key, ()) if key else ():
            if person.account_id == account_id:
                return person
        found = self._by_name.get((account_id, person_key(row.name))) if row.name else None
        return found if found and not (key and found.values["email_key"]) else None

    # -------------------------------------------------------------- one row

    def _plan(self, one: _Answered, seen: set[str]) -> Planned:
        row, planned = one.row, Planned(one.row.line, one.row.name or one.row.email, Outcome.SAME)
        if one.digest in seen or one.match is None:
            planned.outcome = Outcome.DUPLICATE if one.digest in seen else Outcome.SAME
            return planned
        seen.add(one.digest)
        planned.why = "; ".join(one.match.reasons)
        known = self._with_address(row, one.match)
        if known:
            self._known_address(planned, one, one.match, known[0])
        elif one.match.verdict is Verdict.REVIEW:
            self._ask(planned, one, one.match)
        elif one.match.account_id is None:
            company = row.company or row.domain
            planned.outcome = Outcome.REJECTED
            planned.why = f"no account is {company!r}: import it first, or say --new-accounts"
        else:
            self._settle(planned, one, one.match.account_id)
        return planned

    def _with_address(self, row: ContactRow, match: Match) -> list[_Person]:
        """Who has the row's address, the one at its account first; who left elsewhere is gone."""
        found = self._by_email.get(email_key(row.email), []) if row.email else []
        known = [
            person
            for person in found
            if person.account_id == match.account_id or not person.values["left_at"]
        ]
        return sorted(known, key=lambda person: person.account_id != match.account_id)

    def _known_address(
        self, planned: Planned, one: _Answered, match: Match, person: _Person
    ) -> None:
        """Somebody has the address: that tells the account, unless the row names another one."""
        there = match.verdict is Verdict.ACCEPT and match.account_id == person.account_id
        if there or match.verdict is Verdict.NONE or not one.row.company:
            planned.why = "the address is known"
            self._put(planned, one.row, one.digest, person.account_id)
            return
        words = f"the address is {person.values['name']}'s at {self._name(person.account_id)}"
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
            "contact", one.row, one.digest, match, self._source, self._now, about=about
        )
        planned.ops.append(Ask(values))

    def _name(self, account_id: int | None) -> str:
        return self._directory.name(account_id)

    def _put(self, planned: Planned, row: ContactRow, digest: str, account_id: int) -> None:
        """Add the person to the account, or fill in what we did not know of them."""
        planned.about = self._name(account_id)
        person = self._same(row, account_id)
        if person is None:
            planned.outcome = Outcome.NEW
            planned.ops.append(self._new(row, digest, account_id))
        elif person.values["left_at"]:
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
         "external_id"), "",
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
