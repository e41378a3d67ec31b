"""How scenarios name instants and places: `2027-03-04 09:00`, or `day 3 09:00` from the start."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from accounts.nearest import nearest
from orchestrator.calendar import parse_span
from orchestrator.language.shapes import BadText, Parsed
from orchestrator.pacing import window
from orchestrator.zones import country_code

_MOMENT = re.compile(
    r"(?:day ([0-9]{1,4})|(20[0-9]{2}-[0-9]{2}-[0-9]{2}))(?: +([0-9]{2}:[0-9]{2}))?"
)
_EXAMPLE = "write it as day 3 09:00 or 2027-03-04 09:00"


class Moment(NamedTuple):
    """A day, by its number from 1 (the day of the start) or its date, and maybe a time on it."""

    number: int = 0
    day: date | None = None
    clock: time | None = None

    def on(self, start: date) -> date:
        """Its date in a play that starts on `start`."""
        return self.day or start + timedelta(days=self.number - 1)

    def instant(self, start: date, zone: ZoneInfo) -> datetime:
        """Its instant in UTC; the beginning of the day where it has no time."""
        local = datetime.combine(self.on(start), self.clock or time(), zone)
        return local.astimezone(UTC)


def _moment(text: str) -> Moment:
    found = _MOMENT.fullmatch(text.strip())
    try:
        if found and found[1] != "0":
            day = date.fromisoformat(found[2]) if found[2] else None
            clock = time.fromisoformat(found[3]) if found[3] else None
            return Moment(int(found[1] or 0), day, clock)
    except ValueError:
        pass
    raise BadText(f"{text!r} is no day or time", _EXAMPLE)


def _timed(text: str) -> Moment:
    moment = _moment(text)
    if moment.clock is None:
        raise BadText(f"{text!r} does not say when on that day", _EXAMPLE)
    return moment


def _dated(text: str) -> Moment:
    moment = _timed(text)
    if moment.day is None:
        raise BadText(f"{text!r} counts from the start, which this is", "write 2027-03-01 09:00")
    return moment


def _elapsed(text: str) -> timedelta:
    """Time on the wall clock: a rep's own, whoever works when."""
    try:
        return window(parse_span(text))
    except ValueError as error:
        message, _, hint = str(error).partition("; ")
        raise BadText(message, hint or "write it as 30m, 2h or 1d") from None


def _zone(text: str) -> str:
    if text not in _zones():
        raise BadText(f"there is no time zone {text!r}", nearest(text, _zones()))
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def _country(text: str) -> str:
    code = country_code(text)
    if not code:
        raise BadText(f"nobody knows the country {text!r}", "write DE, or Germany")
    return code


ZONE = Parsed("a time zone such as Europe/Berlin", _zone)
COUNTRY = Parsed("a country such as DE", _country)
MOMENT = Parsed("a day such as day 3 or 2027-03-04, with a time or without", _moment)
TIMED = Parsed("a time such as day 3 09:00 or 2027-03-04 09:00", _timed)
START = Parsed("a date with a time such as 2027-03-01 09:00", _dated)
ELAPSED = Parsed("a length of time such as 2h", _elapsed)
