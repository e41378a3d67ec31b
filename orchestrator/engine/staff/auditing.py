"""The audit log: what people and programs did, in a chain that shows whether it was altered.

What a page, the API or a command does goes through `recorded`: the deed is linked in the same
transaction as its effect, so that there is no effect without its line, and no line without one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.store.database import lease_now
from orchestrator.store.pages.likeness import KINDS, likeness
from orchestrator.store.staff import audit as store
from orchestrator.store.staff.audit import START, Deed, Link

__all__ = ["KINDS", "Chain", "Deed", "Link", "entries", "everything", "note", "recorded", "verify"]


@dataclass(frozen=True, slots=True)
class Chain:
    """What verifying found: how many rows hold together, and the last of them."""

    number: int
    digest: str
    problem: str = ""  # where the chain breaks; "" for nowhere

    @property
    def head(self) -> str:
        """What to keep elsewhere: a later chain has to contain it."""
        return f"{self.number}:{self.digest}"


def recorded(ctx: Context, deed: Deed) -> Context:
    """The context in which every transaction that writes ends with a line for the deed, which
    keeps what its object was like before and after."""

    @contextmanager
    def link(session: Session) -> Iterator[None]:
        before = likeness(session, deed.kind, deed.name)
        yield
        after = likeness(session, deed.kind, deed.name)
        store.append(session, deed, lease_now(session, ctx.clock), before, after)

    return replace(ctx, db=ctx.db.within(link))


def note(ctx: Context, deed: Deed) -> None:
    """A line of its own, for what changes nothing: a refusal."""
    with recorded(ctx, deed).db.writing():
        pass


def entries(
    ctx: Context, *, limit: int = 100, before: int | None = None, said: str = ""
) -> list[Link]:
    """At most `limit` lines older than number `before`, the newest first."""
    with ctx.db.reading() as session:
        return store.newest(session, limit, before, said.strip())


def everything(ctx: Context) -> Iterator[Link]:
    """The whole log in its order."""
    with ctx.db.reading() as session:
        yield from store.chain(session)


def verify(ctx: Context, head: str = "") -> Chain:
    """Follow the chain from its start.

    `head` (as `Chain.head` gave it once) must be a part of it: without one, a log that was cut
    off at its end or written anew from some line on is a good chain, too. AbmError for no head.
    """
    number, digest = _head(head) if head else (0, START)
    last, previous = 0, START
    for row in everything(ctx):
        if row.number != last + 1:
            return Chain(last, previous, f"entry {last + 1} is missing")
        if row.digest != row.digest_after(previous):
            return Chain(last, previous, f"entry {row.number} is not what was written")
        if row.number == number and row.digest != digest:
            return Chain(last, previous, f"entry {number} is another one than the head kept")
        last, previous = row.number, row.digest
    if number > last:
        return Chain(last, previous, f"the log ends at {last}, before the head kept")
    return Chain(last, previous)


def _head(said: str) -> tuple[int, str]:
    number, _, digest = said.strip().partition(":")
    if not number.isdecimal() or len(digest) != len(START):
        raise AbmError(f"{said[:80]!r} is no head", "as `abm audit verify` printed it: 12:5f3c…")
    return int(number), digest
