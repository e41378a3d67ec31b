"""Single values: names, and texts with a small grammar such as spans, rates and conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from orchestrator.calendar import Span, Unit, parse_dates, parse_days, parse_hours, parse_span
from orchestrator.conditions import ConditionError, Expr, parse
from orchestrator.language.codes import Code
from orchestrator.language.findings import Findings
from orchestrator.language.shapes import BAD, NAME, BadText, Json, Parsed, Text, wrong_type
from orchestrator.language.source import Node
from orchestrator.quiet import parse_quiet
from orchestrator.terms import At, Pace

SPAN_PATTERN = r"^[0-9]+\s*(m|min|minutes?|h|d|w|(business )?(hours?|days?)|weeks?)$"
_RATE_TEXT = re.compile(
    r"([0-9]{1,9})(?:\s+(?:accounts?|touches|touch|times))?\s+(?:per|a)\s+(\S.*)"
)
_FOR_EXAMPLE = "write it as 3 per 7d, or 10 accounts per week"


def span(text: str) -> Span:
    """Read a length of time. Raises ValueError."""
    if text.lstrip().startswith("-"):
        raise BadText(f"{text!r}: time does not run backwards", "write it without the minus")
    return parse_span(text)


def length(text: str) -> Span:
    """Read a length of time that is more than nothing. Raises ValueError."""
    found = span(text)
    if not found.amount:
        raise BadText(f"{text!r}: nothing can be done in no time", "write at least 1 hour or 1d")
    return found


def period(text: str) -> Span:
    """Read a length of time that passes for everybody alike. Raises ValueError."""
    found = length(text)
    if found.unit in (Unit.BUSINESS_HOURS, Unit.BUSINESS_DAYS):
        raise BadText(f"{text!r} differs from calendar to calendar", "write it as 60d")
    return found


def rate(text: str) -> Pace:
    """Read "3 per 7d" or "10 accounts per week". Raises ValueError."""
    found = _RATE_TEXT.fullmatch(text.strip())
    if not found:
        raise BadText(f"{text!r} is not a rate", _FOR_EXAMPLE)
    limit, length = int(found[1]), found[2]
    window = parse_span(length if length[0].isdigit() else f"1 {length}")
    if not limit or not window.amount:
        raise BadText(f"{text!r} lets nothing through", "both numbers are at least 1")
    if window.unit in (Unit.BUSINESS_HOURS, Unit.BUSINESS_DAYS):
        raise BadText(f"{text!r}: a rate counts over hours, days or weeks", _FOR_EXAMPLE)
    return Pace(limit, window)


def _day(text: str) -> str:
    """Read a date, and give it back as text. Raises ValueError."""
    try:
        if re.fullmatch(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise BadText(f"{text!r} is not a date", "write it as 2026-12-24")


_AT_TEXT = re.compile(rf"({NAME})(?:\s*([-+])\s*([0-9].*))?")


def _at(text: str) -> At:
    """Read "event - 3w", without the date itself. Raises ValueError."""
    found = _AT_TEXT.fullmatch(text.strip())
    if not found:
        raise BadText(f"{text!r} counts from no named date", "write it as event, or event - 3w")
    offset = length(found[3]) if found[3] else None
    if offset and offset.unit not in (Unit.DAYS, Unit.WEEKS, Unit.BUSINESS_DAYS):
        raise BadText(f"{text!r}: a date is a day", "count in days, weeks or business days")
    return At(found[1], "", offset, found[2] == "-")


def _condition(text: str) -> Expr:
    """Read a condition. Raises BadText with the place of the mistake."""
    try:
        return parse(text)
    except ConditionError as error:
        raise BadText(error.message, error.hint, error.col) from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the workspace's currency, with two places at most: never a binary fraction."""

    words: str = "an amount such as 45 or 45.50"

    def read(self, node: Node, findings: Findings) -> Any:
        if node.kind != "scalar" or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", node.text):
            return wrong_type(node, self.words, findings)
        if not (amount := Decimal(node.text)):
            findings.add(node, Code.WRONG_VALUE, "nothing is no amount", "leave the key out")
            return BAD
        return amount

    def json(self) -> Json:
        return {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01}


LINE = Text()
PROSE = Text("a text", most=4000, lines=True)
ID = Text("a name", NAME, Code.BAD_NAME, "begin with a letter; then letters, digits, - and _", 64)
TEAM_ROLE = Text("a role of the account team", rf"{NAME}(/{NAME})?", Code.BAD_NAME, "such as owner")
TEMPLATE = Text(
    "the name of a template", rf"{NAME}(/{NAME})*", Code.BAD_NAME, "such as email/first-mail"
)
URL = Text("a web address", r"https?://[^\s/?#@]+[^\s@]*", hint="such as https://example.com/hook")
LINK = Text(
    "a web address",
    r'https?://[^\s/?#@\\"<>]+[^\s@\\"<>]*',
    hint="such as https://example.com/guide",
)
SPAN = Parsed("a length of time such as 3 business days", span, SPAN_PATTERN)
LENGTH = Parsed("a length of time such as 2 business days", length, SPAN_PATTERN)
PERIOD = Parsed("a time such as 60d", period, SPAN_PATTERN)
RATE = Parsed("a rate such as 3 per 7d", rate)
AT = Parsed("a named date, or so long before or after it, such as event - 3w", _at)
CONDITION = Parsed("a condition", _condition, code=Code.BAD_CONDITION, most=4000)
CLOCK = Parsed("hours such as 09:00-17:00", lambda text: (parse_hours(text), text)[1])
QUIET = Parsed("hours such as 22:00-07:00", parse_quiet)
DAYS = Parsed("days such as mon-fri", lambda text: (parse_days(text), text)[1])
DATE = Parsed("a date such as 2026-12-24", _day)
MONEY = Money()
DATES = Parsed("dates such as 2026-12-24", lambda text: (parse_dates(text), text)[1])
