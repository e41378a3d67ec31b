"""What the benchmarks share: a recorder of statements, bare replays, medians and tables."""

from __future__ import annotations

import shutil
import sqlite3
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Engine, event

from orchestrator.store.database import Database
from orchestrator.store.sqlite import PRAGMAS


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the driver: a statement with its parameters, or with many sets of them."""

    statement: str
    parameters: Any
    many: bool
    returns: bool


Transaction = list[Call]


class Recorder:
    """Every statement of the writing transactions of a database, as the driver got it."""

    def __init__(self, engine: Engine) -> None:
        self.transactions: list[Transaction] = []
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "before_cursor_execute", self._call)

    def _begin(self, connection: Connection) -> None:
        self.transactions.append([])

    def _call(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any,
        context: Any, executemany: bool,
    ) -> None:  # fmt: skip
        head = statement.lstrip()[:6].upper()
        if head == "SELECT" and "FOR UPDATE" not in statement:
            return  # the bare loop reads no facts: the harder measure
        returns = "RETURNING" in statement or head == "SELECT"
        self.transactions[-1].append(Call(statement, parameters, executemany, returns))

    @property
    def writes(self) -> list[Transaction]:
        """The transactions that changed something."""
        return [calls for calls in self.transactions if calls]


def replay_sqlite(file: Path, transactions: Sequence[Transaction]) -> float:
    """Seconds that bare sqlite3 takes for the same statements, with the same safety."""
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in (*PRAGMAS, "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    started = perf_counter()
    for calls in transactions:
        connection.execute("BEGIN IMMEDIATE")
        _run(connection.cursor(), calls)
        connection.execute("COMMIT")
    seconds = perf_counter() - started
    connection.close()
    return seconds


def replay_postgresql(url: str, transactions: Sequence[Transaction]) -> float:
    """The same with bare psycopg."""
    import psycopg

    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        started = perf_counter()
        for calls in transactions:
            _run(connection.cursor(), calls)
            connection.commit()
        return perf_counter() - started


def _run(cursor: Any, calls: Transaction) -> None:
    for call in calls:
        if call.many:
            cursor.executemany(call.statement, call.parameters)
        else:
            cursor.execute(call.statement, call.parameters)
        if call.returns:
            cursor.fetchall()


def settle(db: Database, file: Path) -> None:
    """Put everything into the one file, so that it can be copied."""
    db.dispose()
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@contextmanager
def copy_of(file: Path) -> Iterator[Path]:
    """A fresh copy of a database file, warm in the page cache."""
    twin = file.with_suffix(".copy")
    shutil.copyfile(file, twin)
    try:
        yield twin
    finally:
        for suffix in ("", "-wal", "-shm"):
            twin.with_name(twin.name + suffix).unlink(missing_ok=True)


def median(values: Sequence[float]) -> float:
    """The middle one: machines are shared and noisy."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0..1) of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def timed(work: Callable[[], Any]) -> float:
    """Seconds that it takes."""
    started = perf_counter()
    work()
    return perf_counter() - started


def show(title: str, rows: Sequence[Sequence[object]]) -> None:
    """A table whose first row is its head."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(f"\n{title}")
    for row in cells:
        padded = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join(padded).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
