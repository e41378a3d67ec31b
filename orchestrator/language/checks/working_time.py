"""The calendar exists and opens; the seats of the committee are used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from orchestrator.calendar import (
    CalendarError,
    Hours,
    next_open,
    parse_dates,
    parse_days,
    parse_hours,
)
from orchestrator.language.by_tier import TIERS, named
from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code
from orchestrator.language.shapes import Word
from orchestrator.zones import country_code

WHOSE_HOLIDAYS = ("country", "none")
WHOSE_ZONE = ("contact", "account", "workspace")
_NICK = re.compile(r"(?:Etc/)?(?:[A-Z]{3}|GMT|Etc)(?:[-+]?[0-9]{1,2})?")
_COUNTRIES = frozenset({"PRC", "ROC", "ROK"})  # look like abbreviations, and name a place
_BETTER = {"EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu"}


def check_zone(case: Case) -> None:
    """The zone is somebody's, or one that the tz database knows as a place."""
    zone = _said(case, "zone")
    if zone is None or zone in WHOSE_ZONE:
        return
    if zone not in _zones():
        message = f"there is no time zone '{zone}'"
        hint = _meant(case, zone, (*WHOSE_ZONE, *_zones()), "a place such as Europe/Berlin")
        case.add(zone, Code.ZONE, message, hint)
    elif _is_fixed(zone):
        message = f"'{zone}' is an offset without daylight saving time, not a place"
        place = _BETTER.get(zone, "a place such as Europe/Berlin")
        case.add(zone, Code.FIXED_ZONE, message, f"write {place}, or contact")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def _is_fixed(zone: str) -> bool:
    """Whether the name is an abbreviation that stands still all year. UTC says what it is."""
    if not _NICK.fullmatch(zone) or zone in _COUNTRIES or zone.endswith("UTC"):
        return False
    noons = (datetime(2026, month, 1, 12, tzinfo=ZoneInfo(zone)) for month in (1, 7))
    return len({noon.utcoffset() for noon in noons}) == 1


def check_country(case: Case) -> None:
    """Somebody knows the public holidays of the country."""
    country = _said(case, "holidays")
    if country is not None and country not in WHOSE_HOLIDAYS and not country_code(country):
        message = f"nobody knows the public holidays of '{country}'"
        hint = _meant(case, country, WHOSE_HOLIDAYS, "country, none, or a name such as Germany")
        case.add(country, Code.COUNTRY, message, hint)


def _meant(case: Case, word: str, known: Iterable[str], otherwise: str) -> str:
    hint = case.findings.nearest(word, known)
    return f"write {otherwise}" if hint.startswith("known are") else hint


def check_opens(case: Case) -> None:
    """The calendar opens within any 400 days, or else nothing would ever leave."""
    calendar = case.form.get("calendar")
    dates = _said(case, "blackout")
    if not calendar or not calendar.sound or not dates:
        return
    opens, closes = parse_hours(calendar["hours"])
    closed = frozenset(day for days in dates for day in parse_dates(days))
    hours = Hours(opens, closes, parse_days(calendar["days"]), "UTC", blackout=closed)
    shut = _first_shut(hours, sorted(closed))
    if shut:
        message = f"with these blackout dates the calendar is shut from {shut} on"
        case.add(calendar.at("blackout"), Code.NEVER_OPEN, message, "leave some days of work")


def _first_shut(hours: Hours, dates: Iterable[date]) -> date | None:
    """The first of the dates from which on the calendar stays shut; each stretch is asked once."""
    opened = date.min
    for day in dates:
        if day >= opened:
            try:
                opened = next_open(datetime.combine(day, time.min, UTC), hours).date()
            except CalendarError:
                return day
    return None


def check_dates(case: Case) -> None:
    """A step counts from a date that is named; a group's, from those of whoever includes it."""
    dates = case.form.get("dates")
    for one in () if dates is None else case.steps:
        at = one.step.at
        if at and at.name not in dates:
            where = one.form.at("at")
            message = f"no date is called '{at.name}'"
            if dates:
                case.unknown(where, Code.UNKNOWN_DATE, message, at.name, dates)
            else:
                hint = f"name it: dates: {{{at.name}: 2027-05-04}}"
                case.add(where, Code.UNKNOWN_DATE, message, hint)


def _said(case: Case, key: str) -> Any:
    """What the playbook's calendar says of its own accord."""
    calendar = case.form.get("calendar")
    return calendar.written(key) if calendar else None


def check_tiers(case: Case) -> None:
    """Some account that the playbook is for takes every step."""
    audience = case.form.get("for")
    tiers: list[int] = audience.get("tiers", []) if audience else []
    for one in case.steps if tiers else ():
        if one.step.tiers and not {*one.step.tiers} & {*tiers}:
            of = ", ".join(map(str, sorted(tiers)))
            message = f"no account of tier {', '.join(map(str, one.step.tiers))} runs the playbook"
            case.add(one.form.at("only"), Code.TIER, message, f"it is for tier {of}")


def check_words_for_tiers(case: Case) -> None:
    """Some account that takes the step gets each of its templates."""
    audience = case.form.get("for")
    all_: list[int] = audience.get("tiers", []) if audience else []
    for one in case.steps:
        there = {*one.step.tiers} & {*all_} or {*one.step.tiers} or {*all_}
        for form, key in named(one.form, one.body) if there else ():
            if key in TIERS and TIERS[key] not in there:
                of = ", ".join(map(str, sorted(there)))
                message = f"no account of {key.replace('-', ' ')} takes '{one.step.id}'"
                case.add(form.at(key), Code.TIER, message, f"it is for tier {of}")


def check_seats_used(case: Case) -> None:
    """Every seat is reached by some step."""
    used = {name for one in case.steps for name in one.step.reach.seats}
    for name in () if case.unread else case.draft.seats:
        if name not in used and isinstance(name, Word):
            message = f"no step reaches the seat '{name}'"
            case.add(name, Code.UNUSED_SEAT, message, "let a step reach it, or take it away")
