"""Files of events become raw events, or rejected records with line and reason. Trusts nothing.

JSON (one object, a list, or an object a line) and CSV with a header. An event has a `kind`; `at`,
`source` and `id` where the source knows them; everything else is its payload.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from accounts.errors import AbmError
from accounts.tables import Rejected, read_table
from orchestrator.terms import RawEvent

SOURCE = "drop"  # of events that name none
EVENT_CAP = 1 << 20  # characters of one event
SHOWN = 2_000  # characters of a rejected record

_NAMES = {
    "kind": ("kind", "event", "type"),
    "at": ("at", "time", "timestamp", "occurred_at"),
    "source": ("source",),
    "id": ("id", "source_id", "event_id"),
}
_MILLISECONDS = 1e11  # as seconds this is the year 5138
_DIGITS = 18


@dataclass(slots=True)
class EventFile:
    """What a file holds: events with the line where each starts, and what was not taken."""

    events: list[tuple[int, RawEvent]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    headers: tuple[str, ...] = ("record",)


def read_events(data: bytes, name: str, now: datetime) -> EventFile:
    """The events of a file called `name`; `now` is the instant of those that name none.

    AbmError where nothing at all can be read.
    """
    if not data.strip():
        raise AbmError("the file is empty", "it should hold events, as JSON or CSV")
    if name.lower().endswith(".csv"):
        return _csv(data, now)
    return _json(_text(data), now)


def _taken(file: EventFile, records: Iterable[tuple[int, object, str]], now: datetime) -> EventFile:
    """Sort (line, record or Rejected, its text) into events and rejections."""
    seen: Counter[str] = Counter()
    for line, record, shown in records:
        if isinstance(record, Rejected):
            file.rejected.append(record)
            continue
        try:
            file.events.append((line, _event(record, shown, seen, now)))
        except AbmError as error:
            file.rejected.append(Rejected(line, str(error), (shown[:SHOWN],)))
    return file


# ---------------------------------------------------------------- one event


def _event(record: object, shown: str, seen: Counter[str], now: datetime) -> RawEvent:
    if not isinstance(record, Mapping):
        raise AbmError("an event is an object", 'as {"kind": "clicked", "email": "..."}')
    if len(shown) > EVENT_CAP:
        raise AbmError(f"an event of more than {EVENT_CAP:,} characters", "cut its text short")
    rest = dict(record)
    kind, at, source, id_ = (_pop(rest, name) for name in _NAMES)
    if not isinstance(kind, str) or not kind.strip():
        raise AbmError("the event has no kind", _kind_hint(rest))
    nested = rest.pop("payload", None)
    payload = rest | nested if isinstance(nested, dict) else rest | _if_said("payload", nested)
    return RawEvent(
        str(source).strip() or SOURCE if _is_said(source) else SOURCE,
        str(id_).strip() if _is_said(id_) else _content_id(record, seen),
        kind,
        _instant(at, now),
        payload,
    )


def _pop(rest: dict[str, Any], name: str) -> Any:
    """The value under the first of the name's spellings that is there."""
    spelling = next((one for one in _NAMES[name] if _is_said(rest.get(one))), name)
    return rest.pop(spelling, None)


def _is_said(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _if_said(name: str, value: object) -> dict[str, object]:
    return {} if value is None else {name: value}


def _kind_hint(rest: Mapping[str, object]) -> str:
    near = next((one for one in rest if get_close_matches(str(one)[:40], ["kind"], 1)), "")
    return f"did you mean kind where it says {near[:40]!r}?" if near else "as kind: clicked"


def _content_id(record: Mapping[Any, Any], seen: Counter[str]) -> str:
    """The same for the same content in any file; the second of its like in a file is another."""
    try:
        content = json.dumps(record, sort_keys=True, default=str)
    except (RecursionError, TypeError, ValueError) as error:
        raise AbmError("the event is nested too deeply") from error
    digest = hashlib.sha256(content.encode()).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}-{seen[digest]}"


def _instant(value: object, now: datetime) -> datetime:
    """ISO 8601, or seconds or milliseconds since 1970; without a zone it is UTC."""
    if not _is_said(value):
        return now
    try:
        at = _since_1970(value) or datetime.fromisoformat(str(value).strip())
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        hint = "write it as 2026-03-02T09:00:00+00:00"
        raise AbmError(f"at {str(value)[:40]!r} is no instant", hint) from None


def _since_1970(value: object) -> datetime | None:
    """None for a text that is not a number; a date such as 20260302 is none either."""
    if isinstance(value, str) and (not value.strip().isdecimal() or len(value.strip()) == 8):
        return None
    seconds = float(value)  # type: ignore[arg-type]
    return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)


# ---------------------------------------------------------------- CSV


def _csv(data: bytes, now: datetime) -> EventFile:
    table = read_table(data)
    names = [header.casefold() for header in table.headers]
    if not set(names) & set(_NAMES["kind"]):
        hint = _kind_hint(dict.fromkeys(names))
        raise AbmError(f"no column is called kind, only {', '.join(names)[:200]}", hint)
    rows = (
        (
            row.line,
            {name: cell for name, cell in zip(names, row.cells, strict=True) if cell.strip()},
            ",".join(row.cells),
        )
        for row in table.rows
    )
    return _taken(EventFile(rejected=list(table.rejected)), rows, now)


# ---------------------------------------------------------------- JSON


def _json(text: str, now: datetime) -> EventFile:
    return _taken(EventFile(), _Json(text).records(), now)


def _text(data: bytes) -> str:
    """UTF-8, UTF-16 and UTF-32 as JSON knows them, else the Western encodings."""
    for encoding in (json.detect_encoding(data), "cp1252"):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


class _Json:
    """Reads one value after the other, so that what is broken costs as little as possible."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_int=_number)
        self._twice: list[str] = []
        self._line, self._counted = 1, 0

    def records(self) -> Iterator[tuple[int, object, str]]:
        """(line, value or Rejected, its text) of each value, those of a list singly."""
        at = self._blank(0)
        in_list = self.text.startswith("[", at)
        at = self._blank(at + in_list)
        while at < len(self.text):
            if in_list and self.text[at] == "]":
                in_list, at = False, self._blank(at + 1)
                continue
            line = self._line_of(at)
            try:
                value, end = self._decoder.raw_decode(self.text, at)
            except (ValueError, RecursionError) as error:
                yield line, self._broken(line, at, error), ""
                at = len(self.text) if in_list else self._next_object(at, error)
                continue
            yield from self._value(line, value, self.text[at:end])
            at = self._blank(end)
            if in_list and at < len(self.text) and self.text[at] not in ",]":
                line = self._line_of(at)
                yield line, Rejected(line, "a comma is missing here", (self._shown(at),)), ""
                return
            at = self._blank(at + 1) if self.text.startswith(",", at) else at

    def _value(self, line: int, value: object, shown: str) -> Iterator[tuple[int, object, str]]:
        twice, self._twice = self._twice, []
        if twice:
            reason = f"the key {twice[0][:40]!r} stands twice"
            yield line, Rejected(line, reason, (shown[:SHOWN],)), shown
        elif isinstance(value, list):
            yield from ((line, one, json.dumps(one, default=str)) for one in value)
        else:
            yield line, value, shown

    def _broken(self, line: int, at: int, error: Exception) -> Rejected:
        self._twice = []
        if isinstance(error, json.JSONDecodeError):
            reason = f"not readable as JSON: {error.msg.lower()} (line {error.lineno})"
        else:
            reason = "the event is nested too deeply"
        return Rejected(line, reason, (self._shown(at),))

    def _next_object(self, at: int, error: Exception) -> int:
        """Where to go on after a broken value: at the next line that starts an object.

        A value that broke in a later line than it started takes everything with it.
        """
        end = self.text.find("\n", at)
        if isinstance(error, json.JSONDecodeError) and end != -1 and error.pos > end:
            return len(self.text)
        while end != -1:
            start = self._blank(end)
            if self.text.startswith("{", start):
                return start
            end = self.text.find("\n", start)
        return len(self.text)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            counted = Counter(name for name, _ in pairs)
            self._twice += [name for name, times in counted.items() if times > 1]
        return made

    def _blank(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in " \t\r\n":
            at += 1
        return at

    def _line_of(self, at: int) -> int:
        self._line += self.text.count("\n", self._counted, at)
        self._counted = max(self._counted, at)
        return self._line

    def _shown(self, at: int) -> str:
        return self.text[at : at + SHOWN].partition("\n")[0]


def _number(digits: str) -> int | str:
    """A number that no database keeps stays as it was written."""
    return int(digits) if len(digits) <= _DIGITS else digits
