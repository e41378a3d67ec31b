"""How both teams do: accounts by stage, what came of the work, dues kept, and who has how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from orchestrator.engine.context import Context
from orchestrator.engine.pages import promises
from orchestrator.engine.tasks.teamwork import Desk, desks
from orchestrator.store.pages import overview as store
from orchestrator.store.pages import reports
from orchestrator.store.pages.overview import Kept, Stage
from orchestrator.store.pages.promises import Kept as Promised
from orchestrator.store.pages.reports import Reached
from orchestrator.store.tasks import notes
from orchestrator.store.tasks.notes import Word

SPAN = timedelta(days=30)
DESKS, WORDS = 40, 10  # on one page


@dataclass(frozen=True, slots=True)
class Overview:
    """The house at a glance. `came` and `came_before` count accounts, in the last 30 days and in
    the 30 before; `kept` is of the last 30 days; `goals` of each playbook, since its beginning;
    `desks` are those on which something lies, the fullest first."""

    stages: tuple[Stage, ...]
    came: Mapping[str, int]
    came_before: Mapping[str, int]
    goals: Mapping[str, Reached]
    kept: tuple[Kept, ...]
    desks: tuple[Desk, ...]
    words: tuple[Word, ...]
    owed: tuple[Promised, ...]  # how both teams keep what they owe


def overview(ctx: Context, user_id: int) -> Overview:
    """How it all stands, and the notes that name the user."""
    now = ctx.clock.now()
    owed = tuple(promises.kept(ctx))
    loaded = sorted((one for one in desks(ctx) if one.open), key=lambda one: -one.open)
    with ctx.db.reading() as session:
        return Overview(
            tuple(store.stages(session)),
            store.came(session, now - SPAN, now),
            store.came(session, now - 2 * SPAN, now - SPAN),
            reports.goals(session),
            tuple(store.kept(session, now - SPAN)),
            tuple(loaded[:DESKS]),
            tuple(notes.mentions(session, user_id, WORDS)),
            owed,
        )


def words_for(ctx: Context, user_id: int) -> list[Word]:
    """The newest notes that name the user."""
    with ctx.db.reading() as session:
        return notes.mentions(session, user_id, WORDS)
