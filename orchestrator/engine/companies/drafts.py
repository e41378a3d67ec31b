"""What an import will do, row by row, before any of it is written; and the hand that writes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, SQLModel

from accounts.records import Account, Contact, Suppression
from orchestrator.engine.companies.directory import NEW
from orchestrator.engine.context import Context
from orchestrator.engine.running.tiers import change_tiers
from orchestrator.store.companies import log, people, reviews
from orchestrator.store.plays import forecasts, plays
from orchestrator.store.statements import insert_new


class Outcome(StrEnum):
    """What becomes of a row. Every row of a file has exactly one."""

    NEW = "new"  # it makes an account, a contact, a rule
    CHANGED = "changed"  # it is one of ours and fills in what we did not know
    MATCHED = "matched"  # it is one of ours and tells nothing new
    SAME = "same"  # an earlier import has seen this very row
    DUPLICATE = "duplicate"  # a row above it in the file is the same
    UNSURE = "unsure"  # a person has to say
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class AddAccount:
    """A company that was not known; `id` is preliminary."""

    id: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AddContact:
    """A person who was not known; `id` and the account's may be preliminary. `why` it is that
    account, for the log."""

    id: int
    values: Mapping[str, Any]
    why: str = ""


@dataclass(frozen=True, slots=True)
class ChangeAccount:
    """Columns of a stored account."""

    id: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeContact:
    """Columns of a stored contact, who is at `account_id`; `why` it is that one, for the log."""

    id: int
    account_id: int
    values: Mapping[str, Any]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Adopt:
    """The company that an account belongs to; both ids may be preliminary."""

    account_id: int
    parent_id: int


@dataclass(frozen=True, slots=True)
class Remember:
    """Another name, key or domain of an account, a row that was found to be it, or a never."""

    account_id: int
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Recognise:
    """Something was found to be an account: what, and why, for the log."""

    account_id: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Identify:
    """What a system calls an account or a contact (`kind`), whose id may be preliminary."""

    kind: str
    id: int
    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for a person, once for each row; the ids of candidates may be preliminary."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suppress:
    """A do-not-contact rule."""

    values: Mapping[str, Any]


Op = (
    AddAccount | AddContact | ChangeAccount | ChangeContact | Adopt | Remember | Recognise
    | Identify | Ask | Suppress
)  # fmt: skip


@dataclass(slots=True)
class Planned:
    """A row and what becomes of it: `about` is the account or person it is, `why` are words."""

    line: int
    label: str
    outcome: Outcome
    about: str = ""
    why: str = ""
    ops: list[Op] = field(default_factory=list)


def columns_of(row: SQLModel) -> dict[str, Any]:
    """All columns of a row that is not stored yet, defaults included."""
    return row.model_dump(exclude={"id"})


class Writer:
    """Writes what rows do, a batch in each transaction; remembers which id became which."""

    def __init__(self, ctx: Context, source: str, now: datetime) -> None:
        self._ctx, self._source, self._now = ctx, source, now
        # Contacts and accounts count their preliminary ids apart.
        self._accounts: dict[int, int] = {}
        self._contacts: dict[int, int] = {}

    def write(self, session: Session, ops: Iterable[Op]) -> None:
        """Write one batch: first whatever others point to."""
        by_kind: defaultdict[type, list[Any]] = defaultdict(list)
        for op in ops:
            by_kind[type(op)].append(op)
        self._tell_tiers(session, by_kind[ChangeAccount])
        self._add(session, Account, by_kind[AddAccount], self._accounts)
        self._add(session, Contact, by_kind[AddContact], self._contacts)
        _change(session, Account, by_kind[ChangeAccount])
        _change(session, Contact, by_kind[ChangeContact])
        self._adopt(session, by_kind[Adopt])
        self._remember(session, by_kind[Remember])
        self._identify(session, by_kind[Identify])
        reviews.ask(session, [self._real(op.values) for op in by_kind[Ask]])
        insert_new(session, Suppression, [op.values for op in by_kind[Suppress]])
        self._wake(session, [*by_kind[AddContact], *by_kind[ChangeContact]])
        self._log(session, by_kind)

    def _tell_tiers(self, session: Session, ops: Sequence[ChangeAccount]) -> None:
        """Let plays hear that their account is of a tier now; first of all, since it locks them."""
        given = {op.id: op.values["tier"] for op in ops if op.values.get("tier")}
        live = forecasts.driven(session, sorted(id_ for id_ in given if id_ < NEW)) if given else {}
        change_tiers(self._ctx, session, {id_: given[id_] for id_ in live}, None, self._now)

    def account(self, id_: int) -> int:
        """The stored id of an account."""
        return self._accounts[id_] if id_ >= NEW else id_

    def contact(self, id_: int) -> int:
        """The stored id of a contact."""
        return self._contacts[id_] if id_ >= NEW else id_

    def _add(
        self,
        session: Session,
        table: type[SQLModel],
        ops: Sequence[AddAccount | AddContact],
        ids: dict[int, int],
    ) -> None:
        stored = people.add_all(session, table, [self._real(op.values) for op in ops])
        ids.update(zip((op.id for op in ops), stored, strict=True))

    def _real(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values with the ids that were given meanwhile."""
        places = [name for name in ("account_id", "candidate_id") if values.get(name)]
        person = {"person_id": self.contact(id_)} if (id_ := values.get("person_id")) else {}
        return {**values, **{name: self.account(values[name]) for name in places}, **person}

    def _adopt(self, session: Session, ops: Sequence[Adopt]) -> None:
        changes = {
            self.account(op.account_id): {"parent_id": self.account(op.parent_id)} for op in ops
        }
        people.change(session, Account, changes)

    def _remember(self, session: Session, ops: Sequence[Remember]) -> None:
        triples = [(self.account(op.account_id), op.kind, op.value) for op in ops]
        people.add_aliases(session, triples, self._source, self._now)

    def _identify(self, session: Session, ops: Sequence[Identify]) -> None:
        rows = {
            (op.kind, op.system, op.value): {
                "kind": op.kind, "source": op.system, "value": op.value,
                "account_id": self.account(op.id) if op.kind == "account" else None,
                "contact_id": self.contact(op.id) if op.kind == "contact" else None,
                "created_at": self._now,
            }
            for op in ops
        }  # fmt: skip
        people.keep_ids(session, list(rows.values()))

    def _wake(self, session: Session, ops: Sequence[AddContact | ChangeContact]) -> None:
        """Let plays look again: somebody may sit down on an open seat, or be reachable now."""
        found = (
            op.account_id if isinstance(op, ChangeContact) else op.values["account_id"]
            for op in ops
        )
        if touched := sorted({self.account(one) for one in found}):
            plays.wake(session, plays.live(session, touched), self._now, urgent=False)

    def _log(self, session: Session, by_kind: Mapping[type, Sequence[Any]]) -> None:
        made, filled = by_kind[AddAccount], by_kind[ChangeAccount]
        joined, told = by_kind[AddContact], by_kind[ChangeContact]
        lines = [
            *(self._line("account.imported", op.id, "the account") for op in made),
            *(
                self._line("account.matched", op.account_id, op.what, why=op.why)
                for op in by_kind[Recognise]
            ),
            *(self._line("account.changed", op.id, _names(op.values)) for op in filled),
            *(
                self._line("account.changed", op.account_id, "its parent")
                for op in by_kind.get(Adopt, ())
            ),
            *(
                self._line(
                    "contact.imported", op.values["account_id"], op.values["name"], op.id, op.why
                )
                for op in joined
            ),
            *(
                self._line("contact.changed", op.account_id, _names(op.values), op.id, op.why)
                for op in told
            ),
        ]
        log.write(session, lines)

    def _line(
        self, kind: str, account_id: int, what: str, contact_id: int | None = None, why: str = ""
    ) -> Mapping[str, Any]:
        return log.entry(
            kind, at=self._now, account_id=self.account(account_id),
            contact_id=contact_id and self.contact(contact_id), team="engine",
            text=f"{what} from {self._source}" + f" ({why})" * bool(why),
            flow_run_id=self._ctx.flow_run_id,
        )  # fmt: skip


def _change(
    session: Session, table: type[SQLModel], ops: Sequence[ChangeAccount | ChangeContact]
) -> None:
    changes: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    for op in ops:
        changes[op.id] |= op.values
    people.change(session, table, changes)


def _names(values: Mapping[str, Any]) -> str:
    """Which columns changed, without what only follows from them."""
    told = [name for name in values if name not in ("fit", "segment", "email_key")]
    return ", ".join("other facts" if name == "extra" else name for name in told)
