"""The shapes that values can have. A shape reads a node, and describes itself to editors.

Reading never raises: what is wrong goes to the findings, and BAD stands for what could not be
read. Names keep their places (`Word`), so that later checks can point at them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

from accounts.nearest import look_alike
from orchestrator.language.codes import Code
from orchestrator.language.findings import Findings, Origin, Place, shown
from orchestrator.language.source import Node, load_yaml

BAD: Final[Any] = object()
NAME = r"[A-Za-z][A-Za-z0-9_-]{0,63}"

Json = dict[str, Any]


class Word(str):
    """A text that knows where it stands."""

    __slots__ = ("col", "line", "origin")
    line: int
    col: int
    origin: Origin

    def __new__(cls, text: str, at: Place) -> Word:
        self = super().__new__(cls, text)
        self.line, self.col, self.origin = at.line, at.col, at.origin
        return self


class Shape(Protocol):
    """What a value must look like."""

    @property
    def words(self) -> str:
        """How a person would call it: "a whole number"."""

    def read(self, node: Node, findings: Findings) -> Any:
        """The value, or BAD after a finding."""

    def json(self) -> Json:
        """The same as JSON Schema."""


def wrong_type(node: Node, words: str, findings: Findings, hint: str = "") -> Any:
    """Say that something else is wanted here. BAD."""
    if node.kind != "broken":
        findings.add(node, Code.WRONG_TYPE, f"{node} stands where {words} belongs", hint)
    return BAD


# --- Single values ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A text; numbers are taken as they were written. `pattern` binds all of it."""

    words: str = "a line of text"
    pattern: str = ""
    code: Code = Code.WRONG_VALUE
    hint: str = ""
    most: int = 200
    lines: bool = False  # whether it may have several

    def read(self, node: Node, findings: Findings) -> Any:
        if node.kind != "scalar" or not node.text.strip():
            return wrong_type(node, self.words, findings)
        text = node.text.strip() if self.lines else node.text
        if len(text) > self.most:
            message = f"a text of {len(text)} characters; {self.most} are allowed"
            findings.add(node, self.code, message)
            return BAD
        if (self.pattern and not re.fullmatch(self.pattern, text)) or (
            "\n" in text and not self.lines
        ):
            hint = (look_alike(text) if self.pattern else "") or self.hint
            findings.add(node, self.code, f"{node} is not {self.words}", hint)
            return BAD
        return Word(text, node)

    def json(self) -> Json:
        pattern = {"pattern": f"^{self.pattern}$"} if self.pattern else {}
        return {"type": "string", "minLength": 1, "maxLength": self.most, **pattern}


@dataclass(frozen=True, slots=True)
class Truth:
    """Yes or no."""

    words: str = "yes or no"

    def read(self, node: Node, findings: Findings) -> Any:
        said = {"true": True, "yes": True, "false": False, "no": False}.get(node.text)
        return wrong_type(node, self.words, findings) if said is None else said

    def json(self) -> Json:
        return {"enum": [True, False, "yes", "no"]}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    @property
    def words(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def read(self, node: Node, findings: Findings) -> Any:
        if not isinstance(node.value, int) or isinstance(node.value, bool):
            return wrong_type(node, self.words, findings)
        if not self.low <= node.value <= self.high:
            findings.add(node, Code.WRONG_VALUE, f"{node.value} is not {self.words}")
            return BAD
        return node.value

    def json(self) -> Json:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    allowed: tuple[str, ...]

    @property
    def words(self) -> str:
        return "one of " + ", ".join(self.allowed)

    def read(self, node: Node, findings: Findings) -> Any:
        if node.kind != "scalar":
            return wrong_type(node, self.words, findings)
        if node.text not in self.allowed:
            hint = findings.nearest(node.text, self.allowed)
            findings.add(node, Code.WRONG_VALUE, f"'{shown(node.text)}' is not allowed here", hint)
            return BAD
        return Word(node.text, node)

    def json(self) -> Json:
        return {"enum": list(self.allowed)}


class BadText(ValueError):
    """A text that cannot be parsed, and where in it (0-based) the mistake is."""

    def __init__(self, message: str, hint: str = "", col: int = 0) -> None:
        super().__init__(message)
        self.message, self.hint, self.col = message, hint, col


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text with a grammar of its own. `parse` raises ValueError, or BadText to say where."""

    words: str
    parse: Callable[[str], Any]
    pattern: str = ""
    code: Code = Code.WRONG_VALUE
    most: int = 100  # characters

    def read(self, node: Node, findings: Findings) -> Any:
        if node.kind != "scalar" or not node.text.strip() or len(node.text) > self.most:
            return wrong_type(node, self.words, findings)
        try:
            return self.parse(node.text)
        except BadText as error:
            findings.add(node.within(error.col), self.code, error.message, error.hint)
        except ValueError as error:
            message, _, hint = str(error).partition("; ")
            findings.add(node, self.code, message, hint)
        return BAD

    def json(self) -> Json:
        return {"type": "string", **({"pattern": self.pattern} if self.pattern else {})}


# --- Lists and maps --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list. With `alone`, one entry needs no brackets."""

    item: Shape
    least: int = 0
    most: int = 100
    alone: bool = False
    distinct: bool = False

    @property
    def words(self) -> str:
        return self.item.words if self.alone else f"a list, each entry {self.item.words},"

    def read(self, node: Node, findings: Findings) -> Any:
        """The entries that could be read, as a list."""
        if self.alone and node.kind != "list":
            value = self.item.read(node, findings)
            return BAD if value is BAD else [value]
        if node.kind != "list":
            return wrong_type(node, self.words, findings, "write it in [brackets] or after dashes")
        if not self.least <= len(node.items) <= self.most:
            few = len(node.items) < self.least
            limit = f"at least {self.least} is needed" if few else f"{self.most} are allowed"
            message = f"a list of {len(node.items)} entries; {limit}"
            findings.add(node, Code.WRONG_COUNT, message)
        values = []
        for item in node.items[: self.most]:
            value = self.item.read(item, findings)
            if self.distinct and value in values:
                findings.add(item, Code.WRONG_COUNT, f"'{item.text}' stands here twice")
            elif value is not BAD:
                values.append(value)
        return values

    def json(self) -> Json:
        array: Json = {"type": "array", "items": self.item.json(), "maxItems": self.most}
        if self.least:
            array["minItems"] = self.least
        if self.distinct:
            array["uniqueItems"] = True
        return {"anyOf": [self.item.json(), array]} if self.alone else array


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a map: its name, what may stand there, one line of documentation.

    `default` is the text that means the same as leaving the key out, "" if there is none. A key
    with `beside` may stand only where one of those keys stands too.
    """

    name: str
    shape: Shape
    doc: str
    default: str = ""
    required: bool = False
    beside: frozenset[str] = frozenset()

    def fits(self, node: Node) -> bool:
        """Whether the key may stand in this map."""
        return not self.beside or any(name.text in self.beside for name, _ in node.pairs)

    def json(self) -> Json:
        default = {"default": _default(self.default)} if self.default else {}
        return {**self.shape.json(), "description": self.doc, **default}


@dataclass(frozen=True, slots=True)
class Form:
    """A map that was read: the values of its keys, defaults for those left out included.

    `sound` is false if there were findings in it: checks that would only repeat them leave it out.
    """

    node: Node
    values: Mapping[str, Any]
    sound: bool

    def __contains__(self, key: str) -> bool:
        """Whether the key was written (and could be read)."""
        return self.written(key) is not None

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def written(self, key: str) -> Any:
        """The value of a key that was written; None for a default."""
        return self.values.get(key) if self.node.get(key) is not None else None

    def at(self, key: str) -> Node:
        """The node of a value; for one that was not written, the map's own."""
        return self.node.get(key) or self.node


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map of known keys."""

    words: str
    keys: tuple[Key, ...]
    bare: bool = False  # whether nothing at all means no keys

    def read(self, node: Node, findings: Findings) -> Any:
        if self.bare and node.kind == "scalar" and node.value is None:
            node = Node("map", node.line, node.col)
        if node.kind != "map":
            return wrong_type(node, self.words, findings)
        before = findings.count
        values = dict(self._values(node, findings))
        for key in self.keys:
            if node.get(key.name) is not None:
                continue
            if key.required:
                message = f"'{key.name}' is missing from {self.words}"
                findings.add(node, Code.MISSING_KEY, message, f"{key.name}: {key.doc}")
            elif key.default and key.fits(node):
                values[key.name] = _read_default(key)
        broken = any(value.kind == "broken" for _, value in node.pairs)  # told before
        return Form(node, values, sound=findings.count == before and not broken)

    def _values(self, node: Node, findings: Findings) -> Iterator[tuple[str, Any]]:
        known = {key.name: key for key in self.keys}
        for name, value_node in node.pairs:
            key = known.get(name.text)
            if not key:
                message = f"{self.words} has no key '{shown(name.text)}'"
                findings.add(name, Code.UNKNOWN_KEY, message, findings.nearest(name.text, known))
                continue
            if not key.fits(node):
                message = f"'{name.text}' does not go with what this is"
                hint = "only with " + ", ".join(sorted(key.beside))
                findings.add(name, Code.WRONG_KIND, message, hint)
            value = key.shape.read(value_node, findings)
            if value is not BAD:
                yield name.text, value

    def json(self) -> Json:
        required = [key.name for key in self.keys if key.required]
        shape: Json = {
            "type": ["object", "null"] if self.bare else "object",
            "properties": {key.name: key.json() for key in self.keys},
            "additionalProperties": False,
        }
        return {**shape, "required": required} if required else shape


def _read_default(key: Key) -> Any:
    """The value of a key that was left out."""
    return key.shape.read(_default_node(key.default), Findings(""))


@lru_cache(maxsize=256)
def _default_node(text: str) -> Node:
    return load_yaml(text, "default")


def _default(text: str) -> Any:
    node = _default_node(text)
    if node.kind == "map":
        return {}
    return [item.value for item in node.items] if node.kind == "list" else node.value


@dataclass(frozen=True, slots=True)
class Table:
    """A map whose keys are names that the author chose."""

    words: str
    item: Shape
    name: Text
    least: int = 0
    most: int = 50

    def read(self, node: Node, findings: Findings) -> Any:
        """The entries that could be read: Word -> value."""
        if node.kind != "map":
            return wrong_type(node, self.words, findings)
        if not self.least <= len(node.pairs) <= self.most:
            message = f"{len(node.pairs)} entries where {self.least} to {self.most} are allowed"
            findings.add(node, Code.WRONG_COUNT, message)
        read = (
            (self.name.read(name, findings), self.item.read(value, findings))
            for name, value in node.pairs[: self.most]
        )
        return {name: value for name, value in read if name is not BAD and value is not BAD}

    def json(self) -> Json:
        return {
            "type": "object",
            "additionalProperties": self.item.json(),
            "propertyNames": self.name.json(),
            "minProperties": self.least,
            "maxProperties": self.most,
        }
