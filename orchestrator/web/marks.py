"""What pictures of playbooks say beside the plan: where one account is, or how many are where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from orchestrator.drawing import Mark
from orchestrator.store.pages.stories import Run
from orchestrator.terms import OutcomeClass
from orchestrator.web import words

_STYLES = {"done": "done", "open": "now", "held": "held"}


def of_play(runs: Mapping[str, Run], now: datetime) -> dict[str, Mark]:
    """A mark for each step that a play has come to: `done: reached`, `held`, `in 2 days`."""
    return {step: Mark(said(one, now), _STYLES.get(one.status, "plain"))
            for step, one in runs.items()}  # fmt: skip


def said(run: Run, now: datetime) -> str:
    """How a play stands in a step, in a few words."""
    if run.outcome == OutcomeClass.NOT_DONE:
        return "passed over"
    if run.status == "done":
        return f"done: {run.outcome.replace('_', ' ')}" if run.outcome else "done"
    if run.status == "waiting" and run.due_at:
        return words.ago(run.due_at, now)
    return "now" if run.status == "open" else run.status


_COUNTED = ("held", "open", "waiting", "done")  # in the order of what one looks for first


def of_playbook(standing: Mapping[str, Mapping[str, int]]) -> dict[str, Mark]:
    """How many accounts are where: `3 held, 12 open, 4 waiting`."""
    found = {}
    for step, counts in standing.items():
        said = [f"{counts[name]:,} {name}" for name in _COUNTED if counts.get(name)]
        style = "held" if counts.get("held") else "now" if counts.get("open") else "plain"
        if said:
            found[step] = Mark(", ".join(said), style)
    return found
