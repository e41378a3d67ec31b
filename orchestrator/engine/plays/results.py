"""How well a playbook works: what came of each step, split and template."""

from __future__ import annotations

from typing import NamedTuple

from orchestrator.engine.context import Context
from orchestrator.store.plays import results as store
from orchestrator.store.plays.results import Done, Sent


class Results(NamedTuple):
    """What became of the messages and of the tasks of a playbook, by step."""

    sent: list[Sent]
    done: list[Done]

    @property
    def rows(self) -> int:
        """How many messages and tasks that is."""
        return sum(one.planned for one in self.sent) + sum(sum(one[1:]) for one in self.done)


def results(ctx: Context, playbook: str) -> Results:
    """All that the playbook has done so far, in any of its versions."""
    with ctx.db.reading() as session:
        return Results(store.sent(session, playbook), store.done(session, playbook))
