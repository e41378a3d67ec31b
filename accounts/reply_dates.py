"""The day that somebody means by "back on 5 January", "in Q2" or "in drei Monaten".

Texts come in plain form (`plain`): no accents, straight quotes, single spaces. Days without a
year are the next ones, unless they have only just passed: an old notice is no promise for the
year after.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

JUST_PASSED = timedelta(days=60)
FURTHEST = timedelta(days=730)  # what lies further away was misread

_MONTHS = (
    "january jan januar janner janvier enero ene",
    "february feb februar fevrier fevr febrero",
    "march mar marz maerz mrz mars marzo",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet juil julio",
    "august aug aout agosto ago",
    "september sept sep septembre septiembre",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez decembre diciembre dic",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAYS = (
    "monday montag lundi lunes",
    "tuesday dienstag mardi martes",
    "wednesday mittwoch mercredi miercoles",
    "thursday donnerstag jeudi jueves",
    "friday freitag vendredi viernes",
    "saturday samstag samedi sabado",
    "sunday sonntag dimanche domingo",
)
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}
_NUMBERS = (
    "a an one ein einem einer un une una",
    "two couple zwei deux dos",
    "three few drei trois tres",
    "four vier quatre cuatro",
    "five funf cinq cinco",
    "six sechs seis",
)
_NUMBER = {name: number for number, names in enumerate(_NUMBERS, 1) for name in names.split()}
_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
_UNITS = {
    "day": r"days?|tage?n?|jours?|dias?",
    "week": r"weeks?|wochen?|semaines?|semanas?",
    "month": r"months?|monate?n?|mois|mes(?:es)?",
    "quarter": r"quarters?|quartale?n?|trimest\w+",
    "year": r"years?|jahre?n?|annees?|ans?|anos?",
}
_UNIT = "|".join(_UNITS.values())
_UNIT_FORMS = {unit: re.compile(words, re.IGNORECASE) for unit, words in _UNITS.items()}


class When(NamedTuple):
    """A day found in a text, and where its words begin."""

    day: date
    start: int


def plain(text: str) -> str:
    """Compatible characters, no accents, straight quotes; lines stay."""
    text = text.replace("\u2019", "'").replace("\u2018", "'").replace("\u00df", "ss")
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))


def days_in(text: str, on: date) -> tuple[When, ...]:
    """Every coming day (after `on`) that the plain text names, in the order of the text."""
    found = sorted(set(_readings(text, on)), key=lambda when: when.start)
    return tuple(when for when in found if on < when.day <= on + FURTHEST)


def _readings(text: str, on: date) -> Iterator[When]:
    for pattern, read in _FORMS:
        for match in pattern.finditer(text):
            try:
                day = read(match, on)
            except (ValueError, OverflowError):  # 31 February, the year 10,000
                continue
            if day is not None:
                yield When(day, match.start())


# ---------------------------------------------------------------- one reader for each form


def _iso(match: re.Match[str], _on: date) -> date:
    year, month, day = map(int, match.groups())
    return date(year, month, day)


def _dotted(match: re.Match[str], on: date) -> date | None:
    return _day_of_month(int(match["day"]), int(match["month"]), match["year"], on)


def _slashed(match: re.Match[str], _on: date) -> date | None:
    """Day first or month first: the later reading disturbs nobody too early."""
    first, second, year = (int(part) for part in match.groups())
    readings = [(second, first), (first, second)]
    return max((date(year, m, d) for m, d in readings if 1 <= m <= 12), default=None)


def _named(match: re.Match[str], on: date) -> date | None:
    month = _MONTH[match["month"].lower()]
    return _day_of_month(int(match["day"]), month, match["year"], on)


def _day_of_month(day: int, month: int, year: str | None, on: date) -> date | None:
    if year:
        return date(int(year), month, day)
    this_year = date(on.year, month, day)
    if this_year >= on:
        return this_year
    return None if on - this_year <= JUST_PASSED else date(on.year + 1, month, day)


def _month(match: re.Match[str], on: date) -> date | None:
    """A month needs a word before it: "may", "march" and "mars" mean other things too."""
    if not (match["before"] or match["part"]):
        return None
    month = _MONTH[match["month"].lower()]
    part = (match["part"] or "").lower()
    day = 15 if part.startswith("mi") else 25 if part in {"late", "end of", "ende", "fin"} else 1
    year = int(match["year"]) if match["year"] else on.year + ((month, day) <= (on.month, on.day))
    return date(year, month, day)


def _quarter(match: re.Match[str], on: date) -> date:
    month = 3 * int(match["quarter"]) - 2 if match["quarter"] else 6 * int(match["half"]) - 5
    year = int(match["year"]) % 100 + 2000 if match["year"] else on.year
    start = date(year, month, 1)
    return start if match["year"] or start > on else date(year + 1, month, 1)


def _in_a_while(match: re.Match[str], on: date) -> date:
    word = match["number"].lower()
    return _later(on, _NUMBER.get(word) or int(word), _unit(match["unit"]))


def _next(match: re.Match[str], on: date) -> date:
    """The first day of the next week, month, quarter or year."""
    unit = _unit(next(filter(None, match.groups())))
    if unit == "week":
        return on + timedelta(days=7 - on.weekday())
    months = _MONTHS_IN[unit]
    return _later(date(on.year, (on.month - 1) // months * months + 1, 1), 1, unit)


def _unit(word: str) -> str:
    return next(unit for unit, form in _UNIT_FORMS.items() if form.fullmatch(word))


def _later(on: date, number: int, unit: str) -> date:
    if unit in {"day", "week"}:
        return on + timedelta(days=number * (7 if unit == "week" else 1))
    months = on.month - 1 + number * _MONTHS_IN[unit]
    year, month = on.year + months // 12, months % 12 + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def _weekday(match: re.Match[str], on: date) -> date:
    ahead = (_WEEKDAY[match["weekday"].lower()] - on.weekday() - 1) % 7 + 1
    return on + timedelta(days=ahead)


def _tomorrow(_match: re.Match[str], on: date) -> date:
    return on + timedelta(days=1)


def _new_year(_match: re.Match[str], on: date) -> date:
    return date(on.year + 1, 1, 7)


def _any(names: dict[str, int]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_BEFORE_MONTH = (
    r"(?:in|until|till|til|by|from|since|around|before|after|im|ab|bis|seit|en|hasta|jusqu'en"
    r"|jusqu'a|a partir de|next|back)"
)
_PART = r"(?P<part>early|mid|late|end of|beginning of|anfang|mitte|ende|debut|mi|fin)"
_NEXT = r"next|nachste[rsnm]?|kommende[rsnm]?|proximo|proxima"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = tuple(
    (re.compile("".join(pattern), re.IGNORECASE), read)
    for read, *pattern in (
        (_iso, r"\b(20\d\d)-(\d\d)-(\d\d)\b"),
        (_dotted, r"\b(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>20\d\d)?"),
        (_slashed, r"\b(\d{1,2})/(\d{1,2})/(20\d\d)\b"),
        (
            _named,
            r"\b(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|o)?(?: de| of)? ",
            rf"(?P<month>{_any(_MONTH)})\b\.?(?:,? (?:de |del )?(?P<year>20\d\d)\b)?",
        ),
        (
            _named,
            rf"\b(?P<month>{_any(_MONTH)})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b",
            r"(?:,? (?P<year>20\d\d)\b)?",
        ),
        (
            _month,
            rf"\b(?:(?P<before>{_BEFORE_MONTH}) (?:the )?)?(?:{_PART}[ -])?",
            rf"(?P<month>{_any(_MONTH)})\b(?! \d{{1,2}}\b)\.?(?: (?P<year>20\d\d)\b)?",
        ),
        (
            _quarter,
            r"\b(?:q(?P<quarter>[1-4])|h(?P<half>[12]))\b(?:[ /'-]{0,2}(?P<year>20\d\d|\d\d)\b)?",
        ),
        (
            _in_a_while,
            r"\b(?:in|dans|en|dentro de|for|another) (?:about |around |etwa |environ )?(?:a )?",
            rf"(?P<number>\d{{1,3}}|{_any(_NUMBER)}) (?:of )?(?P<unit>{_UNIT})\b",
        ),
        (_next, rf"\b(?:{_NEXT}) ({_UNIT})\b|\b({_UNIT}) (?:prochaine?|que viene)\b"),
        (
            _weekday,
            r"\b(?:on|until|till|next|back|by|bis|ab|am|wieder|jusqu'a|des|hasta|el) ",
            rf"(?P<weekday>{_any(_WEEKDAY)})\b",
        ),
        (_tomorrow, r"\b(?:tomorrow|demain)\b"),
        (
            _new_year,
            r"\b(?:in the|after|after the|im|nach de[mn]|apres les?|despues de(?:l| las))",
            r" (?:new year|neuen jahr|jahreswechsel|holidays|feiertagen|christmas|fetes|nouvel an",
            r"|fiestas|vacances)\b",
        ),
    )
)
