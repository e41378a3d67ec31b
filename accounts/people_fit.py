"""How well the names of two people go together."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import OSA

from accounts.people_data import FULL_NAMES
from accounts.people_names import PersonName, sound, spelt, turned


@dataclass(frozen=True, slots=True)
class Fit:
    """How well two names go together.

    3: the same name; 2: one may be short for the other; 1: a person should look; 0: two names.
    """

    level: int
    reasons: tuple[str, ...] = ()


NO = Fit(0)


def compare(one: PersonName, other: PersonName) -> Fit:
    """How well two names go together, whichever comes first."""
    found = _straight(one, other)
    if found.level or (one.ordered and other.ordered):
        return found
    for first, second in ((one, other), (other, one)):
        if not first.ordered and first.given and first.family and second.family:
            found = _straight(turned(first), second)
            if found.level > 1:
                return _in_other_order(found, first)
    return NO


def _in_other_order(found: Fit, name: PersonName) -> Fit:
    """Thomas James and James Thomas may well be two people."""
    two_given = name.given[0] in FULL_NAMES and "".join(name.family) in FULL_NAMES
    reasons = (*found.reasons, "the names stand in the other order")
    return Fit(1 if two_given else found.level, reasons)


def _straight(one: PersonName, other: PersonName) -> Fit:
    if one.suffix and other.suffix and one.suffix != other.suffix:
        return NO
    if not (one.family and other.family):
        return _single(one, other)
    family = _family(one, other)
    given = _given(one, other) if family.level else NO
    if not given.level or family.level == given.level == 1 or not _middles_agree(one, other):
        return NO
    reasons = (*given.reasons, *family.reasons)
    level = min(family.level, given.level)
    if family.level == given.level == 2:
        level = 1
    if one.suffix != other.suffix:
        level, reasons = 1, (*reasons, f"only one of them is called {one.suffix or other.suffix}")
    return Fit(level, reasons)


def _single(one: PersonName, other: PersonName) -> Fit:
    """At least one of them has one word only."""
    if one.key == other.key:
        return Fit(3)
    short, full = (one, other) if not one.family else (other, one)
    if not short.given:
        return NO
    first = short.given[0]
    if full.family and spelt(first) == spelt("".join(full.family)):
        return Fit(1, (f"{short.called} may be the family name",))
    found = _first_names(short, full) if full.given else NO
    return Fit(1, (*found.reasons, "one of them has one name only")) if found.level > 1 else NO


# ---------------------------------------------------------------- family names


def _family(one: PersonName, other: PersonName) -> Fit:
    mine, theirs = "".join(one.family), "".join(other.family)
    if mine == theirs:
        if one.particles and other.particles and one.particles != other.particles:
            return Fit(1, (f"{one.surname} is not quite {other.surname}",))
        return Fit(3)
    if _whole(one) in (theirs, _whole(other)) or mine == _whole(other):
        return Fit(3)  # Vanderberg, van der Berg
    if spelt(mine) == spelt(theirs):
        return Fit(3, (f"{one.surname} is another spelling of {other.surname}",))
    if len(mine) == 1 or len(theirs) == 1:
        short, full = (one, other) if len(mine) == 1 else (other, one)
        fits = mine[0] == theirs[0]
        return Fit(2, (f"the initial {short.surname}. fits {full.surname}",)) if fits else NO
    return _nearly(one, other, mine, theirs)


def _nearly(one: PersonName, other: PersonName, mine: str, theirs: str) -> Fit:
    """Family names that are not quite the same."""
    if sound(mine) == sound(theirs) and (one.foreign or other.foreign or len(sound(mine)) > 5):
        level = 3 if one.foreign != other.foreign else 1
        return Fit(level, (f"{one.surname} is another spelling of {other.surname}",))
    if _in_common(one, other):
        return Fit(1, (f"{one.surname} and {other.surname} have a name in common",))
    size = min(len(mine), len(theirs))
    far = 2 if size > 9 else 1
    if size > 5 and OSA.distance(mine, theirs, score_cutoff=far) <= far:
        return Fit(1, (f"{one.surname} is nearly {other.surname}",))
    return NO


def _in_common(one: PersonName, other: PersonName) -> bool:
    """A double name and a part of it, a name at birth, a second surname that one leaves out."""
    ours, others = ({*map(spelt, (*name.family, *name.former))} for name in (one, other))
    middle, theirs = ({*map(spelt, name.given[1:])} for name in (one, other))
    return bool(ours & others or ours & theirs or others & middle)


def _whole(name: PersonName) -> str:
    return "".join((*name.particles, *name.family))


# ---------------------------------------------------------------- given names


def _given(one: PersonName, other: PersonName) -> Fit:
    if not one.given and not other.given:
        return Fit(2, ("neither has a first name",))
    if not (one.given and other.given):
        return Fit(1, ("one of them has no first name",))
    mine, theirs = ("".join(name.given).replace("-", "") for name in (one, other))
    if len(one.given[0]) == 1 and mine == theirs:
        return Fit(2, (f"both have the initial {one.called}.",))
    if mine == theirs:
        return Fit(3)
    return _first_names(one, other)


def _first_names(one: PersonName, other: PersonName) -> Fit:
    first, second = one.given[0], other.given[0]
    if len(first) == 1 or len(second) == 1:
        return _initials(one, other)
    if first == second:
        return Fit(3)
    if spelt(first) == spelt(second):
        return Fit(3, (f"{one.called} is another spelling of {other.called}",))
    if first in other.also or second in one.also:
        return Fit(3, (f"{one.called if first in other.also else other.called} is what they say",))
    if one.foreign != other.foreign and sound(first) == sound(second):
        return Fit(3, (f"{one.called} is another spelling of {other.called}",))
    if words := short_for(one, other):
        return Fit(2, (words,))
    if sound(first) == sound(second) and len(first) > 3:
        return Fit(2, (f"{one.called} is another spelling of {other.called}",))
    return _loosely(one, other)


def _initials(one: PersonName, other: PersonName) -> Fit:
    """J. P. and Jean-Pierre: as far as both go, each letter fits."""
    mine, theirs = (
        [part for word in name.given for part in word.split("-") if part] for name in (one, other)
    )
    if any(not _may_be(a, b) for a, b in zip(mine, theirs, strict=False)):
        return NO
    short, full = (one, other) if len(mine[0]) == 1 else (other, one)
    if len(full.given[0]) == 1:
        return Fit(2, (f"both have the initial {short.called[:1]}.",))
    return Fit(2, (f"the initial {short.called[:1]}. fits {full.called}",))


def _may_be(one: str, other: str) -> bool:
    """Two middle names, or their initials, go together."""
    if len(one) == 1 or len(other) == 1:
        return not _first_letters(one).isdisjoint(_first_letters(other))
    return spelt(one) == spelt(other) or sound(one) == sound(other) or _related(one, other)


def _first_letters(word: str) -> set[str]:
    """What may stand for it: B. and R. for Bob."""
    return {word[:1], *(full[0] for full in FULL_NAMES.get(word, ()))}


def _middles_agree(one: PersonName, other: PersonName) -> bool:
    """As far as both have some, in one order: none of "A." and "B." may be left out."""
    if not (one.given and other.given) or 1 in (len(one.given[0]), len(other.given[0])):
        return True  # initials were compared all together
    few, many = sorted((one.given[1:], other.given[1:]), key=len)
    left = iter(many)
    return all(any(_may_be(word, have) for have in left) for word in few)


def _loosely(one: PersonName, other: PersonName) -> Fit:
    first, second = one.given[0], other.given[0]
    if {*first.split("-")} & {*second.split("-")}:
        return Fit(1, (f"{one.called} and {other.called} have a name in common",))
    for short, full in ((one, other), (other, one)):
        if short.given[0] in full.given[1:]:
            return Fit(1, (f"{short.called} may be called by a middle name",))
    swapped = sorted(first) == sorted(second) and OSA.distance(first, second) == 1
    if swapped and len(first) > 4:
        return Fit(1, (f"{one.called} is nearly {other.called}",))
    return NO


def _related(one: str, other: str) -> bool:
    mine, theirs = FULL_NAMES.get(one, frozenset()), FULL_NAMES.get(other, frozenset())
    return not mine.isdisjoint(theirs)


def short_for(one: PersonName, other: PersonName) -> str:
    """Why the two may be called the same, in words: "Bill is short for William"; "" if not."""
    first, second = one.given[0], other.given[0]
    mine, theirs = FULL_NAMES.get(first, frozenset()), FULL_NAMES.get(second, frozenset())
    common = mine & theirs
    if not common:
        return ""
    if first not in common and second not in common:
        return f"{one.called} and {other.called} may both be {min(common).title()}"
    short, full = (one, other) if second in common else (other, one)
    near = abs(len(first) - len(second)) < 2 and OSA.distance(first, second) < 3
    is_short = "another form of" if near else "short for"
    return f"{short.called} is {is_short} {full.called}"
