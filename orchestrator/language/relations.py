"""How a step says whom it reaches (`to`) and what it waits for (`after`)."""

from __future__ import annotations

from typing import Any

from accounts.nearest import look_alike
from orchestrator.language.codes import Code
from orchestrator.language.findings import Findings, shown
from orchestrator.language.shapes import BAD, NAME, Json, ListOf, Text, Word, wrong_type
from orchestrator.language.source import Node
from orchestrator.terms import After, How, Reach

__all__ = ["ALL", "Following", "Reaching"]

ALL = "all"  # of every seat; for ads and other things without a person, the account as a whole
CONTACT = ".contact"

_SEAT = Text("the name of a seat", NAME, Code.BAD_NAME, "such as buyer")
_SEATS = ListOf(_SEAT, least=1, most=50, distinct=True)
_STEP = Text("the id of a step", NAME, Code.BAD_NAME, "such as first-mail")


class Reaching:
    """`buyer`, `[champion, buyer]`, `all`, `{first: [champion, buyer]}` or `ring.contact`.

    Reads to a Reach whose names are Words; `all` stays the one seat ALL until seats are known.
    """

    words = "whom a step reaches, such as a seat,"

    def read(self, node: Node, findings: Findings) -> Any:
        if node.kind == "map":
            return self._first(node, findings)
        if node.kind == "list":
            return _reach(How.EACH, _SEATS.read(node, findings))
        if node.kind != "scalar" or not node.text:
            return wrong_type(node, self.words, findings)
        if node.text.endswith(CONTACT):
            step = Word(node.text.removesuffix(CONTACT), node)
            return Reach(How.STEP, step=step)
        seat = _SEAT.read(node, findings)
        return BAD if seat is BAD else Reach(How.EACH, (seat,))

    def _first(self, node: Node, findings: Findings) -> Any:
        if [key.text for key, _ in node.pairs] != ["first"]:
            return wrong_type(node, self.words, findings, "a map says {first: [champion, buyer]}")
        value = node.pairs[0][1]
        seats = _SEATS if value.kind == "list" else ListOf(_SEAT, alone=True)
        return _reach(How.FIRST, seats.read(value, findings))

    def json(self) -> Json:
        name: Json = {"type": "string"}
        seats: Json = {"type": "array", "items": name, "minItems": 1}
        first = {
            "type": "object",
            "properties": {"first": {"anyOf": [name, seats]}},
            "required": ["first"],
            "additionalProperties": False,
        }
        return {"anyOf": [name, seats, first]}


def _reach(how: How, seats: Any) -> Any:
    return BAD if seats is BAD or not seats else Reach(how, tuple(seats))


class Following:
    """What a step waits for.

    `[]` nothing · `x` one step · `[x, y]` all of them · `{any: [x, y]}` the first of them. In the
    place of a name, `{x: ended}` waits until ads have run out and not just until they are live.
    A map of names does the same in fewer brackets: `{x: ended}`, `{x: any, y: any}`.
    Reads to an After whose names are Words.
    """

    words = "what a step waits for, such as the id of a step,"

    def read(self, node: Node, findings: Findings) -> Any:
        if node.kind != "map":
            return self._after(node, findings)
        first = node.get("any")
        if first and len(node.pairs) == 1 and first.text not in ("any", "ended"):
            return self._after(first, findings, any_of=True)
        words = {value.text for _, value in node.pairs}
        if words == {"any"}:
            return self._names([key for key, _ in node.pairs], findings, any_of=True)
        return self._after(node, findings)

    def _after(self, node: Node, findings: Findings, *, any_of: bool = False) -> Any:
        if node.kind == "list":
            return self._names(node.items, findings, any_of=any_of)
        return self._names((node,), findings, any_of=any_of)

    def _names(self, nodes: Any, findings: Findings, *, any_of: bool) -> Any:
        steps: list[Word] = []
        ended: set[Word] = set()
        before = findings.count
        for node in nodes:
            for name, value in node.pairs if node.kind == "map" else ((node, None),):
                step = self._name(name, value, findings)
                if step in steps:
                    findings.add(name, Code.WRONG_COUNT, f"'{step}' stands here twice")
                elif step is not BAD:
                    steps.append(step)
                    ended |= {step} if value else set()
        return After(tuple(steps), any_of, frozenset(ended)) if findings.count == before else BAD

    def _name(self, name: Node, value: Node | None, findings: Findings) -> Any:
        if value and value.text != "ended":
            message = f"{value} says nothing about a step"
            hint = look_alike(value.text) or "write {x: ended}, or {any: [x, y]}"
            if value.kind == "scalar" and value.value is None:
                message = f"'{shown(name.text)}' has no word beside it"
                hint = f"a list holds bare names: [{{x: ended}}, {shown(name.text)}]"
            findings.add(value, Code.WRONG_VALUE, message, hint)
            return BAD
        return _STEP.read(name, findings)

    def json(self) -> Json:
        ended = {"type": "object", "additionalProperties": {"enum": ["ended", "any"]}}
        one = {"anyOf": [{"type": "string"}, ended]}
        several = {"type": "array", "items": one}
        first = {
            "type": "object",
            "properties": {"any": {"anyOf": [one, several]}},
            "required": ["any"],
            "additionalProperties": False,
        }
        return {"anyOf": [*one["anyOf"], several, first]}
