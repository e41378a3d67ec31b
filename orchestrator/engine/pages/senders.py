"""How each mailbox of ours fares: today against its limit, what came back, what was complained of.

The thresholds are those at which providers begin to put a sender's mail aside: 0.3 % complaints is
what Google and Yahoo name, 5 % of mails that come back is where relays close an account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orchestrator.engine.context import Context
from orchestrator.engine.running.mailboxes import box_of
from orchestrator.pacing import Box
from orchestrator.store.pages import senders as store
from orchestrator.store.pages.senders import Failure, Fared
from orchestrator.store.running import mailboxes
from orchestrator.store.staff import users

DAY, NEAR, FAR = timedelta(days=1), timedelta(days=7), timedelta(days=30)
ENOUGH = 50  # mails: of fewer, a share says nothing
BOUNCES, COMPLAINTS = (2.0, 5.0), (0.1, 0.3)  # per cent: from where on we warn, and where it is bad


class Share(NamedTuple):
    """How many of the mails that were tried fared so."""

    number: int
    of: int

    @property
    def rate(self) -> float:
        """Per cent."""
        return 100 * self.number / self.of if self.of else 0.0


class Span(NamedTuple):
    """What became of a mailbox's mails in one span of time. `refused` are those of which the
    server said no for another reason than an address that does not exist."""

    days: int
    bounced: Share
    refused: Share
    complained: Share


@dataclass(frozen=True, slots=True)
class Health:
    """One mailbox. `limit` is today's, None without one; `kind` is ok, warn or bad, and `words`
    say what is wrong and what to do."""

    mailbox: str
    today: int
    limit: int | None
    spans: tuple[Span, ...]
    failure: Failure | None
    kind: str = "ok"
    words: str = ""


def health(ctx: Context) -> list[Health]:
    """Every mailbox from which something left in 30 days, the worst first."""
    now, zone = ctx.clock.now(), ctx.settings.workspace.zone
    with ctx.db.reading() as session:
        since = {"today": _midnight(now, zone), "near": now - NEAR, "far": now - FAR}
        fared = store.fared(session, **since)
        failures = store.failures(session, now - FAR)
        complaints = store.complaints(session, now - FAR)
        rows = mailboxes.since(session, (now - 2 * DAY).date())
        people = {one.id: one for one in users.everybody(session) if one.email}
    counted = {(box, day): sent for box, day, sent in rows}
    found = []
    for one in fared:
        user = people.get(one.sender_id)
        address = (user.email if user else ctx.settings.mail.sender).casefold()
        box = box_of(ctx.settings.mail, address, (user and user.zone) or zone)
        sent, limit = _today(box, counted, now) if box else (one.today, None)
        angry = [at >= now - NEAR for sender, at in complaints if sender == one.sender_id]
        spans = _spans(one, sum(angry), len(angry))
        failure = failures.get(one.sender_id)
        found.append(Health(address or "no mailbox", sent, limit, spans, failure, *judge(spans)))
    return sorted(found, key=lambda one: (_WORST.index(one.kind), one.mailbox))


def _today(box: Box, counted: Mapping[tuple[str, str], int], now: datetime) -> tuple[int, int]:
    day = box.day(now)
    return counted.get((box.address, day.isoformat()), 0), box.limit(day)


_WORST = ("bad", "warn", "ok")


def judge(spans: tuple[Span, ...]) -> tuple[str, str]:
    """(ok, warn or bad; what is wrong and what to do, in words): the worst that a span tells."""
    found = sorted(_findings(spans), key=lambda one: _WORST.index(one[0]))
    return found[0] if found else ("ok", "")


def _findings(spans: tuple[Span, ...]) -> Iterator[tuple[str, str]]:
    for span in spans:
        for share, limits, what, mend in (
            (span.bounced, BOUNCES, "came back", "check the list before more goes out"),
            (span.complained, COMPLAINTS, "were complained of", "write to fewer, who know us"),
        ):
            passed = [limit for limit in limits if share.rate >= limit]
            if passed and share.of >= ENOUGH:
                kind = "bad" if len(passed) == len(limits) else "warn"
                said = f"{share.number} of {share.of} mails {what} in {span.days} days"
                said += f" ({share.rate:.1f} %, from {passed[-1]:g} % on it is "
                yield kind, f"{said}{'too many' if kind == 'bad' else 'a warning'}): {mend}"


def _spans(one: Fared, near: int, far: int) -> tuple[Span, ...]:
    return (
        Span(
            NEAR.days, Share(one.near_bounced, one.near_tried),
            Share(one.near_refused, one.near_tried), Share(near, one.near_tried),
        ),
        Span(
            FAR.days, Share(one.bounced, one.tried), Share(one.refused, one.tried),
            Share(far, one.tried),
        ),
    )  # fmt: skip


def _midnight(now: datetime, zone: str) -> datetime:
    there = ZoneInfo(zone)
    return datetime.combine(now.astimezone(there).date(), time.min, there).astimezone(UTC)
