"""What it costs that a million enrollments wait while few are due; each figure beside its bar.

    python -m benchmarks.waiting [--waiting 1000000] [--rounds 20] [--busy 100000]

SQLite with synchronous=FULL, without Prefect; one database for all of it (minutes, 2 GB):

- a pass of `advance` when 1,000 are due, other ones in each round: neighbours in the tables, and
  scattered over them, so that no two share a page;
- a pass of every concern when nothing is due, its pulse stored;
- what a process holds in anonymous memory after passes over 1,000 due, beside a million that wait
  and beside ten thousand;
- another process's write of one row, with SQLite's own busy timeout, while 100,000 are due and
  the engine advances them, and while the scores of 100,000 accounts fade by an hour.

Whoever becomes due has 4 contacts, 20 activities and up to eight steps behind it; whoever only
waits is thinner: one contact, one step. Ends with status 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import accumulate, pairwise
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from sqlalchemy import bindparam, update
from sqlmodel import col

from benchmarks import world
from benchmarks.advance import context
from benchmarks.rig import median, percentile, settle, show, timed
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.running.fading import fade
from orchestrator.engine.scoring import hour_of
from orchestrator.engine.ticking import due, tick, tick_once
from orchestrator.records import Enrollment
from orchestrator.store.bulk import Bulk
from orchestrator.store.companies import fading, scoring
from orchestrator.store.companies.fading import Standing
from orchestrator.store.database import Database
from orchestrator.store.plays import plays

DUE = 1_000
FEW = 10_000
REMEMBERED = 5  # passes before memory is read; the second already finds every cache filled
EMPTY = 200
PAUSE = 0.02  # seconds between two writes of the other process
BUSY_SECONDS = 10.0
FALL_DUE = Bulk(
    update(Enrollment.__table__)  # type: ignore[attr-defined]
    .where(col(Enrollment.id) == bindparam("of_id"))
    .values(next_due_at=bindparam("next_due_at"))
)
AGREED = "score:\n  half_life: 30d\n  weights: {clicked: 5}\n"
SCORED = 2  # people of each account who have a score
WITNESS = "CREATE TABLE witness (id INTEGER PRIMARY KEY, at REAL NOT NULL)"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number in its unit, and the bar below which it has to stay, if there is one."""

    what: str
    value: float
    unit: str
    bar: float | None = None

    @property
    def held(self) -> bool:
        """Whether it stays below its bar."""
        return self.bar is None or self.value < self.bar

    def row(self) -> list[object]:
        """The figure as a row of the table."""
        if self.bar is None:
            return [self.what, self.value, self.unit, "", ""]
        return [self.what, self.value, self.unit, f"< {self.bar:g}", "" if self.held else "MISSED"]


# ---------------------------------------------------------------- the world


def build(file: Path, whole: int, waiting: int) -> None:
    """`whole` accounts with a past, and thin ones up to `waiting` in all; nobody is due."""
    db = Database(f"sqlite:///{file}")
    world.populate(db, whole, due=0)
    world.crowd(db, whole + 1, waiting)
    with db.writing() as session:
        session.connection().exec_driver_sql(WITNESS)
    settle(db, file)


def fall_due(ctx: Context, ids: Sequence[int]) -> None:
    """Make these enrollments due now."""
    with ctx.db.writing() as session:
        FALL_DUE.run(session, [{"of_id": n, "next_due_at": world.due_at(n)} for n in ids])


def neighbours(ids: range) -> list[range]:
    """The ids in groups that fall due together, each of adjacent ones."""
    return [ids[at : at + DUE] for at in range(0, len(ids), DUE)]


def scattered(ids: range) -> list[range]:
    """The ids in groups that fall due together, each spread over all of them."""
    groups = len(ids) // DUE
    return [ids[at::groups] for at in range(groups)]


# ---------------------------------------------------------------- the engine


def advance(ctx: Context, number: int) -> float:
    """Seconds of one pass of `advance`, which must decide on exactly `number`."""
    started = perf_counter()
    done = tick(ctx, "advance")
    seconds = perf_counter() - started
    if done.error or done.counts.get("decided") != number:
        raise SystemExit(f"not {number:,} decided: {done.error or done.counts}")
    return seconds


def passes(file: Path, groups: Sequence[range]) -> list[float]:
    """Seconds of passes of `advance`, in each of which the next group of ids is due."""
    ctx = context(Database(f"sqlite:///{file}"), file.parent)
    taken = []
    for group in groups:
        fall_due(ctx, group)
        taken.append(advance(ctx, len(group)))
    ctx.db.dispose()
    return taken


def empty_passes(file: Path) -> tuple[list[float], list[float]]:
    """Seconds of the look at what is due, and of a whole pass, when nothing is."""
    ctx = context(Database(f"sqlite:///{file}"), file.parent)
    if names := due(ctx):
        raise SystemExit(f"something is due: {sorted(names)}")
    looks = [timed(lambda: due(ctx)) for _ in range(EMPTY)]
    whole = [timed(lambda: tick_once(ctx)) for _ in range(EMPTY)]
    ctx.db.dispose()
    return looks, whole


# ---------------------------------------------------------------- other processes


def memory_after(file: Path, ids: range) -> float:
    """Megabytes of anonymous memory of this process after passes over the ids."""
    passes(file, neighbours(ids))
    rollup = Path("/proc/self/smaps_rollup").read_text("ascii")
    return sum(map(int, re.findall(r"^Anonymous:\s+(\d+) kB", rollup, re.MULTILINE))) / 1024


def write_until(file: Path, stop: Path) -> list[tuple[float, float]]:
    """Writes of one row each, until `stop` exists: when each began and how many seconds it took.

    The instants are of the clock that all processes share.
    """
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    written = []
    while not stop.exists():
        began = perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO witness (at) VALUES (?)", (began,))
        connection.execute("COMMIT")
        written.append((began, perf_counter() - began))
        time.sleep(PAUSE)
    connection.close()
    return written


def elsewhere() -> ProcessPoolExecutor:
    """A fresh process that shares nothing with this one."""
    return ProcessPoolExecutor(1, get_context("spawn"))


def memory(file: Path, small: Path, ids: range) -> tuple[float, float]:
    """Megabytes beside few that wait and beside all of them, each in a process of its own."""
    few = range(1, len(ids) + 1)
    with elsewhere() as beside_few, elsewhere() as beside_all:
        return (
            beside_few.submit(memory_after, small, few).result(),
            beside_all.submit(memory_after, file, ids).result(),
        )


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What another process saw of some work of the engine: seconds of its writes, and of all."""

    writes: Sequence[float]
    seconds: float


def writes_meanwhile(ctx: Context, file: Path, work: Callable[[], float]) -> Meanwhile:
    """The other process's writes while the engine works; `work` returns how many seconds."""
    stop = file.with_name("stop")
    stop.unlink(missing_ok=True)
    before = _witnessed(file)
    with elsewhere() as other:
        writes = other.submit(write_until, file, stop)
        try:
            while _witnessed(file) == before:
                time.sleep(PAUSE)
            started = perf_counter()
            seconds = work()
        finally:
            stop.touch()
        meanwhile = [took for began, took in writes.result() if 0 <= began - started < seconds]
    ctx.db.dispose()
    return Meanwhile(meanwhile, seconds)


def _witnessed(file: Path) -> int:
    reader = sqlite3.connect(file, isolation_level=None)
    number: int = reader.execute("SELECT count(*) FROM witness").fetchone()[0]
    reader.close()
    return number


def advanced(file: Path, ids: range) -> Meanwhile:
    """What the other process sees while all ids are advanced."""
    ctx = context(Database(f"sqlite:///{file}"), file.parent)
    fall_due(ctx, ids)
    return writes_meanwhile(ctx, file, lambda: advance(ctx, len(ids)))


def faded(file: Path, ids: range) -> Meanwhile:
    """What it sees while the scores of these accounts fade by an hour, and nobody else's."""
    ctx = context(Database(f"sqlite:///{file}"), file.parent)
    score(ctx, ids)
    later = replace(ctx, clock=ManualClock(ctx.clock.now() + timedelta(hours=1)))
    return writes_meanwhile(ctx, file, lambda: timed(lambda: fade_all(later, len(ids))))


def score(ctx: Context, ids: range) -> None:
    """Give each of the accounts a score, and some of its people, as of now; nobody had one."""
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        plays.add_agreement(session, "scores", AGREED, {}, now)
        _, newest = fading.hold(session, hour_of(now))
        fading.mark(session, Standing(hour_of(now), newest or 0), "")
        people = [n * len(world.ROLES) + place for n in ids for place in range(SCORED)]
        scoring.put(session, dict.fromkeys(ids, 40.0), dict.fromkeys(people, 20.0))


def fade_all(ctx: Context, number: int) -> None:
    """Fade until nothing is left; `number` accounts must have had a score."""
    counts: Counter[str] = Counter()
    more = True
    while more:
        done, more = fade(ctx)
        counts += done
    if counts != {"faded": number}:
        raise SystemExit(f"not {number:,} faded: {dict(counts)}")


# ---------------------------------------------------------------- the report


def measure(folder: Path, waiting: int, rounds: int, busy: int) -> list[Figure]:
    """All figures, on databases made in the folder."""
    file, small = folder / "world.db", folder / "small.db"
    parts = iter(_parts(rounds * DUE, rounds * DUE, REMEMBERED * DUE, busy))
    print(f"populating {waiting:,} enrollments ...", flush=True)
    seconds = timed(lambda: build(file, (2 * rounds + REMEMBERED) * DUE + busy, waiting))
    build(small, REMEMBERED * DUE, FEW)
    print(f"  {seconds:,.0f} s, {file.stat().st_size / 2**20:,.0f} MB", flush=True)
    looks, empty = empty_passes(file)
    side_by_side = passes(file, neighbours(next(parts)))
    apart = passes(file, scattered(next(parts)))
    few, many = memory(file, small, next(parts))
    among_advanced, among_faded = advanced(file, ids := next(parts)), faded(file, ids)
    return [
        *_milliseconds(f"pass over {DUE:,} due neighbours", side_by_side, (0.95, 400.0)),
        *_milliseconds(f"pass over {DUE:,} due, scattered", apart, (0.95, 400.0)),
        *_milliseconds("look at what is due, nothing is", looks, (0.95, None)),
        *_milliseconds("empty pass", empty, (0.95, 5.0)),
        Figure(f"memory after passes, {FEW:,} waiting", few, "MB"),
        Figure(f"memory after passes, {waiting:,} waiting", many, "MB"),
        Figure("  difference", abs(many - few), "MB", 50.0),
        Figure(f"{busy:,} due are advanced", busy / among_advanced.seconds, "/s"),
        *_writes(among_advanced),
        Figure(f"{busy:,} accounts' scores fade", among_faded.seconds, "s"),
        *_writes(among_faded),
    ]


def _writes(meanwhile: Meanwhile) -> list[Figure]:
    writes = meanwhile.writes
    return [
        *_milliseconds(f"another's write meanwhile, of {len(writes):,}", writes, (0.99, 150.0)),
        Figure("  max", 1000 * max(writes), "ms"),
    ]


def _parts(*sizes: int) -> list[range]:
    """Ids from 1 on, shared out: each question asks about enrollments of its own."""
    ends = list(accumulate(sizes, initial=1))
    return [range(start, end) for start, end in pairwise(ends)]


def _milliseconds(
    what: str, seconds: Sequence[float], tail: tuple[float, float | None]
) -> list[Figure]:
    """The median, and the tail (its share and its bar)."""
    share, bar = tail
    return [
        Figure(f"{what}, median", 1000 * median(seconds), "ms"),
        Figure(f"  p{100 * share:.0f}", 1000 * percentile(seconds, share), "ms", bar),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--busy", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="abm-bench-") as name:
        figures = measure(Path(name), options.waiting, options.rounds, options.busy)
    show(
        f"{options.waiting:,} waiting, SQLite, synchronous=FULL",
        [["", "", "", "bar", ""], *(figure.row() for figure in figures)],
    )
    sys.exit(0 if all(figure.held for figure in figures) else 1)


if __name__ == "__main__":
    main()
