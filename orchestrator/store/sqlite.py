"""SQLite's settings, and a fairer way to its one write lock."""

from __future__ import annotations

import random
import sqlite3
import time
from typing import Any

from sqlalchemy import Connection

from accounts.errors import AbmError

BUSY_SECONDS = 10.0
_WAIT = f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}"
_ASK_AGAIN = "PRAGMA busy_timeout=0"
# A batch of `advance` changes thousands of pages: most are found in memory, and they go from the
# log into the file after some batches, each once, instead of with every batch (about 64 MB of log).
# A page that sorts a long queue looks at most of 100,000 accounts: a memory that is a little too
# small for them forgets each before it is asked for again.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "mmap_size=0",
    "cache_size=-32000",
    "wal_autocheckpoint=16000",
)


def on_connect(foreign_keys: bool, connection: sqlite3.Connection, _record: object) -> None:
    """Set up a new connection; only a migration goes without foreign keys."""
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is explicit
    connection.execute(_WAIT)
    # Of two who open a new file at once, SQLite refuses one its WAL without having waited.
    for pragma in (*PRAGMAS, f"foreign_keys={foreign_keys:d}"):
        _insist(connection, f"PRAGMA {pragma}")


def on_begin(connection: Connection) -> None:
    """Begin: a reader sees one state and cannot write, a writer holds the lock from the start."""
    driver: Any = connection.connection.dbapi_connection
    readonly = bool(connection.get_execution_options().get("sqlite_readonly"))
    # Only when it changes: SQLite compiles every statement anew after this.
    if connection.info.get("readonly") is not readonly:
        driver.execute(f"PRAGMA query_only={readonly:d}")
        driver.execute(_WAIT if readonly else _ASK_AGAIN)
        connection.info["readonly"] = readonly
    if readonly:
        driver.execute("BEGIN DEFERRED")
    else:
        _take_write_lock(driver)


def _take_write_lock(driver: sqlite3.Connection) -> None:
    """BEGIN IMMEDIATE, asked for again every millisecond or two.

    SQLite's own waiting sleeps up to 100 ms between two looks, so that a writer of many batches
    keeps everybody else out; short, uneven naps get in between two batches. Whoever has the lock
    waits for nothing any more.
    """
    _insist(driver, "BEGIN IMMEDIATE")


def _insist(driver: sqlite3.Connection, statement: str) -> None:
    """Execute it as soon as nobody has the lock that it needs; `AbmError` if that takes long."""
    give_up = time.monotonic() + BUSY_SECONDS
    while not _executed(driver, statement):
        if time.monotonic() > give_up:
            raise AbmError(
                f"the database was busy for {BUSY_SECONDS:.0f} seconds",
                "another process holds its write lock; try again when it has finished",
            )
        time.sleep(random.uniform(0.0005, 0.003))


def _executed(driver: sqlite3.Connection, statement: str) -> bool:
    try:
        driver.execute(statement)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def check_references(connection: Connection) -> None:
    """Raise `AbmError` if a migration left a row that refers to nothing."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken:
        raise AbmError(f"a row of {broken[0]} would refer to a missing row of {broken[2]}")
