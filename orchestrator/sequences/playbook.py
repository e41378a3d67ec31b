"""A sequence becomes a playbook's source and its template files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from anyascii import anyascii

from accounts.errors import AbmError
from orchestrator.sequences import templates
from orchestrator.sequences.base import Sequence, Step, Words
from orchestrator.sequences.fields import Spoken, cleaned
from orchestrator.sequences.templates import Template
from orchestrator.terms import Kind

SEAT = "prospect"
ARMS = "abcdefghij"
MOST_STEPS = 200
MOST_BYTES = 256 * 1024
MOST_TASK = 1_500  # characters of a task's text
MOST_NAME = 40
MOST_TITLE = 200

_WORDS = {
    Kind.EMAIL: "mail", Kind.PERSONAL_MAIL: "mail", Kind.CALL: "call", Kind.SOCIAL: "social",
    Kind.TODO: "task",
}  # fmt: skip
_FOLDERS = {Kind.EMAIL: "email", Kind.CALL: "call", Kind.SOCIAL: "social"}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 /_-]*[A-Za-z0-9]")
_NOT_PLAIN = frozenset(("true", "false", "null", "yes", "no", "on", "off"))
_TOP = """\
# yaml-language-server: $schema=../.abm/playbook.schema.json
# Taken over from a sequence of {vendor}. A sequence is for people, a playbook for accounts: say in
# `committee` whom it is for, by role or persona, and in `for` which accounts may run it.
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """What did not translate: of which step (its id; "" for the whole), and where it stands."""

    step: str
    what: str
    template: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A step as it became: its id, its kind, its wait, and what it was there."""

    id: str
    kind: Kind
    wait: str
    was: str
    title: str


@dataclass(slots=True)
class Made:
    """A playbook by name, its source, the sources of its templates by name, what is lost."""

    name: str
    vendor: str
    source: str = ""
    templates: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)


def make(sequence: Sequence, taken: Mapping[str, object]) -> Made:
    """The playbook of a sequence, under a name that is not `taken`. AbmError if there is none."""
    if not sequence.steps:
        raise AbmError(f"the sequence {sequence.title[:80]!r} has no steps")
    if len(sequence.steps) > MOST_STEPS:
        reason = f"the sequence {sequence.title[:80]!r} has {len(sequence.steps):,} steps"
        raise AbmError(reason, f"a playbook has at most {MOST_STEPS}")
    made = Made(_free(name_of(sequence.title), taken), sequence.vendor)
    blocks = [_head(sequence, made)]
    blocks += _Writer(sequence, made).steps()
    made.source = "\n".join(blocks)
    if len(made.source.encode()) > MOST_BYTES:
        raise AbmError(f"the sequence {sequence.title[:80]!r} makes too long a playbook")
    return made


def name_of(title: str) -> str:
    """A name for a playbook and its files: letters, digits and -."""
    words = re.sub(r"[^a-z0-9]+", "-", anyascii(title[:200]).casefold())
    name = words.strip("-")[:MOST_NAME].strip("-")
    return name if name[:1].isalpha() else f"sequence-{name}".strip("-")


def _free(name: str, taken: Mapping[str, object]) -> str:
    if name not in taken:
        return name
    return next(one for n in range(2, len(taken) + 3) if (one := f"{name}-{n}") not in taken)


def _head(sequence: Sequence, made: Made) -> str:
    lines = [_TOP.format(vendor=sequence.vendor)]
    for what in sequence.lost:
        lines.append(_comment(what))
        made.lost.append(Lost("", what))
    lines.append(f"name: {made.name}\ntitle: {scalar(_line(sequence.title) or made.name)}\n")
    lines.append(f"pace: {sequence.pace}\n" if sequence.pace else "")
    lines.append(f"committee:\n  {SEAT}: {{}}\n")
    lines.append(f"calendar: {sequence.calendar}\n" if sequence.calendar else "")
    lines.append("steps:")
    return "".join(lines)


class _Writer:
    """Writes the steps, one after the other."""

    def __init__(self, sequence: Sequence, made: Made) -> None:
        self.sequence, self.made = sequence, made

    def steps(self) -> Iterator[str]:
        """Each step as YAML; templates and what is lost go where they are collected."""
        for number, step in enumerate(self.sequence.steps, 1):
            yield self._step(number, step)

    def _step(self, number: int, step: Step) -> str:
        kind = _kind(step)
        id_ = f"{_WORDS[kind]}-{number}"
        made = Line(id_, kind, step.wait, step.was, _line(Spoken().text(step.title)))
        self.made.lines.append(made)
        before = len(self.made.lost)
        for what in step.lost:
            self._lose(id_, what)
        keys = [f"- id: {id_}", *self._does(number, id_, kind, step)]
        keys += ["after: []"] if number == 1 else []
        keys += [f"wait: {step.wait}"] if step.wait else []
        keys += [f"title: {scalar(made.title)}"] if made.title else []
        comments = [_comment(one.what, 2) for one in self.made.lost[before:]]
        return "".join(comments) + "".join(f"  {key}\n" for key in _indented(keys))

    def _does(self, number: int, id_: str, kind: Kind, step: Step) -> list[str]:
        if kind is Kind.EMAIL:
            return self._mail(number, id_, step)
        if kind in (Kind.CALL, Kind.SOCIAL):
            if not templates.has_words(step):
                return [f"{kind}: {{to: {SEAT}}}"]
            named = self._template(
                id_, f"{_FOLDERS[kind]}/{self.made.name}-{number}", templates.script(step)
            )
            return [f"{kind}: {{to: {SEAT}, script: {named}}}"]
        text = self._text(id_, step)
        return [f"{kind}: {{to: {SEAT}, text: {scalar(text, most=MOST_TASK)}}}"]

    def _mail(self, number: int, id_: str, step: Step) -> list[str]:
        before = self.sequence.steps[step.answers - 1] if step.answers else None
        subject = templates.subject_of(before) if before else ""
        if before:
            self._lose(id_, f"the thread of step {step.answers}: it is a mail of its own")
        arms = [templates.mail(words, subject) for words in step.words or (Words(),)]
        if len(arms) > len(ARMS):
            self._lose(id_, f"{len(arms) - len(ARMS)} more arms of its test")
        name = f"email/{self.made.name}-{number}"
        more = ["from: owner", *(["approve: rep"] if step.review else [])]
        if len(arms) == 1:
            named = self._template(id_, name, arms[0])
            return [f"email: {{to: {SEAT}, template: {named}}}", *more]
        split = [
            f"  {arm}: {{template: {self._template(id_, f'{name}-{arm}', template)}}}"
            for arm, template in zip(ARMS, arms, strict=False)
        ]
        return [f"email: {{to: {SEAT}}}", "split:", *split, *more]

    def _template(self, id_: str, name: str, template: Template) -> str:
        self.made.templates[name] = template.source
        for what in template.lost:
            self._lose(id_, what, name)
        return name

    def _text(self, id_: str, step: Step) -> str:
        """What a task says. It is no template, so that its fields become words."""
        said, lost = templates.notes(step)
        for what in lost:
            self._lose(id_, what)
        if len(said) > MOST_TASK:
            self._lose(id_, f"the rest of a text of more than {MOST_TASK:,} characters")
        return said

    def _lose(self, id_: str, what: str, template: str = "") -> None:
        self.made.lost.append(Lost(id_, what, template))


def _kind(step: Step) -> Kind:
    """A mail that a person writes without a template is a personal one."""
    if step.kind is Kind.EMAIL and step.review and not any(one.body for one in step.words):
        return Kind.PERSONAL_MAIL
    return step.kind


def _indented(keys: list[str]) -> Iterator[str]:
    for number, key in enumerate(keys):
        yield key if number == 0 else f"  {key}"


def _comment(what: str, indent: int = 0) -> str:
    said = _line(what)[:160].replace("#", "")  # it allows no warning
    return f"{' ' * indent}# not translated: {said}\n"


def _line(said: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in cleaned(said)).split())


def scalar(said: str, most: int = MOST_TITLE) -> str:
    """A text as YAML reads it, quoted unless it is plain words; cut to `most` characters."""
    said = said[:most].strip()
    if _PLAIN.fullmatch(said) and said.casefold() not in _NOT_PLAIN:
        return said
    return json.dumps(said, ensure_ascii=False).replace("#", "\\u0023")
