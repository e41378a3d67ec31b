"""Tables of the API: who may call it, and what was called under which key."""

from datetime import datetime

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field, SQLModel

from accounts.columns import Instant, RowId


class ApiToken(SQLModel, table=True):
    """What a program calls the API with, as one of us and with no more than `scopes` of it."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    digest: str = Field(unique=True)  # SHA-256 of the secret
    user_id: int = Field(foreign_key="app_user.id", index=True, sa_type=RowId)
    label: str  # what it is for
    scopes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    writes: bool = False  # whether it may change anything
    created_at: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class ApiCall(SQLModel, table=True):
    """A call that changed something under an idempotency key, and what was answered.

    Claimed in the transaction of its effect; answered once the answer is made.
    """

    __tablename__ = "api_call"

    user_id: int = Field(primary_key=True, foreign_key="app_user.id", sa_type=RowId)
    key: str = Field(primary_key=True)
    digest: str  # SHA-256 of method, path and body
    at: datetime = Field(index=True, sa_type=Instant)
    status: int | None = None
    answer: str = Field(default="", sa_type=Text)
