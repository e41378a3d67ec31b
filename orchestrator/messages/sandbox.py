"""The environments in which templates run: a few filters, no globals, attributes of dicts only.

Jinja's own sandbox stops what reaches into Python; it does not stop what eats time and memory.
So the language is a small part of Jinja (see `grammar`), and nothing that it lacks is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from jinja2 import StrictUndefined, Undefined
from jinja2.filters import do_capitalize, do_title
from jinja2.sandbox import ImmutableSandboxedEnvironment

SCHEMES = ("https://", "http://", "mailto:", "tel:")
_NAMES = frozenset({str})
PLAIN = frozenset({str, int, float, bool, date, type(None)})


class Missing(Exception):
    """A variable that is printed has no value; `line` of its file, 0 where nobody knows."""

    def __init__(self, name: str, line: int = 0) -> None:
        super().__init__(name)
        self.line = line


class BadLink(Exception):
    """A variable stands where a link begins, and its value is no link."""


def is_blank(value: object) -> bool:
    """Whether a reader would see nothing."""
    return (
        value is None or isinstance(value, Undefined) or (type(value) is str and not value.strip())
    )


def needed(value: Any, name: str, line: int = 0) -> Any:
    """The value, which must print as something; put around every variable that is printed."""
    if type(value) is str and value and not value.isspace():
        return value
    if is_blank(value) or type(value) not in PLAIN:
        raise Missing(name, line)
    return value


def _default(value: Any, other: Any = "", _blank: Any = True) -> Any:
    """What is printed where there is no value; a blank one is none."""
    return other if is_blank(value) or type(value) not in PLAIN else value


def link(value: Any) -> str:
    """The value, if it is an address that a reader may safely click."""
    text = str(value).strip()
    if not text.lower().startswith(SCHEMES):
        raise BadLink(" ".join(text[:80].split()))
    return text


def _shorten(value: Any, length: int = 80) -> str:
    """At most `length` characters, cut between words where that is possible."""
    text = str(value)
    if len(text) <= length:
        return text
    cut = text[: max(length - 1, 0)]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;.") + "…"


def _upper(value: Any) -> str:
    return str(value).upper()


def _lower(value: Any) -> str:
    return str(value).lower()


def _trim(value: Any) -> str:
    return str(value).strip()


def _capitalize(value: Any) -> str:
    return do_capitalize(str(value))


def _title(value: Any) -> str:
    return do_title(str(value))


def _urlencode(value: Any) -> str:
    return quote(str(value), safe="")


FILTERS: Mapping[str, Any] = {
    "capitalize": _capitalize,
    "default": _default,
    "link": link,
    "lower": _lower,
    "shorten": _shorten,
    "title": _title,
    "trim": _trim,
    "upper": _upper,
    "urlencode": _urlencode,
}
TESTS = frozenset({"defined", "undefined", "none", "in"})


class _Environment(ImmutableSandboxedEnvironment):
    """Attributes are keys of dicts, and nothing else has any."""

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(autoescape=autoescape, undefined=StrictUndefined, cache_size=0)
        self.globals.clear()
        self.filters = {**FILTERS, "needed": needed}
        self.tests = {name: self.tests[name] for name in TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                pass
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.undefined(obj=obj, name=argument)


TEXT = _Environment(autoescape=False)
HTML = _Environment(autoescape=True)


def is_plain(facts: Mapping[str, Any]) -> bool:
    """Whether there is nothing in it but dicts by name and plain values.

    Subclasses do not count as plain: an object with methods, or a text that claims to be HTML,
    is not data.
    """
    if not _NAMES.issuperset(map(type, facts)):
        return False
    kinds = set(map(type, facts.values())) - PLAIN
    if not kinds:
        return True
    return kinds == {dict} and all(
        is_plain(value) for value in facts.values() if type(value) is dict
    )


__all__ = ["FILTERS", "HTML", "TESTS", "TEXT", "BadLink", "Missing", "is_plain"]
