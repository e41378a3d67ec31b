"""Names of steps within a group, as whoever includes it knows them: `ring` is `opening-ring`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchestrator.conditions import Expr, with_steps
from orchestrator.language.shapes import Form, Word
from orchestrator.terms import After, Reach


def renamed(form: Form, prefix: str) -> Form:
    """A map in which everything that names a step names it with the prefix.

    The ids themselves have it already: they were read so.
    """
    values = {key: _renamed(v, prefix) for key, v in form.values.items()}
    if isinstance(was := values.get("was"), str):
        values["was"] = _word(was, prefix)
    return replace(form, values=values)


def _renamed(value: Any, prefix: str) -> Any:
    match value:
        case Form():
            return renamed(value, prefix)
        case After(steps, _, ended):
            return replace(
                value,
                steps=tuple(_word(name, prefix) for name in steps),
                ended=frozenset(_word(name, prefix) for name in ended),
            )
        case Reach(step=step) if step:
            return replace(value, step=_word(step, prefix))
        case Expr():
            return with_steps(value, lambda step: prefix + step)
        case list():
            return [_renamed(one, prefix) for one in value]
        case Mapping():
            return {name: _renamed(one, prefix) for name, one in value.items()}
    return value


def _word(name: str, prefix: str) -> str:
    return Word(prefix + name, name) if isinstance(name, Word) else prefix + name
