"""The table of work for people."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from accounts.columns import Instant, RowId

OPEN = text("status = 'open'")
SHARED = text("status = 'open' AND assignee_id IS NULL")
# What the order of a queue asks of each task: a long queue is sorted from its index alone, in which
# SQLite has the id by itself. By account: those are looked up next, one beside the other.
ASKED = ("account_id", "due_at", "later_at", "agreed_at", "opened_at", "purpose", "kind")
PUT_OFF = text("status = 'open' AND later_at IS NOT NULL")
BY_HAND = text("done_by IS NOT NULL")


class Task(SQLModel, table=True):
    """One piece of work for a rep or a marketer; it ends with a disposition.

    Closing is one conditional UPDATE on `status = 'open'`: whoever loses the race is told who won.
    """

    __table_args__ = (
        UniqueConstraint("enrollment_id", "step", "party_key", "occurrence", "purpose"),
        Index(
            "task_queue", "assignee_id", *ASKED, sqlite_where=OPEN, postgresql_where=OPEN,
            postgresql_include=["id"],
        ),
        Index(
            "task_shared", "team", *ASKED, sqlite_where=SHARED, postgresql_where=SHARED,
            postgresql_include=["id"],
        ),
        Index(
            "task_later", "assignee_id", "team", "later_at", sqlite_where=PUT_OFF,
            postgresql_where=PUT_OFF,
        ),
        Index("task_account", "account_id", "ended_at"),
        Index("task_done", "done_by", "ended_at", sqlite_where=BY_HAND, postgresql_where=BY_HAND),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    enrollment_id: int | None = Field(default=None, foreign_key="enrollment.id", sa_type=RowId)
    account_id: int | None = Field(default=None, foreign_key="account.id", sa_type=RowId)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", sa_type=RowId)
    step: str = ""
    party_key: str = ""
    occurrence: int = 1
    # step, approve, find, cover, escalate, reply, add_person, hand_off, rebook, review
    purpose: str = "step"
    kind: str  # call, social, personal_mail, todo, ads, content …
    team: str
    assignee_id: int | None = Field(default=None, foreign_key="app_user.id", sa_type=RowId)
    title: str
    body: str = Field(default="", sa_type=Text)
    template: str = ""
    variant: str = ""
    status: str = "open"  # open, done, skipped, cancelled
    reason: str = ""  # why it exists now, later why it was cancelled or skipped
    disposition: str = ""
    outcome: str = ""  # terms.OutcomeClass
    note: str = Field(default="", sa_type=Text)
    opened_at: datetime = Field(sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    # Not in the queue before that; the person named `agreed_at`, if there is one.
    later_at: datetime | None = Field(default=None, sa_type=Instant)
    agreed_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    done_by: int | None = Field(default=None, foreign_key="app_user.id", sa_type=RowId)
    done_token: str = ""
    # How many links of the step's `overdue` chain have fired.
    overdue: int = 0
    flow_run_id: str = ""
