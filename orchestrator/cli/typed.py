"""What one types about a company, as records for the matcher. Import it inside a command."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from accounts.errors import AbmError
from accounts.headers import guess_columns
from accounts.identity import clean_text, domain_key, email_domain
from accounts.matching import Record

_FIELDS = ("name", "website", "email", "country", "city", "phone")
_NAMING = _FIELDS[:3]
# field=, at the beginning or behind a comma; a name may have commas of its own
_PAIR = re.compile(r"(?:^|[,;])\s*([A-Za-z][A-Za-z_-]{0,30})\s*=")


def records_of(words: Iterable[str]) -> Iterator[Record]:
    """A record for each word; words of FIELD=VALUE go with the record before them.

    They begin another one where a field would stand twice, or where they name a company and the
    word before does too. AbmError for what names no company, and for a field that there is not.
    """
    fields: dict[str, str] = {}
    whole = False  # said by a word that is no pair
    for word in words:
        pairs = list(_pairs(word))
        told = pairs or [_told(word)]
        if fields and (not pairs or (whole and any(field in _NAMING for field, _ in pairs))):
            yield _record(fields)
            fields = {}
        whole = not pairs if not fields else whole
        for field, value in told:
            if field in fields:
                yield _record(fields)
                fields, whole = {}, False
            fields[field] = value
    yield _record(fields)


def _record(fields: dict[str, str]) -> Record:
    if not any(fields.get(field) for field in _NAMING):
        said = ", ".join(f"{field}={value}" for field, value in fields.items() if value)
        raise AbmError(
            f"{said or 'an empty record'} names no company", "say a name, a domain or an e-mail"
        )
    return Record(**fields)


def _pairs(word: str) -> Iterator[tuple[str, str]]:
    before, *rest = _PAIR.split(word)
    if before.strip():
        return
    for header, value in zip(rest[::2], rest[1::2], strict=True):
        yield _field(header), clean_text(value)


def _field(header: str) -> str:
    """The field that a header is, in any spelling that an import knows."""
    for one in guess_columns([header], "accounts").guesses:
        if one.field in _FIELDS and not one.how.startswith("looks"):
            return one.field
        if one.field in _FIELDS:
            raise AbmError(f"{header!r} is no field", f"did you mean {one.field!r}?")
    raise AbmError(f"{header!r} is no field", f"allowed: {', '.join(_FIELDS)}")


def _told(word: str) -> tuple[str, str]:
    """Whether a word is an e-mail, a domain or a name, and what it says."""
    text = clean_text(word)
    if " " not in text and email_domain(text):
        return "email", text
    return ("website" if " " not in text and domain_key(text) else "name"), text
