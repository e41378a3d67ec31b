"""Who is let in: signing in with a password or with a link, sessions, and signing out.

Instants here are real (`lease_now`): nobody stays signed in, or is thrown out, because business
time jumped.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.records import User
from orchestrator.engine.context import Context
from orchestrator.engine.staff import passwords
from orchestrator.engine.staff.users import find, known_team
from orchestrator.records import Credential, SignInLink, WebSession
from orchestrator.store.database import lease_now
from orchestrator.store.staff import access as store
from orchestrator.store.staff import users
from orchestrator.store.staff.access import Presence, Visit
from orchestrator.veil import Secret

# OWASP Session Management and ASVS 3.3: an idle and an absolute end.
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)  # a read does not become a write each time
RECENT = timedelta(minutes=30)  # what is dangerous wants somebody who has just signed in
LINK_LASTS = timedelta(minutes=15)
TRIES, EVERY = 10, 6.0  # tries at once, seconds until one of them is forgotten


class Entry(NamedTuple):
    """A session that has just begun: what the cookie holds, and what forms hold."""

    secret: Secret
    csrf: Secret


# ---------------------------------------------------------------- passwords


def set_password(ctx: Context, name: str, password: str) -> None:
    """Give a user another password, and end every session that the user has.

    AbmError for an unknown user, and for a password that is too short, too long or easily guessed.
    """
    with ctx.db.reading() as session:
        user = find(session, name)
    names = {user.name, user.email.partition("@")[0], ctx.settings.workspace.name}
    passwords.check(password, names)
    kept = passwords.kept(password)
    with ctx.db.writing() as session:
        now = lease_now(session, ctx.clock)
        assert user.id is not None
        store.set_password(session, Credential(user_id=user.id, hash=kept, changed_at=now))
        store.end(session, now, user_id=user.id)


# ---------------------------------------------------------------- rights


def move(ctx: Context, name: str, team: str) -> None:
    """Put a user into another team, whose rights are others: every session of the user ends.
    AbmError for an unknown user, for no team, and for the last admin."""
    with ctx.db.writing() as session:
        admins = users.admins(session)
        user = find(session, name)
        user.team = known_team(team)
        if user.team != "admin":
            _not_the_last(user, admins)
        store.end(session, lease_now(session, ctx.clock), user_id=user.id)


def set_active(ctx: Context, name: str, active: bool) -> None:
    """Let a user in no more, or again. What lies on the desk stays there, for the team to give
    away. AbmError for an unknown user, and where the last admin would leave."""
    with ctx.db.writing() as session:
        admins = users.admins(session)
        user = find(session, name)
        if not active:
            _not_the_last(user, admins)
        user.active = active
        store.end(session, lease_now(session, ctx.clock), user_id=user.id)


def _not_the_last(user: User, admins: list[int]) -> None:
    if admins == [user.id]:
        raise AbmError(
            f"{user.name} is the last admin", "put somebody else into the team admin first"
        )


# ---------------------------------------------------------------- in and out


def may_try(ctx: Context, *keys: str, at_once: int = TRIES, every: float = EVERY) -> bool:
    """Whether somebody may try to come in once more: ten times at once, then once in six seconds,
    for each key (a name, a machine), at all processes together."""
    with ctx.db.writing() as session:
        now = lease_now(session, ctx.clock).timestamp()
        allowed = [
            store.tried(session, _digest(key), now, every=every, at_once=at_once)
            for key in sorted(keys)
        ]
    return all(allowed)


def sign_in(ctx: Context, name: str, password: str, browser: str = "") -> Entry:
    """Begin a session; AbmError alike for a wrong name, a wrong password and none."""
    with ctx.db.reading() as session:
        user = users.named(session, name.strip().casefold())
        kept = store.password_of(session, user.id) if user and user.id else ""
    if not passwords.fits(kept, password[: passwords.LONGEST + 1]):
        raise _wrong()
    if user is None or user.id is None or not user.active:
        raise _wrong()
    with ctx.db.writing() as session:
        return begin(session, user.id, lease_now(session, ctx.clock), browser)


def known(ctx: Context, name: str) -> str:
    """The name, if one of us has it; "" otherwise: people type passwords into that field."""
    with ctx.db.reading() as session:
        user = users.named(session, name.strip().casefold())
        return user.name if user else ""


def invited(ctx: Context, secret: str) -> str:
    """Whom a link lets in; "" for a link that there is not."""
    with ctx.db.reading() as session:
        return store.offered_to(session, _digest(secret))


def _wrong() -> AbmError:
    return AbmError("the name or the password is wrong", "`abm user link NAME` prints a way in")


def link(ctx: Context, name: str) -> Secret:
    """The secret of a link that lets a user in once, within a quarter of an hour.

    AbmError for an unknown user and for one who does not work here any more.
    """
    secret = Secret(secrets.token_urlsafe(32))
    with ctx.db.writing() as session:
        user = find(session, name)
        if not user.active or user.id is None:
            raise AbmError(f"{user.name} is not active")
        until = lease_now(session, ctx.clock) + LINK_LASTS
        store.offer(session, SignInLink(digest=_digest(secret), user_id=user.id, until=until))
    return secret


def by_link(ctx: Context, secret: str, browser: str = "") -> Entry:
    """Begin the session that a link promises; AbmError if it was used or is too old."""
    with ctx.db.writing() as session:
        now = lease_now(session, ctx.clock)
        user_id = store.use(session, _digest(secret), now)
        if user_id is None:
            raise AbmError("this link has been used or is too old", "`abm user link` prints one")
        return begin(session, user_id, now, browser)


def begin(session: Session, user_id: int, now: datetime, browser: str, **proved: Any) -> Entry:
    """Store a new session. `proved_at` is when the user last proved who they are, if not now."""
    entry = Entry(Secret(secrets.token_urlsafe(32)), Secret(secrets.token_urlsafe(24)))
    row = WebSession(
        digest=_digest(entry.secret), user_id=user_id, csrf=entry.csrf, browser=browser[:200],
        started_at=now, seen_at=now, **({"proved_at": now} | proved),
    )  # fmt: skip
    store.start(session, row)
    return entry


def visitor(ctx: Context, secret: str) -> Visit | None:
    """Whose session the cookie's secret is; None if it ended, or was idle or open for too long."""
    with ctx.db.reading() as session:
        now = lease_now(session, ctx.clock)
        found = store.visit(session, _digest(secret), **_fresh(now))
    if found and now - found.seen_at > SEEN_EVERY:
        with ctx.db.writing() as session:
            store.seen(session, found.digest, now)
    return found


def sessions(ctx: Context, user_id: int) -> list[Visit]:
    """Where a user is signed in, the newest first."""
    with ctx.db.reading() as session:
        return store.visits(session, user_id, **_fresh(lease_now(session, ctx.clock)))


def presence(ctx: Context) -> dict[int, Presence]:
    """When each of us was last seen, by id; nobody who never signed in."""
    with ctx.db.reading() as session:
        return store.presence(session, **_fresh(lease_now(session, ctx.clock)))


def is_recent(ctx: Context, visit: Visit) -> bool:
    """Whether its user proved a moment ago to be that: a browser left open does nothing
    dangerous, nor does one that a provider let in without asking."""
    with ctx.db.reading() as session:
        now = lease_now(session, ctx.clock)
    return visit.proved_at is not None and now - visit.proved_at <= RECENT


def leave(ctx: Context, secret: str) -> None:
    """End the session of that secret, if there is one: whoever signs in anew gets another."""
    with ctx.db.writing() as session:
        store.end(session, lease_now(session, ctx.clock), digest=_digest(secret))


def sign_out(ctx: Context, visit: Visit, *, everywhere: bool = False) -> None:
    """End a session, or all that its user has."""
    with ctx.db.writing() as session:
        now = lease_now(session, ctx.clock)
        if everywhere:
            store.end(session, now, user_id=visit.user_id)
        else:
            store.end(session, now, digest=visit.digest)


def end(ctx: Context, user_id: int, digest: str) -> None:
    """End one of a user's sessions, at whatever browser; another's stays as it is."""
    with ctx.db.writing() as session:
        store.end(session, lease_now(session, ctx.clock), user_id=user_id, digest=digest)


def end_all(ctx: Context, name: str) -> None:
    """End every session of a user. AbmError for an unknown one."""
    with ctx.db.writing() as session:
        user = find(session, name)
        store.end(session, lease_now(session, ctx.clock), user_id=user.id)


def _fresh(now: datetime) -> dict[str, datetime]:
    return {"started_after": now - LONGEST, "seen_after": now - IDLE}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
