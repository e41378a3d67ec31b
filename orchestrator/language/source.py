"""YAML text -> a tree in which every key and every value knows where it stands.

YAML 1.2 with the core schema made stricter: a plain word is a number only if JSON would say so, a
truth only as `true` or `false`, and anything else is text (`no`, `on`, `22:00`, `01234`, dates).
Whatever could mean two things, or grow, is refused: anchors, aliases, merge keys, tags, duplicate
keys, several documents. Limits are checked while reading, so that no input takes long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import yaml

from accounts.errors import Problems
from orchestrator.language.codes import Code
from orchestrator.language.findings import OWN, Findings, Origin, Place, Spot, shown

__all__ = ["Node", "load_yaml", "read_yaml"]

LONGEST = 256 * 1024  # bytes
MOST_NODES = 10_000
DEEPEST = 30
MOST_DIGITS = 15

Value = str | int | float | bool | None

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MARK = b"\xef\xbb\xbf"
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
# Control characters, lone surrogates, and the line breaks that only some programs see.
_UNWELCOME = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]"
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, Value] = {"true": True, "false": False}
_WORDS |= dict.fromkeys(("", "~", "null", "Null", "NULL"))


@dataclass(frozen=True, slots=True)
class Node:
    """A key or a value. `broken` ones were refused already and are passed over in silence."""

    kind: Literal["map", "list", "scalar", "broken"]
    line: int
    col: int
    value: Value = None  # scalars
    text: str = ""  # scalars: as written, without quotes
    style: str = ""  # scalars: "" plain, ', ", | or >
    last: int = 0  # scalars: the line in which they end
    pairs: tuple[tuple[Node, Node], ...] = ()  # maps
    items: tuple[Node, ...] = ()  # lists
    origin: Origin = OWN

    def get(self, key: str) -> Node | None:
        """The value of a key of a map."""
        for name, value in self.pairs:
            if name.text == key:
                return value
        return None

    def within(self, offset: int) -> Spot:
        """Where the character `offset` of a scalar stands; over several lines, its beginning."""
        if self.last != self.line:
            return Spot(self.line, self.col, self.origin)
        quote = len(self.style)
        escaped = sum(self.text.count(sign, 0, offset) for sign in _ESCAPED[self.style])
        return Spot(self.line, self.col + quote + offset + escaped, self.origin)

    def __str__(self) -> str:
        """How a person would call it: "a list", "the text 'x'"."""
        if self.kind != "scalar":
            return f"a {self.kind}"
        if self.value is None:
            return "nothing"
        if isinstance(self.value, bool):
            return f"'{self.text}'"
        return f"the {'text' if isinstance(self.value, str) else 'number'} {shown(self.text)!r}"


_ESCAPED = {"": "", "'": "'", '"': '"\\'}


def load_yaml(source: str | bytes, file: str) -> Node:
    """Read one document. Raises Problems with everything that is wrong with it as YAML."""
    findings = Findings(file)
    node = read_yaml(source, findings)
    findings.raise_if_any()
    if node is None:  # cannot be: without a node there is a finding
        raise Problems(())
    return node


def read_yaml(source: str | bytes, findings: Findings) -> Node | None:
    """Read as much as can be read, and note what is wrong. None if there is no tree at all."""
    try:
        return _Composer(decode(source, findings), findings).document()
    except _Stop:
        return None


class _Stop(Exception):
    """Reading cannot go on; the reason is among the findings."""


# --- Text ------------------------------------------------------------------------------------


def decode(source: str | bytes, findings: Findings) -> str:
    """The text with plain line ends and without a byte order mark."""
    data = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
    if len(data) > LONGEST:
        message = f"the file has {len(data):,} bytes; {LONGEST:,} are allowed"
        _stop(findings, Spot(), Code.TOO_BIG, message)
    if data.startswith(_BOMS):
        _stop(findings, Spot(1, 1), Code.ENCODING, "the file is UTF-16 or -32", "save it as UTF-8")
    data = data.removeprefix(_MARK)
    try:
        text = _lines(
            data.decode("utf-8", "surrogatepass" if isinstance(source, str) else "strict")
        )
    except UnicodeDecodeError as error:
        at = _end(_lines(data[: error.start].decode()))
        message = f"the byte 0x{data[error.start]:02X} is not UTF-8"
        _stop(findings, at, Code.ENCODING, message, "save it as UTF-8")
    found = _UNWELCOME.search(text)
    if found:
        message = f"the character U+{ord(found[0]):04X} may not stand in a text file"
        _stop(findings, _end(text[: found.start()]), Code.ENCODING, message, "delete it")
    return text


def _lines(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)


def _end(text: str) -> Spot:
    """The position after `text`."""
    return Spot(text.count("\n") + 1, len(text) - text.rfind("\n"))


def _stop(findings: Findings, at: Place, code: Code, message: str, hint: str = "") -> NoReturn:
    findings.add(at, code, message, hint)
    raise _Stop


# --- Tree ------------------------------------------------------------------------------------


class _Composer:
    """Builds nodes from the parser's events. Depth and number are bounded as they come."""

    def __init__(self, text: str, findings: Findings) -> None:
        self._text, self._end = text, _end(text)
        self._findings = findings
        self._events = self._parse()
        self._nodes = 0

    def _parse(self) -> Iterator[Any]:
        try:
            yield from yaml.parse(self._text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            self._syntax_error(self._place(error), error)
        except (yaml.YAMLError, ValueError) as error:  # ValueError: "\U00110000" without libyaml
            self._syntax_error(Spot(1, 1), error)

    def _place(self, error: yaml.MarkedYAMLError) -> Spot:
        """Where the mistake is: what was opened and never closed, rather than the file's end."""
        marks = [mark for mark in (error.problem_mark, error.context_mark) if mark]
        spots = [Spot(mark.line + 1, mark.column + 1) for mark in marks]
        return next((spot for spot in spots if spot < _end(self._text.rstrip())), Spot(1, 1))

    def _syntax_error(self, at: Spot, error: Exception) -> NoReturn:
        message = str(getattr(error, "problem", "") or "it cannot be read")
        line = self._text.split("\n")[at.line - 1]
        sign = line[at.col - 1 : at.col]
        hint = next((hint for part, hint in _SYNTAX_HINTS if part in message), "")
        if sign == "\t":
            hint = "indent with spaces, not with tabs"
        elif sign in ("@", "`", "%"):
            hint = f"quote a text that begins with {sign}"
        _stop(self._findings, at, Code.SYNTAX, f"this is not YAML: {message}", hint)

    def document(self) -> Node:
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                node = self._node(event, 1)
                self._no_second_document()
                return node
        _stop(self._findings, Spot(1, 1), Code.DOCUMENT, "the file is empty", _FIRST)

    def _no_second_document(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                hint = "one file, one document: take this part to a file of its own"
                _stop(self._findings, _spot(event), Code.DOCUMENT, "a second document", hint)

    def _node(self, event: Any, depth: int) -> Node:
        self._nodes += 1
        at = min(_spot(event), self._end)  # libyaml sees nothing after "---" on a line of its own
        if self._nodes > MOST_NODES:
            message = f"the file has more than {MOST_NODES:,} keys and values"
            _stop(self._findings, at, Code.TOO_BIG, message)
        if depth > DEEPEST:
            message = f"more than {DEEPEST} levels within each other"
            _stop(self._findings, at, Code.TOO_BIG, message)
        if isinstance(event, yaml.AliasEvent):
            return self._broken(at, Code.SHARING, f"*{shown(event.anchor)} is an alias", _WRITE_OUT)
        if event.anchor:
            self._findings.add(at, Code.SHARING, f"&{shown(event.anchor)} is an anchor", _WRITE_OUT)
        tag = getattr(event, "tag", None)
        if tag:
            hint = "quote a text that begins with !"
            self._findings.add(at, Code.SHARING, f"'{shown(tag)}' is a tag", hint)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(at, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(at, depth)
        return self._scalar(event, at)

    def _broken(self, at: Place, code: Code, message: str, hint: str = "") -> Node:
        self._findings.add(at, code, message, hint)
        return Node("broken", at.line, at.col)

    def _list(self, at: Spot, depth: int) -> Node:
        items = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, depth + 1))
        return Node("list", at.line, at.col, items=tuple(items))

    def _map(self, at: Spot, depth: int) -> Node:
        pairs: dict[str, tuple[Node, Node]] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if self._good_key(key, pairs):
                pairs[key.text] = key, value
        return Node("map", at.line, at.col, pairs=tuple(pairs.values()))

    def _good_key(self, key: Node, pairs: dict[str, tuple[Node, Node]]) -> bool:
        if key.kind == "broken":
            return False
        if key.kind != "scalar" or not key.text:
            self._findings.add(key, Code.BAD_KEY, f"{key} is no key", "a key is a plain word")
        elif key.text == "<<" and not key.style:
            self._findings.add(key, Code.SHARING, "<< merges maps", _WRITE_OUT)
        elif key.text in pairs:
            first = pairs[key.text][0].line
            hint = f"it stands in line {first} already; one of the two would be lost"
            self._findings.add(
                key, Code.DUPLICATE_KEY, f"'{shown(key.text)}' stands here twice", hint
            )
        else:
            return True
        return False

    def _scalar(self, event: Any, at: Spot) -> Node:
        text, style = event.value, event.style or ""
        refused = _refused(text, plain=not style)
        if refused:
            return self._broken(at, Code.BAD_VALUE, *refused)
        value = text if style else _plain(text)
        last = event.end_mark.line + 1
        return Node("scalar", at.line, at.col, value, text, style, last=last)


def _refused(text: str, *, plain: bool) -> tuple[str, str] | None:
    """Why no text or number may look so, and what to do; None if it may."""
    found = _UNWELCOME.search(text)
    if found:
        return f"the text holds the character U+{ord(found[0]):04X}", "leave it out"
    if plain and _NOT_A_NUMBER.fullmatch(text):
        return f"{text} is no number", "write a number"
    if plain and _NUMBER.fullmatch(text) and not _modest(text):
        return f"a number of more than {MOST_DIGITS} digits", "quote it if it is a text"
    return None


def _modest(number: str) -> bool:
    return len(number) <= MOST_DIGITS and abs(float(number)) < 10**MOST_DIGITS


def _plain(text: str) -> Value:
    """What an unquoted word means."""
    if text in _WORDS:
        return _WORDS[text]
    found = _NUMBER.fullmatch(text)
    if not found:
        return text
    return float(text) if found[1] or found[2] else int(text)


def _spot(event: Any) -> Spot:
    return Spot(event.start_mark.line + 1, event.start_mark.column + 1)


_FIRST = "`abm new NAME` writes a playbook to begin with"
_WRITE_OUT = "write out what you mean; nothing is shared or copied here"
_SYNTAX_HINTS = (
    ("mapping values are not allowed", "look at the indentation, or quote a text that holds ': '"),
    ("expected key", "look at the indentation of this line and of those above"),
    ("expected ':'", "a key needs a colon and a space after it"),
    ("expected ',' or", "a bracket is not closed, or a comma is missing"),
    ("end of stream", "a quotation mark or a bracket is not closed"),
    ("Unicode", "this escape names no character"),
    ("escape", "within double quotes a backslash is written \\\\"),
    ("alphabetic", "quote a text that begins with * or &"),
    ("sequence entries", "a list begins on a line of its own"),
    ("block collection", "look at the indentation of this line and of those above"),
    ("expected '-'", "look at the indentation of this line and of those above"),
)
