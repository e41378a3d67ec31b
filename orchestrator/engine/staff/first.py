"""The first of us, who lets in all others: by a token that whoever installs this reads on the
console. Nobody becomes admin by being the first to find the page."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.staff import access, passwords, users
from orchestrator.engine.staff.access import Entry
from orchestrator.records import Credential
from orchestrator.store.database import lease_now
from orchestrator.store.staff import access as ways
from orchestrator.store.staff import first as store
from orchestrator.veil import Secret

LASTS = timedelta(hours=1)
BYTES = 16  # of chance in a token


def anybody(ctx: Context) -> bool:
    """Whether there is one of us; until then nothing is served but the way in."""
    with ctx.db.reading() as session:
        return store.anybody(session)


def offer(ctx: Context) -> Secret:
    """A token for the first of us, which takes the place of the last one. It is shown once and
    kept nowhere. AbmError once there is anybody."""
    token = Secret(secrets.token_hex(BYTES))
    with ctx.db.writing() as session:
        if store.anybody(session):
            raise AbmError("somebody works here already", "`abm user link NAME` prints a way in")
        store.offer(session, _digest(token), lease_now(session, ctx.clock) + LASTS)
    return token


def is_offered(ctx: Context, token: str) -> bool:
    """Whether that token lets the first of us in now."""
    with ctx.db.reading() as session:
        return store.offered(session, _digest(token), lease_now(session, ctx.clock))


def set_up(
    ctx: Context, token: str, name: str, email: str, password: str, browser: str = ""
) -> Entry:
    """Add the first of us, an admin, and begin a session.

    AbmError for a token that is wrong, used or too old, once there is anybody, and for a name, an
    address or a password that is none; the token can then be tried again.
    """
    if not is_offered(ctx, token):
        raise _void()
    row = users.newcomer(ctx, name, "admin", email)
    names = {row.name, row.email.partition("@")[0], ctx.settings.workspace.name}
    passwords.check(password, names)
    kept = passwords.kept(password)
    with ctx.db.writing() as session:
        now = lease_now(session, ctx.clock)
        if not store.use(session, _digest(token), now):
            raise _void()
        id_ = store.add(session, row)
        if id_ is None:
            raise AbmError("somebody works here already", "`abm user link NAME` prints a way in")
        ways.set_password(session, Credential(user_id=id_, hash=kept, changed_at=now))
        return access.begin(session, id_, now, browser)


def _void() -> AbmError:
    return AbmError("this token is wrong, used or too old", "`abm user first` prints another one")


def _digest(token: str) -> str:
    return hashlib.sha256(token.strip().encode(errors="replace")).hexdigest()
