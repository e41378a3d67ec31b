"""Tokens of the API: made, listed, revoked, recognised. Instants are real, as sessions' are."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.identity import clean_text
from orchestrator.engine.context import Context
from orchestrator.engine.staff.access import SEEN_EVERY
from orchestrator.engine.staff.users import find
from orchestrator.records import ApiToken
from orchestrator.store.database import lease_now
from orchestrator.store.staff import tokens as store
from orchestrator.store.staff.tokens import Token
from orchestrator.veil import Secret

PREFIX = "abm_"  # by which scanners of code and logs know one
LONGEST = 366  # days
REMEMBERED = timedelta(hours=24)  # how long a key stands for its first call


class Made(NamedTuple):
    """A new token. The secret is shown once and kept nowhere."""

    id: int
    secret: Secret


def make(
    ctx: Context, name: str, label: str, scopes: Sequence[str], *, writes: bool, days: int = 90
) -> Made:
    """A token with which a program acts as that user, as far as the scopes reach.

    AbmError for an unknown user, one who is not active, no label and too many days.
    """
    said = clean_text(label)[:100]
    if not said:
        raise AbmError("a token says what it is for", "as: the form on our web site")
    if not 1 <= days <= LONGEST:
        raise AbmError(f"a token lasts 1 to {LONGEST} days")
    secret = Secret(PREFIX + secrets.token_urlsafe(32))
    with ctx.db.writing() as session:
        user, now = find(session, name), lease_now(session, ctx.clock)
        if not user.active or user.id is None:
            raise AbmError(f"{user.name} is not active")
        row = ApiToken(
            digest=_digest(secret), user_id=user.id, label=said, scopes=sorted(set(scopes)),
            writes=writes, created_at=now, until=now + timedelta(days=days),
        )  # fmt: skip
        return Made(store.add(session, row), secret)


def tokens(ctx: Context, user_id: int | None = None) -> list[Token]:
    """A user's tokens, or everybody's, the newest first."""
    with ctx.db.reading() as session:
        return store.tokens(session, user_id)


def revoke(ctx: Context, token_id: int, user_id: int | None = None) -> None:
    """End a token at once; AbmError if there is none such (of that user, where one is named)."""
    with ctx.db.writing() as session:
        if not store.revoke(session, token_id, lease_now(session, ctx.clock), user_id):
            raise AbmError(f"there is no token {token_id}", "`abm token list` shows them all")


def caller(ctx: Context, secret: str) -> Token | None:
    """Whose token it is; None if it was revoked, is too old, or never was."""
    with ctx.db.reading() as session:
        now = lease_now(session, ctx.clock)
        found = store.valid(session, _digest(secret), now)
    if found and (found.used_at is None or now - found.used_at > SEEN_EVERY):
        with ctx.db.writing() as session:
            store.used(session, found.id, now)
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


# ---------------------------------------------------------------- calls under a key


class Answer(NamedTuple):
    """What a call was answered."""

    status: int
    body: str


class KeyTaken(AbmError):
    """The key stands for another call, or for one whose answer nobody kept."""


class Once:
    """One call under a key: whatever it changes is changed once, however often it comes.

    The key is claimed in the transaction of the first change; two calls at once cannot both.
    """

    def __init__(self, ctx: Context, user_id: int, key: str, said: bytes) -> None:
        self._ctx, self._user_id, self._key = ctx, user_id, key
        self._digest = hashlib.sha256(said).hexdigest()
        self._claimed = False

    def before(self) -> Answer | None:
        """The answer of the same call made before; KeyTaken if that was another one."""
        with self._ctx.db.reading() as session:
            since = lease_now(session, self._ctx.clock) - REMEMBERED
            found = store.call(session, self._user_id, self._key, since)
        if found is None:
            return None
        if found.digest != self._digest:
            raise KeyTaken("this key was used for another call", "make a new key for each call")
        if found.status is None:
            raise KeyTaken("this call was made, and its answer is not known (yet)", "look it up")
        return Answer(found.status, found.answer)

    def claim(self, session: Session) -> None:
        """The last thing of a transaction that changes something; KeyTaken undoes it."""
        if self._claimed:
            return
        now = lease_now(session, self._ctx.clock)
        since = now - REMEMBERED
        if not store.claim(session, self._user_id, self._key, self._digest, at=now, since=since):
            raise KeyTaken("this call is being made", "ask again in a moment")
        self._claimed = True

    def keep(self, answer: Answer) -> None:
        """Keep the answer, if anything was changed."""
        if self._claimed:
            with self._ctx.db.writing() as session:
                since = lease_now(session, self._ctx.clock) - REMEMBERED
                store.answered(session, self._user_id, self._key, *answer, since)
