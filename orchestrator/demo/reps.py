"""How our own people work in the demo: they call, write and close tasks, each day a bit late.

They see what `abm tasks` shows and use what it uses. What they do follows from the task, so that
every demo has the same days; one of them leaves a good part undone, as life goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from accounts.errors import AbmError
from orchestrator.calendar import next_open
from orchestrator.engine.context import Context
from orchestrator.engine.staff.users import Member
from orchestrator.engine.tasks import desk, dispositions
from orchestrator.planner.hours import working_hours
from orchestrator.store.tasks.tasks import Card
from orchestrator.terms import CalendarSpec, bucket

# By kind of task: how often of a hundred it ends so; what is left stays open.
ENDS: Mapping[str, Sequence[tuple[str, int]]] = {
    "call": (
        ("no_answer", 30), ("voicemail", 14), ("connected", 22), ("meeting_booked", 5),
        ("interested", 4), ("not_now", 4), ("not_interested", 3), ("wrong_number", 2),
        ("left_company", 1),
    ),
    "social": (("done", 86),),
    "personal_mail": (("sent", 90),),
    "hand_off": (("accepted", 80), ("declined", 8)),
    "ads": (("done", 100),),
    "content": (("done", 95),),
    "direct_mail": (("done", 95),),
    "todo": (("done", 60),),
}  # fmt: skip
NOTES = {
    "connected": "Good talk; they have the problem, no project yet.",
    "meeting_booked": "Demo next week, two of their colleagues join.",
    "not_now": "Budget is closed until the new year.",
    "declined": "No fit: they build it themselves.",
    "voicemail": "Left a message with the one question.",
}
SOONEST, LATEST = 2 * 60, 26 * 60  # minutes until somebody gets to it


class Reps:
    """Everybody of ours who closes tasks."""

    def __init__(self, ctx: Context, members: Sequence[Member]) -> None:
        self.ctx = ctx
        self._by_id = {member.id: member for member in members}
        self._of_team: dict[str, list[Member]] = {}
        for member in members:
            self._of_team.setdefault(member.team, []).append(member)

    def next_at(self) -> datetime | None:
        """When somebody gets to a task next."""
        return min((at for at, _, _ in self._plans()), default=None)

    def act(self, now: datetime) -> int:
        """Close the tasks whose time has come; how many."""
        closed = 0
        for _, task, end in sorted(plan for plan in self._plans() if plan[0] <= now):
            closed += self._close(task, end)
        return closed

    def _plans(self) -> list[tuple[datetime, Card, str]]:
        """(when, task, how it will end) of every open task that somebody will close."""
        tasks = desk.queue(self.ctx, limit=10_000)
        return [(self._begun(task), task, end) for task in tasks if (end := _end(task))]

    def _begun(self, task: Card) -> datetime:
        """When somebody gets to it: within a day, in their own working hours."""
        minutes = SOONEST + bucket("begun", _seed(task), of=LATEST - SOONEST)
        user = self._by_id.get(task.assignee_id or 0) or self._turn(task)
        hours = working_hours(CalendarSpec(), user.zone, user.country)
        return next_open(task.opened_at + timedelta(minutes=minutes), hours)

    def _close(self, task: Card, end: str) -> bool:
        user = self._by_id.get(task.assignee_id or 0) or self._turn(task)
        try:
            desk.done(
                self.ctx, task.id, user.id, end, f"demo-{task.id}",
                note=NOTES.get(end, ""), address=_found(task),
            )  # fmt: skip
        except AbmError:
            return False  # a reply or an opt-out was faster
        return True

    def _turn(self, task: Card) -> Member:
        team = self._of_team.get(task.team) or self._of_team["sales"]
        return team[bucket("turn", str(task.id), of=len(team))]


def _end(task: Card) -> str:
    """How a task will end, "" if nobody gets to it."""
    if task.purpose in ("cover", "review", "escalate"):
        return ""
    draw = bucket("end", _seed(task), of=100)
    if task.purpose == "find":
        return "done" if draw < 60 and _found(task) else ""
    kind = "hand_off" if dispositions.is_question(task) else task.kind
    for end, share in ENDS.get(kind, ()):
        if draw < share:
            return end
        draw -= share
    return ""


def _found(task: Card) -> str:
    """What a search for a number finds; profiles and addresses stay unknown."""
    if task.purpose != "find" or "phone" not in task.title:
        return ""
    return f"+1 202 555 01{bucket('found', _seed(task), of=100):02}"


def _seed(task: Card) -> str:
    """The same in every demo: row numbers may differ, steps and names do not."""
    return f"{task.account}/{task.contact}/{task.step}/{task.purpose}/{task.occurrence}"
