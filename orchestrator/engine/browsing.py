"""Looking through the accounts: a page of those that fit, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pydantic import BaseModel, Field

from accounts.identity import clean_text
from orchestrator.engine.context import Context
from orchestrator.store import browsing as store
from orchestrator.store.browsing import Line

PAGE = 50


class Wanted(BaseModel):
    """Which accounts: all that is said must fit. `after_*` is the last one of the page before."""

    said: str = Field(default="", max_length=200)  # part of the name or the domain
    tier: int = 0  # 0: every
    stage: str = ""
    play: str = ""  # a playbook that it is in now
    after_name: str = ""
    after_id: int = 0


class Choices(NamedTuple):
    """What the filters offer: values that there are."""

    stages: list[str]
    plays: list[str]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of accounts; `more` is where the next one begins, None on the last."""

    lines: list[Line]
    more: Line | None
    choices: Choices


def accounts(ctx: Context, wanted: Wanted) -> Page:
    """The accounts that fit, by name, at most `PAGE`."""
    with ctx.db.reading() as session:
        found = store.accounts(
            session, said=clean_text(wanted.said), tier=wanted.tier, stage=wanted.stage,
            play=wanted.play, after=(wanted.after_name, wanted.after_id), limit=PAGE + 1,
        )  # fmt: skip
        choices = Choices(store.stages(session), store.plays(session))
    lines = found[:PAGE]
    return Page(lines, lines[-1] if len(found) > PAGE else None, choices)
