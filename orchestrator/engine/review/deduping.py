"""The doubles among accounts, of the workspace or of a file, and what merging them would do."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import combinations

from sqlmodel import Session

from accounts import deduping
from accounts.cells import guard_cell
from accounts.deduping import Cluster, Pair, Row, Told
from accounts.errors import AbmError
from accounts.headers import guess_columns
from accounts.matching import Candidate, Record, Rules
from accounts.progress import Progress, unwatched
from accounts.standing import TIE_BREAKERS, Standing, survivor
from accounts.tables import Table, read_table
from orchestrator.engine.companies.directory import record_key, rules_of
from orchestrator.engine.context import Context
from orchestrator.store.companies import merging as store
from orchestrator.store.companies import people

_ROW_ID = "row_id"
_HEADS = (_ROW_ID, "cluster_id", "probability", "reasons")


# ---------------------------------------------------------------- the workspace


@dataclass(frozen=True, slots=True)
class Double:
    """An account that seems to be the survivor's company, and what merging it would tell.

    `probability` and `reasons` are about the whole cluster, `likely` about it and the survivor.
    """

    id: int
    name: str
    domain: str
    probability: float
    reasons: tuple[str, ...]
    told: tuple[Told, ...]
    likely: Pair | None


@dataclass(frozen=True, slots=True)
class Doubles:
    """Accounts that seem to be one company: which to keep, why that one, and the others."""

    survivor_id: int
    survivor: str
    because: str
    probability: float
    others: tuple[Double, ...]


def doubles(
    ctx: Context, tie_breakers: Sequence[str] = (), progress: Progress = unwatched
) -> list[Doubles]:
    """Clusters of the workspace's accounts, the surest first; nothing is written.

    Without `tie_breakers` those of the settings say which to keep, or else all in their order.
    What a person ruled never to be one company is not asked again.
    """
    matching = ctx.settings.matching
    tie_breakers = tie_breakers or matching.tie_breakers or TIE_BREAKERS
    with ctx.db.reading() as session:
        known = people.candidates(session)
        rows = [_row(one) for one in known]
        nevers = _nevers(session, rows) | people.apart(session)
        clusters = deduping.dedupe(rows, progress, never=nevers, rules=rules_of(ctx, session))
        ids = [id_ for one in clusters for id_ in one.ids]
        fields = people.account_fields(session, ids)
        standing = {row["id"]: Standing(**row) for row in store.standings(session, ids)}
    return [_doubles(one, fields, standing, tie_breakers) for one in clusters]


def _row(one: Candidate) -> Row:
    website = one.domains[0] if one.domains else ""
    record = Record(one.name, website, country=one.country, city=one.city)
    return Row(one.id, record, one.domains, one.aliases, one.parent_id)


def _nevers(session: Session, rows: Sequence[Row]) -> set[frozenset[int]]:
    """Pairs of accounts of which one's name and domain were ruled never to be the other."""
    nevers = people.nevers(session)
    return {
        frozenset((row.id, other))
        for row in rows
        for other in nevers.get(record_key(row.record), ())
        if other != row.id
    }


def _doubles(
    cluster: Cluster,
    fields: Mapping[int, Mapping[str, object]],
    standing: Mapping[int, Standing],
    tie_breakers: Sequence[str],
) -> Doubles:
    keep, because = survivor([standing[id_] for id_ in cluster.ids], tie_breakers)
    others = tuple(
        Double(
            one.id, str(fields[one.id]["name"]), str(fields[one.id]["domain"]), one.probability,
            one.reasons, tuple(deduping.preview(keep, fields[keep], one.id, fields[one.id])),
            cluster.pairs.get(frozenset((keep, one.id))),
        )
        for one in cluster.members
        if one.id != keep
    )  # fmt: skip
    return Doubles(keep, str(fields[keep]["name"]), because, cluster.probability, others)


# ---------------------------------------------------------------- any file


@dataclass(frozen=True, slots=True)
class Sorted:
    """A file's rows and the clusters among them. `text` is the answer as CSV."""

    rows: int
    rejected: int
    clusters: tuple[Cluster, ...]
    labels: Mapping[int, str]  # line of the file -> name
    row_ids: Mapping[int, str]  # line of the file -> its id there
    text: str

    @property
    def pairs(self) -> int:
        """How many pairs of rows are held to be one company."""
        return sum(1 for one in self.clusters for _ in combinations(one.ids, 2))


def of_file(data: bytes, progress: Progress = unwatched, rules: Rules | None = None) -> Sorted:
    """Sort the rows of an account list into clusters, without any workspace.

    A row's id is its column `row_id` (or another that is an id), or else its line; a row is no
    double of the one whose id is its parent's. AbmError when it is no table, or none that names
    companies.
    """
    table = read_table(data)
    columns = {one.field: one.index for one in guess_columns(table.headers, "accounts").guesses}
    if not {"name", "website"} & columns.keys():
        headers = ", ".join(table.headers) or "none"
        raise AbmError(f"no column names a company: {headers}", "call it name, or domain")
    row_ids, parent = _row_ids(table, columns.get("external_id")), columns.get("parent")
    lines = {id_: line for line, id_ in row_ids.items()}
    rows = [
        Row(
            row.line, _record(row.cells, columns),
            parent_id=None if parent is None else lines.get(row.cells[parent]),
        )
        for row in table.rows
    ]  # fmt: skip
    clusters = deduping.dedupe(rows, progress, rules=rules)
    labels = {row.id: row.record.name or row.record.website for row in rows}
    text = _text(rows, clusters, row_ids)
    return Sorted(len(rows), len(table.rejected), tuple(clusters), labels, row_ids, text)


def _record(cells: Sequence[str], columns: Mapping[str, int]) -> Record:
    fields = ("name", "website", "email", "country", "city", "phone")
    return Record(**{name: cells[columns[name]] for name in fields if name in columns})


def _row_ids(table: Table, guessed: int | None) -> dict[int, str]:
    """The id of each row, by line; lines where there is none, or where two rows have the same."""
    at = table.headers.index(_ROW_ID) if _ROW_ID in table.headers else guessed
    if at is None:
        return {row.line: str(row.line) for row in table.rows}
    found = {row.line: row.cells[at] or str(row.line) for row in table.rows}
    if len(set(found.values())) < len(found):
        raise AbmError(f"two rows have the same {table.headers[at]}", "give every row its own id")
    return found


def _text(rows: Iterable[Row], clusters: Iterable[Cluster], ids: Mapping[int, str]) -> str:
    """CSV for every row; one that is alone is its own cluster. No cell runs as a formula."""
    found = {one.id: (cluster.ids[0], one) for cluster in clusters for one in cluster.members}
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADS)
    for row in rows:
        if row.id in found:
            head, one = found[row.id]
            told = (ids[head], f"{one.probability:.4f}", "; ".join(one.reasons))
        else:
            told = (ids[row.id], "1.0000", "no other row is likely to be it")
        writer.writerow(map(guard_cell, (ids[row.id], *told)))
    return out.getvalue()
