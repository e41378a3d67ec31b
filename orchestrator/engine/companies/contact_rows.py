"""Rows about people: at which account each one works, and whether we know them already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from sqlmodel import Session

from accounts.consent import Consent
from accounts.identity import email_key
from accounts.importing import ContactRow, Rejected, merge_extra, row_digest
from accounts.matching import Match, Record, Verdict
from accounts.people_matching import Verdict as Sameness
from accounts.people_names import read_name
from accounts.progress import Progress
from accounts.records import Contact
from orchestrator.alignment import Agreement
from orchestrator.engine.companies.account_rows import question, rejected
from orchestrator.engine.companies.contact_words import (
    account_of,
    company_of,
    first_name,
    is_vague,
    named_by,
    slug,
)
from orchestrator.engine.companies.directory import NEW, Directory
from orchestrator.engine.companies.drafts import (
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
from orchestrator.engine.companies.external_ids import ACCOUNT, CONTACT, NOBODY, Ids, System
from orchestrator.engine.companies.known_people import Known, KnownPeople, Who
from orchestrator.store.companies import people, reviews
from orchestrator.zones import zone_of

_FILLED = (
    "first_name", "email", "email_key", "phone", "social", "title", "role", "persona", "country",
    "zone", "language",
)  # fmt: skip


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
        self._people = KnownPeople(session, self._heads, self._ids)
        # What was planned for whoever is new: who may be them is asked once they are written.
        self._planned: dict[int, Planned] = {}
        self._later: list[tuple[Planned, ContactRow, str, int]] = []
        self._fresh = count(NEW)
        # Rows by the account that their company becomes; none once it is made.
        self._makers: dict[int, ContactRow] = {}

    def plan(self, rows: Sequence[ContactRow | Rejected], progress: Progress) -> list[Planned]:
        """What becomes of each row, in order."""
        answers: list[_Answered | Rejected] = []
        known = [row for row in rows if isinstance(row, ContactRow)]
        self._ids.distrust(
            ((row.external_id, row.name or row.email) for row in known),
            lambda name: read_name(name).key,
        )
        for done, one in enumerate(rows, start=1):
            answers.append(one if isinstance(one, Rejected) else self._answer(one))
            progress(done, len(rows))
        self._load([one for one in answers if isinstance(one, _Answered)])
        seen: set[str] = set()
        planned = [
            rejected(one) if isinstance(one, Rejected) else self._plan(one, seen) for one in answers
        ]
        for end, row, digest, account_id in self._later:
            self._put(end, row, digest, account_id, at_last=True)
        return planned

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

    def place_person(
        self, row: ContactRow, digest: str, account_id: int, *, person_id: int | None,
        never: Collection[int] | None,
    ) -> tuple[list[Op], int | None]:  # fmt: skip
        """What it takes that the row is about this contact, as somebody said, or about another one:
        none of `never`, or of all who are there. (ops, the contact; None where it is asked again)
        """
        self._people.load([row], [account_id])
        if person_id is not None:
            self._people.say(row, account_id, person_id)
        self._people.settle([(account_id, row, digest)], never=never)
        planned = Planned(row.line, row.name, Outcome.MATCHED)
        self._put(planned, row, digest, account_id)
        if planned.outcome is Outcome.UNSURE:
            return planned.ops, None
        made = next((op.id for op in planned.ops if isinstance(op, AddContact)), None)
        person = self._people.who(row, digest, account_id).person
        return planned.ops, made or (person.id if person else None)

    def _place(self, row: ContactRow, digest: str, account_id: int, company: str) -> list[Op]:
        planned = Planned(row.line, row.name, Outcome.MATCHED)
        for person in self._people.with_address_or_id(row):
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

    def _load(self, answers: Sequence[_Answered]) -> None:
        """Everybody whom these rows may be, and who of them each one is."""
        rows = [(one, one.match) for one in answers if one.match]
        at = {match.account_id for _, match in rows if match.account_id is not None}
        self._people.load([one.row for one, _ in rows], {one for one in at if one < NEW})
        self._people.settle(
            (account_id, one.row, one.digest)
            for one, match in rows
            if (account_id := self._destination(one.row, match)) is not None
        )

    def _destination(self, row: ContactRow, match: Match) -> int | None:
        """The account that the row's person is at, as far as what is stored tells."""
        if known := self._known(row, match):
            return known[0].account_id
        return match.account_id if match.verdict is Verdict.ACCEPT else None

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
            self._known_person(planned, one, one.match, known)
        elif one.match.verdict is Verdict.REVIEW:
            self._ask(planned, one, one.match)
        elif one.match.account_id is None:
            company = row.company or row.domain or row.company_id
            planned.outcome = Outcome.REJECTED
            planned.why = f"no account is {company!r}: import it first, or say --new-accounts"
        else:
            self._settle(planned, one, one.match.account_id)
        return planned

    def _known(self, row: ContactRow, match: Match) -> list[Known]:
        """Who has the row's id or address, the one at its account first; an id beats an address.

        Who left elsewhere is gone.
        """
        called = self._people.with_id(row)
        known = [
            person
            for person in self._people.with_address_or_id(row)
            if person.account_id == match.account_id or not person.values["left_at"]
        ]
        return sorted(
            known, key=lambda one: (one is not called, one.account_id != match.account_id)
        )

    def _known_person(
        self, planned: Planned, one: _Answered, match: Match, known: Sequence[Known]
    ) -> None:
        """Somebody has the id or the address: that tells the account, unless the row names another
        one, or several have it."""
        person, row = known[0], one.row
        called = person is self._people.with_id(row)
        there = match.verdict is Verdict.ACCEPT and match.account_id == person.account_id
        places = dict.fromkeys(self._name(other.account_id) for other in known)
        torn = len(places) > 1 and not called and not there
        what = "id" if called else "address"
        if there or (not torn and (match.verdict is Verdict.NONE or not row.company)):
            planned.why = f"the {what} is known"
            self._put(planned, row, one.digest, person.account_id)
            return
        words = f"the {what} is {person.values['name']}'s at {' and at '.join(places)}"
        says = (f"the row says {row.company}",) if row.company else ()
        found = Match(Verdict.REVIEW, person.account_id, 0.5, None, (words, *says))
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

    def _put(
        self, planned: Planned, row: ContactRow, digest: str, account_id: int, *,
        at_last: bool = False,
    ) -> None:  # fmt: skip
        """Add the person to the account, or fill in what we did not know of them.

        Who may be somebody of another row waits until `at_last` that one is known.
        """
        planned.about = self._name(account_id)
        who = self._people.who(row, digest, account_id)
        if who.verdict is Sameness.ASK and not who.person and not at_last:
            self._later.append((planned, row, digest, account_id))
        elif who.verdict is Sameness.ASK and who.person:
            self._ask_who(planned, row, digest, who, who.person)
        elif who.person:
            self._fill(planned, row, who, who.person)
        else:
            planned.outcome = Outcome.NEW
            added = replace(self._new(planned, row, digest, account_id), why=planned.why)
            planned.ops += [added, *self._ids.learn(row.external_id, added.id)]

    def _ask_who(
        self, planned: Planned, row: ContactRow, digest: str, who: Who, person: Known
    ) -> None:
        """Ask whether it is this person, once both are written."""
        planned.outcome = Outcome.UNSURE
        planned.why = f"may be {person.values['name']}: {'; '.join(who.reasons)}"
        found = Match(Verdict.REVIEW, person.account_id, who.probability, None, who.reasons)
        values = question(
            "contact", row, digest, found, self._source, self._now, None, about="who",
            person=person.values["name"], system=self._ids.system.name,
        )  # fmt: skip
        later = max(planned, self._planned.get(person.id, planned), key=lambda one: one.line)
        later.ops.append(Ask({**values, "probability": None, "person_id": person.id}))

    def _fill(self, planned: Planned, row: ContactRow, who: Who, person: Known) -> None:
        """Write what the row tells of somebody who is known."""
        planned.ops += self._ids.learn(row.external_id, person.id)
        if person.values["left_at"]:
            planned.outcome, planned.why = Outcome.MATCHED, "left the company"
            return
        new = self._added(person, row)
        why = f"{person.values['name']}: {', '.join(who.reasons)}" if who.reasons else ""
        planned.why = "; ".join(filter(None, (planned.why, why)))
        person.values |= new
        planned.outcome = Outcome.CHANGED if new else Outcome.MATCHED
        if person.id >= NEW:  # what is new itself is written with all that its rows tell
            planned.outcome = Outcome.DUPLICATE
        elif new:
            words = ", ".join(who.reasons)
            planned.ops.append(ChangeContact(person.id, person.account_id, new, words))

    def _new(self, planned: Planned, row: ContactRow, digest: str, account_id: int) -> AddContact:
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
        person = Known(next(self._fresh), account_id, values)
        self._planned[person.id] = planned
        self._people.made(person, digest)
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
            "role": slug(row.role) or (persona.role if persona else ""),
            "persona": row.persona or (persona.name if persona else ""),
            "country": row.country,
            "zone": row.zone or zone_of(row.country, row.city) or "",
            "language": row.language.casefold(),
        }

    def _added(self, person: Known, row: ContactRow) -> dict[str, Any]:
        """What a row tells that nobody has told yet. A refusal is heard whatever stood before.

        Of what is no field of ours, the last row stands.
        """
        facts, have = self._facts(row), person.values
        new: dict[str, Any] = {
            name: facts[name] for name in _FILLED if facts[name] and not have[name]
        }
        if row.name and is_vague(have) and not read_name(row.name).is_short:
            new |= {"name": row.name, "first_name": facts["first_name"] or have["first_name"]}
        refused = row.consent is Consent.REFUSED and have["consent"] != Consent.REFUSED
        if refused or (have["consent"] == Consent.UNKNOWN and row.consent is not Consent.UNKNOWN):
            new["consent"] = row.consent.value
        if (extra := merge_extra(have["extra"], row.extra)) != have["extra"]:
            new["extra"] = extra
        return new
