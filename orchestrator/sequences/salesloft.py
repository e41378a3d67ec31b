"""Salesloft: a cadence as `GET /v2/cadence_exports/{id}` gives it and cadence imports take it.

https://developers.salesloft.com/docs/platform/cadence-imports/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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
    text,
    wait,
)
from orchestrator.terms import Kind

TITLE = "Salesloft"


def in_json(value: Any) -> bool:
    """Whether there is cadence content in it."""
    return any(items(one, "cadence_content") for one in documents(value, "data"))


def from_json(value: Any) -> list[Sequence]:
    """A sequence for each document."""
    return [_sequence(one) for one in documents(value, "data") if items(one, "cadence_content")]


def _sequence(document: dict[str, Any]) -> Sequence:
    content = at(document, "cadence_content")
    settings = at(content, "settings") or at(document, "settings")
    groups = sorted(items(content, "step_groups"), key=lambda one: number(one, "day") or 1)
    clerk = _Clerk()
    for group in groups:
        clerk.take(group)
    return Sequence(
        TITLE,
        text(settings, "name") or f"{TITLE} cadence {text(content, 'cadence_id')}".strip(),
        tuple(clerk.steps),
        lost=tuple(_lost(settings)),
    )


def _lost(settings: Any) -> Iterator[str]:
    if people := text(settings, "target_daily_people"):
        yield f"a target of {people[:20]} people a day: `pace` bounds how many accounts begin"
    if at(settings, "remove_replied") is False:
        yield "people stay after a reply there; here a reply always stops what goes to that person"
    if at(settings, "remove_bounced") is False:
        yield "people stay after a bounce there; here nothing more goes to such an address"


class _Clerk:
    """Goes through the groups by day and counts the days between them."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.day = 1.0
        self.mails: dict[str, int] = {}  # the number of the mail in each group, by reference id

    def take(self, group: dict[str, Any]) -> None:
        """Add the steps of a group; only its first one waits for its day."""
        day = number(group, "day") or 1
        minutes, lost = (day - self.day) * DAY + _delay(group), list(_lost_time(group))
        self.day = day
        weekends = at(group, "automated_settings", "allow_send_on_weekends") is True
        for one in items(group, "steps"):
            if at(one, "enabled") is False:
                lost.append(f"the step {text(one, 'name')[:60]!r}, which is switched off")
                continue
            waits, no_wait = wait(minutes, business=not weekends)
            lost += [no_wait] if no_wait else []
            step = self._step(one, group, waits, lost)
            self.steps.append(step)
            if step.kind is Kind.EMAIL:
                self.mails[text(group, "reference_id")] = len(self.steps)
            minutes, lost = 0, []
        if lost and self.steps:
            self.steps[-1] = _with(self.steps[-1], lost)

    def _step(self, one: Any, group: Any, waits: str, lost: list[str]) -> Step:
        was, name = text(one, "type"), text(one, "name")
        kind, _, unknown = meant(was, name)
        template = at(one, "type_settings", "email_template")
        before = text(one, "type_settings", "previous_email_step_group_reference_id")
        if items(template, "attachments"):
            lost = [*lost, "attachments"]
        words = Words(text(template, "subject"), text(template, "body"))
        return Step(
            kind,
            was,
            waits,
            name,
            (words,) if template or kind is Kind.EMAIL else (),
            text(one, "type_settings", "instructions"),
            kind is Kind.EMAIL and at(group, "automated") is False,
            self.mails.get(before, 0) if before else 0,
            tuple(filter(None, (unknown, *lost))),
        )


def _with(step: Step, lost: list[str]) -> Step:
    return replace(step, lost=(*step.lost, *lost))


def _delay(group: Any) -> float:
    settings = at(group, "automated_settings")
    is_delay = text(settings, "send_type") == "after_time_delay"
    return number(settings, "delay_time") or 0 if is_delay else 0


def _lost_time(group: Any) -> Iterator[str]:
    settings = at(group, "automated_settings")
    if text(settings, "send_type") == "at_time" and (hour := text(settings, "time_of_day")):
        yield f"the hour, {hour[:20]}: mail leaves in the hours of `calendar`"


# ---------------------------------------------------------------- CSV


def in_csv(headers: frozenset[str]) -> bool:
    """Its tables speak of cadences, or of days."""
    return any("cadence" in header or "salesloft" in header for header in headers) or (
        bool(headers & {"day", "day number", "step day"})
        and not any("delay" in one for one in headers)
    )


def from_csv(table: Table) -> list[Sequence]:
    """A row for each step; its day counts from the first."""
    return rows.sequences(table, TITLE, _since)


def _since(row: rows.Row, before: rows.Row | None) -> tuple[str, str]:
    """From the day of the row before to that of this one."""
    day, last = rows.day(row["day"]), rows.day(before["day"] if before else "1")
    if day is None or last is None:
        return "", f"its wait: day {row['day'][:40]!r} is no number, or the one before is none"
    return wait((day - last) * DAY, business=True)
