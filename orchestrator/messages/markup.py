"""From a template's file to the Jinja sources of its parts: subject, text and HTML.

The light markup is turned into HTML before any value is filled in, so that a value can never
become markup: paragraphs, lines, `- ` lists, `[words](link)`, `<link>`. docs/templates.md tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from orchestrator.messages.grammar import Forbidden, below
from orchestrator.messages.page import checked
from orchestrator.messages.sandbox import SCHEMES
from orchestrator.messages.slots import BLOCK, VALUE, Slots, slotted

KEYS = ("subject", "title", "insight")
FRONT = "---"
HTML_PART = "--- html ---"

_LINK = re.compile(r"\[([^\[\]\n]+)\]\(([^()\s]+)\)|<((?:https?://|mailto:|tel:)[^<>\s]+)>")
_BLOCKS_ONLY = re.compile(f"(?:\\s*{BLOCK})+\\s*")
_VALUE = re.compile(VALUE)
_ADDRESS = "{% if postal_address %}\n{{ postal_address }}\n{% endif %}\n"
_ADDRESS_HTML = "{% if postal_address %}<p>{{ postal_address }}</p>{% endif %}\n"


@dataclass(frozen=True, slots=True)
class Parts:
    """Jinja sources. `line` and `html_line` are how many lines of the file stand before each.

    `insight` is what the reader learns, in one line.
    """

    subject: str
    text: str
    html: str
    line: int
    html_line: int
    insight: str = ""


def split(source: str) -> Parts:
    """The parts of a template's file; raises Forbidden.

    With a subject it is a mail, with an HTML part made from its text unless it brings its own.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    front, body, line = _front(source)
    if "subject" not in front:
        with below(line):
            insight = front.get("insight", "")
            return Parts(front.get("title", ""), _text(slotted(body)), "", line, line, insight)
    body, mark, own = body.partition(f"\n{HTML_PART}\n")
    html_line = line + body.count("\n") + 2 if mark else line
    if "postal_address" not in body + own:
        body = f"{body.rstrip()}\n\n{_ADDRESS}"
        own = f"{own.rstrip()}\n{_ADDRESS_HTML}" if mark else ""
    with below(line):
        slots = slotted(body)
        text = _text(slots)
        page = slots if mark else Slots(_Html(slots).page(), slots.said)
    with below(html_line):
        html = checked(slotted(own) if mark else page)
    return Parts(front["subject"], text, html, line, html_line, front.get("insight", ""))


def _front(source: str) -> tuple[dict[str, str], str, int]:
    """The keys between two lines of `---` on top, what follows, and the lines before that."""
    lines = source.split("\n")
    if lines[0].rstrip() != FRONT:
        return {}, source, 0
    front: dict[str, str] = {}
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == FRONT:
            return front, "\n".join(lines[number:]), number
        key, colon, value = line.partition(":")
        if not colon or key.strip() not in KEYS or key.strip() in front or not value.strip():
            hint = f"between the lines of {FRONT} stand {', '.join(KEYS)}, each once"
            raise Forbidden(number, f"'{line.strip()[:40]}' is no line of the front part", hint)
        with below(number - 1):
            front[key.strip()] = slotted(value.strip()).whole()
    raise Forbidden(1, "the front part does not end", f"close it with a line of {FRONT}")


def _text(slots: Slots) -> str:
    """The text part: links say their words, then where they go.

    A line of blocks alone leaves no line behind: its end moves into the last block, so that lines
    keep their numbers.
    """

    def said(found: re.Match[str]) -> str:
        words, target, bare = found.groups()
        return bare or (words if words == target else f"{words} ({target})")

    lines = list[str]()
    for line in slots.text.split("\n"):
        if _BLOCKS_ONLY.fullmatch(line):
            blocks = slots.filled("".join(line.split()))
            lines.append(f"{blocks[:-2]}\n{blocks[-2:]}")
        else:
            lines.append(slots.filled(_LINK.sub(said, line)) + "\n")
    return "".join(lines)


class _Html:
    """The HTML of a text in light markup: one pass over its lines."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.out: list[str] = []
        self.open = ""  # the element that the next line may continue: "", p or ul
        self.inside: list[bool] = []  # of each open block: whether it began inside of an element

    def page(self) -> str:
        number = 0
        for number, line in enumerate(self.slots.text.split("\n"), 1):
            self._line(line.strip(), number)
        self._close(number)
        return "\n".join(self.out)

    def _line(self, line: str, number: int) -> None:
        if not line:
            self._close(number)
        elif _BLOCKS_ONLY.fullmatch(line):
            self._blocks(line, number)
        elif line.startswith("- "):
            self._begin("ul", number)
            self.out.append(f"<li>{self._inline(line[2:], number)}</li>")
        elif self.open == "p":
            self.out.append(f"<br>{self._inline(line, number)}")
        else:
            self._begin("p", number)
            self.out.append(self._inline(line, number))

    def _begin(self, element: str, number: int) -> None:
        if self.open != element:
            self._close(number)
            self.out.append(f"<{element}>")
            self.open = element

    def _blocks(self, line: str, number: int) -> None:
        """Blocks with a line of their own: what began outside of an element ends outside."""
        for slot in re.findall(BLOCK, line):
            opens = self.slots.word(slot) in ("if", "for")
            if not opens and self.inside and not self.inside[-1]:
                self._close(number)
            self._track(slot)
        self.out.append(line)

    def _inline(self, line: str, number: int) -> str:
        for slot in re.findall(BLOCK, line):
            self._track(slot)
        pieces, end = list[str](), 0
        for found in _LINK.finditer(line):
            words, target, bare = found.groups()
            where = target or bare
            if not (_VALUE.match(where) or where.lower().startswith(SCHEMES)):
                hint = f"begin it with {', '.join(SCHEMES)}"
                raise Forbidden(number, f"'{where[:40]}' is no link", hint)
            pieces.append(escape(line[end : found.start()]))
            pieces.append(f'<a href="{escape(where)}">{escape(words or bare)}</a>')
            end = found.end()
        return "".join(pieces) + escape(line[end:])

    def _track(self, slot: str) -> None:
        word = self.slots.word(slot)
        if word in ("if", "for"):
            self.inside.append(bool(self.open))
        elif word in ("endif", "endfor") and self.inside:
            self.inside.pop()

    def _close(self, number: int) -> None:
        """End the paragraph or list, with every block that began in it."""
        if any(self.inside):
            hint = "give {% if %} and {% endif %} lines of their own, with empty lines around"
            raise Forbidden(number, "a block begins in a paragraph and ends after it", hint)
        if self.open:
            self.out.append(f"</{self.open}>")
        self.open = ""
