"""What a playbook asks for and its rules forbid: too much within a cap, stops that never bind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from orchestrator.language.checks.case import Case
from orchestrator.language.checks.doing import YEAR, lasts
from orchestrator.language.checks.names import EVENTS
from orchestrator.language.checks.together import can_meet, is_certain
from orchestrator.language.codes import Code
from orchestrator.language.draft import StepDraft
from orchestrator.language.shapes import Word
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.pacing import window
from orchestrator.terms import Cap, How, Kind, Step

Moment = tuple[str, timedelta]  # the step from whose end it counts ("": the start), and how long
Mail = tuple[timedelta, StepDraft]
# What comes of a mail alone: without one it never comes.
OF_MAILS = ("delivered", "opened", "clicked", "bounce", "complaint", "unsubscribe")


def check_caps(case: Case) -> None:
    """No more mails are due to one seat within a cap's span than the cap lets through."""
    if case.unread:
        return
    for cap in case.caps:
        for mails in _trains(case, cap.scope):
            if late := _first_too_many(case, mails, cap):
                _tell(case, late, cap)


def _tell(case: Case, group: Sequence[StepDraft], cap: Cap) -> None:
    late = group[0]
    many = f"mail {cap.limit + 1} to the {cap.scope} within {cap.window}"
    message = f"'{late.step.id}' is {many}, and the cap lets {cap.limit} through: it always waits"
    if not all(map(is_certain, group)):
        message = f"'{late.step.id}' can be {many}, and the cap lets {cap.limit} through: it waits"
    case.add(late.form.at("id"), Code.COLLIDES, message, "let it wait longer, or raise the cap")


def _trains(case: Case, scope: str) -> Iterator[list[Mail]]:
    """Mails that may reach the same people, in order, with the time of each from one instant."""
    trains: dict[tuple[str, str], list[Mail]] = defaultdict(list)
    for one in case.steps:
        moment = _moment(case, one.step.id) if _is_mail(one.step) else None
        for seat in (one.step.reach.seats if scope == "contact" else ("",)) if moment else ():
            trains[seat, moment[0]].append((moment[1], one))  # type: ignore[index]
    for mails in trains.values():
        yield sorted(mails, key=lambda mail: mail[0])


def _is_mail(step: Step) -> bool:
    """Whether it is a mail to everybody in its seats that nobody has to let go, and no answer."""
    waits = step.at or step.answer or step.approve
    return step.kind is Kind.EMAIL and step.reach.how is How.EACH and not waits


def _moment(case: Case, id_: str, depth: int = 0) -> Moment | None:
    """From what a mail counts; None where that is not one thing.

    Mails end when they leave or are skipped, and a choice as it is made: neither takes time.
    """
    one = case.graph.steps.get(id_)
    if one is None or depth > len(case.steps):
        return None
    step = one.step
    priors = step.after.steps or step.priors
    if len(priors) > 1 or step.at:
        return None
    wait = lasts(step.wait)
    if not priors:
        return "", wait
    prior = case.graph.steps.get(priors[0])
    if prior is None or not (_is_mail(prior.step) or prior.step.kind is Kind.CHOOSE):
        return priors[0], wait
    before = _moment(case, priors[0], depth + 1)
    return (before[0], before[1] + wait) if before else (priors[0], wait)


def _first_too_many(case: Case, mails: Sequence[Mail], cap: Cap) -> list[StepDraft] | None:
    """The first mail that meets more of those before it than the cap allows, and those."""
    span = window(cap.window)
    for place, (at, late) in enumerate(mails):
        group = [late]
        near = [one for before, one in reversed(mails[:place]) if at - before < span]
        for one in sorted(near, key=is_certain, reverse=True):
            if can_meet(case, [*group, one]):
                group.append(one)
            if len(group) > cap.limit:
                return group
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
