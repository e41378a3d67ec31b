"""The templates of one folder, each compiled once and again when its file changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple

from jinja2 import Template, UndefinedError

from accounts.errors import AbmError
from orchestrator.messages.grammar import Forbidden, Parsed, below, parse
from orchestrator.messages.markup import split
from orchestrator.messages.sandbox import HTML, TEXT, BadLink, Missing, is_plain
from orchestrator.terms import Rendered

SUFFIX = ".j2"
# What every message has; some of it may be empty.
KNOWN = frozenset(
    {
        *(
            f"account.{name}"
            for name in (
                "name", "domain", "website", "sector", "industry", "segment", "tier", "city",
                "state", "country",
            )
        ),
        *(
            f"contact.{name}"
            for name in ("name", "first_name", "title", "role", "persona", "language")
        ),
        *(f"sender.{name}" for name in ("name", "title", "email")),
        "workspace.name",
        "postal_address",
        "unsubscribe",
    }
)  # fmt: skip

MOST_SOURCE = 64 * 1024
MOST_HTML = 512 * 1024
MOST_TEXT = 256 * 1024
MOST_SUBJECT = 250  # characters

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}(?:/[A-Za-z0-9][A-Za-z0-9_-]{0,63})*")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")


class _Stamp(NamedTuple):
    """Tells one state of a file from another."""

    changed: int
    size: int
    inode: int


class _Compiled(NamedTuple):
    """A template, ready to be rendered."""

    stamp: _Stamp
    variables: frozenset[str]
    subject: Template | None
    text: Template
    html: Template | None


class Library:
    """The templates below a folder, by name: `email/insight` is `email/insight.j2`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._compiled: dict[str, _Compiled] = {}

    def names(self) -> tuple[str, ...]:
        """Every template that there is, in order."""
        files = (file.relative_to(self.folder) for file in self.folder.rglob(f"*{SUFFIX}"))
        names = (file.with_suffix("").as_posix() for file in files)
        return tuple(sorted(name for name in names if _NAME.fullmatch(name)))

    def variables(self, name: str) -> frozenset[str]:
        """What a template uses, dotted: {"contact.first_name", "unsubscribe"}; AbmError."""
        return self._template(name).variables

    def render(self, name: str, facts: Mapping[str, Any]) -> Rendered:
        """A template filled with facts: dicts of text, numbers, dates, truths and None.

        AbmError for a template that is not there or not sound, for facts of another kind, and
        where anything that it prints has no value.
        """
        template = self._template(name)
        if not is_plain(facts):
            raise AbmError(f"template {name} is given values that are not plain data")
        try:
            return _rendered(template, dict(facts))
        except Missing as error:
            hint = "fill it in, or give the template a word for it: {{ … | default('there') }}"
            raise AbmError(f"template {name}: {error} has no value", hint) from error
        except UndefinedError as error:
            raise AbmError(f"template {name}: {_unknown(template, facts)}") from error
        except BadLink as error:
            hint = "links begin with https://, http://, mailto: or tel:"
            raise AbmError(f"template {name}: '{error}' is no link", hint) from error
        except _TooLong as error:
            raise AbmError(f"template {name}: {error}") from error
        except (ArithmeticError, TypeError, ValueError, LookupError) as error:
            raise AbmError(f"template {name} cannot be rendered: {error}") from error

    def _template(self, name: str) -> _Compiled:
        known = self._compiled.get(name)
        if known is None and not _NAME.fullmatch(name):
            hint = "names are letters, digits, - and _, with / between folders"
            raise AbmError(f"'{name[:80]}' cannot be the name of a template", hint)
        file = self.folder / (name + SUFFIX)
        try:
            found = file.stat()
        except OSError:
            raise self._absent(name) from None
        stamp = _Stamp(found.st_mtime_ns, found.st_size, found.st_ino)
        if known and known.stamp == stamp:
            return known
        if not S_ISREG(found.st_mode) or not self._inside(file):
            raise self._absent(name)
        compiled = self._compiled[name] = _compile(name, stamp, _read(file, name, found.st_size))
        return compiled

    def _inside(self, file: Path) -> bool:
        return file.resolve().is_relative_to(self.folder.resolve())

    def _absent(self, name: str) -> AbmError:
        near = get_close_matches(name, self.names(), 1)
        hint = f"did you mean {near[0]}?" if near else f"it would be {name}{SUFFIX} in the folder"
        return AbmError(f"there is no template {name}", hint)


class _TooLong(Exception):
    """A part that grew past its cap."""


# ---------------------------------------------------------------- loading


def _read(file: Path, name: str, size: int) -> str:
    if size > MOST_SOURCE:
        raise AbmError(f"template {name} is larger than {MOST_SOURCE // 1024} KiB")
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AbmError(f"template {name} is not UTF-8 text", "save it as UTF-8") from error
    except OSError as error:
        raise AbmError(f"template {name} cannot be read: {error.strerror}") from error


def _compile(name: str, stamp: _Stamp, source: str) -> _Compiled:
    try:
        parts = split(source)
        subject = parse(parts.subject) if parts.subject else None
        with below(parts.line):
            text = parse(parts.text)
        with below(parts.html_line):
            html = parse(parts.html) if parts.html else None
        used = [one.variables for one in (subject, text, html) if one]
        return _Compiled(
            stamp,
            frozenset().union(*used),
            _code(subject, TEXT) if subject else None,
            _code(text, TEXT),
            _code(html, HTML) if html else None,
        )
    except Forbidden as error:
        where = f"template {name}, line {error.line}"
        raise AbmError(f"{where}: {error.message}", error.hint) from error


def _code(parsed: Parsed, environment: Any) -> Template:
    code = environment.compile(parsed.tree)
    template: Template = environment.template_class.from_code(environment, code, {})
    return template


# ---------------------------------------------------------------- rendering


def _rendered(template: _Compiled, facts: dict[str, Any]) -> Rendered:
    subject = ""
    if template.subject:
        subject = _SPACE.sub(" ", _part(template.subject, facts, MOST_TEXT)).strip()
        if not subject:
            raise Missing("the subject")
        if len(subject) > MOST_SUBJECT:
            raise _TooLong(f"the subject is longer than {MOST_SUBJECT} characters")
    text = _GAP.sub("\n\n", _part(template.text, facts, MOST_TEXT)).strip() + "\n"
    html = _part(template.html, facts, MOST_HTML) if template.html else ""
    return Rendered(subject, text, html)


def _part(template: Template, facts: dict[str, Any], most: int) -> str:
    """The part, cut off as soon as it is too long."""
    context = template.new_context(facts, shared=True)
    pieces, left = list[str](), most
    for piece in template.root_render_func(context):
        left -= len(piece)
        if left < 0:
            break
        pieces.append(piece)
    text = "".join(pieces)
    if left < 0 or (len(text) * 4 > most and len(text.encode(errors="replace")) > most):
        raise _TooLong(f"it is longer than {most // 1024} KiB")
    return text


def _unknown(template: _Compiled, facts: Mapping[str, Any]) -> str:
    """Which of its variables the facts do not have."""
    absent = sorted(name for name in template.variables if not _has(facts, name.split(".")))
    return f"messages have no {', '.join(absent)}" if absent else "a value in it does not exist"


def _has(facts: Any, path: Iterable[str]) -> bool:
    for name in path:
        if type(facts) is not dict or name not in facts:
            return False
        facts = facts[name]
    return True
