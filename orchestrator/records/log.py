"""The shared activity log, the inbox of raw events, and the pulse of the flows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from accounts.columns import Instant, RowId

ASKED = text("question <> ''")
# What came of the work: a few entries in a thousand, and a month of them on one page.
CAME = text("kind IN ('reply.interested', 'meeting_booked', 'opportunity')")


class Activity(SQLModel, table=True):
    """One entry of the log that both teams share. Append-only; `data` holds ids, never addresses.

    Nothing references it and it references nothing, so it can be partitioned by month.
    """

    __table_args__ = (
        Index("activity_account", "account_id", "kind", "at", "contact_id"),
        Index(
            "activity_came", "kind", "at", "account_id", sqlite_where=CAME, postgresql_where=CAME
        ),
        {"sqlite_with_rowid": False},
    )

    at: datetime = Field(primary_key=True, sa_type=Instant)
    id: int = Field(primary_key=True, sa_type=BigInteger)  # clock.next_id(): ordered in time
    account_id: int | None = Field(default=None, sa_type=BigInteger)
    contact_id: int | None = Field(default=None, sa_type=BigInteger)
    enrollment_id: int | None = Field(default=None, sa_type=BigInteger)
    step: str = ""
    kind: str  # touch.sent, task.opened, reply.interested, hold … (terms.ActivityKind)
    team: str = ""  # marketing, sales, customer; contact for what came from outside; engine
    actor_id: int | None = Field(default=None, sa_type=BigInteger)
    text: str = Field(default="", sa_type=Text)  # one line that a rep understands
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    flow_run_id: str = ""


class Inbox(SQLModel, table=True):
    """A raw event from outside, kept whole before anybody understands it."""

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index("inbox_status", "status"),
        Index("inbox_question", "question", sqlite_where=ASKED, postgresql_where=ASKED),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    source: str
    source_id: str
    kind: str
    at: datetime = Field(sa_type=Instant)  # when it happened, as the source says
    received_at: datetime = Field(sa_type=Instant)
    # stored (to be applied), applied, unmatched, unknown_kind, rejected
    status: str = "stored"
    reason: str = ""
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    account_id: int | None = Field(default=None, sa_type=BigInteger)
    contact_id: int | None = Field(default=None, sa_type=BigInteger)
    touch_id: int | None = Field(default=None, sa_type=BigInteger)
    question: str = ""  # the digest of the review whose answer it waits for


class Tick(SQLModel, table=True):
    """The last pass of one concern (advance, deliver …): what `abm status` shows."""

    concern: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    flow_run_id: str = ""
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    error: str = ""
