"""How fast due enrollments are claimed, decided and stored.

    python -m benchmarks.advance [--size 100000] [--rounds 3] [--no-postgresql] [--no-dbos]

A cycle is one due enrollment: claimed, decided, stored; by one process, and by two side by side
as two runners would. Beside it in the same run: the bare driver replaying the claims and rows of
the one process in the same batches (without reading any facts), and DBOS running workflows of one
step. Then the shares of the stages; `waiting` has a million that wait.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
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
from orchestrator.calendar import holiday_name
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.running.advancing import Advanced, advance_all
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
    result = Result(size)
    for _ in range(rounds):
        with copy_of(file) as twin:
            result.last, recorder, alone = _engine(Database(f"sqlite:///{twin}"), folder)
        with copy_of(file) as twin:
            together = _engines(f"sqlite:///{twin}", folder)
        with copy_of(file) as twin:
            bare = replay_sqlite(twin, recorder.writes)
        result.add(alone, together, bare)
    result.report("SQLite, synchronous=FULL", "bare sqlite3")


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
            result = Result(size)
            for _ in range(rounds):
                with cluster.database(template) as url:
                    result.last, recorder, alone = _engine(Database(url), folder)
                with cluster.database(template) as url:
                    together = _engines(url, folder)
                with cluster.database(template) as url:
                    bare = replay_postgresql(url, recorder.writes)
                result.add(alone, together, bare)
        result.report("PostgreSQL, fsync on", "bare psycopg")
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


def _engines(url: str, folder: Path, number: int = 2) -> float:
    """Seconds that several processes take together, once all of them have started."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(number + 1)
    runners = [spawn.Process(target=_run, args=(url, folder, barrier)) for _ in range(number)]
    for runner in runners:
        runner.start()
    barrier.wait()
    seconds = timed(lambda: [runner.join() for runner in runners])
    if any(runner.exitcode for runner in runners):
        raise SystemExit("a runner failed")
    return seconds


def _run(url: str, folder: Path, barrier: Barrier) -> None:
    ctx = context(Database(url), folder)
    holiday_name(world.NOW.date(), "DE")  # the import that every long-lived process has behind it
    barrier.wait()
    advance_all(ctx)
    ctx.db.dispose()


@dataclass
class Result:
    """Seconds of each round, and the shares of the last one."""

    size: int
    alone: list[float] = field(default_factory=list)
    together: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    last: Advanced = field(default_factory=Advanced)

    def add(self, alone: float, together: float, bare: float) -> None:
        """One round: one process, two of them, and the bare driver, on the same rows."""
        self.alone.append(alone)
        self.together.append(together)
        self.bare.append(bare)

    def report(self, title: str, peer: str) -> None:
        """Print rates, ratios to the bare driver, and the shares of the stages."""
        show(
            f"{title}: {self.size:,} cycles; cycles a second, medians of {len(self.bare)}",
            [
                ["", "cycles/s", "ratio"],
                self._row("engine, one process", self.alone),
                self._row("engine, two processes", self.together),
                self._row(peer, self.bare),
            ],
        )
        total = sum(self.last.seconds.values())
        show(
            "shares of the stages",
            [["", "%"], *([name, 100 * self.last.seconds[name] / total] for name in STAGES)],
        )
        print(f"  decided {self.last.decided:,}; {dict(self.last.counts)}")

    def _row(self, name: str, seconds: list[float]) -> list[object]:
        ratios = [bare / own for bare, own in zip(self.bare, seconds, strict=True)]
        return [name, self.size / median(seconds), median(ratios)]


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
