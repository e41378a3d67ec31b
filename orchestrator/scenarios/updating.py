"""Writes what happened into the expectation of a scenario; nothing else of the file changes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orchestrator.language.shapes import Form
from orchestrator.scenarios.expecting import LISTS, broken, in_words
from orchestrator.scenarios.happened import Happened, Outcome

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ()'_./+-]|:(?=[0-9]))*")


def updated(source: str, expect: Form, outcome: Outcome) -> str:
    """The source with the expectation that holds; an empty one becomes all but the log."""
    lines = source.splitlines()
    written = [key.text for key, _ in expect.node.pairs]
    keys = written or [*(key for key in LISTS if getattr(outcome, key)), "ends"]
    fresh = ["expect:", *(line for key in keys for line in _key(key, expect, outcome))]
    start = next((n for n, line in enumerate(lines) if re.match(r"expect\s*:", line)), len(lines))
    after = lines[start + 1 :]
    end = next((n for n, line in enumerate(after) if re.match(r"[^\s#-]", line)), len(after))
    return "\n".join([*lines[:start], *fresh, *after[end:]]) + "\n"


def _key(key: str, expect: Form, outcome: Outcome) -> Iterator[str]:
    if key in LISTS:
        rows = [f"    - {_row(key, one, outcome)}" for one in getattr(outcome, key)]
        yield from (f"  {key}:", *rows) if rows else ()
    elif key == "never":
        kept = [one for one in expect["never"] if not broken(one, outcome)]
        yield from ("  never:", *(f"    - {in_words(one)}" for one in kept)) if kept else ()
    elif key == "log":
        yield from ("  log: |", *(f"    {line}" for line in outcome.log))
    elif key == "ends":
        yield f"  ends: {outcome.ends}"
    elif key == "ended" and outcome.ended_at:
        yield f"  ended: {Happened(outcome.ended_at, '', '').on(outcome.start)}"


def _row(key: str, one: Happened, outcome: Outcome) -> str:
    told = {
        "task" if key == "tasks" else "step": one.name,
        "who": one.who,
        "at": one.on(outcome.start),
        "because" if key == "holds" else "": one.words if key == "holds" else "",
    }
    said = (f"{name}: {_quoted(value)}" for name, value in told.items() if value)
    return "{" + ", ".join(said) + "}"


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"
