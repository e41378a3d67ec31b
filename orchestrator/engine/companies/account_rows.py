"""Rows about companies: which account each one is, and what it adds to what we know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from accounts.company_names import name_key
from accounts.importing import AccountRow, ContactRow, Rejected, merge_extra, row_digest
from accounts.matching import Match, Record, Verdict
from accounts.progress import Progress
from accounts.records import Account, Review
from orchestrator.alignment import Agreement
from orchestrator.engine.companies.directory import NEW, Directory, company_key
from orchestrator.engine.companies.drafts import (
    AddAccount,
    Adopt,
    Ask,
    ChangeAccount,
    Op,
    Outcome,
    Planned,
    Recognise,
    Remember,
    columns_of,
)
from orchestrator.engine.companies.external_ids import ACCOUNT, NOBODY, Ids, System
from orchestrator.engine.companies.kin import Kin
from orchestrator.store.companies import people, reviews
from orchestrator.zones import zone_of

_PLACE = ("country", "state", "city", "zone")
_OTHER = ("domain", "website", "email", "phone", "sector", "industry", "market_cap", "lost_reason",
          "tier")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Answered:
    """A row with its digest and the account that it is: None is a question."""

    row: AccountRow
    digest: str
    outcome: Outcome
    account_id: int | None
    match: Match | None


class AccountRows:
    """Plans rows about companies against what is stored and against each other."""

    def __init__(
        self,
        session: Session,
        agreement: Agreement,
        source: str,
        now: datetime,
        directory: Directory,
        *,
        system: System = NOBODY,
    ) -> None:
        self._session, self._agreement = session, agreement
        self._source, self._now = source, now
        self._directory = directory
        self._digests = people.account_digests(session)
        self._asked = reviews.asked(session)
        self._ids = Ids(session, ACCOUNT, system, people.merged(session))
        self._kin = Kin(directory, self._ids)
        self._fields: dict[int, dict[str, Any]] = {}

    def plan(self, rows: Sequence[AccountRow | Rejected], progress: Progress) -> list[Planned]:
        """What becomes of each row, in order."""
        seen: set[str] = set()
        answers: list[_Answered | Rejected] = []
        known = [row for row in rows if isinstance(row, AccountRow)]
        self._ids.distrust(
            ((row.external_id, row.name) for row in known), lambda name: name_key(name).core
        )
        for done, row in enumerate(rows, start=1):
            answers.append(row if isinstance(row, Rejected) else self._answer(row, seen))
            progress(done, len(rows))
        stored = {
            one.account_id
            for one in answers
            if isinstance(one, _Answered) and one.match and one.account_id is not None
        }
        self._fields |= people.account_fields(self._session, [id_ for id_ in stored if id_ < NEW])
        planned = [
            rejected(one) if isinstance(one, Rejected) else self._plan(one) for one in answers
        ]
        self._adopt(answers, planned)
        return planned

    def _adopt(self, answers: Sequence[_Answered | Rejected], planned: list[Planned]) -> None:
        """Let every account belong to the parent that its row names, wherever that one stands.

        What is known of its parent stands.
        """
        made = {
            one.account_id: at
            for at, one in enumerate(answers)
            if isinstance(one, _Answered) and one.outcome is Outcome.NEW
        }
        for at, one in enumerate(answers):
            if isinstance(one, Rejected) or not one.row.parent or one.account_id is None:
                continue
            parent_id = self._kin.parent(one.row, one.account_id)
            if parent_id is None:
                told = f"its parent {one.row.parent!r} is no account"
                planned[at].why = "; ".join(filter(None, (planned[at].why, told)))
            elif one.outcome is not Outcome.UNSURE and self._directory.adopt(
                one.account_id, parent_id
            ):
                # With whichever of the two is written later.
                later = max(at, made.get(parent_id, at), made.get(one.account_id, at))
                planned[later].ops.append(Adopt(one.account_id, parent_id))

    def _answer(self, row: AccountRow, seen: set[str]) -> _Answered:
        digest = row_digest(row)
        if digest in self._digests or digest in self._asked:
            outcome = Outcome.DUPLICATE if digest in seen else Outcome.SAME
            return _Answered(row, digest, outcome, self._digests.get(digest), None)
        seen.add(digest)
        found = self._match(row)
        account_id, outcome = found.account_id, Outcome.MATCHED
        match found.verdict:
            case Verdict.REVIEW:
                self._asked.add(digest)
                return _Answered(row, digest, Outcome.UNSURE, account_id, found)
            case Verdict.NONE:
                account_id, outcome = self._directory.add(record_of(row)), Outcome.NEW
            case Verdict.ACCEPT:
                new = account_id is not None and account_id >= NEW
                outcome = Outcome.DUPLICATE if new else Outcome.MATCHED
        assert account_id is not None
        self._digests[digest] = account_id
        self._kin.note(row, account_id)
        return _Answered(row, digest, outcome, account_id, found)

    def _match(self, row: AccountRow) -> Match:
        record, system = record_of(row), self._ids.system
        known = self._ids.find(row.external_id)
        found = None
        if known is not None:
            found = self._directory.identified(record, known, system.name, sure=system.sure)
        return found or self._directory.match(record, self._kin.never(row))

    def _plan(self, one: _Answered) -> Planned:
        planned = Planned(one.row.line, one.row.name or one.row.domain, one.outcome)
        if one.match is None:
            planned.why = "the same row stands above" if one.outcome is Outcome.DUPLICATE else ""
            if one.account_id is not None:
                ids = self._ids.learn(one.row.external_id, one.account_id, again=True)
                planned.ops = list(ids)
            return planned
        planned.why = "; ".join(one.match.reasons)
        if one.outcome is Outcome.NEW:
            assert one.account_id is not None
            planned.ops = [
                self._new(one.account_id, one.row, one.digest),
                *self._ids.learn(one.row.external_id, one.account_id),
            ]
            return planned
        planned.about = self._directory.name(one.account_id)
        if one.outcome is Outcome.UNSURE:
            planned.ops = [Ask(question("account", one.row, one.digest, one.match, self._source,
                                        self._now, record_of(one.row),
                                        system=self._ids.system.name))]  # fmt: skip
        else:
            assert one.account_id is not None
            self._known(planned, one.account_id, one)
        return planned

    def _new(self, account_id: int, row: AccountRow, digest: str) -> AddAccount:
        values = new_account(row, digest, self._agreement, self._now)
        self._fields[account_id] = values
        return AddAccount(account_id, values)

    def _known(self, planned: Planned, account_id: int, one: _Answered) -> None:
        planned.ops = [
            Remember(account_id, "row", one.digest),
            Recognise(account_id, planned.label, planned.why),
        ]
        planned.ops += self._ids.learn(one.row.external_id, account_id)
        fields = self._fields[account_id]
        if new := added(fields, one.row, self._agreement):
            fields |= new
            if account_id < NEW:  # what is new itself is written with all that its rows tell
                planned.outcome = Outcome.CHANGED
                planned.ops.append(ChangeAccount(account_id, new))
        planned.ops += learned(self._directory, account_id, one.row, fields)


# ---------------------------------------------------------------- one account


def record_of(row: AccountRow) -> Record:
    """The row as the matcher asks about it."""
    return Record(row.name, row.website, row.email, row.country, row.city, row.phone)


def new_account(
    row: AccountRow, digest: str, agreement: Agreement, now: datetime
) -> dict[str, Any]:
    """All columns of the account that a row makes: fit and segment as agreed."""
    values = columns_of(
        Account(
            name=row.name or row.domain,
            name_key=name_key(row.name or row.domain).core,
            **{name: getattr(row, name) for name in (*_OTHER, *_PLACE)},
            extra=dict(row.extra),
            digest=digest,
            created_at=now,
        )
    )
    values["zone"] = row.zone or zone_at(row.country, row.state, row.city)
    return values | agreement.judge(values)


def added(fields: Mapping[str, Any], row: AccountRow, agreement: Agreement) -> dict[str, Any]:
    """What a row tells about an account that nobody has told yet; what stands is never changed.

    A place is one fact: a row that names another country adds nothing to it. What is no field of
    ours is another matter, and why a deal was lost: there the last row stands.
    """
    same_place = not fields["country"] or row.country in ("", fields["country"])
    names = (*_OTHER, *_PLACE) if same_place else _OTHER
    new = {
        name: value
        for name in names
        if not fields[name] and (value := getattr(row, name))
    }  # fmt: skip
    if row.name and fields["name"] == fields["domain"]:  # it had no name but that
        new |= {"name": row.name, "name_key": name_key(row.name).core}
    if row.lost_reason not in ("", fields["lost_reason"]):  # of the last deal
        new["lost_reason"] = row.lost_reason
    if (extra := merge_extra(fields["extra"], row.extra)) != fields["extra"]:
        new["extra"] = extra
    merged = {**fields, **new}
    if not merged["zone"] and (zone := zone_at(*(merged[name] for name in _PLACE[:3]))):
        new["zone"] = merged["zone"] = zone
    if not new:
        return {}
    judged = agreement.judge(merged)
    return new | {name: value for name, value in judged.items() if fields[name] != value}


def learned(
    directory: Directory, account_id: int, row: AccountRow, fields: Mapping[str, Any]
) -> list[Op]:
    """Names and domains of the row that the account, with these columns, was not known by."""
    new = directory.learn(account_id, record_of(row))
    return [Remember(*alias) for alias in new if alias[2] != fields["domain"]]


def zone_at(country: str, state: str, city: str) -> str:
    """The time zone of a place, by its city where that is known, else by its state; "" for none."""
    usual = zone_of(country)
    found = (zone_of(country, place) for place in (city, state) if place)
    return next((zone for zone in found if zone and zone != usual), usual) or ""


# ---------------------------------------------------------------- what planners share


def rejected(one: Rejected) -> Planned:
    """A record that is not taken."""
    label = next((cell for cell in one.cells if cell.strip()), "")
    return Planned(one.line, label, Outcome.REJECTED, why=one.reason)


def question(
    kind: str,
    row: AccountRow | ContactRow,
    digest: str,
    match: Match,
    source: str,
    now: datetime,
    company: Record | None,
    **more: str,
) -> dict[str, Any]:
    """All columns of a question whether the row is that account; `more` is kept with the row.

    Whoever names the same `company` waits for the same answer.
    """
    fields = more | {
        name: str(value) for name, value in asdict(row).items() if value and name != "extra"
    }
    return columns_of(
        Review(
            digest=digest, kind=kind, candidate_id=match.account_id,
            company=company_key(company) if company else "", score=match.score,
            probability=match.probability, doubted=match.doubted, reasons=list(match.reasons),
            record=fields, extra=dict(row.extra), source=source, at=now,
        )
    )  # fmt: skip
