"""Accounts: the list, and one account's story by both teams."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from accounts.errors import AbmError
from orchestrator.engine import browsing
from orchestrator.engine.browsing import Wanted
from orchestrator.engine.reading import Entry, account_log
from orchestrator.web import words
from orchestrator.web.permissions import May
from orchestrator.web.visitors import Here, Needs, NotAllowed, Visitor

ENTRIES = 100  # of the story on one page

router = APIRouter(prefix="/accounts", dependencies=[Depends(Needs(May.ACCOUNTS))])


@router.get("")
def listed(here: Visitor, wanted: Annotated[Wanted, Query()]) -> Response:
    """Accounts that fit, a page of them."""
    found = browsing.accounts(here.ctx, wanted)
    return here.page("accounts", found=found, wanted=wanted)


@router.get("/{account_id}")
def account(here: Visitor, account_id: int, before: str = "", team: str = "") -> Response:
    """One account: its people, its plays, and everything that happened."""
    until = _instant(before)
    try:
        told = account_log(here.ctx, str(account_id), limit=ENTRIES, before=until)
    except AbmError as error:
        raise NotAllowed(error.reason) from error
    shown = [one for one in told.entries if team in ("", one.team)]
    teams = sorted({one.team for one in told.entries} - {""})
    return here.page("account", account=told, days=_days(here, shown), teams=teams, team=team)


def _days(here: Here, entries: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """The entries by day, the newest first."""
    by_day = groupby(reversed(entries), key=lambda one: words.day(one.at, here.visit.zone))
    return [(name, list(each)) for name, each in by_day]


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at if at and at.tzinfo else None
