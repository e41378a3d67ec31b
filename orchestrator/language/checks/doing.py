"""What steps need to be done: words, chains that end, times that make sense."""

from __future__ import annotations

from datetime import timedelta

from orchestrator.calendar import Span, Unit
from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code
from orchestrator.language.steps import SPLIT_KINDS
from orchestrator.terms import Kind

YEAR = timedelta(days=366)
LAST = ("skip", "proceed")  # links of an `overdue` chain after which the play goes on
# A business day is taken for 1.4 days of the calendar, a business hour for a fifth of such a day.
_LASTS = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WEEKS: timedelta(weeks=1),
    Unit.BUSINESS_DAYS: timedelta(days=1.4),
    Unit.BUSINESS_HOURS: timedelta(days=0.2),
}


def check_words(case: Case) -> None:
    """A mail of the engine has a template, and so has every arm of a split."""
    for one in case.steps:
        arms = one.form.get("split", {}) if one.step.kind in SPLIT_KINDS else {}
        own = one.body.get("template") or one.body.get("script")
        for name, arm in arms.items():
            if not (own or arm.get("template") or arm.get("script")) and arm.sound:
                message = f"the arm '{name}' has no template"
                case.add(arm.node, Code.TEMPLATE_MISSING, message, _example(one.step.kind))
        if one.step.kind is Kind.EMAIL and not own and one.body.sound and "split" not in one.form:
            message = f"the mail '{one.step.id}' has no template"
            case.add(one.body.node, Code.TEMPLATE_MISSING, message, _example(one.step.kind))


def _example(kind: Kind) -> str:
    key = "script" if kind in (Kind.CALL, Kind.SOCIAL) else "template"
    return f"such as {key}: {'email' if kind is Kind.PERSONAL_MAIL else kind}/first-words"


def check_chains(case: Case) -> None:
    """An `overdue` chain ends in a link after which the play goes on, and only there."""
    for one in case.steps:
        chain = one.form.written("overdue") or ()
        for link in chain[:-1]:
            if link in LAST:
                message = f"nothing comes after '{link}': the play goes on there"
                case.add(link, Code.ENDLESS_CHAIN, message, "let it be the last")
        if chain and chain[-1] not in LAST:
            message = f"the chain ends in '{chain[-1]}', and the play would wait for ever"
            hint = f"end it in {' or '.join(LAST)}: [{chain[-1]}, {LAST[-1]}]"
            case.add(chain[-1], Code.ENDLESS_CHAIN, message, hint)


def check_away(case: Case) -> None:
    """Only a task has a chain that can begin while whoever does it is away."""
    for one in case.steps:
        if one.step.away == "overdue" and one.step.kind is Kind.EMAIL:
            message = "a mail has no `overdue` chain that could begin"
            case.add(one.form.at("away"), Code.WRONG_KIND, message, "write cover or wait")


def check_waits(case: Case) -> None:
    """No step waits for more than a year, nor for nothing in so many words."""
    for one in case.steps:
        attempts = one.form.get("attempts")
        every = [(attempts, "every")] if attempts else []
        for form, key in ((one.form, "wait"), (one.body, "at_most"), *every):
            span = form.written(key)
            if span and lasts(span) > YEAR:
                message = f"{span} is more than a year: whoever began it will be gone"
                hint = "at most 366d; enroll the account again when its time comes"
                case.add(form.at(key), Code.TOO_LONG, message, hint)
            elif span and not span.amount:
                message = f"'{key}' of nothing says the same as leaving it out"
                case.add(form.at(key), Code.NO_WAIT, message, "leave it out, or say how long")


def check_days(case: Case) -> None:
    """Nothing counts further than a year from a date, nor by two clocks."""
    for one in case.steps:
        offset = one.step.at.offset if one.step.at else None
        if offset and lasts(offset) > YEAR:
            message = f"{offset} is more than a year from the date"
            case.add(one.form.at("at"), Code.TOO_LONG, message, "name a nearer date")
        if one.step.at and "wait" in one.form:
            message = "'at' says when already"
            case.add(one.form.at("wait"), Code.WRONG_KIND, message, "leave the wait out")


def check_recycle(case: Case) -> None:
    """Nobody comes back after more than five years."""
    form = case.form.get("recycle")
    after = form and form.get("after")
    if after and lasts(after) > 5 * YEAR:
        hint = "at most 1830d; enroll the account again when its time comes"
        message = f"{after} is more than five years: whoever wrote it will be gone"
        case.add(form.at("after"), Code.TOO_LONG, message, hint)


def lasts(span: Span) -> timedelta:
    return _LASTS[span.unit] * span.amount
