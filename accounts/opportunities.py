"""Rows of a table become opportunities, or rejections with a reason.

Amounts and days are read as people and CRMs write them; what may mean two things is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from accounts.headers import ColumnMap
from accounts.identity import own_domain
from accounts.importing import (
    Fields,
    Refuse,
    Rejected,
    company_name,
    need_one_of,
    rows_of,
    web_address,
)
from accounts.tables import Table

MOST = Decimal(10**12)
WON, LOST = frozenset({"won", "closedwon"}), frozenset({"lost", "closedlost"})

_SIGNS = {"€": "EUR", "£": "GBP", "$": "$"}  # a dollar is one of many countries'
_AMOUNT = re.compile(r"([A-Za-z]{3})?([€£$])?(-?[\d.,]+)([km])?([€£$])?([A-Za-z]{3})?")
_SPACES = re.compile(r"[\s'’]")
_THOUSANDS = {"": 1, "k": 1_000, "m": 1_000_000}
_DAY = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})")


@dataclass(frozen=True, slots=True)
class OpportunityRow:
    """An opportunity as a file states it, cleaned. Unknown fields are "".

    `external_id` is the deal's own, where the file comes from; `company`, `domain` or `company_id`
    is there. `amount` is a number with two places, `currency` a code or "$", `closes` an ISO day.
    """

    line: int
    external_id: str
    name: str
    company: str
    website: str
    domain: str
    company_id: str
    stage: str
    amount: str
    currency: str
    closes: str
    owner: str
    lost_reason: str


def opportunity_rows(table: Table, columns: ColumnMap) -> list[OpportunityRow | Rejected]:
    """Every record of the table in file order. Raises `AbmError` if no column holds an id, or if
    none names a company."""
    need_one_of(columns, "external_id")
    need_one_of(columns, "company", "website", "company_id")
    said = [row.cells[one.index] for one in columns.guesses if one.field == "closes"
            for row in table.rows]  # fmt: skip
    return rows_of(table, columns, partial(_opportunity, month_first(said)))


def standing(stage: str) -> str:
    """What a stage says of the deal, in whatever spelling: won, lost, or open."""
    plain = "".join(one for one in stage.casefold() if one.isalpha())
    return "won" if plain in WON else "lost" if plain in LOST else "open"


def _opportunity(
    first: bool | None, line: int, fields: Fields, _extra: object
) -> OpportunityRow:  # fmt: skip
    get = fields.get
    if not get("external_id"):
        raise Refuse("no id of the opportunity: without one nobody knows it again")
    company, site = company_name(get("company", "")), web_address(get("website", ""))
    domain = own_domain(site) or ""
    if not company and not domain and not get("company_id"):
        raise Refuse("no company: give its name, its website or its id")
    amount, sign = amount_of(get("amount", ""))
    currency = get("currency", "").upper() or sign
    if currency and currency != "$" and not re.fullmatch("[A-Z]{3}", currency):
        raise Refuse(f"currency: {currency[:20]!r} is no code, as EUR")
    return OpportunityRow(
        line, get("external_id", ""), get("name", ""), company, site, domain,
        get("company_id", ""), get("stage", ""), amount, currency, day_of(get("closes", ""), first),
        get("owner", ""), get("lost_reason", ""),
    )  # fmt: skip


def amount_of(text: str) -> tuple[str, str]:
    """(a number with two places, the currency that stands beside it) of `€ 12.000,50` or `12k`."""
    plain = _SPACES.sub("", text)
    if not plain:
        return "", ""
    found = _AMOUNT.fullmatch(plain)
    if not found:
        raise Refuse(f"amount: {text[:40]!r} is no number")
    code, sign, digits, times, sign_after, code_after = (one or "" for one in found.groups())
    number = _number(digits, text) * _THOUSANDS[times]
    if not 0 <= number <= MOST:
        raise Refuse(f"amount: {text[:40]!r} is not between 0 and {MOST:,}")
    currency = (code or code_after).upper() or _SIGNS.get(sign or sign_after, "")
    return str(number.quantize(Decimal("0.01"))), currency


def _number(digits: str, text: str) -> Decimal:
    """The last sign separates the fraction, unless it stands twice or before three digits."""
    last = max(digits.rfind("."), digits.rfind(","))
    sign = digits[last] if last >= 0 else ""
    both = "." in digits and "," in digits
    whole, fraction = (digits[:last], digits[last + 1 :]) if sign else (digits, "")
    thousands = len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0")
    if sign and not both and (digits.count(sign) > 1 or thousands):
        whole, fraction = digits, ""
    whole, negative = whole.lstrip("-"), digits.startswith("-")
    plain = whole.replace(".", "").replace(",", "")
    grouped = re.fullmatch(r"\d{1,3}([.,]\d{3})*|\d*", whole)
    if not grouped or not (plain or fraction) or not re.fullmatch(r"\d*", fraction):
        raise Refuse(f"amount: {text[:40]!r} is no number")
    return Decimal(f"{'-' * negative}{plain or 0}.{fraction or 0}")


def month_first(texts: Iterable[str]) -> bool | None:
    """Whether the days of a file with slashes begin with the month: a 13 in one of two places says
    it for all. None where none does, or they do not agree."""
    found = [match for text in texts if (match := _written(text)) and match[2] == "/"]
    days, months = (any(12 < int(one[at]) <= 31 for one in found) for at in (1, 3))
    return months if days != months else None


def _written(text: str) -> re.Match[str] | None:
    return _DAY.fullmatch(re.split(r"[T ]", text.strip(), maxsplit=1)[0])


def day_of(text: str, month_first: bool | None = None) -> str:
    """The ISO day of `2026-03-31`, with a time or without, `31.3.2026`, or `3/31/2026`; of
    `3/4/2026` only where it is known which of the two is the month."""
    if not text:
        return ""
    found = _written(text)
    try:
        if found:
            parts = int(found[1]), found[2], int(found[3]), int(found[4])
            return _day(*parts, month_first).isoformat()
    except ValueError:
        pass
    raise Refuse(f"close date: {text[:40]!r} is no day; write it as 2026-03-31")


def _day(first: int, sign: str, second: int, third: int, month_first: bool | None) -> date:
    if first > 31:
        return date(first, second, third)
    if third < 1000:
        raise ValueError("a year of two digits")
    if sign != "/" or first > 12:
        return date(third, second, first)
    if second > 12 or first == second or month_first:
        return date(third, first, second)
    if month_first is False:
        return date(third, second, first)
    raise Refuse(f"close date: {first}/{second}/{third} may be two days; write it as {third}-03-31")
