"""Tables of the ledger: whatever leaves the house, at most once per message key."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from accounts.columns import Instant, RowId

COUNTED = text("status IN ('sending', 'sent', 'unknown')")
READY = text("status = 'ready'")
# What a claim may take: `ready`, and what got no clear answer and goes again under its key.
WAITING = text("(status = 'ready' OR (status = 'sending' AND owner = ''))")
LEASED = text("status IN ('claimed', 'sending')")
UNKNOWN = text("status = 'unknown'")
DRAFT = text("status = 'draft'")


class Outgoing(SQLModel):
    """The state that one claim, intent and record code moves.

    ready -> claimed -> sending -> sent | failed | unknown, or ready again after a definite
    "try later"; ready -> suppressed | cancelled when a guard says so. Ended rows never move,
    but `unknown` settles by proof.

    `sending` means that it may have left. Where the other side drops repeats, a row without a
    clear answer stays `sending`, without an owner, until it goes again; if it must not, then it
    ends as `unknown`, never as something that did not leave.
    """

    status: str = "ready"
    reason: str = ""  # why it is held, or how it ended, in words a rep understands
    due_at: datetime = Field(sa_type=Instant)
    fence: int = 0
    owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    attempt: int = 0
    # How many processes have died or hung in a row while they had it in hand.
    # The database's own default, so that whoever plans a message need not know of it.
    swept: int = Field(default=0, sa_column_kwargs={"default": None, "server_default": text("0")})
    reply: str = ""  # the last answer of the other side, shortened
    # When it may have left; empty while nothing has.
    intent_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    flow_run_id: str = ""


class Touch(Outgoing, table=True):
    """One marketing contact with one person (or a whole account): a party of a step."""

    __table_args__ = (
        UniqueConstraint("enrollment_id", "step", "party_key", "occurrence", "resend"),
        Index(
            "touch_ready", "due_at", "account_id", sqlite_where=WAITING, postgresql_where=WAITING
        ),
        Index("touch_leased", "lease_until", sqlite_where=LEASED, postgresql_where=LEASED),
        Index("touch_unknown", "intent_at", sqlite_where=UNKNOWN, postgresql_where=UNKNOWN),
        Index("touch_draft", "id", sqlite_where=DRAFT, postgresql_where=DRAFT),
        Index(
            "touch_counted", "account_id", "intent_at",
            sqlite_where=COUNTED, postgresql_where=COUNTED,
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    enrollment_id: int = Field(foreign_key="enrollment.id", sa_type=RowId)
    account_id: int = Field(foreign_key="account.id", sa_type=RowId)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", sa_type=RowId)
    step: str
    party_key: str  # the contact's id as text, or "account"
    occurrence: int = 1
    resend: int = 0
    # terms.message_key: the same for every resend. It names the enrollment and needs no index: a
    # hash would change a page of it for every touch that is planned, half of all that is written.
    key: str
    channel: str
    template: str = ""
    variant: str = ""
    sender_id: int | None = Field(default=None, foreign_key="app_user.id", sa_type=RowId)
    planned_at: datetime = Field(sa_type=Instant)
    # Past this instant it is dropped as late, never fired stale.
    late_at: datetime | None = Field(default=None, sa_type=Instant)
    # How the party ended for conditions: reached, not_done … (terms.OutcomeClass).
    outcome: str = ""
    delivered_at: datetime | None = Field(default=None, sa_type=Instant)
    opened_at: datetime | None = Field(default=None, sa_type=Instant)
    clicked_at: datetime | None = Field(default=None, sa_type=Instant)
    replied_at: datetime | None = Field(default=None, sa_type=Instant)
    bounced_at: datetime | None = Field(default=None, sa_type=Instant)


class Body(SQLModel, table=True):
    """The bytes of one message, frozen at its first intent; erasable without touching the log."""

    touch_id: int = Field(foreign_key="touch.id", primary_key=True, sa_type=RowId)
    content: bytes = Field(sa_type=LargeBinary)
    digest: str


class MailboxDay(SQLModel, table=True):
    """How many mails one of our mailboxes sent on one day of its own zone, if it has a limit."""

    __tablename__ = "mailbox_day"

    mailbox: str = Field(primary_key=True)
    day: str = Field(primary_key=True)  # ISO date
    sent: int = 0
