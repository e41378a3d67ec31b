"""Looking through the accounts: a page of those that fit, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import BaseModel, Field

from accounts.identity import clean_text
from orchestrator.engine.companies.sharing import Reach
from orchestrator.engine.context import Context
from orchestrator.store.pages import browsing as store
from orchestrator.store.pages.browsing import Line

PAGE = 50


class Wanted(BaseModel):
    """Which accounts: all that is said must fit. `after_*` is the last one of the page before."""

    said: str = Field(default="", max_length=200)  # part of the name or the domain
    tier: int = Field(default=0, ge=0, le=9)  # 0: every
    stage: str = Field(default="", max_length=100)
    play: str = Field(default="", max_length=100)  # a playbook that it is in now
    sort: Literal["name", "tier", "fit", "engaged"] = "name"
    after_name: str = ""
    after_value: float = Field(default=0, allow_inf_nan=False)  # where it is sorted by a number
    after_id: int = Field(default=0, ge=0, le=2**63 - 1)

    def said_of(self, **other: object) -> dict[str, object]:
        """What is asked, from the first page on; with something else, and without what is not."""
        first = {"after_name", "after_value", "after_id"}
        found = self.model_dump(exclude=first, exclude_defaults=True) | other
        return {name: value for name, value in found.items() if value}

    @property
    def after(self) -> tuple[str | float, int] | None:
        """Where the page before ended."""
        if not self.after_id:
            return None
        return (self.after_name if self.sort == "name" else self.after_value), self.after_id


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
    wanted: Wanted

    @property
    def next(self) -> dict[str, object]:
        """What asks for the page after this one, which there is."""
        assert self.more
        place = store.place(self.more, self.wanted.sort)
        name = "after_name" if self.wanted.sort == "name" else "after_value"
        return {**self.wanted.said_of(), name: place, "after_id": self.more.id}


def accounts(ctx: Context, wanted: Wanted, only: Reach | None = None) -> Page:
    """The accounts that fit, by name, at most `PAGE`; of those that were shared, if any were."""
    with ctx.db.reading() as session:
        found = store.accounts(
            session, said=clean_text(wanted.said), tier=wanted.tier, stage=wanted.stage,
            play=wanted.play, sort=wanted.sort, after=wanted.after, limit=PAGE + 1,
            only=None if only is None else only.accounts.keys(),
        )  # fmt: skip
        choices = (
            Choices(store.stages(session), store.plays(session))
            if only is None
            else Choices([], sorted(only.playbooks))
        )
    lines = found[:PAGE]
    return Page(lines, lines[-1] if len(found) > PAGE else None, choices, wanted)
