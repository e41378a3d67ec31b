"""Bytes that somebody exported: JSON or CSV, bounded, with a place for whatever is wrong."""

from __future__ import annotations

import json
from typing import Any

from accounts.errors import AbmError, Problem, Problems

MOST = 4 * 1024 * 1024  # bytes
MOST_LINES = 50_000  # of a table: 200 steps with long mails have fewer
_DIGITS = 18
_OPENS = ("{", "[")


def check_size(data: bytes, file: str) -> None:
    """AbmError for a file that is empty, or larger than an export of sequences can be."""
    if not data.strip():
        raise AbmError(f"{file} is empty", "export the sequence as JSON or CSV")
    if len(data) > MOST:
        reason = f"{file} has {len(data):,} bytes; {MOST:,} are allowed"
        raise AbmError(reason, "export fewer sequences at a time")


def is_json(data: bytes, file: str) -> bool:
    """By its name, else by how it begins."""
    if file.lower().endswith((".json", ".csv")):
        return file.lower().endswith(".json")
    return _text(data).lstrip().startswith(_OPENS)


def check_lines(data: bytes, file: str) -> None:
    """AbmError for a table of more lines than sequences can have."""
    if max(data.count(b"\n"), data.count(b"\r")) > MOST_LINES:
        reason = f"{file} has more than {MOST_LINES:,} lines"
        raise AbmError(reason, "export fewer sequences at a time")


def read_json(data: bytes, file: str) -> Any:
    """The value. Problems, with line and column, for what is no JSON, is deep or is ambiguous."""
    source = _text(data)
    try:
        return json.loads(
            source, object_pairs_hook=_object, parse_int=_whole, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        raise _problem(file, error.lineno, error.colno, f"this is not JSON: {error.msg}") from None
    except RecursionError:
        raise _problem(file, 0, 0, "the JSON is nested too deeply") from None
    except ValueError as error:
        raise _problem(file, 0, 0, str(error)) from None


def _problem(file: str, line: int, col: int, message: str) -> Problems:
    return Problems([Problem(file, line, col, message, "export it again, as it comes")])


def _text(data: bytes) -> str:
    """UTF-8, UTF-16 and UTF-32 as JSON knows them, else the Western encodings."""
    for encoding in (json.detect_encoding(data), "cp1252"):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:40]!r} stands twice in one object")
    return made


def _whole(digits: str) -> int | str:
    """A number that nobody counts with stays as it was written."""
    return int(digits) if len(digits) <= _DIGITS else digits


def _constant(word: str) -> Any:
    raise ValueError(f"{word} is no number")
