"""Signing in by an OpenID provider: the way there, the way back, and out of it again.

These are links, not forms: a form of ours may lead nowhere but to us, and neither does anything
to the house. The way back counts only with the cookie of the way there, and once.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated, NamedTuple
from urllib.parse import quote, unquote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from accounts.errors import AbmError
from orchestrator.address import address
from orchestrator.engine.staff import access, vouching
from orchestrator.engine.staff.access import Entry
from orchestrator.engine.staff.auditing import note, recorded
from orchestrator.engine.staff.vouching import Voucher
from orchestrator.web import signing
from orchestrator.web.deeds import deed
from orchestrator.web.landing import local
from orchestrator.web.visitors import House, Missing, house_of

LASTS = timedelta(minutes=10)  # that somebody may spend at the provider
AT_ONCE, EVERY = 60, 1.0  # a whole office begins its day behind one address

door = APIRouter(prefix="/oidc")


@door.get("")
def go(
    request: Request, wanted: Annotated[str, Query(alias="next")] = "", fresh: bool = False
) -> Response:
    """To the provider; `next` is the page wanted afterwards, `fresh` wants a new proof."""
    from orchestrator.web import provider

    house = _may_try(request)
    trip = provider.Trip(secrets.token_urlsafe(32), _back(house))
    try:
        where = provider.start(house.ctx.settings, trip, fresh=fresh)
    except AbmError as error:
        return signing.form(request, error.reason, wanted=wanted, status=502)
    answer = RedirectResponse(where, status_code=303)
    Kept(trip.secret, fresh, local(wanted)).into(answer, house)
    return answer


@door.get("/back")
def back(request: Request, state: str = "", code: str = "", iss: str = "") -> Response:
    """From the provider, with a code for whom it let in."""
    house = _may_try(request)
    kept = Kept.of(request, house)
    try:
        voucher = _voucher(house, kept, state, code, iss)
        entry = _enter(request, house, voucher)
    except AbmError as error:
        note(house.ctx, deed(request, refused=True))
        answer = signing.form(request, error.reason, wanted=kept.wanted, status=400)
    else:
        answer = signing.let_in(request, entry.secret, kept.wanted)
    answer.delete_cookie(_cookie(house), path="/", secure=house.secure, httponly=True)
    return answer


@door.get("/leave")
def leave(request: Request) -> Response:
    """Out of the provider, too; here one is signed out before."""
    from orchestrator.web import provider

    house = _may_try(request)
    try:
        where = provider.farewell(house.ctx.settings, f"{address(house.ctx.settings)}/sign-in")
    except AbmError as error:
        return signing.form(request, error.reason, status=502)
    return RedirectResponse(where, status_code=303)


# ---------------------------------------------------------------- who comes back


def _voucher(house: House, kept: Kept, state: str, code: str, iss: str) -> Voucher:
    """What the provider says of whoever came back; AbmError unless all of it is right."""
    from orchestrator.web import provider

    ctx, oidc = house.ctx, house.ctx.settings.oidc
    trip = provider.Trip(kept.secret, _back(house))
    if not kept.secret or not secrets.compare_digest(trip.state.encode(), state.encode()):
        raise AbmError("this sign-in was not begun in this browser, or is too old", "begin again")
    vouching.arrive(ctx, state)
    if not code or iss not in ("", oidc.issuer):
        raise AbmError("the provider did not let you in")
    now = ctx.clock.lease_now()
    voucher = provider.voucher(ctx.settings, trip, code, now)
    longest = LASTS + timedelta(seconds=oidc.leeway)
    if kept.fresh and not (voucher.proved_at and now - voucher.proved_at <= longest):
        raise AbmError("the provider did not ask you again who you are", "use your password")
    return voucher


def _enter(request: Request, house: House, voucher: Voucher) -> Entry:
    """Let in whoever is known, or was added with that address and comes for the first time."""
    person = vouching.linked(house.ctx, voucher)
    if person is None:
        person = vouching.invited(house.ctx, voucher)
        linking = deed(request, person.name, person.id)._replace(action="oidc.link")
        vouching.link(recorded(house.ctx, linking), voucher.issuer, voucher.subject, person.id)
    ctx = recorded(house.ctx, deed(request, person.name, person.id))
    return vouching.let_in(ctx, voucher, request.headers.get("user-agent", ""))


# ---------------------------------------------------------------- what is kept meanwhile


class Kept(NamedTuple):
    """What the browser keeps while somebody is at the provider. Nothing in it is believed: the
    secret has to fit the state, the page is looked at again, a proof bears its own date."""

    secret: str = ""
    fresh: bool = False
    wanted: str = ""

    def into(self, answer: Response, house: House) -> None:
        """Hand it to the browser."""
        text = ".".join((self.secret, "fresh" * self.fresh, quote(self.wanted, safe="")))
        answer.set_cookie(
            _cookie(house), text, int(LASTS.total_seconds()), httponly=True,
            secure=house.secure, samesite="lax", path="/",
        )  # fmt: skip

    @classmethod
    def of(cls, request: Request, house: House) -> Kept:
        """What came back; nothing for no cookie of ours."""
        secret, _, rest = request.cookies.get(_cookie(house), "").partition(".")
        fresh, _, wanted = rest.partition(".")
        return cls(secret, bool(fresh), local(unquote(wanted)))


def _cookie(house: House) -> str:
    return f"{house.cookie}-oidc"


def _back(house: House) -> str:
    """Our address at which the provider has to know us, letter by letter."""
    return f"{address(house.ctx.settings)}/oidc/back"


def _may_try(request: Request) -> House:
    """What handlers share; Missing without a provider, AbmError after too many tries."""
    house = house_of(request)
    if not house.ctx.settings.oidc.issuer:
        raise Missing("no provider is set up")
    machine = request.client.host if request.client else ""
    if not access.may_try(house.ctx, f"oidc {machine}", at_once=AT_ONCE, every=EVERY):
        raise AbmError("too many tries", "wait a minute")
    return house
