"""How fast the pages are: 100,000 accounts, 1,000,000 activities and 100,000 open tasks, 20 people.

Each person opens one page after the other with a pause of thought between them; beside ours, in the
same run and on the same database, a bare FastAPI page with one indexed query. Then the statements
that each page costs, on a database of a hundredth of that size too, and all that a browser loads
for the first page.

    python -m benchmarks.web [--size N] [--postgresql | --url postgresql://…] [--keep FOLDER]

Without the last two it is SQLite; `--postgresql` starts a server of its own, `--url` uses yours.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event

from accounts.records import User
from benchmarks import world
from benchmarks.rig import percentile, settle, show
from orchestrator.address import told
from orchestrator.app import build
from orchestrator.engine.staff import access
from orchestrator.records import Task
from orchestrator.settings import load
from orchestrator.store.companies import log
from orchestrator.store.database import Database

PEOPLE = 20
THOUGHT = 1.0  # seconds between two pages of one person, on average
KINDS = ("queue", "task", "account", "accounts", "playbooks", "ops", "bare")

BARE = """
import sys
import uvicorn
from fastapi import FastAPI
from sqlalchemy import create_engine, text
engine = create_engine(sys.argv[1])
page = FastAPI(openapi_url=None)
@page.get("/{account_id}")
def one(account_id: int) -> dict[str, str]:
    with engine.connect() as connection:
        found = text("SELECT name FROM account WHERE id = :id")
        return {"name": connection.execute(found, {"id": account_id}).scalar() or ""}
uvicorn.run(page, port=int(sys.argv[2]), log_level="warning", access_log=False)
"""


# ---------------------------------------------------------------- the database


def populate(db: Database, size: int) -> None:
    """`size` accounts in a play, ten activities in three months and one open task each; a tenth of
    the tasks in the team's shared queue, the others among the people."""
    world.populate(db, 0)
    with db.writing() as session:
        world.insert_many(session, User, [_user(n) for n in range(1, PEOPLE + 1)])
    world.crowd(db, 1, size)
    for start in range(1, size + 1, world.CHUNK):
        ids = range(start, min(start + world.CHUNK, size + 1))
        with db.writing() as session:
            world.insert_many(session, Task, [_task(n) for n in ids])
            rows = [_activity(n, place) for n in ids for place in range(10)]
            log.write(session, rows)
    if db.dialect == "postgresql":  # which does it by itself, a minute later
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _user(n: int) -> dict[str, Any]:
    return {
        "id": n, "name": f"rep{n}", "full_name": f"Rep {n}", "team": "ops" if n == 1 else "sales",
        "role": "", "title": "", "email": f"rep{n}@us.example", "zone": "UTC", "country": "",
        "active": True, "created_at": world.NOW,
    }  # fmt: skip


def _task(n: int) -> dict[str, Any]:
    return {
        "enrollment_id": n, "account_id": n, "contact_id": n * 4 + 1, "step": "ring",
        "party_key": str(n * 4 + 1), "occurrence": 1, "purpose": "step", "kind": "call",
        "team": "sales", "assignee_id": n % PEOPLE + 1 if n // PEOPLE % 10 else None,
        "title": f"Call economic_buyer {n}", "body": "", "template": "", "variant": "",
        "status": "open", "reason": "the mail was opened", "disposition": "", "outcome": "",
        "note": "", "opened_at": world.NOW - timedelta(hours=n % 90), "done_token": "",
        "due_at": world.NOW + timedelta(hours=n % 200 - 100), "overdue": 0, "flow_run_id": "",
    }  # fmt: skip


def _activity(n: int, place: int) -> dict[str, Any]:
    return {
        "at": world.NOW - timedelta(days=9 * place + n % 9, seconds=n % 9_973),
        "id": n * 16 + place, "account_id": n, "contact_id": n * 4 + place % 4,
        "enrollment_id": n, "step": "s1",
        "kind": world.KINDS[place % len(world.KINDS)], "team": "contact",
        "text": "economic_buyer looked at the page about prices", "data": {}, "flow_run_id": "",
    }  # fmt: skip


def project(folder: Path, size: int, url: str) -> None:
    """A project whose business time stands still, on a populated database."""
    (folder / ".abm").mkdir(parents=True)
    (folder / "clock").write_text(world.NOW.isoformat())
    where = f'[database]\nurl = "{url}"\n' if url else ""
    (folder / "abm.toml").write_text(f'clock = "file:clock"\n{where}')
    db = Database(load(folder).database_url)
    populate(db, size)
    if db.dialect == "sqlite":
        settle(db, folder / ".abm/abm.db")
    db.dispose()


@contextmanager
def postgresql() -> Iterator[tuple[str, str]]:
    """The URLs of two empty databases on a server of their own, as Debian installs it."""
    from tests.support.postgres import Cluster

    cluster = Cluster(fsync="on", full_page_writes="on", shared_buffers="1GB")
    try:
        with cluster.database() as large, cluster.database() as small:
            yield large.replace("+psycopg", ""), small.replace("+psycopg", "")
    finally:
        cluster.stop()


# ---------------------------------------------------------------- people


@contextmanager
def serving(argv: list[str], log: Path) -> Iterator[None]:
    """A server as a process of its own."""
    with log.open("wb") as out:
        child = subprocess.Popen([sys.executable, *argv], stdout=out, stderr=out)
    try:
        yield
    finally:
        child.terminate()
        child.wait(20)


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    for _ in range(600):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nobody listens on port {port}")


def cookies(folder: Path) -> list[dict[str, str]]:
    """The sessions of all people; the door would let in ten of them at once."""
    app = build(load(folder))
    names = [f"rep{n}" for n in range(1, PEOPLE + 1)]
    found = [{"abm": access.by_link(app.ctx, access.link(app.ctx, one)).secret} for one in names]
    app.close()
    return found


def paths(chance: random.Random, size: int, person: int) -> dict[str, str]:
    """One page of each kind."""
    own = person - 1 + PEOPLE * chance.randrange(1, size // PEOPLE)
    return {
        "queue": "/queue", "task": f"/queue/{own}",
        "account": f"/accounts/{chance.randint(1, size)}", "accounts": "/accounts",
        "playbooks": "/playbooks", "ops": "/ops",
    }  # fmt: skip


def visit(
    address: str, bare: str, cookie: dict[str, str], person: int, size: int, seconds: float
) -> list[tuple[str, float, int]]:
    """(kind, seconds, bytes) of each page that a person opened."""
    chance, found, until = random.Random(person), [], time.monotonic() + seconds
    kinds = [one for one in KINDS if person == 1 or one != "ops"]
    time.sleep(chance.random() * THOUGHT)
    with httpx.Client(cookies=cookie, timeout=60) as client:
        while time.monotonic() < until:
            kind = chance.choice(kinds)
            here = paths(chance, size, person)
            url = f"{bare}/{chance.randint(1, size)}" if kind == "bare" else address + here[kind]
            began = time.perf_counter()
            answer = client.get(url)
            took = time.perf_counter() - began
            if answer.status_code != 200:
                raise SystemExit(f"{url} answered {answer.status_code}")
            found.append((kind, took, len(answer.content)))
            time.sleep(chance.uniform(0.5, 1.5) * THOUGHT)
    return found


def visit_once(address: str, cookie: dict[str, str], size: int) -> None:
    """Each page, by one person."""
    with httpx.Client(cookies=cookie, timeout=60) as client:
        for path in paths(random.Random(0), size, 1).values():
            client.get(address + path).raise_for_status()


def crowd(folder: Path, size: int, seconds: float) -> list[tuple[str, float, int]]:
    """All people at once, on both servers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    bare, url = f"http://127.0.0.1:{port}", load(folder).database_url
    url = url.replace("postgresql://", "postgresql+psycopg://")
    with (
        serving(["-m", "orchestrator.web.server", str(folder)], folder / "web.log"),
        serving(["-c", BARE, url, str(port)], folder / "bare.log"),
    ):
        wait_for(port)
        while not told(folder).exists():
            time.sleep(0.1)
        address = told(folder).read_text().partition(" ")[2].strip()
        known = cookies(folder)
        for _ in range(2):  # a server has been up for longer than that
            visit_once(address, known[0], size)
        with ThreadPoolExecutor(PEOPLE) as pool:
            jobs = [
                pool.submit(visit, address, bare, cookie, n, size, seconds)
                for n, cookie in enumerate(known, 1)
            ]
            return [one for job in jobs for one in job.result()]


# ---------------------------------------------------------------- statements


def statements(folder: Path, size: int) -> dict[str, tuple[int, float]]:
    """Kind -> (statements, milliseconds alone) of one page, asked in this process."""
    from starlette.testclient import TestClient

    from orchestrator.web.site import make

    app, count = build(load(folder)), [0]

    def one_more(*_: object) -> None:
        count[0] += 1

    event.listen(app.ctx.db.engine, "before_cursor_execute", one_more)
    client = TestClient(make(app), base_url="http://127.0.0.1:8400", follow_redirects=False)
    client.post(f"/sign-in/{access.link(app.ctx, 'rep1')}")
    found = {}
    for kind, path in paths(random.Random(1), size, 1).items():
        client.get(path)
        count[0], began = 0, time.perf_counter()
        client.get(path)
        found[kind] = (count[0], 1000 * (time.perf_counter() - began))
    app.close()
    return found


def first_page(folder: Path) -> int:
    """Bytes of all that a browser loads for the first page after signing in."""
    from starlette.testclient import TestClient

    from orchestrator.web.site import make

    app = build(load(folder))
    client = TestClient(make(app), base_url="http://127.0.0.1:8400")
    page = client.post(f"/sign-in/{access.link(app.ctx, 'rep2')}")
    parts = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    found = len(page.content) + sum(len(client.get(one).content) for one in parts)
    app.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=100_000, help="accounts")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--postgresql", action="store_true", help="on a server of its own")
    parser.add_argument("--url", default="", help="an empty PostgreSQL database")
    parser.add_argument("--keep", type=Path, help="a folder to populate once and to use again")
    options = parser.parse_args()
    server = postgresql() if options.postgresql else nullcontext((options.url, ""))
    with tempfile.TemporaryDirectory(prefix="abm-bench-") as name, server as (url, url_of_small):
        folder, small = options.keep or Path(name) / "large", Path(name) / "small"
        if not (folder / "abm.toml").exists():
            project(folder, options.size, url)
        project(small, max(options.size // 100, 2 * PEOPLE), url_of_small)
        few, many = statements(small, options.size // 100), statements(folder, options.size)
        opened = crowd(folder, options.size, options.seconds)
        all_of_it = first_page(folder)
        shutil.rmtree(small)
        _report(f"{options.size:,} accounts on {kind_of(folder)}", opened, few, many)
        print(f"  first page with all that it loads: {all_of_it / 1000:.0f} kB")


def kind_of(folder: Path) -> str:
    """The database of a project, as people call it."""
    return "SQLite" if load(folder).database_url.startswith("sqlite") else "PostgreSQL"


def _report(
    where: str, opened: list[tuple[str, float, int]],
    few: dict[str, tuple[int, float]], many: dict[str, tuple[int, float]],
) -> None:  # fmt: skip
    took, length = defaultdict(list), defaultdict(int)
    for kind, seconds, number in opened:
        took[kind].append(1000 * seconds)
        length[kind] = max(length[kind], number)
    rows: list[list[object]] = [
        ["page", "opened", "p50 ms", "p95 ms", "alone ms", "kB", "statements", "at 1/100"]
    ]
    for kind in KINDS:
        values, (number, alone) = took[kind] or [0.0], many.get(kind, (1, 0.0))
        rows.append([
            kind, len(took[kind]), percentile(values, 0.5), percentile(values, 0.95), alone,
            length[kind] / 1000, number, few.get(kind, (1, 0.0))[0],
        ])  # fmt: skip
    show(f"{PEOPLE} people, {where}", rows)


if __name__ == "__main__":
    main()
