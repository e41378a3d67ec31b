"""Outreach: JSON:API resources as its API gives them, one document or a list of several.

https://developers.outreach.io/api/reference: sequence, sequenceStep, sequenceTemplate, template.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from accounts.tables import Table
from orchestrator.sequences import rows
from orchestrator.sequences.base import (
    DAY,
    Sequence,
    Step,
    Words,
    at,
    items,
    meant,
    number,
    text,
    wait,
)
from orchestrator.terms import Kind

TITLE = "Outreach"

_Resource = dict[str, Any]
_Found = dict[tuple[str, str], _Resource]
_LOST = {
    "ruleset": "its ruleset: stops and caps are said in the playbook",
    "schedule": "its schedule: `calendar` says when a playbook works",
}
_MOST_A_DAY = 1_000_000


def in_json(value: Any) -> bool:
    """Whether there are sequences or their steps among the resources."""
    return any(kind in ("sequence", "sequenceStep") for kind, _ in _resources(value))


def from_json(value: Any) -> list[Sequence]:
    """A sequence for each resource of that type, and for steps whose sequence is not there."""
    found = _resources(value)
    of_step = _links(found, "sequenceTemplate", "sequenceStep", "sequenceTemplates")
    of_sequence = _links(found, "sequenceStep", "sequence", "sequenceSteps")
    named = [key for kind, key in found if kind == "sequence"]
    return [
        _sequence(key, found, of_sequence.get(key, []), of_step)
        for key in dict.fromkeys([*named, *of_sequence])
    ]


def _resources(value: Any) -> _Found:
    """Every resource of the documents, by type and id; what is said first stands."""
    found: _Found = {}
    for document in items({"all": value}, "all"):
        for one in (*items(document, "data"), *items(document, "included")):
            if kind := text(one, "type"):
                found.setdefault((kind, text(one, "id")), one)
    return found


def _links(found: _Found, kind: str, one: str, many: str) -> dict[str, list[_Resource]]:
    """The resources of a kind by the id of what they belong to, whichever side names the other."""
    owners = {
        text(link, "id"): key
        for (owner, key), resource in found.items()
        if owner == one
        for link in items(resource, "relationships", many, "data")
    }
    linked: dict[str, list[_Resource]] = {}
    for (its, key), resource in found.items():
        if its == kind:
            owner = text(resource, "relationships", one, "data", "id") or owners.get(key, "")
            linked.setdefault(owner, []).append(resource)
    return linked


def _sequence(
    key: str, found: _Found, steps: list[_Resource], links: dict[str, list[_Resource]]
) -> Sequence:
    own = found.get(("sequence", key), {})
    business = text(own, "attributes", "scheduleIntervalType") == "schedule"
    made: list[Step] = []
    mail, before = 0, ""  # the last mail's number, and the last date
    for one in sorted(steps, key=lambda step: number(step, "attributes", "order") or 0):
        templates = _templates(found, links.get(text(one, "id"), []))
        made.append(_step(one, templates, mail, before, business=business))
        mail = len(made) if made[-1].kind is Kind.EMAIL else mail
        before = text(one, "attributes", "date") or before
    most = number(own, "attributes", "throttleMaxAddsPerDay") or 0
    return Sequence(
        TITLE,
        text(own, "attributes", "name") or f"{TITLE} sequence {key}".strip(),
        tuple(made),
        pace=f"{most:.0f} accounts per day" if 1 <= most <= _MOST_A_DAY else "",
        lost=tuple(said for name, said in _LOST.items() if at(own, "relationships", name, "data")),
    )


def _step(one: _Resource, templates: _Templates, mail: int, before: str, *, business: bool) -> Step:
    was = text(one, "attributes", "stepType")
    kind, review, lost = meant(was)
    waits, no_wait = _wait(one, before, business=business)
    return Step(
        kind,
        was,
        waits,
        text(one, "attributes", "displayName"),
        tuple(templates.words),
        text(one, "attributes", "taskNote"),
        review,
        mail if templates.reply else 0,
        tuple(filter(None, (lost, no_wait, *templates.lost))),
    )


class _Templates(NamedTuple):
    """The words of a step's templates that are on, whether they answer, what of them is lost."""

    words: list[Words]
    lost: list[str]
    reply: bool


def _templates(found: _Found, links: list[_Resource]) -> _Templates:
    words, lost, reply = list[Words](), list[str](), False
    for link in links:
        key = text(link, "relationships", "template", "data", "id")
        if at(link, "attributes", "enabled") is False:
            lost.append(f"template {key[:40]}, which is switched off")
            continue
        attributes = at(found.get(("template", key)), "attributes")
        body = text(attributes, "bodyHtml") or text(attributes, "bodyText")
        if not body:
            lost.append(f"template {key[:40]}: the file has only its number")
        words.append(Words(text(attributes, "subject"), body))
        reply |= at(link, "attributes", "isReply") is True
    return _Templates(words, lost, reply)


def _wait(one: _Resource, before: str, *, business: bool) -> tuple[str, str]:
    """By interval in minutes; by date from the step before, the first date being lost."""
    if not (day := text(one, "attributes", "date")):
        return wait(number(one, "attributes", "interval") or 0, business=business)
    if not before:
        return "", f"its date, {day[:40]}: here a play begins when an account enrolls"
    try:
        days = (date.fromisoformat(day[:10]) - date.fromisoformat(before[:10])).days
    except ValueError:
        return "", f"its date, {day[:40]!r}"
    return wait(days * DAY, business=False)


# ---------------------------------------------------------------- CSV


def in_csv(headers: frozenset[str]) -> bool:
    """Its tables speak of intervals."""
    return any("interval" in header or "outreach" in header for header in headers)


def from_csv(table: Table) -> list[Sequence]:
    """A row for each step, and for each further template of a step."""
    return rows.sequences(table, TITLE, _interval)


def _interval(row: rows.Row, before: rows.Row | None) -> tuple[str, str]:
    """Bare numbers are minutes, as in its API, unless the header says otherwise."""
    del before
    bare = rows.unit(row.header("wait"), 1)
    return rows.length(row["wait"], bare, business="business" in row["wait"].casefold())
