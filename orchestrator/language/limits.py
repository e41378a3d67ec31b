"""The caps of a playbook: its own, and the workspace's where it sets none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestrator.language.shapes import Form
from orchestrator.language.texts import rate
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.terms import Cap, Pace

SCOPES = ("contact", "account")


def caps_of(form: Form, words: Vocabulary | None) -> Iterator[Cap]:
    """The caps of a playbook's form; of a scope that it does not name, those of the workspace."""
    own = form.get("caps")
    if not own or not own.sound:
        return
    for scope in SCOPES:
        rates: Sequence[Pace] | None = own.written(scope)
        if rates is None:
            usual = words.caps.get(scope, "") if words else ""
            rates = [rate(usual)] if usual else []
        yield from (Cap(scope, one.limit, one.window) for one in rates)
