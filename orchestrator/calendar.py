"""Business time: whose hours, which days, and what "in 3 business days" means.

Pure. Instants come in and go out as UTC; local wall time lives only inside these functions. Two
rules hold on the nights when the clocks change:

- A wall time that a wait lands on (`add` of days) keeps its place in the day: inside a gap it
  moves on by the gap's length (02:30 becomes 03:30, as in RFC 5545), in a fold it takes the first.
- A window opens and closes at the first instant at which the local clock shows its time *or
  later*. Windows of one calendar therefore never overlap, and a day that the clocks skipped
  whole (Apia, 30 December 2011) has none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from accounts.errors import AbmError
from orchestrator.zones import country_code
from orchestrator.zones import zone_of as zone_of  # noqa: PLC0414  callers find it here

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ONE_DAY = timedelta(days=1)
SEARCH_DAYS = 400  # a calendar that stays shut for longer is a mistake, not a long holiday
SHARED_DAYS = 14
LONGEST = timedelta(days=3660)
# Where the national list leaves out days that nearly everybody has off: the part that stands for
# the whole (England for the United Kingdom: Easter Monday, the summer bank holiday).
STANDS_FOR = {"GB": "ENG"}


class CalendarError(AbmError):
    """A calendar that cannot be used: no such zone, or never open."""


class Unit(StrEnum):
    """What a span counts in: elapsed time, days on the local calendar, or open time."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    BUSINESS_HOURS = "business_hours"
    BUSINESS_DAYS = "business_days"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as written in a playbook; `str()` gives the canonical text back."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        words = self.unit.words
        return f"{self.amount} {words.removesuffix('s') if self.amount == 1 else words}"


@dataclass(frozen=True, slots=True)
class Hours:
    """A calendar: open from `opens` to `closes` in `zone` on `days` (0 = Monday).

    `closes` at or before `opens` means on the next day; such a window belongs to the day on which
    it opens. Public holidays of `country` (a code or an English name; "" or unknown = none) and
    `blackout` dates are closed. `always` overrides all of it: round the clock, every day.
    Outside of each of `loud` nothing may reach a person, see `quiet`; working time is not theirs.
    Raises CalendarError for an unknown zone, so that none is found when a message is due.
    """

    opens: time
    closes: time
    days: frozenset[int]
    zone: str
    country: str = ""
    blackout: frozenset[date] = frozenset()
    always: bool = False
    loud: tuple[Hours, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _zone(self.zone)
        told = (self.opens, self.closes, self.days, self.zone, self.country, self.blackout)
        object.__setattr__(self, "_hash", hash((told, self.always, self.loud)))

    def __hash__(self) -> int:
        return self._hash  # worked out once: every look at a calendar is a look into a cache


# --- Reading ---------------------------------------------------------------------------------

_LENGTH = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: ONE_DAY,
    Unit.WEEKS: timedelta(weeks=1),
    Unit.BUSINESS_HOURS: timedelta(hours=1),
    Unit.BUSINESS_DAYS: ONE_DAY,
}
_SHORT = {"m": Unit.MINUTES, "h": Unit.HOURS, "d": Unit.DAYS, "w": Unit.WEEKS}
_CALLED = _SHORT | {
    word: unit for unit in Unit for word in (unit.words, unit.words.removesuffix("s"))
}
_CLOCK = r"([01]?[0-9]|2[0-3]):([0-5][0-9])"
_DATE = r"2[0-9]{3}-[0-9]{2}-[0-9]{2}"
_HOURS = re.compile(rf"{_CLOCK}\s*-\s*(?:{_CLOCK}|24:00)")


def parse_span(text: str) -> Span:
    """Read "3 business days", "90d" or "15m". Raises ValueError naming what is allowed."""
    found = re.fullmatch(r"([0-9]{1,9})\s*([a-z]+(?:\s+[a-z]+)?)", text.strip())
    unit = _CALLED.get(" ".join(found[2].split())) if found else None
    if not found or not unit:
        raise ValueError(
            f"{text!r} is not a length of time; write a whole number and a unit: "
            "15m, 36h, 2d, 6w, 8 business hours, 3 business days"
        )
    span = Span(int(found[1]), unit)
    if span.amount > LONGEST // _LENGTH[unit]:
        raise ValueError(f"{text!r} is longer than ten years; at most {LONGEST.days}d is allowed")
    return span


def parse_dates(text: str) -> list[date]:
    """Read "2027-12-24", or "2027-12-20..2028-01-02" with both ends. Raises ValueError naming what
    is allowed; nothing is away for more than a year."""
    found = re.fullmatch(rf"({_DATE})(?:\s*\.\.\s*({_DATE}))?", text.strip())
    try:
        first = date.fromisoformat(found[1]) if found else None
        last = date.fromisoformat(found[2]) if found and found[2] else first
    except ValueError:
        first = last = None
    if first is None or last is None:
        raise ValueError(f"{text!r} is not a date; write 2026-12-24, or 2026-12-20..2027-01-02")
    if not 0 <= (last - first).days <= 366:
        wrong = "ends before it begins" if last < first else "is longer than a year"
        raise ValueError(f"{text!r} {wrong}; write the first and the last day")
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


def parse_hours(text: str) -> tuple[time, time]:
    """Read "09:00-17:00", "22:00-06:00" (over midnight) or "00:00-24:00" (the whole day).

    Returns opening and closing time; 24:00 is time(0). Raises ValueError naming what is allowed.
    """
    found = _HOURS.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a pair of hours; write 09:00-17:00 or 22:00-06:00")
    opens, closes = time(int(found[1]), int(found[2])), time(int(found[3] or 0), int(found[4] or 0))
    if opens == closes and found[3]:
        raise ValueError(f"{text!r} opens and closes at once; for the whole day write 00:00-24:00")
    return opens, closes


def parse_days(text: str) -> frozenset[int]:
    """Read "mon-fri", "sat-mon" or "mon, wed, fri" (0 = Monday). Raises ValueError."""
    days: set[int] = set()
    for part in text.split(","):
        first, *last = (_weekday(word) for word in part.split("-", 1))
        length = (last[0] - first) % 7 if last else 0
        days |= {(first + n) % 7 for n in range(length + 1)}
    return frozenset(days)


def _weekday(text: str) -> int:
    word = text.strip()
    if word in WEEKDAYS:
        return WEEKDAYS.index(word)
    raise ValueError(
        f"{word!r} is not a weekday; write days such as mon-fri or mon,wed,fri"
        + _nearest(word, WEEKDAYS)
    )


def _nearest(word: str, allowed: Sequence[str]) -> str:
    close = get_close_matches(word, allowed, 1, 0.5)
    return f" (did you mean {close[0]}?)" if close else ""


# --- Days and windows ------------------------------------------------------------------------


def holiday_name(day: date, country: str) -> str | None:
    """The English name of the public holiday of `country` (code or name) on `day`, if it is one."""
    return _holidays(country, day.year).get(day)


@lru_cache(maxsize=4096)
def _holidays(country: str, year: int) -> dict[date, str]:
    # Imported on first use: it takes 0.2 s, and most commands never ask.
    from holidays import country_holidays

    code = country_code(country)
    if not code:
        return {}
    # The language is fixed, or else names would follow the environment of each process.
    return dict(
        country_holidays(code, subdiv=STANDS_FOR.get(code), years=year, language="en_US").items()
    )


def is_business_day(day: date, hours: Hours) -> bool:
    """Whether `hours` opens at all on the local date `day`."""
    return hours.always or (
        day.weekday() in hours.days
        and day not in hours.blackout
        and not holiday_name(day, hours.country)
    )


@lru_cache(maxsize=65_536)
def midnight(day: date, hours: Hours) -> datetime:
    """The first instant of a local day."""
    return _first_instant(datetime.combine(day, time.min), hours.zone)


def shifted(day: date, span: Span, hours: Hours, *, back: bool = False) -> date:
    """The day that many days, weeks or business days after another, or before it.

    ValueError for shorter units, CalendarError where there are not that many business days.
    """
    step = -1 if back else 1
    if span.unit in (Unit.DAYS, Unit.WEEKS):
        return day + timedelta(days=step * span.amount * (7 if span.unit is Unit.WEEKS else 1))
    if span.unit is not Unit.BUSINESS_DAYS:
        raise ValueError(f"a day cannot be shifted by {span}")
    for _ in range(span.amount):
        day = _next_business_day(day, step, hours)
    return day


def _next_business_day(day: date, step: int, hours: Hours) -> date:
    for number in range(1, SEARCH_DAYS + 1):
        if is_business_day(found := day + timedelta(days=step * number), hours):
            return found
    raise CalendarError("the calendar never opens", "leave some days of work")


def day_window(hours: Hours, day: date) -> tuple[datetime, datetime] | None:
    """The window that opens on the local date `day`, as [opening, closing) in UTC; None: closed."""
    if not is_business_day(day, hours):
        return None
    opens, closes = (time.min, time.min) if hours.always else (hours.opens, hours.closes)
    start = _first_instant(datetime.combine(day, opens), hours.zone)
    last = day + ONE_DAY if closes <= opens else day
    end = _first_instant(datetime.combine(last, closes), hours.zone)
    return (start, end) if start < end else None


@lru_cache(maxsize=65_536)
def _windows(hours: Hours, utc_day: date) -> tuple[tuple[date, datetime, datetime], ...]:
    """Every window, with its local date, that is current or next at some instant of `utc_day`.

    Keyed by the UTC date, so that the common question needs no conversion to local time.
    """
    midnight = datetime.combine(utc_day, time.min, UTC)
    found = []
    for n in range(-2, SEARCH_DAYS):  # local dates reach a day back, an overnight window another
        day = utc_day + n * ONE_DAY
        window = day_window(hours, day)
        if window and window[1] > midnight:
            found.append((day, *window))
            if window[1] >= midnight + ONE_DAY:
                return tuple(found)
    raise CalendarError(
        f"this calendar does not open once in the {SEARCH_DAYS} days from {utc_day}",
        "look at its days, holidays and blackout dates",
    )


def _window(at: datetime, hours: Hours) -> tuple[date, datetime, datetime]:
    """The first window that has not closed at `at`: its local date, opening and closing."""
    at = at.astimezone(UTC)
    for window in _windows(hours, at.date()):
        if at < window[2]:
            return window
    raise AssertionError("the last window of a day closes after it")


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = "write an IANA name such as Europe/Berlin" + _nearest(name, _zone_names())
        raise CalendarError(f"{name!r} is not a time zone", hint) from None


@cache
def _zone_names() -> list[str]:
    return sorted(available_timezones())


def _instant(local: datetime, zone: str) -> datetime:
    """The instant of a naive wall time. A gap moves it forward, a fold takes the first (fold=0)."""
    return local.replace(tzinfo=_zone(zone)).astimezone(UTC)


def _first_instant(local: datetime, zone: str) -> datetime:
    """The first instant at which the local clock shows `local` or later: a gap's end in a gap."""
    tz = _zone(zone)
    before = local.replace(tzinfo=tz)
    # Inside a gap the folds read the offsets of its two sides, so they enclose the change.
    earliest, latest = before.replace(fold=1).astimezone(UTC), before.astimezone(UTC)
    if earliest >= latest:  # an ordinary time; or a fold, whose first pass is `before`
        return latest

    def changed(seconds: int) -> bool:
        at = earliest + timedelta(seconds=seconds)
        return at.astimezone(tz).utcoffset() != before.utcoffset()

    gap = range(int((latest - earliest).total_seconds()))
    return earliest + timedelta(seconds=bisect_left(gap, True, key=changed))


# --- Time that passes ------------------------------------------------------------------------


def next_open(at: datetime, hours: Hours) -> datetime:
    """`at` itself while open, else the next opening instant.

    Raises CalendarError when there is none within 400 days.
    """
    return at if hours.always else max(at, _window(at, hours)[1])


def is_open(at: datetime, hours: Hours) -> bool:
    """Whether `at` lies in an open window; the closing instant does not."""
    try:
        return next_open(at, hours) == at
    except CalendarError:
        return False


def next_open_both(at: datetime, a: Hours, b: Hours) -> datetime:
    """The first instant from `at` on at which both are open (a task: assignee `a`, contact `b`).

    Where the two share no instant in the 14 days after `a` first opens, `a` decides alone and
    this is `next_open(at, a)`: a task with no common hour is worked, not lost. Raises
    CalendarError only if `a` never opens.
    """
    alone = mine = next_open(at, a)
    try:
        while mine < alone + timedelta(days=SHARED_DAYS):
            theirs = next_open(mine, b)
            mine = next_open(theirs, a)
            if mine == theirs:
                return mine
    except CalendarError:
        pass
    return alone


def add(start: datetime, span: Span, hours: Hours) -> datetime:
    """The instant `span` after `start`; an amount of 0 is `start`.

    Minutes and hours are elapsed time. Days and weeks keep the local wall time in `hours.zone`.
    Business days keep the wall time too and count only days that open; business hours count only
    open time; both start at the next opening when `start` is closed, and end at an open instant
    (a span that fills a day to its close ends at the next opening). A negative amount counts back
    (`event - 3w`). Raises CalendarError if `hours` never opens, or for business time counted back.
    """
    amount, unit = span.amount, span.unit
    if not amount:
        return start
    if amount < 0 and unit in (Unit.BUSINESS_DAYS, Unit.BUSINESS_HOURS):
        raise CalendarError(f"{span} cannot be counted back", "write days or weeks before a date")
    if unit is Unit.BUSINESS_DAYS:
        return _add_business_days(start, amount, hours)
    if unit is Unit.BUSINESS_HOURS:
        return open_time(start, amount * _LENGTH[unit], hours)
    if unit is Unit.DAYS or unit is Unit.WEEKS:
        local = start.astimezone(_zone(hours.zone)).replace(tzinfo=None)
        return _instant(local + amount * _LENGTH[unit], hours.zone)
    return start + amount * _LENGTH[unit]


def _add_business_days(start: datetime, amount: int, hours: Hours) -> datetime:
    day, opens, closes = _window(start, hours)
    local = max(start, opens).astimezone(_zone(hours.zone)).replace(tzinfo=None)
    # Measured from the day that the window belongs to: past midnight is still yesterday's shift.
    clock = local - datetime.combine(day, time.min)
    target = datetime.combine(_open_day(hours, closes, amount), time.min)
    return next_open(_instant(target + clock, hours.zone), hours)


@lru_cache(maxsize=65_536)
def _open_day(hours: Hours, closes: datetime, count: int) -> date:
    """The local date of the `count`-th window after the one that closes at `closes`."""
    for _ in range(count):
        day, _, closes = _window(closes, hours)
    return day


def open_time(start: datetime, length: timedelta, hours: Hours) -> datetime:
    """The instant at which `hours` will have been open for `length` since `start`.

    Never a closing one: what fills a day to its close ends at the next opening.
    """
    while True:
        _, opens, closes = _window(start, hours)
        start = max(start, opens)
        if start + length < closes:
            return start + length
        length -= closes - start
        start = closes
