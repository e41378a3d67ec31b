"""How fast due mail leaves: rendered, offered, intended, sent and recorded.

    python -m benchmarks.deliver [--mails 6000] [--rounds 3]

SQLite with synchronous=FULL, and Postfix's smtp-sink (C) on loopback at the other end. Beside it
in the same run, over one connection and without any database: what one writes with smtplib
(`send_message` of the same rendered messages), and the very same bytes by `sendmail`.
"""

from __future__ import annotations

import argparse
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.parser import BytesParser
from pathlib import Path

from sqlalchemy import text

from benchmarks import world
from benchmarks.rig import copy_of, median, settle, show, timed
from orchestrator.channels import build_channels
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.running.delivering import deliver
from orchestrator.settings import Mail, Settings
from orchestrator.store.database import Database

ROOT = Path(__file__).parents[1]
SINK = "/usr/sbin/smtp-sink"
BATCH = 500


@contextmanager
def smtp_sink() -> Iterator[int]:
    """Postfix's sink on a free loopback port; it takes everything and keeps nothing."""
    subprocess.run([ROOT / "scripts" / "get-debian", "postfix", SINK], check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([SINK, "-u", "nobody", f"127.0.0.1:{port}", "1000"])
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _await(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("smtp-sink does not listen")


def context(db: Database, folder: Path, port: int) -> Context:
    """The engine with real SMTP to the sink, and the shipped words."""
    mail = Mail(
        domain="ours.example",
        sender="team@ours.example",
        host="127.0.0.1",
        port=port,
        tls="none",
        unsubscribe="https://ours.example/u",
    )
    settings = Settings(project=folder, mail=mail)
    return Context(db, ManualClock(world.NOW), settings, build_channels(settings))


def engine(file: Path, folder: Path, port: int, width: int) -> tuple[float, dict[str, float]]:
    """Seconds until nothing is due, and what the stages took."""
    db = Database(f"sqlite:///{file}")
    ctx = context(db, folder, port)
    shares: dict[str, float] = {}

    def work() -> None:
        while (done := deliver(ctx, limit=BATCH, width=width)).claimed:
            for name, spent in done.seconds.items():
                shares[name] = shares.get(name, 0.0) + spent
            if done.counts["sent"] != done.claimed:
                raise SystemExit(f"not everything was sent: {dict(done.counts)}")

    seconds = timed(work)
    db.dispose()
    return seconds, shares


def bodies(file: Path) -> list[tuple[str, bytes]]:
    """(recipient, bytes) of everything that the engine sent."""
    db = Database(f"sqlite:///{file}")
    with db.reading() as session:
        rows = session.connection().execute(
            text(
                "SELECT c.email, b.content FROM body b JOIN touch t ON t.id = b.touch_id"
                " JOIN contact c ON c.id = t.contact_id ORDER BY b.touch_id"
            )
        )
        found = [(email, content) for email, content in rows]
    db.dispose()
    return found


def send_bytes(port: int, mails: list[tuple[str, bytes]]) -> float:
    """Seconds of smtplib's `sendmail` over one connection."""

    def work() -> None:
        with smtplib.SMTP("127.0.0.1", port, "ours.example") as smtp:
            for recipient, content in mails:
                smtp.sendmail("team@ours.example", [recipient], content)

    return timed(work)


def send_messages(port: int, mails: list[tuple[str, bytes]]) -> float:
    """Seconds of smtplib's `send_message` over one connection; the messages are built before."""
    parser = BytesParser(policy=policy.SMTP.clone(max_line_length=998))
    messages = [parser.parsebytes(content) for _, content in mails]

    def work() -> None:
        with smtplib.SMTP("127.0.0.1", port, "ours.example") as smtp:
            for message in messages:
                smtp.send_message(message)

    return timed(work)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--mails", type=int, default=6_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="abm-bench-") as name, smtp_sink() as port:
        folder = Path(name)
        file = folder / "world.db"
        db = Database(f"sqlite:///{file}")
        world.populate(db, options.mails, activities=0)
        world.plan_mail(db, folder / "templates")
        settle(db, file)
        rows: dict[str, list[float]] = {"one": [], "eight": [], "messages": [], "bytes": []}
        shares: dict[str, float] = {}
        for _ in range(options.rounds):
            with copy_of(file) as twin:
                seconds, shares = engine(twin, folder, port, 1)
                rows["one"].append(seconds)
                mails = bodies(twin)
            with copy_of(file) as twin:
                rows["eight"].append(engine(twin, folder, port, 8)[0])
            rows["messages"].append(send_messages(port, mails))
            rows["bytes"].append(send_bytes(port, mails))
    _report(options.mails, rows, shares)


def _report(mails: int, rows: dict[str, list[float]], shares: dict[str, float]) -> None:
    def line(title: str, name: str) -> list[object]:
        def beside(peer: str) -> float:
            return median([base / own for base, own in zip(rows[peer], rows[name], strict=True)])

        return [title, 60 * mails / median(rows[name]), beside("messages"), beside("bytes")]

    show(
        f"{mails:,} mails: mails a minute, medians of {len(rows['one'])}",
        [
            ["", "mails/min", "of send_message", "of sendmail"],
            line("engine, one connection", "one"),
            line("engine, eight connections", "eight"),
            line("bare smtplib, send_message", "messages"),
            line("bare smtplib, sendmail", "bytes"),
        ],
    )
    total = sum(shares.values())
    show(
        "shares on one connection",
        [["", "%"], *([name, 100 * spent / total] for name, spent in shares.items())],
    )


if __name__ == "__main__":
    main()
