"""Tables about who: companies, people, users, and what both teams agreed about them.

Rule files of this package never import this module; the engine turns rows into frozen values.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from accounts.columns import Instant, RowId

# Whose score fades: most accounts and people have none.
SCORED = text("engagement != 0")
# What lives on in another one: few ever do.
MERGED = text("merged_into IS NOT NULL")
LIVING = text("merged_into IS NULL")
# What belongs to another company.
CHILD = text("parent_id IS NOT NULL")
# What did something that is worth acting on.
STIRRED = text("moment_at IS NOT NULL")


class Account(SQLModel, table=True):
    """A company that we sell to."""

    __table_args__ = (
        Index("account_scored", "id", sqlite_where=SCORED, postgresql_where=SCORED),
        Index("account_merged", "merged_into", sqlite_where=MERGED, postgresql_where=MERGED),
        Index("account_listed", "name", "id"),
        Index("account_stage", "stage", "name", "id", sqlite_where=LIVING, postgresql_where=LIVING),
        # What a list of them is sorted by, each with the id that settles a draw.
        Index("account_tier", "tier", "id", sqlite_where=LIVING, postgresql_where=LIVING),
        Index("account_fit", "fit", "id", sqlite_where=LIVING, postgresql_where=LIVING),
        Index("account_engaged", "engagement", "id", sqlite_where=LIVING, postgresql_where=LIVING),
        Index("account_child", "parent_id", sqlite_where=CHILD, postgresql_where=CHILD),
        # With what the order of a queue asks of those accounts; a change of a score writes every
        # index of PostgreSQL in any case, since `account_engaged` holds it.
        Index(
            "account_moment", "moment_at", sqlite_where=STIRRED, postgresql_where=STIRRED,
            postgresql_include=["id", "tier", "engagement"],
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    name: str
    name_key: str = Field(default="", index=True)
    domain: str = Field(default="", index=True)
    website: str = ""
    email: str = ""  # the company's own, as info@; people have theirs
    phone: str = ""  # E.164 where the number is a possible one, else as written
    country: str = ""
    state: str = ""
    city: str = ""
    zone: str = ""
    sector: str = ""
    industry: str = ""
    market_cap: str = ""
    segment: str = Field(default="", index=True)
    lost_reason: str = ""  # of the last deal that was lost: one of lost.REASONS
    tier: int = 0
    stage: str = "identified"
    fit: float = 0.0
    engagement: float = 0.0
    # Its newest moment of interest, kept with each entry of the log that is one: a queue asks it
    # of thousands of accounts.
    moment_at: datetime | None = Field(default=None, sa_type=Instant)
    # Outreach to the whole account rests until then (a reply "not now", a hold by hand).
    paused_until: datetime | None = Field(default=None, sa_type=Instant)
    pause_reason: str = ""
    # Left untouched on purpose, to measure lift.
    holdout: bool = False
    merged_into: int | None = Field(default=None, foreign_key="account.id", sa_type=RowId)
    # The company that this one belongs to; it may have been merged into another one since.
    parent_id: int | None = Field(default=None, foreign_key="account.id", sa_type=RowId)
    # What files told beside our fields: header -> text.
    extra: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    digest: str = ""
    created_at: datetime = Field(sa_type=Instant)


class Alias(SQLModel, table=True):
    """Another name or domain by which an account is known, or a "never" that a person ruled.

    A name stands twice: as it was written, for the matcher, and as its comparable key.
    """

    __table_args__ = (UniqueConstraint("kind", "value", "account_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    # name, key, domain; row (digest of a row that was found to be it); never (a record's key);
    # apart (the id of an account with a higher one, which is never one with it)
    kind: str
    value: str
    source: str = ""
    created_at: datetime = Field(sa_type=Instant)


class Contact(SQLModel, table=True):
    """A person at an account."""

    __table_args__ = (
        Index("contact_scored", "account_id", sqlite_where=SCORED, postgresql_where=SCORED),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    name: str
    first_name: str = ""
    email: str = ""
    email_key: str = Field(default="", index=True)
    phone: str = ""
    social: str = ""
    title: str = ""
    role: str = ""
    persona: str = ""
    country: str = ""
    zone: str = ""
    language: str = ""
    engagement: float = 0.0
    consent: str = "unknown"  # unknown, granted, refused
    # The person left the company or never was the right one; history stays.
    left_at: datetime | None = Field(default=None, sa_type=Instant)
    left_reason: str = ""
    # The same person, met when two accounts became one; that row is the one that is kept.
    merged_into: int | None = Field(default=None, foreign_key="contact.id", sa_type=RowId)
    # What files told beside our fields: header -> text.
    extra: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    digest: str = ""
    created_at: datetime = Field(sa_type=Instant)


class ExternalId(SQLModel, table=True):
    """What another system calls an account or a contact; one may have ids in several systems."""

    __tablename__ = "external_id"
    __table_args__ = (UniqueConstraint("kind", "source", "value"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    kind: str  # account, contact
    source: str  # the system, as hubspot
    value: str
    account_id: int | None = Field(
        default=None, foreign_key="account.id", index=True, sa_type=RowId
    )
    contact_id: int | None = Field(
        default=None, foreign_key="contact.id", index=True, sa_type=RowId
    )
    created_at: datetime = Field(sa_type=Instant)


class User(SQLModel, table=True):
    """One of us: marketing, sales, customer team, leader, ops, admin or agency."""

    __tablename__ = "app_user"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    name: str = Field(unique=True)  # the short name on the command line
    full_name: str = ""
    email: str = ""
    team: str  # marketing, sales, customer, leader, ops, admin, agency
    role: str = ""  # the role on account teams that this user fills by default: sdr, exec …
    title: str = ""
    zone: str = "UTC"
    country: str = ""
    active: bool = True
    created_at: datetime = Field(sa_type=Instant)


class Absence(SQLModel, table=True):
    """When one of us is away, and who stands in."""

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    user_id: int = Field(foreign_key="app_user.id", index=True, sa_type=RowId)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)  # when they are back
    cover_id: int | None = Field(default=None, foreign_key="app_user.id", sa_type=RowId)
    handed_at: datetime | None = Field(default=None, sa_type=Instant)  # their open tasks went on


class AccountTeam(SQLModel, table=True):
    """Who plays which role for an account: owner, sdr, exec, marketing, agency …"""

    __tablename__ = "account_team"

    account_id: int = Field(foreign_key="account.id", primary_key=True, sa_type=RowId)
    role: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="app_user.id", index=True, sa_type=RowId)


class Nomination(SQLModel, table=True):
    """One team's proposal of an account, with its evidence."""

    __table_args__ = (UniqueConstraint("account_id", "list_name"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    account_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    list_name: str
    team: str
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    tier: int = 0
    evidence: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=Instant)


class SignOff(SQLModel, table=True):
    """A team's agreement to a list of nominated accounts; a target account has both teams'."""

    __tablename__ = "sign_off"
    __table_args__ = (UniqueConstraint("list_name", "team"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    list_name: str
    team: str
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    # Which list was signed: a later nomination is not covered by an earlier signature.
    list_digest: str
    at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)


class Suppression(SQLModel, table=True):
    """A do-not-contact rule. It is stored by the comparable key, so that erasure can keep it."""

    __table_args__ = (
        UniqueConstraint("scope", "value"),
        Index("suppression_value", "value"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    scope: str  # address, domain, account, global
    value: str  # the e-mail key, the domain, the account's id as text, or "*"
    reason: str  # unsubscribe, complaint, hard_bounce, manual, legal, erased
    source: str = ""
    at: datetime = Field(sa_type=Instant)


class ImportRun(SQLModel, table=True):
    """One committed import; the digest makes the same content a no-op."""

    __tablename__ = "import_run"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    digest: str = Field(unique=True)
    kind: str
    file: str
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=Instant)


class Review(SQLModel, table=True):
    """A question for a person: what the matcher was unsure about, an inbound record or a pair of
    accounts."""

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    digest: str = Field(unique=True)  # the record's content, or the pair: asked once
    kind: str  # account, contact, event; double (a pair of accounts)
    status: str = Field(default="open", index=True)  # open, same, new, never
    candidate_id: int | None = Field(default=None, foreign_key="account.id", sa_type=RowId)
    # The other account of a pair.
    double_id: int | None = Field(default=None, foreign_key="account.id", sa_type=RowId)
    # The contact that it may be, where only that is asked; once somebody has said so, who it is.
    person_id: int | None = Field(default=None, foreign_key="contact.id", sa_type=RowId)
    # The company as it was named, made comparable: whoever names the same one waits for the same
    # answer. "" where the answer serves this record alone.
    company: str = ""
    score: float = 0.0
    # The matcher's own, before any doubt; none where something else than the matcher asks.
    probability: float | None = None
    doubted: bool = False
    reasons: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    record: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    extra: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    source: str = ""
    at: datetime = Field(sa_type=Instant)
    # Which account it turned out to be, once somebody has said so.
    account_id: int | None = Field(default=None, foreign_key="account.id", sa_type=RowId)
    decided_by: int | None = Field(default=None, foreign_key="app_user.id", sa_type=RowId)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)


class Decision(SQLModel, table=True):
    """What a person said about one pair, and how probable it was held to be then. Append-only: the
    last word about a pair stands."""

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    kind: str  # of the question
    account_id: int = Field(foreign_key="account.id", sa_type=RowId)
    about: str  # the record's key, or the id of the other account
    answer: str  # same, new, never
    probability: float | None = None
    doubted: bool = False
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    at: datetime = Field(sa_type=Instant)


class CalibrationVersion(SQLModel, table=True):
    """By what the matcher's probabilities are corrected; the newest one holds."""

    __tablename__ = "calibration_version"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    slope: float = 1.0
    shift: float = 0.0
    doubt: float = 0.0
    report: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    at: datetime = Field(sa_type=Instant)


class Merge(SQLModel, table=True):
    """One account that lives on in another, with all that this changed, so that it can be undone.

    `changes` are in the order of writing: {"table", "key": {column: value}, "was": {column:
    value}, "made": {column: value}}; without "was" the row is new. Instants are text.
    """

    __tablename__ = "account_merge"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    survivor_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    other_id: int = Field(foreign_key="account.id", index=True, sa_type=RowId)
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    at: datetime = Field(sa_type=Instant)
    changes: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    undone_by: int | None = Field(default=None, foreign_key="app_user.id", sa_type=RowId)
    # What the undo did not take back, in words: it had changed since.
    left: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
