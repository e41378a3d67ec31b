"""A value for everybody, or one for each tier and one for all others: the words of a step, say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestrator.language.findings import Findings
from orchestrator.language.shapes import Form, Json, Key, MapOf, Shape
from orchestrator.language.source import Node
from orchestrator.language.texts import TEMPLATE

KEYS = ("template", "script")  # under which words are named
OTHERS = "otherwise"
TIERS = {f"tier-{tier}": tier for tier in (1, 2, 3)}


class ByTier:
    """One value for everybody, or a map of them: one for each tier and one for all others."""

    def __init__(self, one: Shape, title: str, words: str) -> None:
        self.one, self.words = one, words
        keys = (Key(name, one, f"for accounts of tier {tier}") for name, tier in TIERS.items())
        self.each = MapOf(title, (*keys, Key(OTHERS, one, "for all others", required=True)))

    def read(self, node: Node, findings: Findings) -> Any:
        """What `one` reads, or a Form with the keys of `each`."""
        return (self.each if node.kind == "map" else self.one).read(node, findings)

    def json(self) -> Json:
        return {"anyOf": [self.one.json(), self.each.json()]}


WORDS = ByTier(TEMPLATE, "a template for each tier", "the name of a template, or one for each tier")


def named(form: Form, body: Form) -> Iterator[tuple[Form, str]]:
    """Every map and key under which a step names a template."""
    for one in (body, *form.get("split", {}).values()):
        for key in KEYS:
            said = one.get(key)
            if isinstance(said, Form):
                yield from ((said, tier) for tier in (*TIERS, OTHERS) if tier in said)
            elif said:
                yield one, key


def told(form: Form) -> tuple[str, tuple[tuple[int, str], ...]]:
    """What a step or an arm says: its template, and those of the tiers that have their own."""
    said = form.get("template") or form.get("script") or ""
    if not isinstance(said, Form):
        return said, ()
    own = tuple((tier, said[name]) for name, tier in TIERS.items() if name in said)
    return said.get(OTHERS, ""), own
