"""The keys of a step: those that all have, those of some kinds, and those of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.language.by_tier import WORDS
from orchestrator.language.codes import Code
from orchestrator.language.findings import Findings
from orchestrator.language.parameters import VALUES
from orchestrator.language.relations import Following, Reaching
from orchestrator.language.shapes import (
    BAD,
    Choice,
    Json,
    Key,
    ListOf,
    MapOf,
    Shape,
    Table,
    Truth,
    Whole,
)
from orchestrator.language.source import Node
from orchestrator.language.texts import (
    AT,
    CONDITION,
    ID,
    LENGTH,
    LINE,
    LINK,
    MONEY,
    PROSE,
    SPAN,
    TEAM_ROLE,
    URL,
)
from orchestrator.terms import DONE_BY_NOBODY, REACHES_PERSON, SENT_BY_ENGINE, Kind

__all__ = ["INCLUDE", "INCLUDED", "KINDS", "MOST_STEPS", "STEP", "STEPS", "STEP_REF", "TASKS"]

MOST_STEPS = 200
STEP_REF = "#/$defs/step"  # where the JSON Schema describes a step, since steps hold steps

TASKS = frozenset(Kind) - SENT_BY_ENGINE - DONE_BY_NOBODY
WRITTEN = frozenset({Kind.EMAIL, Kind.PERSONAL_MAIL})

# --- Kinds -----------------------------------------------------------------------------------

TO = Reaching()
REACH = Key("to", TO, "whom it reaches: a seat, a list, all, {first: […]} or step.contact")
MUST_REACH = Key(REACH.name, TO, REACH.doc, required=True)
MAIL = Key("template", WORDS, "our words; the arms of a split may name their own")
SCRIPT = Key("script", WORDS, "what to say; the arms of a split may name their own")
NOTES = Key("text", PROSE, "what to do, for whoever does it")
MUST_TELL = Key(NOTES.name, PROSE, NOTES.doc, required=True)


def _kind(kind: Kind, *keys: Key) -> MapOf:
    return MapOf(f"'{kind}'", keys, bare=not any(key.required for key in keys))


class Steps:
    """A list of steps, in which a branch may hold steps again."""

    words = "a list of steps"

    def read(self, node: Node, findings: Findings) -> Any:
        """The steps that could be read, as Forms."""
        return ListOf(Item(), 1, MOST_STEPS).read(node, findings)

    def json(self) -> Json:
        return ListOf(Item(), 1, MOST_STEPS).json()


STEPS = Steps()
OTHERWISE = "otherwise"
BRANCH = MapOf(
    "a branch",
    (
        Key(
            "when",
            CONDITION,
            f"the first that holds decides; `{OTHERWISE}` has none",
        ),
        Key("steps", STEPS, "what is done then", required=True),
    ),
)
BRANCHES = Table("branches", BRANCH, ID, least=1, most=10)


KINDS: Mapping[Kind, tuple[str, Shape]] = {
    Kind.EMAIL: ("a mail that the engine sends", _kind(Kind.EMAIL, MUST_REACH, MAIL)),
    Kind.ADS: (
        "air cover: ads that marketing runs",
        _kind(
            Kind.ADS,
            REACH,
            Key("audience", LINE, "the platform on which they run", required=True),
            Key("for", LENGTH, "how long they run; for ever if it is left out"),
            NOTES,
        ),
    ),
    Kind.CONTENT: (
        "something to publish or to place",
        _kind(
            Kind.CONTENT,
            REACH,
            MAIL,
            NOTES,
            Key("link", LINK, "where it lies, for whoever works the play's tasks"),
        ),
    ),
    Kind.DIRECT_MAIL: ("post", _kind(Kind.DIRECT_MAIL, MUST_REACH, MAIL, NOTES)),
    Kind.WEBHOOK: (
        "a call to another system",
        _kind(Kind.WEBHOOK, REACH, Key("url", URL, "where it goes", required=True)),
    ),
    Kind.NOTIFY: (
        "word to a colleague",
        _kind(
            Kind.NOTIFY,
            Key("who", TEAM_ROLE, "the role of the account team that is told", "owner"),
            Key("text", PROSE, "what they are told", required=True),
            REACH,
        ),
    ),
    Kind.CALL: ("a call that a rep makes", _kind(Kind.CALL, MUST_REACH, SCRIPT, NOTES)),
    Kind.SOCIAL: ("a social touch of a rep", _kind(Kind.SOCIAL, MUST_REACH, SCRIPT, NOTES)),
    Kind.PERSONAL_MAIL: (
        "a mail that a rep writes",
        _kind(Kind.PERSONAL_MAIL, MUST_REACH, MAIL, NOTES),
    ),
    Kind.TODO: ("anything else to be done", _kind(Kind.TODO, REACH, MUST_TELL)),
    Kind.HAND_OFF: ("the account goes to sales", _kind(Kind.HAND_OFF, NOTES)),
    Kind.HAND_BACK: ("the account goes back to marketing", _kind(Kind.HAND_BACK, NOTES)),
    Kind.WAIT_FOR: (
        "waits until something is true of the account, but not for ever",
        _kind(
            Kind.WAIT_FOR,
            Key("until", CONDITION, "what has to become true: then it is `reached`", required=True),
            Key("at_most", LENGTH, "how long it waits: then it is `not_reached`", required=True),
        ),
    ),
    Kind.CHOOSE: ("goes one of several ways, each with steps of its own", BRANCHES),
}
ARM = MapOf(
    "an arm of a split",
    (
        Key("template", WORDS, "in place of the step's own"),
        Key("script", WORDS, "in place of the step's own"),
        Key("weight", Whole(1, 1000), "its share of the accounts, beside the others'", "1"),
    ),
    bare=True,
)
SPLIT = Table("a split", ARM, ID, least=2, most=10)
ATTEMPTS = MapOf(
    "'attempts'",
    (
        Key("at_most", Whole(1, 20), "how often it is tried until somebody is reached", "3"),
        Key("every", LENGTH, "how long between two tries", "2 business days"),
    ),
)
OVERDUE = ListOf(Choice(("escalate", "reassign", "skip", "proceed")), least=1, most=10, alone=True)

AWAY = ("cover", "wait", "overdue")

ONLY = MapOf(
    "'only'",
    (
        Key(
            "tiers",
            ListOf(Whole(1, 3), least=1, most=3, distinct=True),
            "accounts of other tiers pass it by, at once",
            required=True,
        ),
    ),
)


# --- Steps -----------------------------------------------------------------------------------

SPLIT_KINDS = frozenset(
    kind
    for kind, (_, shape) in KINDS.items()
    if isinstance(shape, MapOf) and {MAIL, SCRIPT} & {*shape.keys}
)
STEP_KEYS = (
    Key("id", ID, "its name in the playbook", required=True),
    Key("after", Following(), "what it waits for; the step above if it is left out"),
    Key("wait", SPAN, "how long it waits after that", "0 minutes"),
    Key(
        "at",
        AT,
        "the day of it: a date of `dates`, or so long before or after; it waits for no step above",
        beside=frozenset(Kind) - DONE_BY_NOBODY,
    ),
    Key("when", CONDITION, "asked once, when its time has come; if false it is skipped"),
    Key("only", ONLY, "which accounts take it", beside=frozenset(Kind) - {Kind.CHOOSE}),
    Key("max_lateness", LENGTH, "how late it may be; later, it is dropped"),
    Key("clock", Choice(("calendar", "always")), "whether working hours bind it", "calendar"),
    Key(
        "cost",
        MONEY,
        "what it costs each time, of the `budget`",
        beside=frozenset(Kind) - DONE_BY_NOBODY,
    ),
    Key("join", Truth(), "whether who fills an open seat later gets it too", "true"),
    Key("title", LINE, "what people read; tasks have one by default"),
    Key("was", ID, "the id that it had in an earlier version, for accounts that move to this one"),
    Key("split", SPLIT, "arms that differ in their words", beside=SPLIT_KINDS),
    Key("from", TEAM_ROLE, "the role of the account team that it comes from", beside=WRITTEN),
    Key(
        "approve",
        Choice(("rep",)),
        "who lets it go, in two business days or until `max_lateness`; else it never leaves",
        beside=frozenset({Kind.EMAIL}),
    ),
    Key(
        "answer", Truth(), "a reply to who asked: caps let it pass", "false", beside=REACHES_PERSON
    ),
    Key("by", TEAM_ROLE, "the role of the account team that does it", beside=TASKS),
    Key(
        "due",
        LENGTH,
        "how long there is to do it; a `hand_off` has as long as the agreement says, if it does",
        "2 business days",
        beside=TASKS,
    ),
    Key("overdue", OVERDUE, "what happens past that", "[escalate, proceed]", beside=TASKS),
    Key(
        "away",
        Choice(AWAY),
        "while whoever does it is away: somebody stands in, it waits, or `overdue` begins at once",
        "cover",
        beside=TASKS | {Kind.EMAIL},
    ),
    Key("attempts", ATTEMPTS, "tries until somebody is reached", beside=TASKS & REACHES_PERSON),
)


class StepShape:
    """A step: its keys, and exactly one kind among them."""

    words = "a step"
    _map = MapOf(words, (*STEP_KEYS, *(Key(k, shape, doc) for k, (doc, shape) in KINDS.items())))

    def read(self, node: Node, findings: Findings) -> Any:
        """A Form; BAD if it does not do exactly one thing."""
        form = self._map.read(node, findings)
        if form is BAD:
            return BAD
        kinds = [name for name, _ in node.pairs if name.text in KINDS]
        if len(kinds) == 1:
            return form
        if kinds:
            message = "a step does one thing; this one is " + " and ".join(k.text for k in kinds)
            findings.add(kinds[1], Code.STEP_KIND, message, "make two steps of it")
        else:
            hint = "add one of " + ", ".join(KINDS)
            findings.add(node, Code.STEP_KIND, "the step does nothing", hint)
        return BAD

    def json(self) -> Json:
        return {**self._map.json(), "oneOf": [{"required": [str(kind)]} for kind in KINDS]}


STEP = StepShape()
INCLUDED = "include"
INCLUDE = MapOf(
    "an include",
    (
        Key("id", ID, "stands before the ids of its steps: `opening` makes `opening-ring`",
            required=True),
        Key(INCLUDED, ID, "the group: `groups/NAME.yaml` beside the playbook", required=True),
        Key("with", VALUES, "what stands for the parameters of the group", "{}"),
        Key("after", Following(), "what its first steps wait for; the step above if left out"),
    ),
)  # fmt: skip


class Item:
    """What may stand in a list of steps: a step, or a group of them."""

    words = "a step"

    def read(self, node: Node, findings: Findings) -> Any:
        """A Form, in which only an include has the key INCLUDED."""
        return (INCLUDE if node.get(INCLUDED) else STEP).read(node, findings)

    def json(self) -> Json:
        return {"anyOf": [{"$ref": STEP_REF}, INCLUDE.json()]}
