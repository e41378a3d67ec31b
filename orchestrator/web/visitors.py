"""Who is at the door: cookies, sessions, what every request has to pass, and how pages are made."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.templating import Jinja2Templates

from orchestrator.engine.context import Context
from orchestrator.engine.staff import access
from orchestrator.engine.staff.auditing import recorded
from orchestrator.store.staff.access import Visit
from orchestrator.web.deeds import deed
from orchestrator.web.masking import masked
from orchestrator.web.permissions import May, may

SAFE = ("GET", "HEAD")
# A picture brings its own style, which no page may; it is shown as an image, where nothing runs.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class SignInFirst(Exception):
    """Nobody is signed in here."""


class NotAllowed(Exception):
    """Somebody is, but may not do this; it says why."""


class Missing(Exception):
    """There is no such thing; only they are told so who may see such things at all."""


class SignInAgain(Exception):
    """Somebody is signed in, but not since a moment ago, and wants something dangerous."""


@dataclass(frozen=True, slots=True)
class House:
    """What handlers share."""

    ctx: Context
    pages: Jinja2Templates

    @property
    def secure(self) -> bool:
        """Whether people reach the pages by https."""
        return self.ctx.settings.web.address.startswith("https://")

    @property
    def cookie(self) -> str:
        """The session cookie's name. `__Host-` wants https, which loopback has not."""
        return "__Host-abm" if self.secure else "abm"

    def let_in(self, answer: Response, secret: str) -> None:
        """Hand out the session's cookie."""
        answer.set_cookie(
            self.cookie, secret, httponly=True, secure=self.secure, samesite="lax", path="/"
        )


@dataclass(frozen=True, slots=True)
class Here:
    """One request of somebody who is signed in."""

    house: House
    request: Request
    visit: Visit

    @property
    def ctx(self) -> Context:
        """What use cases get; whatever they change stands in the audit log as the visitor's. Who
        only asks for a page changes nothing."""
        if self.request.method in SAFE:
            return looking_on(self.house.ctx)
        return recorded(self.house.ctx, deed(self.request, self.visit.name, self.visit.user_id))

    @contextmanager
    def still(self) -> Iterator[Here]:
        """The same request, for a page that asks many things: all of them of one state."""
        with self.house.ctx.db.still() as db:
            house = replace(self.house, ctx=replace(self.house.ctx, db=db))
            yield replace(self, house=house)

    @property
    def now(self) -> datetime:
        """Business time."""
        return self.ctx.clock.now()

    def may(self, what: May) -> bool:
        """Whether the visitor is allowed it."""
        return may(self.visit.team, what)

    def page(
        self, name: str, status: int = 200, *, addresses: bool = False, **told: Any
    ) -> HTMLResponse:
        """The page `name`.html, with what every page wants to know. `addresses` are on it for who
        may see them, or for everybody who gets it."""
        addresses = addresses or self.may(May.PEOPLE)
        known = {
            "visit": self.visit, "now": self.now, "zone": self.visit.zone, "may": self.may,
            "csrf": self.visit.csrf, "workspace": self.ctx.settings.workspace.name,
            "addresses": addresses,
        }  # fmt: skip
        page = self.house.pages.TemplateResponse(
            self.request, f"{name}.html", known | told, status_code=status
        )
        return page if addresses else HTMLResponse(masked(bytes(page.body).decode()), status)


def looking_on(ctx: Context) -> Context:
    """The context in which nothing can be written."""
    return replace(ctx, db=ctx.db.sealed())


def house_of(request: Request) -> House:
    """What handlers share, from the site that the request reached."""
    house: House = request.app.state.house
    return house


def signed_in(request: Request) -> Here:
    """Who is asking; SignInFirst when that is nobody."""
    house = house_of(request)
    secret = request.cookies.get(house.cookie, "")
    visit = access.visitor(house.ctx, secret) if secret else None
    if visit is None:
        raise SignInFirst
    return Here(house, request, visit)


Visitor = Annotated[Here, Depends(signed_in)]


async def from_our_page(request: Request, here: Visitor) -> None:
    """What changes something comes from a form of this session, and from our own pages.

    NotAllowed otherwise. Both are asked: a browser that sends no Origin still has no token.
    """
    if request.method in SAFE:
        return
    from_here(request)
    form = await request.form()
    request.state.said = form
    token = form.get("csrf")
    if not isinstance(token, str) or not secrets.compare_digest(
        token.encode(), here.visit.csrf.encode()
    ):
        raise NotAllowed("this form is too old: open the page again")


def just_signed_in(here: Visitor) -> None:
    """A guard of what is dangerous to change: SignInAgain unless the session is young."""
    if here.request.method not in SAFE:
        just_signed_in_to_read(here)


def just_signed_in_to_read(here: Visitor) -> None:
    """The same for what is dangerous to read, too: files that leave the house."""
    if not access.is_recent(here.house.ctx, here.visit):
        raise SignInAgain


def from_here(request: Request) -> None:
    """NotAllowed when a browser says that another site sent the request."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "")
    address = house_of(request).ctx.settings.web.address
    ours = {address.rstrip("/"), f"{request.url.scheme}://{request.url.netloc}"}
    if site not in ("same-origin", "none") or (origin and origin not in ours):
        raise NotAllowed("another site sent this")


class Needs:
    """A guard: the visitor is allowed `what`, or NotAllowed."""

    def __init__(self, what: May) -> None:
        self.what = what

    def __call__(self, here: Visitor) -> None:
        """Let pass or refuse."""
        if not here.may(self.what):
            raise NotAllowed(f"{here.visit.team} may not see this")
