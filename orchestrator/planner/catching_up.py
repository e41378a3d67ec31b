"""What a pause made us miss comes at the distances at which it was planned, never in a burst (5).

The first of it begins as the play goes on, each other one as long after that as it would have come
without the pause. What has grown stale meanwhile, or what its condition rules out, takes no turn.

Pure. Nothing is stored but the instant of the resume: who has begun since tells the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from orchestrator.planner.dues import due, may_be_due, opening, retry_due
from orchestrator.planner.play import Play
from orchestrator.terms import REACHES_PERSON, Party, Step

SPREAD = "spread out after the pause"


def may_have_missed(play: Play) -> bool:
    """Whether a step may still have parties that fell due before the play went on. A cheap no."""
    resumed_at = play.state.resumed_at
    return resumed_at is not None and any(
        _may_be_missed(play, step, resumed_at) for step in play.plan.steps
    )


def _may_be_missed(play: Play, step: Step, resumed_at: datetime) -> bool:
    run = play.runs.get(step.id)
    if run is None:
        return may_be_due(play, step)
    return run.status != "done" and (run.opened_at or run.due_at or resumed_at) <= resumed_at


def turn_of(play: Play, step: Step, who: str, due_at: datetime) -> datetime | None:
    """When a party that fell due in a pause may begin; None: at once, as far as this goes.

    While `play.missed` is a list, nobody's turn has come, and it learns who asked.
    """
    resumed_at = play.state.resumed_at
    if resumed_at is None or due_at > resumed_at or not _is_spread(step):
        return None
    if play.missed is not None:
        play.missed.append(due_at)
        return datetime.max.replace(tzinfo=resumed_at.tzinfo)
    at = resumed_at + (due_at - (play.first_missed or due_at))
    return opening(play, step, who, at) if at > play.now else None


def first_missed(play: Play) -> datetime | None:
    """When the first of what was missed was due, once `play.missed` knows who waits for a turn."""
    return min((*(play.missed or ()), *_begun_since(play)), default=None)


def _is_spread(step: Step) -> bool:
    """Only what reaches people can be a burst, and who asked is never kept waiting."""
    return step.kind in REACHES_PERSON and not step.answer


def _begun_since(play: Play) -> Iterator[datetime]:
    """The dues of what was missed and has begun since the play went on."""
    resumed_at = play.state.resumed_at
    assert resumed_at is not None
    for (id_, who), chain in play.chains.items():
        step = play.steps.get(id_)
        if step is None or not _is_spread(step):
            continue
        for number, party in enumerate(chain):
            if party.id and _has_begun_since(party, resumed_at):
                due_at = _due_of(play, step, who, chain, number)
                if due_at and due_at <= resumed_at:
                    yield due_at


def _has_begun_since(party: Party, resumed_at: datetime) -> bool:
    if party.table == "task":
        return party.opened_at >= resumed_at
    left = party.status in ("ready", "claimed", "sending", "sent", "unknown", "failed")
    return left and (party.ended_at is None or party.ended_at >= resumed_at)


def _due_of(play: Play, step: Step, who: str, chain: list[Party], number: int) -> datetime | None:
    if chain[number].table == "touch":
        return chain[number].opened_at  # as it was planned
    return retry_due(play, step, chain[number - 1]) if number else due(play, step, who)
