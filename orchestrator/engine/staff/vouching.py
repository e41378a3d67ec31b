"""Who is let in because an OpenID provider vouches for them.

Somebody is known by issuer and subject, which never change. The first time, a verified address
finds the user who was added with it; nobody is added by signing in.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.staff import access
from orchestrator.engine.staff.access import Entry
from orchestrator.engine.staff.users import find
from orchestrator.store.database import lease_now
from orchestrator.store.staff import access as sessions
from orchestrator.store.staff import vouching as store
from orchestrator.store.staff.users import Person

_ASK = "whoever runs this installation adds people: `abm user add`"


class Voucher(NamedTuple):
    """What a provider says of somebody, after it was checked."""

    issuer: str
    subject: str
    email: str = ""  # only an address that the provider has verified
    proved_at: datetime | None = None  # when they last proved who they are, if it says so


def arrive(ctx: Context, state: str) -> None:
    """Use a state up; AbmError if somebody came with it before."""
    digest = hashlib.sha256(state.encode()).hexdigest()
    with ctx.db.writing() as session:
        if not store.arrive(session, digest, lease_now(session, ctx.clock)):
            raise AbmError("this sign-in has been used", "begin again")


def linked(ctx: Context, voucher: Voucher) -> Person | None:
    """Whom the provider's word is about, once they are linked."""
    with ctx.db.reading() as session:
        return store.linked(session, voucher.issuer, voucher.subject)


def invited(ctx: Context, voucher: Voucher) -> Person:
    """The one user who was added with the voucher's address and waits to be linked. AbmError if
    there is none, if there are several, and without a verified address."""
    if not voucher.email:
        raise AbmError("the provider has not verified your address", _ASK)
    with ctx.db.reading() as session:
        found = store.unlinked_at(session, voucher.issuer, voucher.email)
    if len(found) != 1:
        raise AbmError("nobody was added here with your address", _ASK)
    return found[0]


def link(ctx: Context, issuer: str, subject: str, user_id: int) -> None:
    """From now on that identity is this user. AbmError if either is linked already."""
    with ctx.db.writing() as session:
        if not store.link(session, issuer, subject, user_id, lease_now(session, ctx.clock)):
            raise AbmError(
                "that identity, or that user, is linked already",
                "`abm user identity NAME --forget` parts them",
            )


def let_in(ctx: Context, voucher: Voucher, browser: str = "") -> Entry:
    """Begin the session of whoever is linked; AbmError if nobody active is."""
    with ctx.db.writing() as session:
        person = store.linked(session, voucher.issuer, voucher.subject)
        if person is None or not person.active:
            raise AbmError("you are not let in here", _ASK)
        now = lease_now(session, ctx.clock)
        proved = min(voucher.proved_at, now) if voucher.proved_at else None
        return access.begin(session, person.id, now, browser, proved_at=proved)


def link_by_hand(ctx: Context, name: str, subject: str) -> None:
    """Link a user whose provider verifies no addresses. AbmError without a provider, for an
    unknown user, and if either is linked already."""
    issuer = ctx.settings.oidc.issuer
    if not issuer:
        raise AbmError("there is no provider", "name it: `issuer` and `client_id` of [oidc]")
    with ctx.db.reading() as session:
        user_id = find(session, name).id
    assert user_id is not None
    link(ctx, issuer, subject, user_id)


def unlink(ctx: Context, name: str) -> bool:
    """Whoever comes as that user has to be linked anew, and is signed out; whether there was a
    link. AbmError for an unknown user."""
    with ctx.db.writing() as session:
        user_id = find(session, name).id
        assert user_id is not None
        sessions.end(session, lease_now(session, ctx.clock), user_id=user_id)
        return store.unlink(session, user_id) > 0
