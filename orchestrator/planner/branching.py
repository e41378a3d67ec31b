"""A step that goes one of several ways, and what becomes of the steps on the others.

Pure. It is asked once, about the account, as of its due; its outcome is the name of the branch.
"""

from __future__ import annotations

from orchestrator.conditions import evaluate
from orchestrator.planner.play import Play
from orchestrator.planner.view import PartyView
from orchestrator.terms import ACCOUNT, OutcomeClass, Run, Step


def choose(play: Play, step: Step, run: Run) -> None:
    """Take the first branch whose condition holds; none if its own `when` is false."""
    at = run.opened_at
    assert at
    view = PartyView(play, ACCOUNT, at)
    wanted = step.when is None or evaluate(step.when, view)
    branches = step.branches if wanted else ()
    taken = next((one.name for one in branches if not one.when or evaluate(one.when, view)), "")
    reason = "" if taken else "no branch's condition held" if wanted else "its condition was false"
    outcome = taken or OutcomeClass.NOT_DONE
    done = run._replace(status="done", cast_ids="", done_at=at, outcome=outcome, reason=reason)
    play.put_run(done)
    kind, text = ("step.chose", f"goes on as {taken}") if taken else ("step.skipped", reason)
    play.note(kind, step.id, ACCOUNT, f"{step.id}: {text}")


def is_open_to(play: Play, step: Step) -> bool:
    """Whether the step's branch was taken; one of another branch ends here, without a beginning."""
    within = step.within
    if within is None:
        return True
    chosen = play.runs.get(within.choose)
    if chosen is None or chosen.done_at is None:
        return False
    if chosen.outcome == within.branch:
        return True
    reason = f"{within.choose} did not go on as {within.branch}"
    ended = Run(step.id, "done", None, reason, "", None, chosen.done_at, OutcomeClass.NOT_DONE)
    play.put_run(ended)
    play.note("step.skipped", step.id, ACCOUNT, f"{step.id}: {reason}")
    return False
