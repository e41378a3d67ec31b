"""Whom rows of a file are about: people who are stored, and people whom other rows tell of.

An id counts first, then what a person has said, then the address and the name, as
`accounts.people_settling` weighs them for all rows at an account together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from accounts.identity import email_key
from accounts.importing import ContactRow
from accounts.people_matching import Person, Verdict, is_role
from accounts.people_names import read_name
from accounts.people_settling import Settled, settle
from accounts.records import Contact
from orchestrator.engine.companies.external_ids import Ids
from orchestrator.store.companies import people, reviews

_Place = tuple[int, str]  # account, digest of the row


@dataclass(slots=True)
class Known:
    """A contact, stored or new: `values` are all its columns, `account_id` follows merges."""

    id: int
    account_id: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a row is about, or may be (ASK); nobody yet, where `person` is None."""

    person: Known | None = None
    verdict: Verdict = Verdict.SAME
    probability: float = 1.0
    reasons: tuple[str, ...] = ()


class KnownPeople:
    """Everybody whom some rows may be."""

    def __init__(self, session: Session, heads: Mapping[int, int], ids: Ids) -> None:
        self._session, self._heads, self._ids = session, heads, ids
        self._people: dict[int, Known] = {}
        self._by_id: dict[str, Known] = {}
        self._by_email: defaultdict[str, list[Known]] = defaultdict(list)
        self._told: dict[tuple[int, str, str], Known] = {}
        self._settled: dict[_Place, tuple[Settled, Sequence[Known], Sequence[str]]] = {}
        self._made: dict[_Place, Known] = {}

    # ------------------------------------------------------------ who there is

    def load(self, rows: Sequence[ContactRow], accounts: Iterable[int]) -> None:
        """Whoever has an address or an id of the rows, and everybody at the accounts."""
        keys = {email_key(row.email) for row in rows if row.email and not is_role(row.email)}
        for key, found in people.contacts_by_email(self._session, keys).items():
            self._by_email[key] = [self._stored(one) for one in found]
        called = {value: self._ids.find(value) for value in {row.external_id for row in rows}}
        stored = people.contacts(self._session, {id_ for id_ in called.values() if id_ is not None})
        self._by_id = {
            value: self._stored(stored[id_]) for value, id_ in called.items() if id_ in stored
        }
        at = {one.account_id for one in self._people.values()} | set(accounts)
        at |= {old for old, head in self._heads.items() if head in at}
        for one in people.contacts_of(self._session, at):
            self._stored(one)
        self._hear(at)

    def _stored(self, one: Contact) -> Known:
        """One object for each, however it is found, so that each row sees what those above add."""
        assert one.id is not None
        at = self._heads.get(one.account_id, one.account_id)
        return self._people.setdefault(one.id, Known(one.id, at, one.model_dump()))

    def _hear(self, accounts: Iterable[int]) -> None:
        """What was said before of rows with the same name and address at the same account."""
        said = reviews.said_of_people(self._session, accounts)
        heads = people.person_heads(self._session, {person_id for person_id, _ in said})
        for person_id, record in said:
            person = self._people.get(heads.get(person_id, person_id))
            if person:
                name, email = record.get("name", ""), email_key(record.get("email", ""))
                self._told[person.account_id, read_name(name).key, email] = person

    def with_address_or_id(self, row: ContactRow) -> list[Known]:
        """Whoever has the row's id, then whoever has its address, wherever they are.

        An office's address is nobody's.
        """
        called = self.with_id(row)
        found = self._by_email.get(email_key(row.email), []) if row.email else []
        return [*([called] if called else []), *(one for one in found if one is not called)]

    def with_id(self, row: ContactRow) -> Known | None:
        """Whoever has the row's id."""
        return self._by_id.get(row.external_id)

    # ------------------------------------------------------------ who a row is

    def say(self, row: ContactRow, account_id: int, person_id: int) -> None:
        """The row is about this contact: a person said so."""
        if person := self._people.get(person_id):
            self._told[self._voice(account_id, row)] = person

    def settle(
        self, rows: Iterable[tuple[int, ContactRow, str]], never: Collection[int] | None = ()
    ) -> None:
        """Weigh all rows (account, row, digest) that an account may get with whoever is there, but
        for some whom no row is about; None: but for everybody."""
        found: defaultdict[int, dict[str, ContactRow]] = defaultdict(dict)
        for account_id, row, digest in rows:
            if not self._said(account_id, row):
                found[account_id].setdefault(digest, row)
        there: defaultdict[int, list[Known]] = defaultdict(list)
        for one in self._people.values():
            if never is not None and one.id not in never:
                there[one.account_id].append(one)
        for account_id, told in found.items():
            known, digests = there[account_id], list(told)
            ends = settle([_person(one) for one in known], list(map(person_of, told.values())))
            if never:  # who was wrong once is not trusted again
                ends = [end if end.known is None else replace(end, verdict=Verdict.ASK)
                        for end in ends]  # fmt: skip
            for digest, end in zip(digests, ends, strict=True):
                self._settled[account_id, digest] = end, known, digests

    def who(self, row: ContactRow, digest: str, account_id: int) -> Who:
        """Whom the row is about, of those at the account."""
        called = self.with_id(row)
        if called and called.account_id == account_id:
            return Who(called, reasons=("the same id",))
        if told := self._said(account_id, row):
            return Who(told, reasons=("a person said who it is",))
        if (account_id, digest) not in self._settled:
            same = (one for one in self.with_address_or_id(row) if one.account_id == account_id)
            return Who(next(same, None), reasons=("the same address",))
        end, known, digests = self._settled[account_id, digest]
        if end.known is not None:
            return Who(known[end.known], end.verdict, end.probability, end.reasons)
        made = self._made.get((account_id, digests[end.new or 0]))
        return Who(made, end.verdict, end.probability, end.reasons)

    def made(self, person: Known, digest: str) -> None:
        """The row made a contact, which whoever is the same is from now on."""
        key = person.values["email_key"]
        if key and not is_role(key):
            self._by_email[key].append(person)
        place = person.account_id, digest
        if place in self._settled:
            end, _, digests = self._settled[place]
            if end.verdict is Verdict.SAME and end.new is not None:
                place = person.account_id, digests[end.new]
        self._made[place] = person

    def _said(self, account_id: int, row: ContactRow) -> Known | None:
        """Who the row is, as a person said of one like it."""
        return self._told.get(self._voice(account_id, row)) if self._told else None

    def _voice(self, account_id: int, row: ContactRow) -> tuple[int, str, str]:
        return account_id, read_name(row.name).key, email_key(row.email)


def person_of(row: ContactRow) -> Person:
    """The row as people are compared; a file that parts the names knows which is which."""
    parted = row.first_name and row.last_name
    name = f"{row.last_name}, {row.first_name}" if parted else row.name
    return Person(name, email_key(row.email), row.phone, row.title)


def _person(one: Known) -> Person:
    have = one.values
    gone = have["left_at"] is not None
    return Person(have["name"], have["email_key"], have["phone"], have["title"], gone)
