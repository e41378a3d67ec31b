"""The HTML part of a mail: a few harmless elements, and values only where they can do no harm.

Escaping protects text and quoted attributes. It does not protect an attribute without quotes, the
inside of a tag or of a script, or a link whose scheme comes from a value: these are refused here,
or go through the filter `link`.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from orchestrator.messages.grammar import Forbidden
from orchestrator.messages.sandbox import SCHEMES
from orchestrator.messages.slots import BLOCK, VALUE, Slots

ELEMENTS = frozenset(
    {
        "a", "b", "blockquote", "br", "div", "em", "h1", "h2", "h3", "hr", "i", "img", "li", "ol",
        "p", "small", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
    }
)  # fmt: skip
ATTRIBUTES = frozenset(
    {
        "align", "alt", "border", "cellpadding", "cellspacing", "height", "href", "lang", "role",
        "src", "style", "title", "valign", "width",
    }
)  # fmt: skip
_LINKS = ("href", "src")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SLOT = re.compile("[\ue000\ue001]")
_VALUE = re.compile(VALUE)
_HEAD = '<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n'
_TAIL = "\n</body></html>\n"


def checked(slots: Slots) -> str:
    """The Jinja source of a whole page around a checked body; raises Forbidden."""
    reader = _Reader()
    reader.feed(slots.text)
    reader.close()
    said = [
        f"{{{{ ({one[2:-2]}) | link }}}}" if number in reader.links else one
        for number, one in enumerate(slots.said)
    ]
    return _HEAD + Slots(slots.text, said).filled(slots.text) + _TAIL


class _Reader(HTMLParser):
    """Refuses what mail must not have, and finds the values with which links begin."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.links: set[int] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        if _SLOT.search(_QUOTED.sub("", raw)) or re.search(BLOCK, raw):
            hint = 'put it in quotes, as in title="{{ account.name }}"'
            raise self._refused(
                f"a value stands inside of <{_shown(tag)}>, where it can do harm", hint
            )
        if tag not in ELEMENTS:
            raise self._refused(f"a mail has no <{_shown(tag)}>", f"there are {_list(ELEMENTS)}")
        for name, value in attrs:
            self._attribute(name, value or "")

    handle_startendtag = handle_starttag

    def _attribute(self, name: str, value: str) -> None:
        if name not in ATTRIBUTES:
            hint = f"there are {_list(ATTRIBUTES)}"
            raise self._refused(f"an element has no {_shown(name)} in a mail", hint)
        if name == "style" and (_SLOT.search(value) or "url(" in value.lower() or "\\" in value):
            raise self._refused("a style holds no values and no addresses")
        if name not in _LINKS:
            return
        if found := _VALUE.match(value):
            self.links.add(int(found[0][1:-1]))
        elif not value.lower().startswith(SCHEMES):
            raise self._refused(f"'{_shown(value)}' is no link", f"begin it with {_list(SCHEMES)}")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise self._refused("a '<' that begins no element", "write it as &lt;")

    def handle_decl(self, decl: str) -> None:
        raise self._refused("leave the frame of the page out", "write only what stands in its body")

    def handle_comment(self, data: str) -> None:
        raise self._refused("no HTML comments", "{# this is a comment #} stays at home")

    def unknown_decl(self, data: str) -> None:
        self.handle_decl(data)

    def handle_pi(self, data: str) -> None:
        self.handle_decl(data)

    def _refused(self, message: str, hint: str = "") -> Forbidden:
        return Forbidden(self.getpos()[0], message, hint)


def _shown(text: str) -> str:
    return re.sub("[\ue000-\ue002]", "", text)[:40]


def _list(names: frozenset[str] | tuple[str, ...]) -> str:
    return ", ".join(sorted(names))
