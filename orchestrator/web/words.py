"""How pages say things: times in the reader's zone, what is urgent, names of dispositions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orchestrator.engine.reading import Entry
from orchestrator.engine.sheets import Sheet
from orchestrator.store.tasks import Card

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Tag(NamedTuple):
    """A state as a word, and the class that colours it."""

    word: str
    kind: str = ""


def ago(at: datetime, now: datetime) -> str:
    """`5 min ago`, `in 3 h`, `in 2 days`."""
    size = abs(now - at)
    if size < MINUTE:
        return "now"
    if size < HOUR:
        text = f"{size // MINUTE} min"
    elif size < DAY:
        text = f"{size // HOUR} h"
    else:
        days = size // DAY
        text = f"{days} day{'s' * (days != 1)}"
    return f"{text} ago" if at < now else f"in {text}"


def stamp(at: datetime, zone: str) -> str:
    """`Tue 3 Mar 2026, 12:00` on the clock of a zone."""
    here = at.astimezone(ZoneInfo(zone or "UTC"))
    return f"{here:%a} {here.day} {here:%b %Y, %H:%M}"


def clock(at: datetime, zone: str) -> str:
    """`12:00` on the clock of a zone."""
    return f"{at.astimezone(ZoneInfo(zone or 'UTC')):%H:%M}"


def day(at: datetime, zone: str) -> str:
    """`Tuesday, 3 March 2026` in a zone."""
    here = at.astimezone(ZoneInfo(zone or "UTC"))
    return f"{here:%A}, {here.day} {here:%B %Y}"


def due(task: Card, now: datetime, zone: str) -> Tag:
    """When the task is due, as a word."""
    if task.due_at is None:
        return Tag("no date")
    if task.due_at < now:
        return Tag(f"due {ago(task.due_at, now)}", "bad")
    here = ZoneInfo(zone or "UTC")
    if task.due_at.astimezone(here).date() == now.astimezone(here).date():
        return Tag(f"today {clock(task.due_at, zone)}", "info")
    return Tag(ago(task.due_at, now))


def why_here(task: Card, now: datetime) -> str:
    """Why the task stands where it stands: the order of the queue, in words."""
    reasons = []
    if task.due_at:
        late = task.due_at < now
        reasons.append(f"it {'was' if late else 'is'} due {ago(task.due_at, now)}")
    if task.tier:
        reasons.append(f"tier {task.tier}")
    reasons.append(f"opened {ago(task.opened_at, now)}")
    return ", ".join(reasons)


_DEEDS = {
    "call": "Call",
    "social": "Reach out to",
    "personal_mail": "Write to",
    "direct_mail": "Send post to",
    "reply": "Answer",
    "find": "Find a way to reach",
    "rebook": "Find a new date with",
}


def headline(task: Card) -> str:
    """What to do, and with whom: `Call Ann Archer`."""
    deed = _DEEDS.get(task.kind if task.purpose == "step" else task.purpose)
    return f"{deed} {task.contact}" if deed and task.contact else task.title


def signal(sheet: Sheet) -> Entry | None:
    """The newest thing that came from the account itself, mostly why a step is worth its while."""
    if sheet.task.purpose != "step":
        return None
    return next((one for one in reversed(sheet.history) if one.team == "contact"), None)


def disposition(name: str) -> str:
    """`No answer`."""
    return name.replace("_", " ").capitalize()


def kind(task: Card) -> str:
    """What sort of work it is: `call`, `reply`, `hand off`."""
    return (task.kind if task.purpose == "step" else task.purpose).replace("_", " ")
