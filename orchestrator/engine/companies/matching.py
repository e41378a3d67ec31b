"""Which account a record is: asked of the workspace, or of two lists without any workspace."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import islice
from time import perf_counter
from typing import TextIO

from accounts.cells import guard_cell
from accounts.errors import AbmError
from accounts.headers import guess_columns
from accounts.identity import own_domain
from accounts.matching import AccountIndex, Candidate, Match, Record, Rules, Verdict
from accounts.progress import Progress, unwatched
from accounts.tables import Reading, Rejected, Row
from orchestrator.engine.companies.directory import Directory, rules_of
from orchestrator.engine.context import Context

FIELDS = ("name", "website", "email", "country", "city", "phone")
_NAMING = FIELDS[:3]
_HEADS = ("query_id", "account_id", "probability", "verdict", "runner_up", "reasons")

# So many records are read, asked and written before the next: what bounds the memory.
_CHUNK = 4_096


# ---------------------------------------------------------------- the workspace


@dataclass(frozen=True, slots=True)
class Found:
    """The answer for one record; `account` is the best guess where a person has to decide."""

    record: Record
    verdict: Verdict
    account_id: int | None
    account: str
    probability: float
    runner_up_id: int | None
    runner_up: str
    reasons: tuple[str, ...]


def match_records(ctx: Context, records: Iterable[Record]) -> list[Found]:
    """Which account of the workspace each record is, as an import would say it; writes nothing."""
    with ctx.db.reading() as session:
        directory = Directory(session, rules_of(ctx, session))
    return [_found(directory, one) for one in records]


def _found(directory: Directory, record: Record) -> Found:
    match = directory.match(record)
    name, runner_up = directory.name(match.account_id), directory.name(match.runner_up)
    return Found(
        record, match.verdict, match.account_id, name, round(match.score, 4),
        match.runner_up, runner_up, match.reasons,
    )  # fmt: skip


# ---------------------------------------------------------------- two lists


@dataclass(frozen=True, slots=True)
class Asked:
    """A list with its columns found: where each field stands, the id (None: the line) and the
    parent's id or name."""

    name: str
    reading: Reading
    id_header: str
    id_at: int | None
    columns: Mapping[str, int]
    parent_at: int | None
    notices: tuple[str, ...]


@dataclass(slots=True)
class Matched:
    """What became of a list. `seconds` are those of matching, `index_seconds` of making ready.

    What was not taken stands in `rejected` (of the queries) and `rejected_accounts`.
    """

    accounts: int = 0
    records: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    index_seconds: float = 0.0
    seconds: float = 0.0
    rejected: list[Rejected] = field(default_factory=list)
    rejected_accounts: list[Rejected] = field(default_factory=list)

    @property
    def records_per_second(self) -> float:
        """How quick matching was, reading and writing included; 0 for no records."""
        return self.records / self.seconds if self.seconds else 0.0


def asked(name: str, reading: Reading, id_header: str) -> Asked:
    """Find the columns of a list; AbmError when none of them names a company."""
    found = guess_columns(reading.headers, "accounts")
    columns = {one.field: one.index for one in found.guesses}
    id_at = _id_column(reading.headers, id_header, columns.get("external_id"))
    fields = {one: columns[one] for one in FIELDS if columns.get(one, id_at) != id_at}
    if not set(_NAMING) & fields.keys():
        headers = ", ".join(reading.headers)
        raise AbmError(f"{name}: no column names a company: {headers}", _nearest(reading.headers))
    notices = [
        f"{one.field} is read from {one.header!r}, which {one.how}"
        for one in found.guesses
        if one.field in fields and one.how.startswith("looks")
    ]
    if id_at is None:
        notices.append(f"no column is the {id_header}: the line stands for it")
    parent_at = columns.get("parent")
    return Asked(name, reading, id_header, id_at, fields, parent_at, (*reading.notices, *notices))


def _id_column(headers: Sequence[str], wanted: str, guessed: int | None) -> int | None:
    plain = ("".join(filter(str.isalnum, one.casefold())) for one in headers)
    word = wanted.replace("_", "")
    return next((at for at, header in enumerate(plain) if header == word), guessed)


def _nearest(headers: Sequence[str]) -> str:
    """How to mend a header line in which nothing names a company."""
    words = {header.casefold(): header for header in headers}
    for one in ("name", "company", "domain", "website", "email"):
        if near := get_close_matches(one, words, 1, 0.6):
            return f"did you mean {one!r} by {words[near[0]]!r}?"
    return "the first line has to name the columns: name, or domain, or email"


def match_lists(
    accounts: Asked,
    queries: Asked,
    out: TextIO,
    progress: Progress = unwatched,
    *,
    rules: Rules | None = None,
) -> Matched:
    """Answer every record of `queries` in its order, as CSV; no cell runs as a formula.

    Records are read, asked and written piece by piece. AbmError when two accounts have one id.
    """
    done = Matched()
    started = perf_counter()
    ids, index = _index(accounts, done, rules)
    done.index_seconds = perf_counter() - started
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADS)
    records = _records(queries, done.rejected, (*_NAMING, "phone"))
    while piece := list(islice(records, _CHUNK)):
        matches = index.match_many([record for _, _, record in piece])
        for (_, query, _), match in zip(piece, matches, strict=True):
            done.verdicts[match.verdict.value] += 1
            writer.writerow(map(guard_cell, _cells(query, match, ids)))
        done.records += len(piece)
        progress(piece[-1][0].line, queries.reading.lines)
    progress(queries.reading.lines, queries.reading.lines)
    done.seconds = perf_counter() - started - done.index_seconds
    return done


def _index(accounts: Asked, done: Matched, rules: Rules | None) -> tuple[list[str], AccountIndex]:
    """(the ids of the list by their number, the index that knows each account by its number)."""
    lines: dict[str, int] = {}
    candidates, parents = [], []
    for row, id_, one in _records(accounts, done.rejected_accounts, _NAMING):
        if id_ in lines:
            raise AbmError(
                f"{accounts.name}: lines {lines[id_]} and {row.line} both have the "
                f"{accounts.id_header} {id_[:60]!r}", "give every account an id of its own",
            )  # fmt: skip
        domain = one.website or own_domain(email=one.email)
        candidates.append(
            Candidate(len(lines), one.name or domain or "", (domain,) if domain else (),
                      country=one.country, city=one.city, phones=(one.phone,))
        )  # fmt: skip
        parents.append("" if accounts.parent_at is None else row.cells[accounts.parent_at].strip())
        lines[id_] = row.line
    done.accounts = len(lines)
    return list(lines), AccountIndex(_in_families(candidates, list(lines), parents), rules)


def _in_families(
    candidates: Sequence[Candidate], ids: Sequence[str], parents: Sequence[str]
) -> Iterator[Candidate]:
    """The accounts with their parents, who are called by id or by name; others are unknown."""
    known = {one.name.casefold(): one.id for one in reversed(candidates)}
    known |= {id_.casefold(): at for at, id_ in enumerate(ids)}
    for one, parent in zip(candidates, parents, strict=True):
        yield replace(one, parent_id=known.get(parent.casefold())) if parent else one


def _records(
    asked_: Asked, rejected: list[Rejected], naming: Sequence[str]
) -> Iterator[tuple[Row, str, Record]]:
    """(row, id, record) of each row that says something; the others go to `rejected`."""
    for row in asked_.reading.rows:
        if isinstance(row, Rejected):
            rejected.append(row)
            continue
        id_ = str(row.line) if asked_.id_at is None else row.cells[asked_.id_at].strip()
        record = Record(**{name: row.cells[at] for name, at in asked_.columns.items()})
        if reason := _why_not(id_, record, asked_.id_header, naming):
            rejected.append(Rejected(row.line, reason, row.cells))
        else:
            yield row, id_, record


def _why_not(id_: str, record: Record, id_header: str, naming: Sequence[str]) -> str:
    if not id_:
        return f"it has no {id_header}"
    if not any(getattr(record, name).strip() for name in naming):
        return "it has neither name nor domain nor e-mail"
    return ""


def _cells(query: str, match: Match, ids: Sequence[str]) -> tuple[str, ...]:
    account, runner_up = (
        "" if one is None else ids[one] for one in (match.account_id, match.runner_up)
    )
    reasons = "; ".join(match.reasons)
    return query, account, f"{match.score:.4f}", match.verdict.value, runner_up, reasons
