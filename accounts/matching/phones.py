"""Phones as evidence: who has a number may be asked about, and a likeness of names gains by it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from accounts.identity import clean_text, phone_key

_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_NO_DIGITS = re.compile("[^0-9]+")
# Numbers are found by so many digits at their end; fewer are an extension or no number at all.
_END = 8


def phone_of(phone: str, country: str) -> str:
    """The number in E.164, bare digits where nobody knows its country, "" where it is none."""
    if _E164.fullmatch(phone):
        return phone
    known = phone_key(phone, country)
    if known:
        return known
    digits = _NO_DIGITS.sub("", clean_text(phone[:100])).lstrip("0")
    return digits if _END <= len(digits) <= 15 else ""


class Phones:
    """The numbers of accounts; only those that have any take room."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[str, ...]] = {}
        self._by_end: defaultdict[str, list[int]] = defaultdict(list)

    def __bool__(self) -> bool:
        return bool(self._of)

    def items(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """(account, its numbers), to be stored."""
        yield from self._of.items()

    def add(self, account_id: int, phones: Iterable[str]) -> None:
        """Know the numbers of an account; they are as `phone_of` says them."""
        self._of[account_id] = tuple(dict.fromkeys(phones))
        for phone in self._of[account_id]:
            self._by_end[phone[-_END:]].append(account_id)

    def remove(self, account_id: int) -> None:
        """Forget the numbers of an account; nothing happens where it has none."""
        for phone in self._of.pop(account_id, ()):
            self._by_end[phone[-_END:]].remove(account_id)

    def owners(self, phone: str) -> list[int]:
        """The accounts that have this number, by id: a switchboard may be that of several."""
        near = self._by_end.get(phone[-_END:], ()) if phone else ()
        return sorted({one for one in near if any(_same(phone, own) for own in self._of[one])})


def _same(one: str, other: str) -> bool:
    """Whether two numbers are one; where a country is not known, the rest has to agree."""
    if one[0] == other[0] == "+":
        return one == other
    short, long = sorted((one.lstrip("+"), other.lstrip("+")), key=len)
    return long.endswith(short)
