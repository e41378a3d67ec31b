"""The HTML of somebody's mail becomes text in our light markup: paragraphs, lists, links.

One pass, in time that grows with the length only, whatever is not closed. docs/templates.md tells
what the markup is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from orchestrator.sequences.fields import Fields

SCHEMES = ("https://", "http://", "mailto:", "tel:")
_LOOKS = re.compile(
    r"<(?:p|div|br|a|ul|ol|li|span|b|strong|i|em|table|html|body|img|h[1-6])[\s>/]", re.IGNORECASE
)
_TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^\"'>]|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_HEADS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PARAGRAPHS = _HEADS | {
    "p", "div", "ul", "ol", "table", "blockquote", "section", "article", "header", "footer", "hr",
    "body",
}  # fmt: skip
_LINES = frozenset(("br", "tr"))
_SKIPPED = frozenset(("script", "style", "head", "title", "iframe", "object", "svg", "noscript"))
_DRESS = _HEADS | {
    "b", "strong", "i", "em", "u", "s", "font", "sup", "sub", "table", "blockquote",
}  # fmt: skip
_FIELD = re.compile(r"(\{\{[^{}\n]*\}?\}\}|\{%[^{}%\n]*%\}|%[a-z]+\.[A-Za-z_.]+%)")


def is_html(body: str) -> bool:
    """Whether a body is HTML rather than text."""
    return bool(_LOOKS.search(body))


class Markup:
    """The text of one body, and what of it is `lost`."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.lost: dict[str, None] = {}
        self._out: list[str] = []
        self._words: list[str] | None = None  # of an open link
        self._target = ""
        self._skip = ""  # the element whose inside is left out

    def of_html(self, body: str) -> str:
        """The body in light markup."""
        for kind, said in _pieces(body):
            if kind == "text":
                self._text(said)
            else:
                self._tag(said)
        self._close_link()
        return _tidy("".join(self._out))

    def of_text(self, body: str) -> str:
        """A body without HTML: its lines as they stand."""
        lines = self.fields.text(_no_links(body)).split("\n")
        return _tidy("\n".join(line.strip() for line in lines))

    # ------------------------------------------------------------ pieces

    def _text(self, said: str) -> None:
        if not self._skip:
            words = re.sub(r"\s+", " ", unescape(said))
            self._put(self.fields.text(_no_links(words)))

    def _put(self, said: str) -> None:
        (self._out if self._words is None else self._words).append(said)

    def _tag(self, raw: str) -> None:
        found = _TAG.match(raw) or re.match(r"(/?)([a-zA-Z][a-zA-Z0-9]*)([^>]*)", raw)
        if not found:
            return
        closing, name, rest = bool(found[1]), found[2].lower(), found[3]
        if name in _SKIPPED:
            self._skip = "" if closing and name == self._skip else self._skip or name
            self.lost.setdefault(f"<{name}> and what stands in it")
        elif not self._skip:
            self._element(name, rest, closing=closing)

    def _element(self, name: str, rest: str, *, closing: bool) -> None:
        if name == "a":
            self._close_link()
            if not closing:
                self._words, self._target = [], _attribute(rest, "href")
        elif name == "img":
            self.lost.setdefault("pictures")
        elif name == "li" and not closing:
            self._break("\n- ")
        elif name in _PARAGRAPHS:
            self._break("\n\n")
        elif name in _LINES and not closing:
            self._break("\n")
        if name in _DRESS or (not closing and "style" in rest):
            self.lost.setdefault("bold, italics, colours and tables: a mail here is plain")

    def _break(self, said: str) -> None:
        """A line ends inside of a link too: the words go on behind it as text."""
        self._close_link()
        self._out.append(said)

    def _close_link(self) -> None:
        if self._words is None:
            return
        words, self._words = "".join(self._words), None
        target = self._address(self._target)
        shown = re.sub(r"[\[\]\n]", " ", words).strip()
        if not target:
            self._out.append(words)
        elif not shown:
            self._out.append(f"<{target}>" if target.lower().startswith(SCHEMES) else "")
        else:
            before, after = (" " if side.isspace() else "" for side in (words[0], words[-1]))
            self._out.append(f"{before}[{shown}]({target}){after}")

    def _address(self, said: str) -> str:
        """The address of a link as our markup takes it; "" for what is none."""
        said = unescape(said).strip()
        pieces = _FIELD.split(said)
        plain = [re.sub(r"[\s()<>\[\]\"{}]", _quoted, one) for one in pieces[::2]]
        fields = [*pieces[1::2], ""]
        target = "".join(a + b for a, b in zip(plain, fields, strict=True))
        if re.match(r"(?i)www\.[^\s]+\.", target):
            target = f"https://{target}"
        if target.lower().startswith(SCHEMES) or (target and not plain[0] and fields[0]):
            return self.fields.link(target)
        if target and not target.startswith("#"):
            self.lost.setdefault(f"the link {said[:60]!r}: it is no address")
        return ""


def _quoted(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}" if ord(found[0]) < 128 else ""


def _attribute(rest: str, name: str) -> str:
    for found in _ATTRIBUTE.finditer(rest):
        if found[1].lower() == name:
            return found[2] or found[3] or found[4] or ""
    return ""


def _no_links(said: str) -> str:
    """Words that only look like a link of our markup."""
    return said.replace("](", "] (")


def _pieces(body: str) -> Iterator[tuple[str, str]]:
    """("text" | "tag", its source), in order; comments and declarations are left out."""
    first, *parts = body.split("<")
    yield "text", first
    comment = False
    for part in parts:
        if comment or part.startswith("!--"):
            _, end, rest = part.partition("-->")
            comment = not end
            yield "text", rest
        elif found := _TAG.match(part):
            yield "tag", found[0]
            yield "text", part[found.end() :]
        elif re.match(r"[!?/a-zA-Z]", part):
            tag, _, rest = part.partition(">")
            yield "tag", tag
            yield "text", rest
        else:
            yield "text", f"<{part}"


def _tidy(said: str) -> str:
    """Without blanks at the ends of lines, and with one empty line at most between two."""
    text = "\n".join(line.strip() for line in said.split("\n"))
    text = re.sub(r"(?m)^-\n+(?=[^\n-])", "- ", text)  # <li><p>
    text = re.sub(r"(?m)^(- .+)\n{2,}(?=- )", r"\1\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
