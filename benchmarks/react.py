"""How soon a reply becomes a rep's task while everybody else is due, too.

    python -m benchmarks.react [--due 100000] [--events 60]

`abm up` as it ships (SQLite with synchronous=FULL, Prefect's server, all lanes) starts on a
database in which everything is due, and replies are dropped into its folder one by one: from the
rename into the folder to the row that a rep sees. The clock is virtual and stands still, so that
what is due is due from the first moment on.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import world
from benchmarks.rig import percentile, show
from orchestrator.clock import FileClock, SystemClock
from orchestrator.store.database import Database
from orchestrator.store.running import ticks

ABM = Path(sys.executable).with_name("abm")
TOML = """
clock = "file:clock"
[mail]
sender = "team@ours.example"
"""
PATIENCE = 120.0  # seconds for one event
TASK = "SELECT 1 FROM task WHERE account_id = ? AND purpose = 'reply'"
STOPPED = "SELECT 1 FROM enrollment WHERE account_id = ? AND status = 'ended'"


def project(folder: Path, due: int) -> Path:
    """A project in which `due` enrollments are due; the path of its database."""
    (folder / "abm.toml").write_text(TOML, "utf-8")
    FileClock(folder / "clock").set(world.NOW)
    file = folder / ".abm" / "abm.db"
    file.parent.mkdir()
    db = Database(f"sqlite:///{file}")
    world.populate(db, due, activities=5)
    words = folder / "templates" / "email" / "bench.j2"
    words.parent.mkdir(parents=True)
    words.write_text(world.WORDS, "utf-8")
    db.dispose()
    return file


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """`abm up` in the project, from the moment at which its lanes run."""
    output = folder / "up.out"
    with output.open("wb") as log:
        process = subprocess.Popen([ABM, "up"], cwd=folder, stdout=log, stderr=log)
    try:
        while "Ctrl-C" not in output.read_text("utf-8"):
            if process.poll() is not None:
                raise SystemExit(output.read_text("utf-8"))
            time.sleep(0.01)
        yield
    finally:
        process.terminate()
        process.wait(90)


def drop(folder: Path, account: int) -> float:
    """A reply from somebody at the account; when it was in the folder."""
    drops = folder / ".abm" / "drop"
    drops.mkdir(exist_ok=True)
    file = folder / f"{account}.json"
    said = {"kind": "reply.interested", "email": f"p1@c{account}.example", "text": "Call me."}
    file.write_text(json.dumps(said), "utf-8")
    os.utime(file, (0, 0))  # whole: it was written long ago
    file.rename(drops / file.name)
    return time.perf_counter()


def seen(reader: sqlite3.Connection, question: str, account: int, since: float) -> float:
    """Seconds until the question about the account finds a row."""
    while not reader.execute(question, (account,)).fetchone():
        if time.perf_counter() - since > PATIENCE:
            raise SystemExit(f"nothing came of the reply of account {account}")
        time.sleep(0.005)
    return time.perf_counter() - since


def measure(folder: Path, file: Path, due: int, events: int) -> dict[str, list[float]]:
    """For each event the seconds to its task and to its play's end, and whether others were due."""
    found: dict[str, list[float]] = {"task": [], "decided": [], "busy": []}
    db = Database(f"sqlite:///{file}")
    reader = sqlite3.connect(file, isolation_level=None)
    chance = random.Random(1)
    for account in chance.sample(range(1, due + 1), events):
        dropped = drop(folder, account)
        found["task"].append(seen(reader, TASK, account, dropped))
        found["decided"].append(seen(reader, STOPPED, account, dropped))
        with db.reading() as session:
            names = ticks.due(session, world.NOW, SystemClock().lease_now())
        found["busy"].append("advance" in names)
        time.sleep(chance.uniform(0.0, 0.4))
    reader.close()
    db.dispose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="abm-bench-") as name:
        folder = Path(name)
        file = project(folder, options.due)
        with running(folder):
            found = measure(folder, file, options.due, options.events)
    _report(options.due, found)


def _report(due: int, found: dict[str, list[float]]) -> None:
    def line(title: str, name: str, *states: bool) -> list[object]:
        pairs = zip(found[name], found["busy"], strict=True)
        values = [value for value, busy in pairs if busy in states] or [0.0]
        shares = [percentile(values, share) for share in (0.5, 0.95, 1.0)]
        return [title, len(values), *shares]

    show(
        f"seconds from a dropped reply, {due:,} due at the start",
        [
            ["", "events", "p50", "p95", "max"],
            line("to the open task, while others are due", "task", True),
            line("to the open task, all", "task", True, False),
            line("to the end of its play, while others are due", "decided", True),
        ],
    )


if __name__ == "__main__":
    main()
