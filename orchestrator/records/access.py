"""Tables of who is let in: passwords, links to sign in with, and sessions that can be ended.

Secrets are kept as digests: whoever reads the database can sign in with nothing that stands there.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from accounts.columns import Instant, RowId

ALIVE = text("ended_at IS NULL")


class Credential(SQLModel, table=True):
    """The password of one of us, as Argon2id keeps it."""

    user_id: int = Field(primary_key=True, foreign_key="app_user.id", sa_type=RowId)
    hash: str = Field(repr=False)
    changed_at: datetime = Field(sa_type=Instant)


class SignInLink(SQLModel, table=True):
    """A link that lets one of us in, once."""

    __tablename__ = "sign_in_link"

    digest: str = Field(primary_key=True)  # SHA-256 of the secret in the link
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    until: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class WebSession(SQLModel, table=True):
    """Somebody who is signed in, at one browser. Its instants are real, never virtual."""

    __tablename__ = "web_session"
    __table_args__ = (
        Index("web_session_user", "user_id", sqlite_where=ALIVE, postgresql_where=ALIVE),
    )

    digest: str = Field(primary_key=True)  # SHA-256 of the secret in the cookie
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    csrf: str = Field(repr=False)  # what every form of this session carries
    browser: str = ""  # as it calls itself, for the list of one's sessions
    started_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    # When somebody last proved to be this user; None where a provider did not say.
    proved_at: datetime | None = Field(default=None, sa_type=Instant)


class OutsideIdentity(SQLModel, table=True):
    """Whom an OpenID provider knows one of us as. Its `subject` never changes; addresses do."""

    __tablename__ = "outside_identity"
    __table_args__ = (UniqueConstraint("user_id", "issuer"),)

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    linked_at: datetime = Field(sa_type=Instant)


class Share(SQLModel, table=True):
    """An account, or a playbook, that somebody of an agency may look at."""

    __table_args__ = (
        UniqueConstraint("user_id", "account_id"),
        UniqueConstraint("user_id", "playbook"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    account_id: int | None = Field(default=None, foreign_key="account.id", sa_type=RowId)
    playbook: str | None = Field(default=None, foreign_key="playbook.name")
    addresses: bool = False  # of an account: with how its people are reached
    at: datetime = Field(sa_type=Instant)


class Arrival(SQLModel, table=True):
    """Somebody came back from the provider; nobody does twice with the same state."""

    digest: str = Field(primary_key=True)  # SHA-256 of the state
    at: datetime = Field(index=True, sa_type=Instant)


class Tries(SQLModel, table=True):
    """How often somebody tried to come in lately, at whichever process."""

    __tablename__ = "tries"

    key: str = Field(primary_key=True)  # SHA-256 of what is counted: a name, a machine
    # Seconds since 1970: when all tries are forgotten. Each try puts it off.
    until: float = Field(index=True)


class SetUp(SQLModel, table=True):
    """The one token with which the first of us comes in where nobody has an account yet."""

    __tablename__ = "set_up"

    # Always 1: a new token takes the place of the last one, and two who come at once meet here.
    id: int = Field(default=1, primary_key=True, sa_type=RowId)
    digest: str  # SHA-256 of the token
    until: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
