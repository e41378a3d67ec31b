"""Somebody's CSV file of opportunities becomes words on deals, one for each that is new or other.

They lie in the inbox under the deal's own id, so that the same file tells nothing twice. What is
news does what an event does: a first open deal stops the outreach to its account, one that is lost
now says why. All else only stands in the log, from which the pages read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sqlmodel import Session

from accounts.company_names import name_key
from accounts.importing import Rejected
from accounts.matching import Match, Record, Verdict
from accounts.opportunities import OpportunityRow, opportunity_rows, standing
from accounts.progress import Progress, unwatched
from orchestrator import sentences
from orchestrator.engine.companies.account_rows import rejected
from orchestrator.engine.companies.drafts import Outcome, Planned
from orchestrator.engine.companies.external_ids import ACCOUNT, Ids
from orchestrator.engine.companies.importing import Draft, Options, Report, keep_run, opened
from orchestrator.engine.context import Context
from orchestrator.engine.events.deals import deal_of
from orchestrator.engine.events.effects import Stage
from orchestrator.engine.events.inbox import CHUNK, row_of
from orchestrator.engine.events.recognising import ask, directory_of, question_of
from orchestrator.engine.events.understanding import Understood, understand
from orchestrator.store.companies import people, reviews
from orchestrator.store.events import inbox as store
from orchestrator.store.pages import pipeline
from orchestrator.store.staff import users
from orchestrator.terms import Event, RawEvent

UNSURE = "a person has to say which company it is: `abm review`"


class Earlier(NamedTuple):
    """The last word on a deal: how many there were, and what it said."""

    number: int = 0
    payload: Mapping[str, Any] = {}


class Tell(NamedTuple):
    """A word on a deal, at the account that it is of; None waits for a person's answer.

    `before` is how the deal stood: open, won, lost, "" for one that is new.
    """

    raw: RawEvent
    account_id: int | None
    match: Match | None
    before: str


@dataclass(slots=True)
class DealDraft(Draft):
    """A file of opportunities, and what it will tell."""

    tells: list[Tell] = field(default_factory=list)


def draft(
    ctx: Context, source: Path | bytes, options: Options, progress: Progress = unwatched
) -> DealDraft:
    """Read a file and say what each of its rows would tell; nothing is written.

    AbmError when it is no table, or has no column of ids or companies.
    """
    made = opened(DealDraft, opportunity_rows, "opportunities", source, options)
    with ctx.db.reading() as session:
        before = reviews.import_run(session, made.digest)
        made.imported_at = before.at if before else None
        rows = _Rows(ctx, session, made)
        for done, row in enumerate(made.rows, start=1):
            made.planned.append(rejected(row) if isinstance(row, Rejected) else rows.plan(row))
            progress(done, len(made.rows))
    return made


def commit(ctx: Context, draft: DealDraft, progress: Progress = unwatched) -> Report:
    """Write a draft, a thousand words in each transaction; a crash leaves whole ones."""
    now = ctx.clock.now()
    for start in range(0, len(draft.tells), CHUNK):
        some = draft.tells[start : start + CHUNK]
        with ctx.db.writing() as session:
            _tell(ctx, session, draft.file, some, now)
        progress(start + len(some), len(draft.tells))
    with ctx.db.writing() as session:
        keep_run(session, draft, now, changed=bool(draft.tells))
    draft.committed = True
    return draft.report


# ---------------------------------------------------------------- what a row tells


class _Rows:
    """Plans rows against what is stored and against each other."""

    def __init__(self, ctx: Context, session: Session, draft: DealDraft) -> None:
        self._ctx, self._draft, self._now = ctx, draft, ctx.clock.now()
        self._directory = directory_of(ctx, session)
        self._companies = Ids(session, ACCOUNT, draft.system, people.merged(session))
        known = (row for row in draft.rows if isinstance(row, OpportunityRow))
        named = [(row.company_id, row.company or row.domain) for row in known]
        self._companies.distrust(named, lambda name: name_key(name).core)
        self._source = f"opportunities of {draft.system.name}"
        self._earlier = _earlier(session, self._source)
        self._owners = _owners(session)
        self._lines: dict[str, int] = {}  # of the ids seen so far

    def plan(self, row: OpportunityRow) -> Planned:
        """What becomes of a row; what it tells is added to the draft."""
        label = row.name or f"opportunity {row.external_id}"
        planned = Planned(row.line, label, Outcome.SAME)
        ours = self._ctx.settings.workspace.currency
        if row.amount and not _is_ours(row.currency, ours):
            planned.outcome = Outcome.REJECTED
            planned.why = f"the amount is in {row.currency}; amounts here are in {ours}"
        elif row.external_id in self._lines:
            planned.outcome = Outcome.DUPLICATE
            planned.why = f"line {self._lines[row.external_id]} has the same id"
        else:
            self._lines[row.external_id] = row.line
            self._place(planned, row)
        return planned

    def _place(self, planned: Planned, row: OpportunityRow) -> None:
        match = self._company(row)
        earlier = self._earlier.get(row.external_id, Earlier())
        payload, unknown = self._payload(row)
        planned.why = "; ".join(filter(None, (*match.reasons, unknown)))
        if match.account_id is None:
            who = row.company or row.domain or row.company_id
            planned.outcome = Outcome.REJECTED
            planned.why = f"no account is {who!r}: import it first"
            return
        planned.about = self._directory.name(match.account_id)
        if payload == earlier.payload:
            return
        sure = match.verdict is Verdict.ACCEPT
        planned.outcome = Outcome.CHANGED if earlier.number else Outcome.NEW
        planned.outcome = planned.outcome if sure else Outcome.UNSURE
        kind = "lost" if standing(row.stage) == "lost" else "opportunity"
        key = f"{row.external_id}#{earlier.number + 1}"
        before = _state(earlier.payload) if earlier.number else ""
        raw = RawEvent(self._source, key, kind, self._at(row, before), payload)
        account_id = match.account_id if sure else None
        self._draft.tells.append(Tell(raw, account_id, None if sure else match, before))

    def _company(self, row: OpportunityRow) -> Match:
        """The account that its system calls so, else the one that the matcher finds."""
        record, system = Record(row.company, row.website), self._draft.system
        known, found = self._companies.find(row.company_id), None
        if known is not None:
            found = self._directory.identified(record, known, system.name, sure=system.sure)
        return found or self._directory.match(record)

    def _payload(self, row: OpportunityRow) -> tuple[dict[str, Any], str]:
        """(what is kept of the row, what of it means nobody here)."""
        owner = self._owners.get(row.owner.casefold()) if row.owner else None
        said = {
            "deal": f"{self._draft.system.name}:{row.external_id}", "title": row.name,
            "stage": row.stage, "amount": row.amount, "closes": row.closes, "owner_id": owner,
            "company": row.company, "domain": row.domain, "reason": row.lost_reason,
        }  # fmt: skip
        unknown = f"nobody here is called {row.owner!r}" if row.owner and owner is None else ""
        return {name: value for name, value in said.items() if value}, unknown

    def _at(self, row: OpportunityRow, before: str) -> datetime:
        """When it was told; what was closed before we heard of it, on that day."""
        if before or standing(row.stage) == "open" or not row.closes:
            return self._now
        closed = datetime.combine(date.fromisoformat(row.closes), time.min, UTC)
        return min(closed, self._now)


def _is_ours(currency: str, ours: str) -> bool:
    return currency in ("", ours) or (currency == "$" and ours.endswith("D"))


def _earlier(session: Session, source: str) -> dict[str, Earlier]:
    """The last word on each deal that a system told of, by its id there."""
    found: dict[str, Earlier] = {}
    for source_id, payload in store.told_by(session, source):
        id_, _, number = source_id.rpartition("#")
        if number.isdecimal() and int(number) > found.get(id_, Earlier()).number:
            found[id_] = Earlier(int(number), payload)
    return found


def _owners(session: Session) -> dict[str, int]:
    """Who works here, by every word for them that an export may use."""
    return {
        word.casefold(): one.id
        for one in users.everybody(session)
        for word in (one.email, one.full_name, one.name)
        if word and one.id and one.active
    }


# ---------------------------------------------------------------- what it does


def _tell(ctx: Context, session: Session, file: str, tells: Sequence[Tell], now: datetime) -> None:
    """Keep these words and do what each does, at the account in which its own lives on."""
    said = [understand(one.raw, now) for one in tells]
    rows = [row_of(one.raw, each, now) for one, each in zip(tells, said, strict=True)]
    new = store.keep(session, rows)
    pairs = [(one, each) for one, each in zip(tells, said, strict=True) if each.key in new]
    unsure = [(each, one.match) for one, each in pairs if one.match]
    answers = ask(session, unsure, now) if unsure else {}
    found = [one.account_id or answers.get(question_of(each), 0) for one, each in pairs]
    head = people.heads(session, found)
    ids = {head.get(one, one) for one in found if one}
    stage = Stage(ctx, session, ids, (), now)
    deals = pipeline.deals(session, now - pipeline.OLDEST, ids)
    busy = {one.account_id for one in deals if standing(one.stage) == "open"}
    ends = []
    for (one, each), at in zip(pairs, found, strict=True):
        account_id = head.get(at, at)
        if account_id:
            _do(stage, one, each, account_id, busy, f"from {file}")
        ends.append(_ending(new[each.key], each, account_id))
    store.understood(session, ends)
    stage.finish(now, urgent=True)


def _do(
    stage: Stage, one: Tell, said: Understood, account_id: int, busy: set[int], why: str
) -> None:
    """What is news is an event; all else is a line of the log. `busy` have an open deal."""
    data, state = deal_of(said.kind, said.payload), _state(said.payload)
    starts = not one.before and state == "open" and account_id not in busy
    if starts or (one.before == "open" and state == "lost"):
        stage.play(Event(said.kind, said.at), account_id, why=why, **data)
    else:
        words = _words(said, stage.ctx.settings.workspace.currency)
        stage.say(said.kind, f"{words} ({why})", account_id, None, at=said.at, **data)
    if state == "open":
        busy.add(account_id)


def _state(payload: Mapping[str, Any]) -> str:
    return standing(str(payload.get("stage", "")))


def _words(said: Understood, currency: str) -> str:
    """`the opportunity Rollout: proposal, 12,000 EUR, closes 2026-05-03`."""
    deal = deal_of("opportunity", said.payload)
    parts = [
        deal.get("stage", ""),
        sentences.money(Decimal(deal["amount"]), currency) if "amount" in deal else "",
        f"closes {deal['closes']}" if "closes" in deal else "",
    ]
    words = ", ".join(filter(None, parts))
    return f"the opportunity {deal.get('title', '')}".rstrip() + (f": {words}" if words else "")


def _ending(id_: int, said: Understood, account_id: int) -> dict[str, object]:
    return {
        "of_id": id_, "to_kind": said.kind, "to_status": "applied" if account_id else "unmatched",
        "to_reason": "" if account_id else UNSURE, "to_account_id": account_id or None,
        "to_contact_id": None, "to_touch_id": None,
        "to_question": "" if account_id else question_of(said),
    }  # fmt: skip
