"""What the sinks' accept logs say about our tables: the oracle of every test here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select, update

from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.sweeping import sweep
from orchestrator.records import Enrollment, Touch
from orchestrator.store.database import Database
from tests.ledger.worker import WIDTH

ENDED = frozenset({"sent", "failed", "suppressed", "cancelled", "unknown"})
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Log = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Verdict:
    """The four counters, as names (key.resend) of messages; all but `unknown` must be empty."""

    duplicates: list[str]  # seen twice by the other side
    false_sent: list[str]  # we say sent, it never took it
    lost: list[str]  # it took it, we say that it did not
    open: list[str]  # forgotten: neither ended nor unknown
    unknown: list[str]
    accepted: Counter[str]

    @property
    def honest(self) -> bool:
        return not (self.duplicates or self.false_sent or self.lost or self.open)

    @property
    def unknown_accepted(self) -> int:
        return sum(name in self.accepted for name in self.unknown)

    def figures(self) -> dict[str, int]:
        """The counters, for people."""
        return {
            "messages accepted": len(self.accepted),
            "duplicates": len(self.duplicates),
            "false sent": len(self.false_sent),
            "lost": len(self.lost),
            "open": len(self.open),
            "unknown": len(self.unknown),
            "unknown and accepted": self.unknown_accepted,
        }


def mails(log: Log, domain: str = "") -> Counter[str]:
    """How often each message of a sending domain stands in an SMTP sink's log."""
    ids = (entry["message_id"].strip("<>").partition("@") for entry in log)
    return Counter(name for name, _, host in ids if host == domain or not domain)


def hooks(log: Log, path: str = "") -> Counter[str]:
    """How often each webhook shows: a receiver drops repeats of a key, if it is the same request.

    A repeat with other bytes would be another message, and counts.
    """
    requests = {
        (entry["headers"]["idempotency-key"], entry["body"])
        for entry in log
        if entry["path"] == path or not path
    }
    return Counter(key for key, _ in requests)


def touches(db: Database) -> list[Touch]:
    """All touches, oldest first."""
    with db.reading() as session:
        return sorted(session.exec(select(Touch)), key=lambda touch: touch.id or 0)


def name(touch: Touch) -> str:
    """The name of a touch's message on the outside."""
    return f"{touch.key}.{touch.resend}"


def verdict(db: Database, accepted: Counter[str]) -> Verdict:
    """Our tables against what the other side took."""
    rows = touches(db)
    by_status: dict[str, list[str]] = {}
    for row in rows:
        by_status.setdefault(row.status, []).append(name(row))
    said_sent, unknown = by_status.get("sent", []), by_status.get("unknown", [])
    return Verdict(
        duplicates=[one for one, times in accepted.items() if times > 1],
        false_sent=[one for one in said_sent if one not in accepted],
        lost=[one for one in accepted if one not in {*said_sent, *unknown}],
        open=[name(row) for row in rows if row.status not in ENDED],
        unknown=unknown,
        accepted=accepted,
    )


def lapse(db: Database) -> None:
    """The lease of every process on this database runs out, without the waiting."""
    with db.writing() as session:
        for table in (Touch, Enrollment):
            held = col(table.lease_until).is_not(None)
            session.connection().execute(update(table).where(held).values(lease_until=LONG_AGO))


def finish(ctx: Context, *, width: int = WIDTH, seconds: float = 20) -> None:
    """What a process that starts afresh does: sweep and deliver until every touch has ended.

    Business time moves on only while nothing is due, so that what was put off comes back.
    """
    assert isinstance(ctx.clock, ManualClock)
    give_up = time.monotonic() + seconds
    while any(row.status not in ENDED for row in touches(ctx.db)):
        assert time.monotonic() < give_up, [(row.id, row.status) for row in touches(ctx.db)]
        sweep(ctx)
        if deliver(ctx, width=width).claimed == 0:
            ctx.clock.advance(timedelta(minutes=5))
            time.sleep(0.02)
