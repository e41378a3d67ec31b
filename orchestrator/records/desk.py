"""Tables of what people keep for themselves: saved views, mentions, and the secret of a feed."""

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from accounts.columns import Instant, RowId


class SavedView(SQLModel, table=True):
    """A question about a list of pages that one of us asks again and again."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "page", "name"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    user_id: int = Field(foreign_key="app_user.id", sa_type=RowId)
    page: str  # accounts
    name: str
    query: str  # what stands behind the `?` of its address
    created_at: datetime = Field(sa_type=Instant)


class Mention(SQLModel, table=True):
    """Somebody of ours whom a note names. The note itself is an entry of the log."""

    user_id: int = Field(primary_key=True, foreign_key="app_user.id", sa_type=RowId)
    activity_id: int = Field(primary_key=True, sa_type=BigInteger)
    account_id: int = Field(foreign_key="account.id", sa_type=RowId)
    at: datetime = Field(sa_type=Instant)
    by: str  # the short name of whoever wrote it
    text: str


class Feed(SQLModel, table=True):
    """The calendar that one of us may read without signing in, as long as the secret is kept."""

    user_id: int = Field(primary_key=True, foreign_key="app_user.id", sa_type=RowId)
    digest: str = Field(unique=True)  # SHA-256 of the secret in the address
    created_at: datetime = Field(sa_type=Instant)
