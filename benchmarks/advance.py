"""How fast due enrollments are claimed, decided and stored.

    python -m benchmarks.advance [--size 100000] [--rounds 3] [--no-postgresql] [--no-dbos]

A cycle is one due enrollment: claimed, decided, stored. Beside it in the same run: the bare
driver replaying the same claims and rows in the same batches (without reading any facts), and
DBOS running workflows of one step. Then the shares of the stages; `waiting` has a million that
wait.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import world
from benchmarks.rig import (
    Recorder,
    copy_of,
    median,
    replay_postgresql,
    replay_sqlite,
    settle,
    show,
    timed,
)
from orchestrator.clock import ManualClock
from orchestrator.engine.advancing import Advanced, advance_all
from orchestrator.engine.context import Context
from orchestrator.settings import Settings
from orchestrator.store.database import Database

STAGES = ("claim", "facts", "plan", "write")


def context(db: Database, folder: Path) -> Context:
    """The engine on a database, at the instant for which its world was made."""
    return Context(db, ManualClock(world.NOW), Settings(project=folder), {})


def sqlite(folder: Path, size: int, rounds: int) -> None:
    """Engine and bare sqlite3 by turns, each on a fresh copy of the same file."""
    file = folder / "world.db"
    db = Database(f"sqlite:///{file}")
    print(f"populating {size:,} enrollments ...", flush=True)
    world.populate(db, size)
    settle(db, file)
    rates, ratios, last = [], [], Advanced()
    for _ in range(rounds):
        with copy_of(file) as twin:
            last, recorder, seconds = _engine(Database(f"sqlite:///{twin}"), folder)
        with copy_of(file) as twin:
            bare = replay_sqlite(twin, recorder.writes)
        rates.append((size / seconds, size / bare))
        ratios.append(bare / seconds)
    _report("SQLite, synchronous=FULL", "bare sqlite3", rates, ratios, last)


def postgresql(folder: Path, size: int, rounds: int) -> None:
    """Engine and bare psycopg by turns, on databases made from one template."""
    from tests.support.postgres import Cluster

    cluster = Cluster(fsync="on", full_page_writes="on", shared_buffers="1GB")
    try:
        print(f"populating {size:,} enrollments in PostgreSQL ...", flush=True)
        with cluster.database() as template:
            db = Database(template)
            world.populate(db, size)
            db.dispose()
            rates, ratios, last = [], [], Advanced()
            for _ in range(rounds):
                with cluster.database(template) as url:
                    last, recorder, seconds = _engine(Database(url), folder)
                with cluster.database(template) as url:
                    bare = replay_postgresql(url, recorder.writes)
                rates.append((size / seconds, size / bare))
                ratios.append(bare / seconds)
        _report("PostgreSQL, fsync on", "bare psycopg", rates, ratios, last)
    finally:
        cluster.stop()


def _engine(db: Database, folder: Path) -> tuple[Advanced, Recorder, float]:
    recorder, done = Recorder(db.engine), Advanced()

    def work() -> None:
        nonlocal done
        done = advance_all(context(db, folder))

    seconds = timed(work)
    db.dispose()
    return done, recorder, seconds


def _report(
    title: str, peer: str, rates: list[tuple[float, float]], ratios: list[float], last: Advanced
) -> None:
    ours, bare = (median(column) for column in zip(*rates, strict=True))
    show(
        f"{title}: cycles a second, medians of {len(rates)}",
        [
            ["", "cycles/s", "ratio"],
            ["engine", ours, median(ratios)],
            [peer, bare, 1.0],
        ],
    )
    total = sum(last.seconds.values())
    show(
        "shares of the stages",
        [["", "%"], *([name, 100 * last.seconds[name] / total] for name in STAGES)],
    )
    print(f"  decided {last.decided:,}; {dict(last.counts)}")


def dbos(folder: Path, number: int = 3_000) -> float:
    """Workflows of one step a second on DBOS with SQLite, its own default."""
    from dbos import DBOS, DBOSConfig

    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": f"sqlite:///{folder / 'dbos.db'}",
        "run_admin_server": False,
        "log_level": "ERROR",
    }
    DBOS(config=config)

    @DBOS.step()
    def step(n: int) -> int:
        return n + 1

    @DBOS.workflow()
    def workflow(n: int) -> int:
        return step(n)

    DBOS.launch()
    workflow(0)
    seconds = timed(lambda: [workflow(n) for n in range(number)])
    DBOS.destroy()
    return number / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-postgresql", action="store_true")
    parser.add_argument("--no-dbos", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="abm-bench-") as name:
        folder = Path(name)
        sqlite(folder, options.size, options.rounds)
        if not options.no_dbos:
            show("DBOS on SQLite", [["", "workflows/s"], ["one step", dbos(folder)]])
        if not options.no_postgresql:
            postgresql(folder, options.size, options.rounds)


if __name__ == "__main__":
    main()
