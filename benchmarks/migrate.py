"""How long 10,000 accounts take to move to another version of their playbook.

    python -m benchmarks.migrate [--accounts N]

They stand in the middle of a play of ten steps. The new version waits longer before each of them,
and calls one otherwise. Seconds of this process's own processor time, and by the clock.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.world import NOW, PLAYBOOK, populate
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.plays import migrating
from orchestrator.language import canonical, check, digest
from orchestrator.records import PlaybookVersion
from orchestrator.settings import Settings
from orchestrator.store.database import Database

LONGER = PLAYBOOK.replace("3 business days", "4 business days").replace(
    "id: s9\n", "id: last\n    was: s9\n"
)


def main() -> None:
    """Print how many moved, and the seconds of the preview and of the move."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--accounts", type=int, default=10_000)
    number = said.parse_args().accounts
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/abm.db")
        populate(database, number, due=0, activities=0)
        _apply(database)
        ctx = Context(database, ManualClock(NOW), Settings(project=Path(folder)), {})
        for dry_run in (True, False):
            started, before = perf_counter(), getrusage(RUSAGE_SELF).ru_utime
            done = migrating.migrate(ctx, "bench", to=2, dry_run=dry_run)
            spent = getrusage(RUSAGE_SELF).ru_utime - before
            what = "preview" if dry_run else "move"
            print(
                f"{what}: {len(done.accounts):,} of {number:,} accounts, "
                f"{spent:.1f} s of CPU, {perf_counter() - started:.1f} s by the clock"
            )
        database.dispose()


def _apply(database: Database) -> None:
    plan = check(LONGER, "bench.yaml", None).sound()
    with database.writing() as session:
        session.add(
            PlaybookVersion(
                playbook="bench", number=2, digest=digest(plan), format=1, source=LONGER,
                canonical=canonical(plan), created_at=NOW,
            )
        )  # fmt: skip


if __name__ == "__main__":
    main()
