"""A calendar as text that calendar programs read (RFC 5545): events of one stretch of time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import icalendar

# icalendar escapes what RFC 5545 names; other control characters, and what some readers take for
# the end of a line, never leave.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]")


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
    made = icalendar.Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//abm//calendar//EN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", icalendar.vText(_plain(name)))
    for one in events:
        made.add_component(_event(one, now))
    lines: bytes = made.to_ical()
    return lines.decode()


def _event(one: Event, now: datetime) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", _plain(one.uid))
    made.add("dtstamp", now.astimezone(UTC))
    if isinstance(one.at, datetime):
        made.add("dtstart", one.at.astimezone(UTC))
        made.add("dtend", (one.at + one.lasts).astimezone(UTC))
    else:
        made.add("dtstart", one.at)
        made.add("transp", "TRANSPARENT")
    made.add("summary", _plain(one.text))
    for key, text in (("description", one.detail), ("url", one.url)):
        if text:
            made.add(key, _plain(text))
    return made


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text.replace("\r\n", "\n"))
