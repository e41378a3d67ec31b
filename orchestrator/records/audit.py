"""The table of what people and programs did to the house: appended to, and nothing else."""

from datetime import datetime

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from accounts.columns import Instant, RowId


class Audit(SQLModel, table=True):
    """One deed. `digest` covers its columns and the digest of the one before: a chain.

    Triggers refuse to change or delete a row; whoever gets around them breaks the chain.
    """

    number: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )  # 1, 2, 3 … without a gap
    at: datetime = Field(sa_type=Instant)  # real time
    actor_id: int | None = Field(default=None, sa_type=RowId)
    actor: str = ""  # the user's short name; at the command line, the machine's user
    via: str = ""  # page, api, cli
    action: str  # queue.done, user add …
    object: str = ""  # task 12, playbook opener …
    detail: str = Field(default="", sa_type=Text)  # plain words of a form; never secrets or notes
    address: str = ""  # the machine that asked
    request: str = ""  # the request's id, as its answer carries it
    # HMAC-SHA-256 of the rows that the act names, when its transaction began and at its end; ""
    # where there were none, and for an act on no single object.
    before: str = ""
    after: str = ""
    digest: str = Field(unique=True)  # SHA-256


class HouseKey(SQLModel, table=True):
    """A key that this workspace made for itself, and that leaves it with the database alone."""

    __tablename__ = "house_key"

    name: str = Field(primary_key=True)  # what it is for: audit
    secret: str = Field(repr=False)
