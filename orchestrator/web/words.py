"""How pages say things: times in the reader's zone, what is urgent, names of dispositions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from orchestrator import ranking, sentences
from orchestrator.engine.reading import Entry
from orchestrator.engine.tasks.call_hours import BestHour
from orchestrator.engine.tasks.sheets import Mail, Sheet
from orchestrator.store.pages.coming import Coming
from orchestrator.store.tasks.tasks import Card
from orchestrator.terms import OWED as OWED  # noqa: PLC0414  pages find it here

_LINK = re.compile(r"https?://[^\s<>\"']{1,500}[^\s<>\"'.,;:!?)]")
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


def is_odd_hour(at: datetime, zone: str) -> bool:
    """Whether people there are hardly at work: at night, early, late, or on a weekend."""
    there = at.astimezone(ZoneInfo(zone or "UTC"))
    return not 8 <= there.hour < 18 or there.weekday() > 4


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


_WHY: Mapping[str, Callable[[Any, datetime], str]] = {
    "agreed": lambda one, now: f"they named this time: {ago(one.at, now)}",
    "promise": lambda one, now: f"an answer is owed, due {ago(one.at, now)}",
    "moment": lambda one, now: f"they showed interest {ago(one.at, now)}",
    "tier": lambda one, _: f"tier {one.number:.0f}",
    "score": lambda one, _: f"engagement {one.number:.0f}",
    "due": lambda one, now: f"it {'was' if one.at < now else 'is'} due {ago(one.at, now)}",
    "opened": lambda one, now: f"opened {ago(one.at, now)}",
}
_AHEAD = {
    "tier": "its account is of a higher tier",
    "score": "its account is more engaged",
    "due": "it is due earlier",
    "opened": "it has been open for longer",
}


def why_here(task: Card, tasks: Sequence[Card], now: datetime) -> str:
    """Why the task stands where it stands, in words; of the first one, what decides."""
    reasons = [_WHY[one.what](one, now) for one in ranking.why(task.standing, now)]
    if len(tasks) < 2 or tasks[0].id != task.id:
        return sentence(", ".join(reasons))
    what = ranking.ahead(task.standing, tasks[1].standing, now)
    if what == "band":
        because, *reasons = reasons
    else:
        because = _AHEAD.get(what, "it came first")
    return f"It is first because {because}. {sentence(', '.join(reasons))}"


def best_hour(one: BestHour) -> str:
    """`between 10:00 and 12:00 there: 3 of 4 calls to them were answered`."""
    whose = "calls to them" if one.theirs else "your calls"
    hours = f"between {one.begins}:00 and {one.ends}:00 there"
    return f"{hours}: {one.reached} of {one.calls} {whose} were answered"


def mail_to(address: str, mail: Mail) -> str:
    """The link that opens a message in the reader's own mail program."""
    asked = urlencode({"subject": mail.subject, "body": mail.text}, quote_via=quote)
    return f"mailto:{quote(address, safe='@')}?{asked}"


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


_REASONS = {
    "overdue: proceed": "nobody did it in time and the play went on without it; it still helps",
    "overdue: skip": "nobody did it in time",
}


def reason(task: Card) -> str:
    """Why the task is there, where the play has said so."""
    return _REASONS.get(task.reason, task.reason)


def signal(sheet: Sheet) -> Entry | None:
    """The newest thing that came from the account itself, mostly why a step is worth its while."""
    if sheet.task.purpose != "step":
        return None
    return next((one for one in reversed(sheet.history) if one.team == "contact"), None)


def sentence(text: str) -> str:
    """The same with a capital letter and a full stop; what is written inside stays as it is."""
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""


def heard(text: str) -> str:
    """What somebody did, without what it led to."""
    return text.partition("; ")[0]


def disposition(name: str) -> str:
    """`No answer`."""
    return name.replace("_", " ").capitalize()


def kind(task: Card) -> str:
    """What sort of work it is: `call`, `reply`, `hand off`."""
    return (task.kind if task.purpose == "step" else task.purpose).replace("_", " ")


# ---------------------------------------------------------------- accounts

SORTS = {
    "": "Everything",
    "messages": "Messages",
    "tasks": "Tasks",
    "heard": "From them",
    "held": "Held or dropped",
    "notes": "Notes",
    "rest": "The rest",
}


def linked(text: str) -> Iterator[tuple[str, str]]:
    """(text, the address it leads to or "") of each part of a text that people wrote."""
    end = 0
    for found in _LINK.finditer(text):
        yield text[end : found.start()], ""
        yield found[0], found[0]
        end = found.end()
    yield text[end:], ""


def host(url: str) -> str:
    """Where an address leads, for people to read before they go."""
    return urlsplit(url).netloc


def spark(values: Sequence[float], width: int = 160, height: int = 40) -> str:
    """The points of a line through the values, for `<polyline points>`: the largest is on top."""
    most = max(values, default=0.0) or 1.0
    step = width / max(len(values) - 1, 1)
    return " ".join(
        f"{n * step:.1f},{height - 2 - max(value, 0.0) / most * (height - 4):.1f}"
        for n, value in enumerate(values)
    )


def change(values: Sequence[float]) -> str:
    """`up by 12 in 4 weeks`: where the last of weekly values stands to the one of a month ago."""
    by = values[-1] - values[-5] if len(values) > 4 else 0.0
    if abs(by) < 0.5:
        return "steady for 4 weeks"
    return f"{'up' if by > 0 else 'down'} by {abs(by):.0f} in 4 weeks"


def coming(one: Coming) -> str:
    """What is to happen, in a few words: `email insight to Ann Archer`, `Call Ann Archer`."""
    if one.what == "task":
        return one.title
    kind = one.kind.replace("_", " ")
    return f"{kind} {one.title}" + (f" to {one.who}" if one.who else "")


def long_date(on: date) -> str:
    """`Tue 3 March 2026`."""
    return f"{on:%a} {on.day} {on:%B %Y}"


def money(amount: Decimal, currency: str) -> str:
    """`4,500 EUR`."""
    return sentences.money(amount, currency)


STATES = {"New": "wait", "Up": "ok", "Late": "warn", "Down": "bad"}  # of a concern


def span(length: timedelta) -> str:
    """`30 s`, `2 min`, `4 h`, `3 days`: a length of time, in the largest unit that fits."""
    for unit, name in ((DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if length >= unit:
            return f"{length / unit:g} {'day' if length == DAY else name}"
    return f"{length.total_seconds():.0f} s"


def seconds(number: float) -> str:
    """`3 h`: the same of seconds, roughly."""
    length = timedelta(seconds=number)
    unit = next((one for one in (DAY, HOUR, MINUTE) if length >= one), timedelta(seconds=1))
    return span(length // unit * unit)
