"""A calendar as text that calendar programs read (RFC 5545): events of one stretch of time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

FOLD = 75  # octets of a line
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class Event(NamedTuple):
    """Something at an instant, or (a date) for a whole day; `uid` is the same as long as it is."""

    uid: str
    at: datetime | date
    text: str
    detail: str = ""
    url: str = ""
    lasts: timedelta = timedelta(minutes=30)


def calendar(name: str, events: Iterable[Event], now: datetime) -> str:
    """The calendar of that name; any text in it is harmless."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//abm//calendar//EN", "METHOD:PUBLISH",
             f"X-WR-CALNAME:{_text(name)}"]  # fmt: skip
    for one in events:
        lines += _event(one, now)
    return "".join(
        f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line)
    )


def _event(one: Event, now: datetime) -> Iterator[str]:
    yield from ("BEGIN:VEVENT", f"UID:{_text(one.uid)}", f"DTSTAMP:{_instant(now)}")
    if isinstance(one.at, datetime):
        yield f"DTSTART:{_instant(one.at)}"
        yield f"DTEND:{_instant(one.at + one.lasts)}"
    else:
        yield f"DTSTART;VALUE=DATE:{one.at:%Y%m%d}"
        yield "TRANSP:TRANSPARENT"
    yield f"SUMMARY:{_text(one.text)}"
    if one.detail:
        yield f"DESCRIPTION:{_text(one.detail)}"
    if one.url:
        yield f"URL:{_CONTROL.sub('', one.url)}"
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """As 3.3.11 asks: a line that somebody wrote never becomes a line of the calendar."""
    plain = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    for char in "\\;,":
        plain = plain.replace(char, f"\\{char}")
    return plain.replace("\n", "\\n").replace("\u2028", " ").replace("\u2029", " ")


def _folded(line: str) -> Iterator[str]:
    """At most 75 octets a line; what goes on begins with a space, and no letter is cut in two."""
    lead, part, size = "", "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > FOLD:
            yield lead + part
            lead, part, size = " ", "", 1
        part, size = part + char, size + octets
    yield lead + part
