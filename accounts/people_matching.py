"""How likely two people at one account are the same: by address, by name, and why.

Nothing is asked in which order they come. A likeness that is no more than an initial or a short
name is not sure: it counts where nobody else is like either of the two, which `people_settling`
looks after. Probabilities are set by hand: they order questions and promise nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from accounts.identity import is_free_mail
from accounts.people_data import ROLE_MAILBOXES
from accounts.people_fit import Fit, compare, short_for
from accounts.people_names import PersonName, read_name, spelt

_BETWEEN = re.compile(r"[._+-]+")
_CHANCES = {3: 0.95, 2: 0.8, 1: 0.5}


class Verdict(StrEnum):
    """What two people are: one, a question, two."""

    SAME = "same"
    ASK = "ask"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """Somebody at an account; `email` is the comparable key, `gone` says that they left."""

    name: str
    email: str = ""
    phone: str = ""
    title: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Likeness:
    """The verdict about two people. `sure` holds whoever else is there; else only if nobody is."""

    verdict: Verdict
    probability: float = 0.0
    reasons: tuple[str, ...] = ()
    sure: bool = False


OTHER = Likeness(Verdict.OTHER)


def same_person(one: Person, other: Person) -> Likeness:
    """How likely two people of one account are one; the same, reasons included, either way round.

    One address is one person, unless the names speak against it or it is an office's (info@).
    One name with two addresses is a question, and so is a family name that is only partly or
    nearly the same. Who has left is not found by a short name.
    """
    if other < one:
        one, other = other, one
    named = bool(said_name(one)) and bool(said_name(other))
    if one.email and one.email == other.email and not (named and is_role(one.email)):
        return _one_address(one, other)
    mine, theirs = full_name(one), full_name(other)
    fit = compare(mine, theirs) if mine and theirs else Fit(0)
    return _by_name(one, other, fit, named=named) if fit.level else OTHER


def is_role(address: str) -> bool:
    """Whether a mailbox is an office's, as info@ and sales.emea@: many people read it."""
    return _BETWEEN.split(address.partition("@")[0], maxsplit=1)[0] in ROLE_MAILBOXES


def _one_address(one: Person, other: Person) -> Likeness:
    mine, theirs = said_name(one), said_name(other)
    words = "the same address"
    fit = compare(mine, theirs) if mine and theirs else Fit(3)
    if fit.level:
        return Likeness(Verdict.SAME, 0.99, (words, *fit.reasons), sure=True)
    if mine.given and mine.given[:1] == theirs.given[:1] and mine.suffix == theirs.suffix:
        family = f"the family name is {mine.surname} or {theirs.surname}"
        return Likeness(Verdict.ASK, 0.8, (words, family))
    return Likeness(Verdict.ASK, 0.5, (words, f"the names are {one.name} and {other.name}"))


def _by_name(one: Person, other: Person, fit: Fit, *, named: bool) -> Likeness:
    level, reasons = fit.level, fit.reasons or ("the same name",)
    if not named or _is_told(one) or _is_told(other):
        level, reasons = min(level, 3 if named else 2), (*reasons, "as the address spells it")
    shared = _shared(one, other)
    chance = min(_CHANCES[level] + 0.07 * len(shared), 0.98)
    reasons = (*reasons, *shared)
    if level == 1 and len(shared) > 1:
        level = 2
    if _two_addresses(one, other):
        if level < 2:
            return OTHER
        free = is_free_mail(_host(one)) or is_free_mail(_host(other))
        chance = 0.4 if level == 2 else 0.65 if free else 0.55
        level, reasons = 1, (*reasons, "each has an address of their own")
    if level == 2 and (one.gone or other.gone):
        level, reasons = 1, (*reasons, "one of them has left")
    verdict = Verdict.SAME if level > 1 else Verdict.ASK
    return Likeness(verdict, chance, reasons, sure=level == 3)


def _shared(one: Person, other: Person) -> tuple[str, ...]:
    """What else speaks for it; a phone or a title alone proves nothing: an office shares them."""
    said = {
        "the same phone": bool(one.phone) and one.phone == other.phone,
        "the same title": bool(one.title) and one.title.casefold() == other.title.casefold(),
        "the address fits the name": _fits(one, other) or _fits(other, one),
    }
    return tuple(words for words, holds in said.items() if holds)


def _two_addresses(one: Person, other: Person) -> bool:
    """Each has a mailbox of their own; a tag after "+" is likely to be of the same one."""
    if not (one.email and other.email) or is_role(one.email) or is_role(other.email):
        return False
    return _untagged(one.email) != _untagged(other.email)


def _untagged(address: str) -> str:
    local, _, host = address.partition("@")
    return f"{local.partition('+')[0]}@{host}"


def _host(one: Person) -> str:
    return one.email.rpartition("@")[2]


# ---------------------------------------------------------------- what an address says of a name


def said_name(one: Person) -> PersonName:
    """The name that somebody gave; an address in its place is none."""
    return read_name("" if "@" in one.name else one.name)


def full_name(one: Person) -> PersonName:
    """The name as full as it and the address say it together: J. Smith, john.smith@…"""
    return _full_name(one.name, one.email) if one.email else said_name(one)


@lru_cache(maxsize=65_536)
def _full_name(said: str, email: str) -> PersonName:
    name, told = said_name(Person(said)), _local_name(email)
    if not told or not name:
        return name or told or name
    same_family = spelt("".join(name.family)) == spelt("".join(told.family))
    if name.given and name.family and same_family and _is_fuller(told, name):
        return replace(name, given=(told.given[0], *name.given[1:]), called=told.called)
    return name


def _is_told(one: Person) -> bool:
    return full_name(one) != said_name(one)


def _is_fuller(told: PersonName, name: PersonName) -> bool:
    """The address spells out an initial, or says for what the name is short."""
    first, full = name.given[0], told.given[0]
    if len(first) == 1:
        return full.startswith(first)
    return len(full) > len(first) and bool(short_for(told, name))


def _local_name(address: str) -> PersonName | None:
    """John Smith, of john.smith@; None where an address is no first and family name."""
    local = address.partition("@")[0].partition("+")[0]
    words = re.split("[._]+", local)
    if len(words) != 2 or is_role(address):
        return None
    if not all(len(word) > 1 and word.isalpha() for word in words):
        return None
    return read_name(" ".join(words).title())


def _fits(named: Person, addressed: Person) -> bool:
    """The one's mailbox is made of the other's name: jsmith@ and John Smith."""
    if named.email or not addressed.email or is_role(addressed.email):
        return False
    name = said_name(named)
    if not name.family or not name.given or len(name.given[0]) == 1:
        return False
    first, last = spelt(name.given[0]), spelt("".join(name.family))
    local = spelt(_BETWEEN.sub("", addressed.email.partition("@")[0]))
    return local in (
        f"{first}{last}", f"{first[0]}{last}", f"{first}{last[0]}", f"{last}{first}",
        f"{last}{first[0]}",
    )  # fmt: skip
