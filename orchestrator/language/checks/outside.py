"""Names from outside the playbook: the agreement's, the account teams', the templates'."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.language.by_tier import named
from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code
from orchestrator.language.shapes import Form
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.terms import How, Kind, Reach, Step

UNSUBSCRIBE = "unsubscribe"  # the variable that every e-mail uses
_NOTHING_AGREED = "nothing is agreed yet: `abm apply agreement.yml` comes first"
_NONE = {Code.UNKNOWN_TEMPLATE: "there are none at all yet: write it to templates/"}
# Variables that stand where a new template, or one of another tool, wants its author's words.
TO_WRITE = ("to_write.", "untranslated.")


def check_segment(case: Case, words: Vocabulary) -> None:
    """The agreement has the segment whose accounts the playbook is for."""
    audience = case.form.get("for")
    if audience:
        _known(case, audience, "segment", "segment", Code.UNKNOWN_SEGMENT, words.segments)


def check_roles(case: Case, words: Vocabulary) -> None:
    """The role of a seat is one that people at buying committees have."""
    for seat in case.form.get("committee", {}).values():
        _known(case, seat, "role", "role at a buying committee", Code.UNKNOWN_ROLE, words.roles)


def check_personas(case: Case, words: Vocabulary) -> None:
    """The agreement has the persona of a seat."""
    for seat in case.form.get("committee", {}).values():
        _known(case, seat, "persona", "persona", Code.UNKNOWN_PERSONA, words.personas)


def check_team_roles(case: Case, words: Vocabulary) -> None:
    """Whoever does, sends or is told something has a role that account teams have."""
    code, known = Code.UNKNOWN_TEAM_ROLE, words.team_roles
    for once in case.maps("once"):
        _known(case, once, "by", "role of the account team", code, known)
    for one in case.steps:
        for form, key in ((one.form, "from"), (one.form, "by"), (one.body, "who")):
            _known(case, form, key, "role of the account team", code, known)


def check_templates(case: Case, words: Vocabulary) -> None:
    """Every template that a step or an arm names is there, and sound."""
    for form, key in _templates(case):
        if reason := words.broken.get(form[key]):
            message = f"the template '{form[key]}' cannot be used"
            case.add(form.at(key), Code.BAD_TEMPLATE, message, reason)
        else:
            _known(case, form, key, "template", Code.UNKNOWN_TEMPLATE, words.templates)


def check_variables(case: Case, words: Vocabulary) -> None:
    """Templates use nothing that a message does not have: it could never be sent."""
    for form, key in _templates(case):
        used = words.templates.get(form[key], frozenset())
        for name in sorted(used - words.variables) if words.variables else ():
            _variable(case, form, key, name, words)


def check_contact_in_templates(case: Case, words: Vocabulary) -> None:
    """What is written for the whole account speaks of no contact."""
    for one in case.steps:
        if one.step.reach.how is not How.ACCOUNT or not one.body.sound:
            continue
        for form, key in named(one.form, one.body):
            used = words.templates.get(form[key], frozenset())
            for name in sorted(name for name in used if name.startswith("contact.")):
                message = f"the template '{form[key]}' uses {name}: '{one.step.id}' reaches nobody"
                hint = "let the step reach a seat, or write about the account"
                case.add(form.at(key), Code.NO_PERSON, message, hint)


def check_unsubscribe(case: Case, words: Vocabulary) -> None:
    """Every mail that the engine sends says how to get no more of them."""
    for one in case.steps:
        for form, key in named(one.form, one.body) if one.step.kind is Kind.EMAIL else ():
            used = words.templates.get(form[key])
            if used is not None and UNSUBSCRIBE not in used:
                message = f"the mail '{form[key]}' has no way to unsubscribe"
                hint = f"add {{{{ {UNSUBSCRIBE} }}}} to the template"
                case.add(form.at(key), Code.NO_UNSUBSCRIBE, message, hint)


def check_insight(case: Case, words: Vocabulary) -> None:
    """The first mail to a person says something to learn from, unless the person asked for it."""
    if words.insights is None or case.unread:
        return
    for one in case.steps:
        if one.step.kind is not Kind.EMAIL or one.step.answer or not _is_first(case, one.step):
            continue
        for form, key in named(one.form, one.body):
            if form[key] in words.templates and form[key] not in words.insights:
                message = f"'{form[key]}' is a first mail to somebody, and carries no insight"
                hint = "write on top of it, beside the subject, what they learn: `insight: …`"
                case.add(form.at(key), Code.NO_INSIGHT, message, hint)
            elif form[key] in words.unsaid:
                message = f"the first two sentences of '{form[key]}' do not say its insight"
                hint = "begin with what they learn, or let `insight` say what the mail begins with"
                case.add(form.at(key), Code.LATE_INSIGHT, message, hint)


def _is_first(case: Case, step: Step) -> bool:
    """Whether a mail reaches a seat that no mail before it reaches."""
    earlier = [case.graph.steps[id_].step for id_ in case.graph.possible.get(step.id, ())]
    written = {
        seat for one in earlier if one.kind is Kind.EMAIL for seat in _seats(case, one.reach)
    }
    return bool(_seats(case, step.reach) - written)


def _seats(case: Case, reach: Reach) -> set[str]:
    """The seats of which a step reaches somebody."""
    while reach.how is How.STEP and (other := case.graph.steps.get(reach.step)):
        reach = other.step.reach
    return {*reach.seats}


def _templates(case: Case) -> Iterable[tuple[Form, str]]:
    for one in case.steps:
        yield from named(one.form, one.body)


def _known(case: Case, form: Form, key: str, what: str, code: Code, known: Iterable[str]) -> None:
    name = form.get(key)
    if not name or name in known:
        return
    message = f"there is no {what} '{name}'"
    if known:
        case.unknown(form.at(key), code, message, name, known)
    else:
        case.add(form.at(key), code, message, _NONE.get(code, _NOTHING_AGREED))


def _variable(case: Case, form: Form, key: str, name: str, words: Vocabulary) -> None:
    template = form[key]
    message = f"the template '{template}' uses '{name}', which no message has"
    if name.startswith(TO_WRITE[:1]):
        message = f"the template '{template}' lacks words of yours: {name}"
    if name.startswith(TO_WRITE):
        hint = f"write your words in templates/{template}.j2, in place of {{{{ {name} }}}}"
        case.add(form.at(key), Code.UNKNOWN_VARIABLE, message, hint)
    else:
        case.unknown(form.at(key), Code.UNKNOWN_VARIABLE, message, name, words.variables)
