"""The reference page, written from the tables that files are read with.

`python -m orchestrator.language.reference docs/language.md` renews what stands below the mark in
the page; what stands above it is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from orchestrator.conditions import EVENTS, OUTCOMES, VARIABLES
from orchestrator.language.by_tier import WORDS
from orchestrator.language.codes import Code
from orchestrator.language.groups import GROUP
from orchestrator.language.parameters import TYPES
from orchestrator.language.schema import PLAYBOOK
from orchestrator.language.shapes import Choice, Key, ListOf, MapOf, Shape, Table, Truth
from orchestrator.language.steps import INCLUDE, KINDS, STEP_KEYS, TASKS
from orchestrator.language.vocabulary import ROLES
from orchestrator.terms import (
    DONE_BY_NOBODY,
    EVENT_KINDS,
    OUTCOME_OF_DISPOSITION,
    SENT_BY_ENGINE,
    TEAM_OF,
    Kind,
)

MARK = "<!-- written by `python -m orchestrator.language.reference`; edits below are lost -->\n"


def render() -> str:
    """Everything below the mark, as Markdown."""
    parts = (
        _keys(), _steps(), _kinds(), _groups(), _conditions(), _events(), _roles(), _findings()
    )  # fmt: skip
    return "\n".join(line for part in parts for line in part)


def renewed(page: str) -> str:
    """The page with everything below its mark written anew."""
    return page.partition(MARK)[0] + MARK + render()


# ---------------------------------------------------------------- keys


def _keys() -> Iterator[str]:
    yield from ("", "## The keys of a playbook", "", *_table(PLAYBOOK.keys))
    for key, shape in _maps(PLAYBOOK):
        yield from (f"### `{key.name}`", "", f"{_sentence(key.doc)}", "", *_table(shape.keys))


def _steps() -> Iterator[str]:
    yield from ("## The keys of a step", "")
    yield "A step has an `id`, one of the kinds below, and any of these. Tasks are all kinds but"
    yield ", ".join(f"`{kind}`" for kind in KINDS if kind not in TASKS) + "."
    yield from ("", *_table(STEP_KEYS))
    for key in STEP_KEYS:
        for inner, shape in _maps(MapOf("", (key,))):
            yield from (f"### `{inner.name}` of a step", "", *_table(shape.keys))


def _kinds() -> Iterator[str]:
    yield from ("## The kinds of steps", "")
    for kind, (doc, shape) in KINDS.items():
        yield from (f"### `{kind}`", "", f"{_sentence(doc)} Done by: {_doer(kind)}.", "")
        inner = shape.item if isinstance(shape, Table) else shape
        yield from _table(inner.keys) if isinstance(inner, MapOf) else ()
    yield from ("### A template for each tier", "", *_table(WORDS.each.keys))


def _groups() -> Iterator[str]:
    yield from ("## Groups of steps", "", "Among the steps of a playbook, a branch or a group:", "")
    yield from _table(INCLUDE.keys)
    yield from ("The file of a group, `groups/NAME.yaml` beside the playbooks:", "")
    yield from _table(GROUP.keys)
    types = ", ".join(f"`{name}` ({one.example})" for name, one in TYPES.items())
    yield f"The types of parameters, each with an example: {types}."
    yield ""


def _doer(kind: Kind) -> str:
    if kind in DONE_BY_NOBODY:
        return "nobody"
    return "the engine" if kind in SENT_BY_ENGINE else f"a task for {TEAM_OF[kind]}"


def _maps(shape: MapOf) -> Iterator[tuple[Key, MapOf]]:
    """The keys of a map that hold maps of known keys themselves."""
    for key in shape.keys:
        inner = key.shape
        while isinstance(inner, ListOf | Table):
            inner = inner.item
        if isinstance(inner, MapOf):
            yield key, inner


def _table(keys: Sequence[Key]) -> Iterator[str]:
    yield from _rows(
        ("key", "what it says", "value", "if left out"),
        ((f"`{key.name}`", _about(key), _value(key.shape), _left_out(key)) for key in keys),
    )


def _about(key: Key) -> str:
    listed = ", ".join(f"`{name}`" for name in sorted(key.beside))
    only = "tasks" if key.beside == TASKS else listed
    return _sentence(key.doc) + (f" Only with {only}." if only else "")


def _left_out(key: Key) -> str:
    if key.required:
        return "**must be there**"
    return f"`{key.default}`" if key.default else ""


def _value(shape: Shape) -> str:
    """What may stand there, in a few words."""
    match shape:
        case Choice(allowed):
            return " or ".join(f"`{word}`" for word in allowed)
        case Truth():
            return "`yes` or `no`"
        case ListOf(item, alone=True):
            return f"{_value(item)}; several in a list"
        case ListOf(item):
            return f"a list of: {_value(item)}"
        case Table(_, item):
            return f"names, each with {_value(item)}"
    return shape.words.removesuffix(",").replace("'", "`")


# ---------------------------------------------------------------- conditions, events, findings


def _conditions() -> Iterator[str]:
    yield from ("## What conditions ask", "")
    yield from _rows(
        ("question", "true, or counted, when"),
        (
            *((f"`{name}('step')`", _EVENTS[name]) for name in EVENTS),
            ("`outcome('step') == 'reached'`", "the party of the step ended so"),
            ("`happened('visit', '30d')`", "there were such activities; the time may be left out"),
            *((f"`{path}`", f"{kind.value}, to be compared") for path, kind in VARIABLES.items()),
        ),
    )
    yield "How a step ends, and the dispositions of tasks that end so:"
    yield ""
    yield from _rows(
        ("outcome", "dispositions"), ((f"`{one}`", _dispositions(one)) for one in OUTCOMES)
    )


_EVENTS = {
    "sent": "the mail left, or the task was done",
    "delivered": "their mail server took it",
    "opened": "its pictures were fetched; proves little, and warns",
    "clicked": "somebody followed a link in it",
    "replied": "a person answered it",
    "bounced": "it came back",
}


def _dispositions(outcome: str) -> str:
    return ", ".join(name for name, ends in OUTCOME_OF_DISPOSITION.items() if ends == outcome)


def _events() -> Iterator[str]:
    yield from ("## What can come in", "")
    yield "`stop: {on: …}` and `happened('…')` name one of these, or a family such as `reply`:"
    yield from ("", ", ".join(f"`{kind}`" for kind in EVENT_KINDS) + "; and `form.<name>`.", "")


def _roles() -> Iterator[str]:
    yield from ("## Roles at a buying committee", "")
    yield ", ".join(f"`{role}`" for role in sorted(ROLES)) + "; and those that the personas of the"
    yield from ("agreement bring.", "")


def _findings() -> Iterator[str]:
    yield from ("## Every finding", "")
    yield from _rows(
        ("code", "means", ""), ((f"`{code}`", code.doc, _severity(code)) for code in Code)
    )


def _severity(code: Code) -> str:
    return "" if code.severity == "error" else code.severity


# ---------------------------------------------------------------- Markdown


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield "|" + "---|" * len(head)
    yield from map(_row, rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(renewed(page.read_text("utf-8")), "utf-8")
