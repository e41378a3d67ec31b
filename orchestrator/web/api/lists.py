"""What programs read: accounts, contacts, the log, enrollments, and who they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from orchestrator.engine.pages import listing
from orchestrator.store.pages.listing import Row
from orchestrator.web import numbers
from orchestrator.web.api.callers import Caller, Program, Scope
from orchestrator.web.api.shapes import (
    WRONG,
    Account,
    Activity,
    Contact,
    Cursor,
    Enrollment,
    Limit,
    Moment,
    Opportunity,
    Page,
    Short,
    Tier,
    fields,
)
from orchestrator.web.numbers import Id, Number
from orchestrator.web.permissions import May
from orchestrator.web.places import Place, named, place
from orchestrator.web.visitors import Missing

Shape = TypeVar("Shape", bound=BaseModel)
READS = [Depends(Scope(May.ACCOUNTS))]

router = APIRouter(responses={**WRONG})


class Me(BaseModel):
    """Whose token calls, and what it reaches."""

    user: str
    team: str
    scopes: list[str]
    writes: bool
    until: datetime


@router.get("/me")
def me(caller: Program) -> Me:
    """Who the token is."""
    token = caller.token
    reach = [what.value for what in May if caller.may(what)]
    return Me(
        user=token.name, team=token.team, scopes=reach, writes=token.writes, until=token.until
    )


@router.get("/accounts", dependencies=READS)
def accounts(
    caller: Program, cursor: Cursor = "", limit: Limit = 50, segment: Short = "",
    tier: Tier | None = None, stage: Short = "", domain: Short = "",
) -> Page[Account]:  # fmt: skip
    """Accounts, the oldest record first."""
    return listed(
        caller, "accounts", Account, cursor, limit, segment=segment, tier=tier, stage=stage,
        domain=domain,
    )  # fmt: skip


@router.get("/accounts/{account_id}", dependencies=READS)
def account(caller: Program, account_id: Id) -> Account:
    """One account."""
    return one_of(caller, "accounts", Account, account_id)


@router.get("/accounts/{account_id}/opportunities", dependencies=READS)
def opportunities(
    caller: Program, account_id: Id, cursor: Cursor = "", limit: Limit = 50
) -> Page[Opportunity]:
    """What was told of an account's opportunities, the oldest word first."""
    one_of(caller, "accounts", Account, account_id)
    rows, more = logged(
        caller, ["id", "at", "text", "data"], cursor, limit, account_id=account_id,
        kind="opportunity",
    )  # fmt: skip
    return Page(items=[Opportunity.of(row) for row in rows], next=more)


@router.get("/contacts", dependencies=READS)
def contacts(
    caller: Program, cursor: Cursor = "", limit: Limit = 50, account_id: Number | None = None
) -> Page[Contact]:
    """People, of one account or of all; without addresses for those who may not see them."""
    page = listed(caller, "contacts", Contact, cursor, limit, account_id=account_id)
    if not caller.may(May.PEOPLE):
        page.items = [one.model_copy(update={"email": None, "phone": None}) for one in page.items]
    return page


@router.get("/activities", dependencies=READS)
def activities(
    caller: Program, cursor: Cursor = "", limit: Limit = 50, account_id: Number | None = None,
    since: Moment | None = None,
) -> Page[Activity]:  # fmt: skip
    """The log, the oldest entry first: of one account or of all, from `since` on."""
    rows, more = logged(
        caller, fields(Activity), cursor, limit, since=since, account_id=account_id
    )  # fmt: skip
    return Page(items=[Activity(**row) for row in rows], next=more)


@router.get("/enrollments", dependencies=READS)
def enrollments(
    caller: Program, cursor: Cursor = "", limit: Limit = 50, account_id: Number | None = None,
    playbook: Short = "", status: Short = "",
) -> Page[Enrollment]:  # fmt: skip
    """Accounts' runs through playbooks."""
    return listed(
        caller, "enrollments", Enrollment, cursor, limit, account_id=account_id,
        playbook=playbook, status=status,
    )  # fmt: skip


@router.get("/enrollments/{enrollment_id}", dependencies=READS)
def enrollment(caller: Program, enrollment_id: Id) -> Enrollment:
    """One account's run through a playbook."""
    return one_of(caller, "enrollments", Enrollment, enrollment_id)


# ---------------------------------------------------------------- pages


def listed(
    caller: Caller, what: str, shape: type[Shape], cursor: str, limit: int,
    reader: listing.Reader | None = None, **same: Any,
) -> Page[Shape]:  # fmt: skip
    """A page of rows by id. Missing for a cursor that no page gave."""
    rows = listing.rows(
        caller.ctx, what, fields(shape), after=number_of(cursor), limit=limit + 1, reader=reader,
        **same,
    )  # fmt: skip
    more = str(rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page(items=[shape(**row) for row in rows[:limit]], next=more)


def logged(
    caller: Caller, names: Sequence[str], cursor: str, limit: int,
    since: datetime | None = None, **same: Any,
) -> tuple[list[Row], str | None]:  # fmt: skip
    """(a page of the log, the cursor of the next one). Missing for a cursor that no page gave."""
    after = place_of(cursor) or (since or datetime.min.replace(tzinfo=UTC), 0)
    rows = listing.activities(caller.ctx, names, after=after, limit=limit + 1, **same)
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], named(last["at"], last["id"]) if last else None


def one_of(caller: Caller, what: str, shape: type[Shape], id_: int) -> Shape:
    """The row of that id; Missing if there is none."""
    rows = listing.rows(caller.ctx, what, fields(shape), id=id_)
    if not rows:
        raise Missing(f"there is no {what[:-1]} {id_}")
    return shape(**rows[0])


def number_of(cursor: str) -> int:
    """The number that a cursor names, 0 for none; Missing for what no page gave."""
    found = numbers.count(cursor or "0")
    if found is None:
        raise Missing("no page gave this cursor")
    return found


def place_of(cursor: str) -> Place | None:
    """The instant and number that a cursor names, None for none; Missing for what no page gave."""
    if cursor and not (found := place(cursor)):
        raise Missing("no page gave this cursor")
    return found if cursor else None
