"""What a playbook asks for and its rules forbid: too much within a cap, stops that never bind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from orchestrator.language.checks.case import Case
from orchestrator.language.checks.doing import YEAR, lasts
from orchestrator.language.checks.names import EVENTS
from orchestrator.language.codes import Code
from orchestrator.language.draft import StepDraft
from orchestrator.language.shapes import Word
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.pacing import window
from orchestrator.terms import Cap, How, Kind

Moment = tuple[str, timedelta]  # the step from whose end it counts ("": the start), and how long
# What comes of a mail alone: without one it never comes.
OF_MAILS = ("delivered", "opened", "clicked", "bounce", "complaint", "unsubscribe")


def check_caps(case: Case) -> None:
    """No more mails are due to one seat within a cap's span than the cap lets through."""
    if case.unread:
        return
    for scope in ("contact", "account"):
        for cap in _caps(case, scope):
            for mails in _trains(case, scope):
                if late := _first_too_many(mails, cap):
                    message = (
                        f"'{late.step.id}' is mail {cap.limit + 1} to the {scope} within "
                        f"{cap.window}, and the cap lets {cap.limit} through: it always waits"
                    )
                    hint = "let it wait longer, or raise the cap"
                    case.add(late.form.at("id"), Code.COLLIDES, message, hint)


def _caps(case: Case, scope: str) -> Iterator[Cap]:
    form = case.form.get("caps")
    for rate in form.get(scope, ()) if form and form.sound else ():
        yield Cap(scope, rate.limit, rate.window)


def _trains(case: Case, scope: str) -> Iterator[list[tuple[timedelta, StepDraft]]]:
    """Mails that surely reach the same people, in order, with the time of each from one instant."""
    trains: dict[tuple[str, str], list[tuple[timedelta, StepDraft]]] = defaultdict(list)
    for one in case.steps:
        moment = _moment(case, one.step.id)
        if moment is None or not _surely_mails(one):
            continue
        for seat in one.step.reach.seats if scope == "contact" else ("",):
            trains[seat, moment[0]].append((moment[1], one))
    for mails in trains.values():
        yield sorted(mails, key=lambda mail: mail[0])


def _surely_mails(one: StepDraft) -> bool:
    step = one.step
    always = not (step.when or step.within or step.tiers or step.at or step.answer or step.approve)
    return step.kind is Kind.EMAIL and step.reach.how is How.EACH and always


def _moment(case: Case, id_: str, depth: int = 0) -> Moment | None:
    """From what a mail counts; None where that is not one thing. Mails end when they leave."""
    one = case.graph.steps.get(id_)
    if one is None or depth > len(case.steps) or not _surely_mails(one):
        return None
    after, wait = one.step.after, lasts(one.step.wait)
    if len(after.steps) != 1:
        return None if after.steps else ("", wait)
    before = _moment(case, after.steps[0], depth + 1)
    return (before[0], before[1] + wait) if before else (after.steps[0], wait)


def _first_too_many(mails: Sequence[tuple[timedelta, StepDraft]], cap: Cap) -> StepDraft | None:
    span = window(cap.window)
    for (first, _), (last, late) in zip(mails, mails[cap.limit :], strict=False):
        if last - first < span:
            return late
    return None


# ---------------------------------------------------------------- stops


def check_dead_stops(case: Case) -> None:
    """A stop rule is about an event that can come, and that no closer rule takes from it."""
    kinds = [rule.get("on") for rule in case.maps("stop")]
    told = [kind for kind in kinds if isinstance(kind, Word)]
    mails = case.unread or any(one.step.kind is Kind.EMAIL for one in case.steps)
    for kind in told:
        family = [event for event in EVENTS if event.startswith(f"{kind}.")]
        if not mails and kind.partition(".")[0] in OF_MAILS:
            message = f"'{kind}' comes of mails, and no step here sends one"
            case.add(kind, Code.DEAD_STOP, message, "take the rule out")
        elif family and set(family) <= set(map(str, told)):
            message = f"every '{kind}' has a rule of its own, so that this one never binds"
            case.add(kind, Code.DEAD_STOP, message, "take it out, or one of the others")


# ---------------------------------------------------------------- what the agreement lets


def check_validity(case: Case, words: Vocabulary) -> None:
    """Nothing waits for longer than a signature holds: the account is no target any more then."""
    audience = case.form.get("for")
    if words.signed_for is None or (audience and audience.get("signed") is False):
        return
    for one in case.steps:
        for form, key in ((one.form, "wait"), (one.body, "at_most")):
            span = form.written(key)
            if span and YEAR >= lasts(span) > words.signed_for:
                days = words.signed_for.days
                message = f"{span} is longer than a signature holds: {days} days"
                hint = "wait less, or let the agreement's sign-off be `valid` longer"
                case.add(form.at(key), Code.PAST_SIGNATURE, message, hint)
