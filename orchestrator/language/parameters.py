"""What a group of steps asks of whoever includes it: names, each with the type of its value."""

from __future__ import annotations

from typing import Any, NamedTuple

from orchestrator.language.findings import Findings
from orchestrator.language.shapes import (
    BAD,
    Choice,
    Json,
    Key,
    MapOf,
    Shape,
    Table,
    Whole,
    wrong_type,
)
from orchestrator.language.source import Node
from orchestrator.language.texts import ID, PROSE, SPAN, TEMPLATE

__all__ = ["PARAMETERS", "TYPES", "VALUES", "Parameter"]


class Type(NamedTuple):
    """What a value must look like, and a value that does."""

    shape: Shape
    example: str


TYPES = {
    "seat": Type(ID, "champion"),
    "template": Type(TEMPLATE, "email/first-mail"),
    "span": Type(SPAN, "3 business days"),
    "number": Type(Whole(0, 1_000_000), "3"),
    "text": Type(PROSE, "some words"),
}


class Parameter(NamedTuple):
    """The type of a parameter's value, and the value that it has when nobody gives one."""

    type: str
    default: Node | None = None


class Value:
    """One value, kept with its place; its type is the parameter's business."""

    words = "one value"

    def read(self, node: Node, findings: Findings) -> Any:
        """The node itself."""
        plain = node.kind == "scalar" and node.text
        return node if plain else wrong_type(node, self.words, findings)

    def json(self) -> Json:
        return {"type": ["string", "number"]}


VALUES = Table("values", Value(), ID)
_TYPE = Choice(tuple(TYPES))
_LONG = MapOf(
    "a parameter",
    (
        Key("type", _TYPE, "what its value is", required=True),
        Key("default", Value(), "its value where none is given"),
    ),
)


class Declared:
    """`seat`, or `{type: seat, default: champion}`."""

    words = "a parameter: its type, or {type: …, default: …},"

    def read(self, node: Node, findings: Findings) -> Any:
        """A Parameter."""
        if node.kind != "map":
            said = _TYPE.read(node, findings)
            return BAD if said is BAD else Parameter(said)
        form = _LONG.read(node, findings)
        if form is BAD or "type" not in form:
            return BAD
        default = form.get("default")
        if default and TYPES[form["type"]].shape.read(default, findings) is BAD:
            return BAD
        return Parameter(form["type"], default)

    def json(self) -> Json:
        return {"anyOf": [_TYPE.json(), _LONG.json()]}


PARAMETERS = Table("parameters", Declared(), ID)
