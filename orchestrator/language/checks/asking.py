"""Conditions: whose fact is asked for, and whether there can be such a fact."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.conditions import Event, Expr, Happened, OutcomeIs, Variable
from orchestrator.language.checks.case import Case
from orchestrator.language.checks.names import EVENTS, is_event
from orchestrator.language.codes import Code
from orchestrator.language.findings import Place
from orchestrator.language.shapes import Word
from orchestrator.terms import How, Kind, Step, Within

# The first parts of what the engine itself writes into the log: touch.sent, task.opened …
OWN_KINDS = frozenset({"touch", "task", "step", "seat", "account", "enrollment"})
OF_MAILS = frozenset({"delivered", "opened", "clicked", "replied", "bounced"})


def check_whose(case: Case) -> None:
    """A fact without a scope is the person's own, and this person must have one."""
    for one, part, at in case.conditions:
        step = one.step
        if not isinstance(part, Event | OutcomeIs | Happened) or part.scope != "own":
            continue
        if not one.body.sound:
            continue
        if step.reach.how is How.ACCOUNT:
            message = f"'{step.id}' reaches no person whose own fact this could be"
        elif isinstance(part, Happened) or _takes_part(case, step, part.step):
            continue
        else:
            message = f"'{part.step}' need not have reached the person of '{step.id}'"
        case.add(at, Code.WHOSE, message, f"say whose: {_scoped(part)}")


def _scoped(part: Expr) -> str:
    """The same with scopes, as far as they exist for it."""
    scopes = {Event: ("any", "all", "count"), OutcomeIs: ("any", "all"), Happened: ("any", "count")}
    return " or ".join(f"{scope}.{part}" for scope in scopes[type(part)][:2])


def _takes_part(case: Case, step: Step, other_id: str) -> bool:
    """Whether whoever `step` reaches had a party in the other step; true if it cannot be told."""
    other = case.graph.steps.get(other_id)
    if other is None or not other.body.sound or not case.graph.steps[step.id].body.sound:
        return True
    if not _branches(case, other.step) <= _branches(case, step):
        return False
    own, theirs = list(_line(case, step)), list(_line(case, other.step))
    if any(one.id == other_id for one in own) or own[-1].id == theirs[-1].id:
        return True
    reach, root = own[-1].reach, theirs[-1].reach
    everybody = root.how is How.EACH or (root.how is How.FIRST and _single(case, root.seats))
    return reach.how is not How.ACCOUNT and everybody and set(reach.seats) <= set(root.seats)


def _branches(case: Case, step: Step) -> set[Within]:
    """The branches that must have been taken before the step begins."""
    found: set[Within] = set()
    while step.within and step.within not in found:
        found.add(step.within)
        outer = case.graph.steps.get(step.within.choose)
        step = outer.step if outer else step
    return found


def _line(case: Case, step: Step) -> Iterator[Step]:
    """The step, then those to whose person it speaks, each to that of the next."""
    seen: set[str] = set()
    while step.id not in seen:
        seen.add(step.id)
        yield step
        before = case.graph.steps.get(step.reach.step)
        step = before.step if before else step


def _single(case: Case, seats: tuple[str, ...]) -> bool:
    seat = case.draft.seats.get(seats[0])
    return len(seats) == 1 and seat is not None and seat.at_most == 1


def check_contact(case: Case) -> None:
    """A step for the whole account asks nothing about a contact."""
    for one, part, at in case.conditions:
        about_contact = isinstance(part, Variable) and part.path.startswith("contact.")
        if about_contact and one.step.reach.how is How.ACCOUNT and one.body.sound:
            message = f"'{one.step.id}' is for the whole account: there is no contact to ask about"
            case.add(at, Code.NO_PERSON, message, "ask for account.…, or let it reach a seat")


def check_mail_facts(case: Case) -> None:
    """Only a mail can be delivered, opened, clicked, answered or bounce."""
    for _, part, at in case.conditions:
        if isinstance(part, Event) and part.name in OF_MAILS:
            other = case.graph.steps.get(part.step)
            if other and other.step.kind is not Kind.EMAIL:
                message = f"'{part.step}' is no mail of the engine: it is never {part.name}"
                hint = f"ask how it ended: outcome('{part.step}') == 'reached'"
                case.add(at, Code.NEVER_TRUE, message, hint)


def check_opened(case: Case) -> None:
    """An open proves little, so that nothing should hang on it."""
    for _, part, at in case.conditions:
        if isinstance(part, Event) and part.name == "opened":
            _opened(case, at, f"{part} is true of mails that nobody read", "clicked or replied")
    for rule in case.maps("stop"):
        if isinstance(kind := rule.get("on"), Word) and kind == "opened":
            _opened(case, kind, "a mail that nobody read stops the outreach", "clicked or reply")


def _opened(case: Case, at: Place, message: str, better: str) -> None:
    hint = f"mail programs fetch pictures by themselves; ask for {better}"
    case.add(at, Code.OPENED, message, hint)


def check_kinds(case: Case) -> None:
    """`happened` counts activities of kinds that there are."""
    for _, part, at in case.conditions:
        if isinstance(part, Happened) and not _is_kind(part.kind):
            message = f"no activity '{part.kind}' is known; it may never happen"
            case.unknown(at, Code.UNKNOWN_KIND, message, part.kind, EVENTS)


def _is_kind(kind: str) -> bool:
    return is_event(kind) or kind.partition(".")[0] in OWN_KINDS
