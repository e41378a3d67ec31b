"""HubSpot: a sequence as `GET /automation/v4/sequences/{id}` gives it.

https://developers.hubspot.com/docs/api-reference/legacy/automation/sequences/get-sequence
Its words are not part of that answer: the API gives the ids of templates only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.tables import Table
from orchestrator.sequences import rows
from orchestrator.sequences.base import (
    DAY,
    Sequence,
    Step,
    Words,
    at,
    documents,
    items,
    meant,
    number,
    plain,
    text,
    wait,
)
from orchestrator.terms import Kind

TITLE = "HubSpot"
_MINUTE = 60_000  # milliseconds
_END = "finish enrollment"


def in_json(value: Any) -> bool:
    """Whether there are steps with an `actionType`."""
    return any(
        text(step, "actionType")
        for one in documents(value, "results")
        for step in items(one, "steps")
    )


def from_json(value: Any) -> list[Sequence]:
    """A sequence for each object with steps."""
    return [_sequence(one) for one in documents(value, "results") if items(one, "steps")]


def _sequence(own: dict[str, Any]) -> Sequence:
    settings = at(own, "settings")
    business = text(settings, "eligibleFollowUpDays") != "EVERYDAY"
    made: list[Step] = []
    places: dict[float, int] = {}  # the number of ours for theirs
    for one in sorted(items(own, "steps"), key=lambda step: number(step, "stepOrder") or 0):
        if plain(text(one, "actionType")) != _END:
            made.append(_step(one, places, business=business))
            places[number(one, "stepOrder") or 0] = len(made)
    return Sequence(
        TITLE,
        text(own, "name") or f"{TITLE} sequence {text(own, 'id')}".strip(),
        tuple(made),
        calendar=_calendar(settings),
        lost=tuple(_lost(settings)),
    )


def _step(one: dict[str, Any], places: dict[float, int], *, business: bool) -> Step:
    mail, task = at(one, "emailPattern"), at(one, "taskPattern")
    was = text(task, "taskType") or text(one, "actionType")
    kind, review, unknown = meant(was)
    waits, no_wait = wait((number(one, "delayMillis") or 0) / _MINUTE, business=business)
    pattern = mail or task
    template = text(pattern, "templateId")
    words = Words(text(pattern, "subject") if mail else "", text(pattern, "body"))
    no_words = f"template {template[:40]}: the file has only its number" if template else ""
    thread = number(pattern, "threadEmailToStepOrder")
    return Step(
        kind,
        was,
        waits,
        text(task, "subject"),
        (words,) if template or (mail and kind is Kind.EMAIL) else (),
        text(task, "notes"),
        review or bool(task and kind is Kind.EMAIL),
        places.get(thread, 0) if thread is not None else 0,
        tuple(filter(None, (unknown, no_wait, "" if words.body else no_words, *_lost_task(task)))),
    )


def _lost_task(task: Any) -> Iterator[str]:
    if (urgency := text(task, "taskPriority")) and urgency != "NONE":
        yield f"the priority {urgency[:20]}: here the account and what is due rank a task"
    if queue := text(task, "queueId"):
        yield f"the queue {queue[:40]}: here a task goes to a role of the account team"


def _calendar(settings: Any) -> str:
    """Its sending window and days as a calendar; "" where it says nothing of use."""
    start, end = (number(settings, f"sendWindow{word}Minute") for word in ("Start", "End"))
    kept = list[str]()
    if start is not None and end is not None and 0 <= start < end < DAY:
        kept.append(f'hours: "{_clock(start)}-{_clock(end)}"')
    if text(settings, "eligibleFollowUpDays") == "EVERYDAY":
        kept.append("days: mon-sun")
    return f"{{{', '.join(kept)}}}" if kept else ""


def _clock(minutes: float) -> str:
    return f"{int(minutes) // 60:02}:{int(minutes) % 60:02}"


def _lost(settings: Any) -> Iterator[str]:
    if text(settings, "sellingStrategy") == "ACCOUNT_BASED":
        yield "a reply of one person stops all of an account there; here interest does: see `stop`"


# ---------------------------------------------------------------- CSV


def in_csv(headers: frozenset[str]) -> bool:
    """Its tables speak of delays."""
    return any("delay" in header or "hubspot" in header for header in headers)


def from_csv(table: Table) -> list[Sequence]:
    """A row for each step."""
    return rows.sequences(table, TITLE, _delay)


def _delay(row: rows.Row, before: rows.Row | None) -> tuple[str, str]:
    """Bare numbers are days, unless the header says otherwise."""
    del before
    bare = rows.unit(row.header("wait"), DAY)
    return rows.length(row["wait"], bare, business=True)
