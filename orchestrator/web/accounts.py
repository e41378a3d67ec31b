"""Accounts: the list, and one account's story by both teams."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from accounts.errors import AbmError
from accounts.opportunities import standing
from orchestrator.drawing import layout, svg
from orchestrator.engine.pages import browsing, dossier, views
from orchestrator.engine.pages.browsing import Wanted
from orchestrator.engine.pages.dossier import Dossier, Line
from orchestrator.engine.tasks import links, notes
from orchestrator.store.pages.stories import SORTS
from orchestrator.web import marks, shared, words
from orchestrator.web.numbers import Id, Number
from orchestrator.web.permissions import May
from orchestrator.web.places import Place, named, place
from orchestrator.web.visitors import (
    PICTURE_POLICY,
    Here,
    Missing,
    Needs,
    Visitor,
    from_our_page,
)

router = APIRouter(
    prefix="/accounts", dependencies=[Depends(Needs(May.SHARED)), Depends(from_our_page)]
)
WRITES = [Depends(Needs(May.ACCOUNTS))]


class Kept(Wanted):
    """What is asked for, and the name under which it is kept."""

    name: str = ""


class Cut(BaseModel):
    """What the story of an account is cut down to: links, so that it needs no script."""

    team: str = Field(default="", max_length=20)
    sort: str = Field(default="", max_length=20)
    contact: Number | None = None
    before: str = Field(default="", max_length=80)  # as the page before named its last entry

    def but(self, **other: object) -> dict[str, object]:
        """The same with something else, from the newest entry on; what cuts nothing is left out."""
        said = self.model_dump(exclude={"before"}) | other
        return {name: value for name, value in said.items() if value}

    @property
    def place(self) -> Place | None:
        """Where the page begins; None for the newest."""
        return place(self.before)


@router.get("")
def listed(here: Visitor, wanted: Annotated[Wanted, Query()]) -> Response:
    """Accounts that fit, a page of them."""
    return _list(here, wanted)


@router.post("/views", dependencies=WRITES)
def save_view(here: Visitor, form: Annotated[Kept, Form()]) -> Response:
    """Keep what is asked for under a name."""
    wanted = Wanted(**form.model_dump(exclude={"name"}))
    query = urlencode(wanted.said_of())
    try:
        views.save(here.ctx, here.visit.user_id, "accounts", form.name, query)
    except AbmError as error:
        return _list(here, wanted, problem=str(error), status=400)
    return RedirectResponse(f"/accounts?{query}", status_code=303)


@router.post("/views/{view_id}/delete", dependencies=WRITES)
def drop_view(here: Visitor, view_id: Id) -> Response:
    """Forget one of the visitor's views."""
    try:
        views.drop(here.ctx, here.visit.user_id, view_id)
    except AbmError as error:
        raise Missing(error.reason) from error
    return RedirectResponse("/accounts", status_code=303)


def _list(here: Here, wanted: Wanted, *, problem: str = "", status: int = 200) -> Response:
    return here.page(
        "accounts", status, wanted=wanted, problem=problem,
        found=browsing.accounts(here.ctx, wanted, shared.reach(here)),
        views=views.views(here.ctx, here.visit.user_id, "accounts"),
        asked=urlencode(wanted.said_of()),
    )  # fmt: skip


@router.get("/{account_id}")
def account(here: Visitor, account_id: Id, cut: Annotated[Cut, Query()]) -> Response:
    """One account: its people, its plays, and everything that happened."""
    return _page(here, account_id, cut)


@router.post("/{account_id}/notes", dependencies=WRITES)
def note(here: Visitor, account_id: Id, text: Annotated[str, Form()] = "") -> Response:
    """Write a note; whoever it names finds it on their home page."""
    _found(here, account_id, Cut())
    try:
        notes.write(here.ctx, account_id, here.visit.user_id, text)
    except AbmError as error:
        return _page(here, account_id, Cut(), problem=str(error), draft=text, status=400)
    return RedirectResponse(f"/accounts/{account_id}#story", status_code=303)


@router.post("/{account_id}/links", dependencies=WRITES)
def link(
    here: Visitor,
    account_id: Id,
    title: Annotated[str, Form()] = "",
    url: Annotated[str, Form()] = "",
) -> Response:
    """Put a link to a file on the account."""
    _found(here, account_id, Cut())
    try:
        links.add(here.ctx, account_id, here.visit.user_id, title, url)
    except AbmError as error:
        return _page(here, account_id, Cut(), no_link=str(error), given=(title, url), status=400)
    return RedirectResponse(f"/accounts/{account_id}#links", status_code=303)


@router.post("/{account_id}/links/{link_id}/delete", dependencies=WRITES)
def unlink(here: Visitor, account_id: Id, link_id: Id) -> Response:
    """Take a link away again."""
    found = _found(here, account_id, Cut())
    if link_id not in {one.id for one in found.links}:
        raise Missing(f"there is no link {link_id} on that account")
    try:
        anybodys = here.may(May.TIDY)
        links.take(here.ctx, account_id, here.visit.user_id, link_id, anybodys=anybodys)
    except AbmError as error:
        return _page(here, account_id, Cut(), no_link=str(error), status=400)
    return RedirectResponse(f"/accounts/{account_id}#links", status_code=303)


@router.get("/{account_id}/plays/{play_id}/picture.svg")
def picture(here: Visitor, account_id: Id, play_id: Id) -> Response:
    """The account's play, with a mark on each step that it has come to."""
    shared.account(here, shared.reach(here), account_id)
    try:
        place = dossier.place(here.ctx, account_id, play_id)
    except AbmError as error:
        raise Missing(error.reason) from error
    drawn = svg(layout(place.plan), marks.of_play(place.runs, here.now))
    headers = {"Content-Security-Policy": PICTURE_POLICY}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


def _found(here: Here, account_id: int, cut: Cut) -> Dossier:
    try:
        return dossier.dossier(
            here.ctx, account_id, team=cut.team, sort=cut.sort, contact=cut.contact,
            before=cut.place,
        )  # fmt: skip
    except AbmError as error:
        raise Missing(error.reason) from error


def _page(
    here: Here, account_id: int, cut: Cut, *, problem: str = "", draft: str = "",
    no_link: str = "", given: tuple[str, str] = ("", ""), status: int = 200,
) -> Response:  # fmt: skip
    reach = shared.reach(here)
    addresses = shared.account(here, reach, account_id)
    found, anybodys = _found(here, account_id, cut), here.may(May.TIDY)
    mine = {one.id for one in found.links if anybodys or one.by_id == here.visit.user_id}
    return here.page(
        "account", status, addresses=addresses, reach=reach,
        found=found, cut=cut, more=_after(found), days=_days(here, found.lines),
        sorts=tuple(SORTS), problem=problem, draft=draft, no_link=no_link, given=given,
        mine=mine, standing=standing, currency=here.ctx.settings.workspace.currency,
    )  # fmt: skip


def _after(found: Dossier) -> str:
    """What names the place after the last entry; "" for none."""
    return named(found.more.told.at, found.more.id) if found.more else ""


def _days(here: Here, lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """The entries by day, the newest first."""
    by_day = groupby(lines, key=lambda one: words.day(one.told.at, here.visit.zone))
    return [(name, list(each)) for name, each in by_day]
