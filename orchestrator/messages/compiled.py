"""One template: its source made into code once, then filled with facts many thousand times."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from jinja2 import Template
from jinja2.runtime import Context

from accounts.errors import AbmError
from orchestrator.messages.grammar import Forbidden, Parsed, below, parse
from orchestrator.messages.insight import is_said
from orchestrator.messages.markup import split
from orchestrator.messages.sandbox import HTML, TEXT, Missing
from orchestrator.terms import Rendered

MOST_HTML = 512 * 1024  # bytes
MOST_TEXT = 256 * 1024  # bytes
MOST_SUBJECT = 250  # characters

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")


class TooLong(Exception):
    """A part that grew past its cap."""


class Compiled(NamedTuple):
    """A template, ready to be rendered: dotted `variables`, and what a reader learns."""

    variables: frozenset[str]
    subject: Template | None
    text: Template
    html: Template | None
    insight: str = ""
    taught: bool = True  # whether its first sentences say the insight
    lesson: Template | None = None  # the insight, to be filled

    def rendered(self, facts: dict[str, Any]) -> Rendered:
        """The template filled with plain facts; raises Missing, BadLink, TooLong or Jinja's own."""
        context = self.text.new_context(facts, shared=True)
        subject = _subject(_part(self.subject, context, MOST_TEXT)) if self.subject else ""
        text = _part(self.text, context, MOST_TEXT)
        if "\n\n\n" in text:  # what a condition left out
            text = _GAP.sub("\n\n", text)
        html = ""
        if self.html:
            html = _part(self.html, self.html.new_context(facts, shared=True), MOST_HTML)
        return Rendered(subject, text.strip() + "\n", html)

    def learned(self, facts: dict[str, Any]) -> str:
        """The insight in one line, filled with plain facts; "" without one. Raises likewise."""
        if self.lesson is None:
            return ""
        return _line(_part(self.lesson, self.lesson.new_context(facts, shared=True), MOST_TEXT))


def compile_template(name: str, source: str) -> Compiled:
    """The template of a file's text; AbmError with the line for anything that is wrong with it."""
    try:
        parts = split(source)
        subject = parse(parts.subject) if parts.subject else None
        insight = parse(parts.insight) if parts.insight else None
        with below(parts.line):
            text = parse(parts.text, parts.line)
        with below(parts.html_line):
            html = parse(parts.html) if parts.html else None
    except Forbidden as error:
        where = f"template {name}, line {error.line}"
        raise AbmError(f"{where}: {error.message}", error.hint) from error
    used = [one.variables for one in (subject, insight, text, html) if one]
    return Compiled(
        frozenset().union(*used),
        _code(subject, TEXT) if subject else None,
        _code(text, TEXT),
        _code(html, HTML) if html else None,
        parts.insight,
        not parts.insight or is_said(parts.insight, parts.text),
        _code(insight, TEXT) if insight else None,
    )


def _code(parsed: Parsed, environment: Any) -> Template:
    code = environment.compile(parsed.tree)
    template: Template = environment.template_class.from_code(environment, code, {})
    return template


def _line(said: str) -> str:
    return _SPACE.sub(" ", said).strip()


def _subject(said: str) -> str:
    """One line, without anything that could begin another header."""
    subject = _line(said)
    if not subject:
        raise Missing("the subject")
    if len(subject) > MOST_SUBJECT:
        raise TooLong(f"the subject is longer than {MOST_SUBJECT} characters")
    return subject


def _part(template: Template, context: Context, most: int) -> str:
    """The part, given up as soon as it is too long: one piece of it can be large already."""
    pieces, left = list[str](), most
    for piece in template.root_render_func(context):
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            break
    text = "".join(pieces) if left >= 0 else ""
    if left < 0 or (len(text) * 4 > most and len(text.encode(errors="replace")) > most):
        raise TooLong(f"it is longer than {most // 1024} KiB")
    return text
