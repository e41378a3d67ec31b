"""Somebody's CSV file becomes accounts, contacts or rules: first a draft, then whole batches.

A draft says what each row will do; nothing is written before it is committed. Rows count by their
content, so that the same file again changes nothing and a changed file only what is different.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.headers import ColumnMap, Guess, guess_columns
from accounts.importing import (
    Rejected,
    SuppressionRow,
    account_rows,
    contact_rows,
    suppression_rows,
)
from accounts.progress import Progress, unwatched
from accounts.records import ImportRun, Suppression
from accounts.tables import Table, read_table, write_rejects
from orchestrator.engine import agreement
from orchestrator.engine.companies.account_rows import AccountRows, rejected
from orchestrator.engine.companies.contact_rows import ContactRows
from orchestrator.engine.companies.directory import Directory, rules_of
from orchestrator.engine.companies.drafts import Outcome, Planned, Suppress, Writer, columns_of
from orchestrator.engine.companies.external_ids import System, system_of
from orchestrator.engine.context import Context
from orchestrator.store.companies import people, reviews

BATCH = 2_000  # rows in one transaction: other writers get in between
SIZE_CAP = 256 << 20  # bytes of a file that is read whole
_ATTEMPTS = 5
_SAMPLES = 5  # of each outcome

__all__ = ["Draft", "Importer", "Options", "Outcome", "Report", "Sample", "commit", "draft",
           "import_accounts", "import_contacts", "import_suppressions"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """How to read the file where our guess is wrong, and what may come of it.

    `columns` maps fields to headers; `new_accounts` lets a contact's unknown company become one;
    `system` names who gave the ids in it, as hubspot.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    new_accounts: bool = False
    system: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One row as an example of what happens."""

    line: int
    label: str
    outcome: Outcome
    about: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do (`committed` says which).

    `counts` has a number of rows for each outcome; they add up to `rows`.
    """

    kind: str
    file: str
    encoding: str
    delimiter: str
    notices: tuple[str, ...]
    columns: tuple[Guess, ...]
    extra: tuple[str, ...]  # headers of what is no field, and kept as it stands
    unused: tuple[str, ...]
    system: str  # whose ids the file has; "" for a file without
    rows: int
    counts: Mapping[str, int]
    samples: tuple[Sample, ...]
    committed: bool
    imported_at: datetime | None  # when this very content was taken before


@dataclass(slots=True)
class Draft:
    """A file as read, and what each of its rows will do on the database as it was then."""

    kind: str
    file: str
    digest: str
    options: Options
    table: Table
    columns: ColumnMap
    system: System
    rows: Sequence[Any]
    planned: list[Planned] = field(default_factory=list)
    extent: people.Extent | None = None
    imported_at: datetime | None = None
    committed: bool = False

    @property
    def report(self) -> Report:
        """What it did or would do, for people."""
        counts = Counter(one.outcome for one in self.planned)
        return Report(
            self.kind, self.file, self.table.encoding, self.table.delimiter, self.table.notices,
            self.columns.guesses, tuple(header for _, header in self.columns.extra),
            self.columns.unused, self.system.name, len(self.planned),
            {outcome.value: counts[outcome] for outcome in Outcome},
            tuple(_samples(self.planned)), self.committed, self.imported_at,
        )  # fmt: skip

    @property
    def rejects(self) -> str:
        """CSV text of the rows that are not taken, with line and reason; "" when all are."""
        refused = {one.line: one.why for one in self.planned if one.outcome is Outcome.REJECTED}
        lost = [one for one in self.table.rejected if one.line in refused]
        lost += [
            Rejected(row.line, refused[row.line], row.cells)
            for row in self.table.rows
            if row.line in refused
        ]
        return write_rejects(lost, self.table.headers) if lost else ""


Made = TypeVar("Made", bound=Draft)


def _samples(planned: Sequence[Planned]) -> list[Sample]:
    """The first rows of each outcome, in the order of outcomes."""
    found: dict[Outcome, list[Sample]] = {outcome: [] for outcome in Outcome}
    for one in planned:
        if len(kept := found[one.outcome]) < _SAMPLES:
            kept.append(Sample(one.line, one.label, one.outcome, one.about, one.why))
    return [sample for samples in found.values() for sample in samples]


# ---------------------------------------------------------------- the use cases


@dataclass(frozen=True, slots=True)
class Importer:
    """Takes files of one kind, without asking anybody: a draft, committed at once."""

    kind: str

    def __call__(
        self,
        ctx: Context,
        source: Path | bytes,
        options: Options = Options(),
        progress: Progress = unwatched,
    ) -> Report:
        """What became of the file's rows; AbmError when it is no table of that kind."""
        return commit(ctx, draft(ctx, self.kind, source, options, progress), progress)


import_accounts = Importer("accounts")
import_contacts = Importer("contacts")  # people at companies that we know
import_suppressions = Importer("suppressions")  # rules are only ever added


def draft(
    ctx: Context,
    kind: str,
    source: Path | bytes,
    options: Options = Options(),
    progress: Progress = unwatched,
) -> Draft:
    """Read a file and say what each of its rows would do; nothing is written.

    `kind` is accounts, contacts or suppressions. AbmError when there is no table, or no column
    that names anybody.
    """
    made = opened(Draft, _ROWS[kind], kind, source, options)
    with ctx.db.reading() as session:
        before = reviews.import_run(session, made.digest)
        made.imported_at = before.at if before else None
        _plan(ctx, session, made, 0, progress)
    return made


def opened(
    of: type[Made], read: Callable[[Table, ColumnMap], Sequence[Any]], kind: str,
    source: Path | bytes, options: Options,
) -> Made:  # fmt: skip
    """A file as read, of which nothing is planned yet."""
    data, file = _read(source), source.name if isinstance(source, Path) else "data"
    table = read_table(data, encoding=options.encoding, delimiter=options.delimiter)
    columns = guess_columns(table.headers, kind).override(options.columns)
    rows = read(table, columns)
    system = system_of(columns, file, options.system)
    said = repr((kind, options.columns, options.new_accounts, system.name))
    digest = sha256(said.encode() + data).hexdigest()
    return of(kind, file, digest, options, table, columns, system, rows)


def commit(ctx: Context, draft: Draft, progress: Progress = unwatched) -> Report:
    """Write a draft, a batch of rows in each transaction.

    A crash leaves whole batches, and the same file again does the rest. Where somebody else
    changed the accounts since the draft was made, what is not written yet is planned again.
    """
    now, at = ctx.clock.now(), 0
    writer = Writer(ctx, draft.file, now)
    for _ in range(_ATTEMPTS):
        at = _write(ctx, draft, writer, at, now, progress)
        if draft.committed:
            return draft.report
        with ctx.db.reading() as session:
            _plan(ctx, session, draft, at, progress)
        writer = Writer(ctx, draft.file, now)
    raise AbmError(
        "accounts are being changed by somebody else all the time",
        f"{at:,} of {len(draft.rows):,} rows are in; the same command does the rest",
    )


def _write(
    ctx: Context, draft: Draft, writer: Writer, at: int, now: datetime, progress: Progress
) -> int:
    """Write batches from row `at` on, as long as nobody else does; where it got."""
    while not draft.committed:
        batch = draft.planned[at : at + BATCH]
        with ctx.db.writing() as session:
            reviews.lock_imports(session)
            if people.extent(session) != draft.extent:
                return at
            writer.write(session, (op for one in batch for op in one.ops))
            last = at + BATCH >= len(draft.planned)
            if last:
                keep_run(session, draft, now, changed=any(one.ops for one in draft.planned))
            draft.extent = people.extent(session)
            ctx.probe("in_import")
        at += len(batch)
        draft.committed = last
        progress(at, len(draft.planned))
    return at


def keep_run(session: Session, draft: Draft, now: datetime, *, changed: bool) -> None:
    """Remember the content, unless it changed nothing and is remembered already."""
    counts = dict(draft.report.counts)
    if draft.imported_at is None or changed:
        run = ImportRun(
            digest=draft.digest, kind=draft.kind, file=draft.file, counts=counts, at=now
        )
        reviews.keep_run(session, run)


# ---------------------------------------------------------------- by kind

_ROWS: Mapping[str, Callable[[Table, ColumnMap], Sequence[Any]]] = {
    "accounts": account_rows,
    "contacts": contact_rows,
    "suppressions": suppression_rows,
}


def _plan(ctx: Context, session: Session, draft: Draft, at: int, progress: Progress) -> None:
    """Say what the rows from `at` on do on the database as it is now."""
    agreed, now, rows = agreement.current(session), ctx.clock.now(), draft.rows[at:]
    rules = rules_of(ctx, session)
    match draft.kind:
        case "accounts":
            companies = AccountRows(
                session, agreed, draft.file, now, Directory(session, rules), system=draft.system
            )
            planned = companies.plan(rows, progress)
        case "contacts":
            persons = ContactRows(
                session, agreed, draft.file, now, Directory(session, rules),
                new_accounts=draft.options.new_accounts, system=draft.system,
            )  # fmt: skip
            planned = persons.plan(rows, progress)
        case _:
            planned = _suppressions(session, rows, draft.file, now)
    draft.planned[at:], draft.extent = planned, people.extent(session)


def _suppressions(
    session: Session, rows: Sequence[SuppressionRow | Rejected], source: str, now: datetime
) -> list[Planned]:
    """Rules that are there stay as they are, with their first reason."""
    there = people.suppressed(session)
    new: set[tuple[str, str]] = set()
    planned = []
    for row in rows:
        if isinstance(row, Rejected):
            planned.append(rejected(row))
            continue
        key = (row.scope.value, row.value)
        one = Planned(row.line, row.value, Outcome.NEW, why=row.reason.value)
        if key in there or key in new:
            one.outcome = Outcome.SAME if key in there else Outcome.DUPLICATE
        else:
            new.add(key)
            rule = Suppression(scope=key[0], value=key[1], reason=row.reason.value, source=source,
                               at=now)  # fmt: skip
            one.ops.append(Suppress(columns_of(rule)))
        planned.append(one)
    return planned


def _read(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        if source.stat().st_size > SIZE_CAP:
            raise AbmError(f"{source} is larger than 256 MB", "split it: every part has the header")
        return source.read_bytes()
    except OSError as error:
        raise AbmError(f"{source} cannot be read: {error.strerror}") from None
