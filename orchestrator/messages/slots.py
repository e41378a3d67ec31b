"""Template sources with all that is not text set aside, so that the text can be worked on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment, TemplateError

from orchestrator.messages.grammar import Forbidden

# Characters for private use, which no source may hold, stand for what was set aside.
VALUE = "\ue000\\d+\ue002"
BLOCK = "\ue001\\d+\ue002"  # or a comment
_ANY = re.compile("[\ue000\ue001](\\d+)\ue002")
_RESERVED = re.compile("[\ue000-\ue002\x00]")
_END = {
    "variable_begin": "variable_end",
    "block_begin": "block_end",
    "comment_begin": "comment_end",
}
_WORD = re.compile(r"\{%\s*(\w+)")

_READER = Environment(autoescape=True)  # it only cuts sources into pieces, and renders nothing


@dataclass(frozen=True, slots=True)
class Slots:
    """A text in which slots stand for the pieces of `said`, by their number."""

    text: str
    said: Sequence[str]

    def filled(self, text: str) -> str:
        """A text with everything put back in place."""
        return _ANY.sub(lambda found: self.said[int(found[1])], text)

    def whole(self) -> str:
        """The source again."""
        return self.filled(self.text)

    def word(self, block: str) -> str:
        """The word that a block begins with: if, else, endif …"""
        found = _WORD.match(self.filled(block))
        return found[1] if found else ""


def slotted(source: str) -> Slots:
    """Set values, blocks and comments aside. Raises Forbidden for what Jinja cannot read."""
    if found := _RESERVED.search(source):
        line = source.count("\n", 0, found.start()) + 1
        raise Forbidden(line, "there is a character in it that no text has")
    text, said = list[str](), list[str]()
    for kind, words in _pieces(source):
        if kind == "data":
            text.append(words)
        else:
            mark = "\ue000" if kind == "variable_begin" else "\ue001"
            text.append(f"{mark}{len(said)}\ue002")
            said.append(words)
    return Slots("".join(text), said)


def _pieces(source: str) -> Iterator[tuple[str, str]]:
    """(data | variable_begin | block_begin | comment_begin, its source), in order."""
    try:
        tokens = list(_READER.lex(source))
    except TemplateError as error:
        raise Forbidden(getattr(error, "lineno", 1) or 1, str(error.message)) from error
    kind, piece, began = "", list[str](), 1
    for line, token, value in tokens:
        if not kind and token == "data":
            yield token, value
            continue
        if not kind and (token not in _END or value.endswith(("-", "+"))):
            hint = "a line with nothing but a block on it leaves no line behind"
            raise Forbidden(line, f"a template has no {value}", hint)
        if not kind:
            kind, began = token, line
        piece.append(value)
        if token == _END[kind]:
            if value.strip()[0] in "-+":
                raise Forbidden(line, f"a template has no {value.strip()}")
            yield kind, "".join(piece)
            kind, piece = "", []
    if kind:
        raise Forbidden(began, f"'{piece[0]}' is not closed")
