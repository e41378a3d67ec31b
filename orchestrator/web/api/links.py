"""Links to files on an account."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from orchestrator.engine.tasks import links
from orchestrator.engine.tasks.links import LONGEST, LONGEST_TITLE
from orchestrator.web.api.callers import Answering, Caller, Program, Scope, once
from orchestrator.web.api.lists import one_of
from orchestrator.web.api.shapes import WRONG, Account, Page, Sent, Words
from orchestrator.web.numbers import Id
from orchestrator.web.permissions import May
from orchestrator.web.visitors import Missing

router = APIRouter(responses={**WRONG}, route_class=Answering)
READS, ONCE = Depends(Scope(May.ACCOUNTS)), Depends(once)


class Link(BaseModel):
    """A link that stands; `by` is the short name of whoever added it."""

    id: int
    at: datetime
    by: str
    title: str
    url: str


class NewLink(Sent):
    """What lies where: a plain https address."""

    title: Annotated[Words, Field(min_length=1, max_length=LONGEST_TITLE)]
    url: Annotated[Words, Field(min_length=1, max_length=LONGEST)]


class Put(BaseModel):
    """The id of the link."""

    id: int


@router.get("/accounts/{account_id}/links", dependencies=[READS])
def standing(caller: Program, account_id: Id) -> Page[Link]:
    """The links on an account, the newest first."""
    one_of(caller, "accounts", Account, account_id)
    found = links.of_account(caller.ctx, account_id)
    items = [Link(id=one.id, at=one.at, by=one.by, title=one.title, url=one.url) for one in found]
    return Page(items=items, next=None)


@router.post("/accounts/{account_id}/links", dependencies=[READS, ONCE])
def add(caller: Program, account_id: Id, said: NewLink) -> Put:
    """Put a link on an account, for both teams."""
    one_of(caller, "accounts", Account, account_id)
    return Put(id=links.add(caller.ctx, account_id, caller.token.user_id, said.title, said.url))


@router.post(
    "/accounts/{account_id}/links/{link_id}/delete", dependencies=[READS, ONCE], status_code=204
)
def take(caller: Program, account_id: Id, link_id: Id) -> None:
    """Take a link away: one's own, and with the scope `tidy` anybody's."""
    one_of(caller, "accounts", Account, account_id)
    _one(caller, account_id, link_id)
    anybodys = caller.may(May.TIDY)
    links.take(caller.ctx, account_id, caller.token.user_id, link_id, anybodys=anybodys)


def _one(caller: Caller, account_id: int, link_id: int) -> None:
    if link_id not in {one.id for one in links.of_account(caller.ctx, account_id)}:
        raise Missing(f"there is no link {link_id} on that account")
