"""Tables of plays: playbooks and their versions, enrollments, and where each one stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from accounts.columns import Instant, RowId

LIVE = text("status IN ('active', 'paused')")
APPLIED = text("base_id IS NULL")
RESTING = text("status IN ('waiting', 'paused')")
# Waiting for its turn, or until a date; without one it waits until the account's live play ends.
IN_TURN = text("status = 'waiting' AND next_due_at IS NOT NULL")


class Playbook(SQLModel, table=True):
    """The name under which versions are stored, and its one switch."""

    name: str = Field(primary_key=True)
    title: str = ""
    # New enrollments take this version; running ones stay with theirs.
    current: int = 0
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    pause_reason: str = ""
    paused_until: datetime | None = Field(default=None, sa_type=Instant)
    # When one of its waiting enrollments may start: asked so often that it is not worked out anew.
    next_start_at: datetime | None = Field(default=None, sa_type=Instant)
    # The steps of `once` whose tasks were opened.
    told: list[str] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class PlaybookVersion(SQLModel, table=True):
    """One immutable version: the source as written and its canonical form.

    One with a `base` is that version for plays that moved to it under way: what had begun by then
    keeps its old definition. It goes by the base's number and is in nobody's list.
    """

    __tablename__ = "playbook_version"
    __table_args__ = (
        Index(
            "playbook_version_number", "playbook", "number", unique=True,
            sqlite_where=APPLIED, postgresql_where=APPLIED,
        ),
        Index("playbook_version_digest", "playbook", "digest"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    playbook: str = Field(foreign_key="playbook.name")
    number: int
    digest: str
    format: int
    source: str = Field(sa_type=Text)
    # The texts of the groups of steps that the source includes, by name.
    groups: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    canonical: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = ""
    base_id: int | None = Field(default=None, foreign_key="playbook_version.id", sa_type=RowId)


class AgreementVersion(SQLModel, table=True):
    """One version of what marketing and sales agreed in writing."""

    __tablename__ = "agreement_version"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    digest: str = Field(unique=True)
    source: str = Field(sa_type=Text)
    canonical: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Instant)


class Enrollment(SQLModel, table=True):
    """One account's run through a pinned playbook version.

    waiting <-> active <-> paused -> ended; at most one live (active or paused) per account.
    A claim raises `fence` and sets `owner` and `lease_until`; who writes must still hold it.
    """

    __table_args__ = (
        Index(
            "enrollment_live", "account_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE
        ),
        Index(
            "enrollment_due",
            "next_due_at",
            sqlite_where=text("status = 'active'"),
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "enrollment_woken",
            "woken_at",
            sqlite_where=text("woken_at IS NOT NULL"),
            postgresql_where=text("woken_at IS NOT NULL"),
        ),
        Index(
            "enrollment_waiting",
            "playbook",
            "priority",
            "waiting_since",
            "account_id",
            sqlite_where=IN_TURN,
            postgresql_where=IN_TURN,
        ),
        Index(
            "enrollment_resting",
            "playbook",
            "next_due_at",
            sqlite_where=IN_TURN,
            postgresql_where=IN_TURN,
        ),
        Index(
            "enrollment_paused",
            "next_due_at",
            sqlite_where=text("status = 'paused'"),
            postgresql_where=text("status = 'paused'"),
        ),
        Index(
            "enrollment_reason",
            "playbook",
            "reason",
            sqlite_where=RESTING,
            postgresql_where=RESTING,
        ),
        # What the pages count, too: without these columns each count reads all rows.
        Index("enrollment_activated", "playbook", "activated_at", "status", "goal_at"),
        Index(
            "enrollment_leased",
            "lease_until",
            sqlite_where=text("lease_until IS NOT NULL"),
            postgresql_where=text("lease_until IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    playbook: str
    version_id: int = Field(foreign_key="playbook_version.id", sa_type=RowId)
    status: str = "waiting"
    priority: int = 0
    preempt: str = ""  # "hold": a live play of lower priority waits while this one runs
    reason: str = ""  # why it waits, is held or ended, in words a rep understands
    # Which switch paused it: playbook, play (this one by hand), or "" when the account rests.
    hold: str = ""
    next_due_at: datetime | None = Field(default=None, sa_type=Instant)
    woken_at: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = 0
    owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    # Set by the event that stopped it; `keep` steps may go on until they end.
    stop_reason: str = ""
    # The account's tier when it was enrolled; a new one changes nothing for this play.
    tier: int | None = None
    waiting_since: datetime = Field(sa_type=Instant)
    activated_at: datetime | None = Field(default=None, sa_type=Instant)
    # When it last went on after a pause: what it missed by then is spread out.
    resumed_at: datetime | None = Field(default=None, sa_type=Instant)
    # When it last moved to another version: nothing that the new one asks for is due before that.
    moved_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    # When it reached what it is for, and the kind of event that did it.
    goal_at: datetime | None = Field(default=None, sa_type=Instant)
    goal: str = Field(default="", sa_column_kwargs={"default": None, "server_default": text("''")})
    outcome: str = ""  # won, lost, completed, stopped, handed_off, recycled, unreachable
    round: int = 1  # how often the account has begun this playbook by coming back
    flow_run_id: str = ""


class Invitation(SQLModel, table=True):
    """An account that is to be enrolled once its time has come: it comes back, or raised a hand.

    It is asked then what everybody is asked who is enrolled; the row is gone with the answer.
    """

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    playbook: str = Field(foreign_key="playbook.name")
    due_at: datetime = Field(sa_type=Instant, index=True)
    because: str  # in words, for the log
    round: int = 1


class SeatHolder(SQLModel, table=True):
    """A person who holds a seat of one enrollment's buying committee."""

    __tablename__ = "seat_holder"
    __table_args__ = ({"sqlite_with_rowid": False},)

    enrollment_id: int = Field(foreign_key="enrollment.id", primary_key=True, sa_type=RowId)
    seat: str = Field(primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", primary_key=True, sa_type=RowId)
    bound_at: datetime = Field(sa_type=Instant)
    left_at: datetime | None = Field(default=None, sa_type=Instant)
    left_reason: str = ""


class StepRun(SQLModel, table=True):
    """Where one enrollment stands in one step: waiting(due) -> held(reason) -> open -> done."""

    __tablename__ = "step_run"
    __table_args__ = (
        Index("step_run_held", "reason", sqlite_where=text("status = 'held'"),
              postgresql_where=text("status = 'held'")),
        {"sqlite_with_rowid": False},
    )  # fmt: skip

    enrollment_id: int = Field(foreign_key="enrollment.id", primary_key=True, sa_type=RowId)
    step: str = Field(primary_key=True)
    status: str  # waiting, held, open, done
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str = ""
    # The people it reaches, frozen when it opened: contact ids joined by commas, or "account".
    cast_ids: str = ""
    opened_at: datetime | None = Field(default=None, sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str = ""


class Stop(SQLModel, table=True):
    """Outreach that must not leave any more, written in the transaction of its event.

    `contact_id` empty means the whole account; `enrollment_id` empty means every play.
    Every intent reads the stops of its account again.
    """

    __table_args__ = (ForeignKeyConstraint(["contact_id"], ["contact.id"]),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    contact_id: int | None = Field(default=None, sa_type=RowId)
    enrollment_id: int | None = Field(default=None, foreign_key="enrollment.id", sa_type=RowId)
    reason: str
    keep: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=Instant)
    # None: for good. A date: "not now", an auto-reply.
    until: datetime | None = Field(default=None, sa_type=Instant)
    lifted_at: datetime | None = Field(default=None, sa_type=Instant)


class Expense(SQLModel, table=True):
    """What one party of a step costs, from its opening on. It counts while a touch or a task of the
    party stands that was not cancelled, skipped or refused."""

    enrollment_id: int = Field(foreign_key="enrollment.id", primary_key=True, sa_type=RowId)
    step: str = Field(primary_key=True)
    party_key: str = Field(primary_key=True)
    occurrence: int = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)  # in hundredths of the workspace's currency
