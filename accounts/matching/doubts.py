"""What speaks against a pair however likely it is: any doubt sends it to a person."""

from __future__ import annotations

from accounts.countries import known_place
from accounts.matching.keys import stem
from accounts.matching.reasons import TELLING, Side, numbers

# A shared domain needs no more of a name than this; below it the two contradict each other.
AGREEING_NAME = 0.4

HOLDING = frozenset({"holding", "holdings"})

# A word of fewer letters is not told from another one that is like it: AMA, Amazon.
TOLD = 4

# What tells two accounts of one name apart.
APART = ("country", "city", "legal_form", "domain")


def of_both(side: Side) -> list[str]:
    """What speaks against a pair whether or not the domain agrees."""
    doubts = []
    assert side.mine is not None
    if side.has("other_numbers"):
        doubts.append(numbers(side.mine.words, side.words))
    differing = set(side.mine.words) ^ set(side.words)
    if len(differing) == 1 and differing <= HOLDING and not side.shares:
        doubts.append("a holding and its operating company?")
    if differing and side.has("other_country") and all(map(known_place, differing)):
        doubts.append("a company and its branch in another country?")
    return doubts


def of_domain(side: Side, namesake: str, *, alone: bool) -> list[str]:
    """What speaks against a pair of one domain.

    `namesake` is another account of the very name, `alone` whether nobody else has the domain.
    """
    doubts = []
    if agreement(side) < AGREEING_NAME:
        doubts.append("the domain and the name say different companies")
    elif not alone and not side.has("same_core") and side.of("clash") > TELLING:
        doubts.append("others have the domain, and the name is none of theirs")
    if namesake:
        doubts.append(f"the name is that of {namesake!r}")
    return doubts


def of_name(side: Side, *, called: bool) -> list[str]:
    """What speaks against a pair that no domain connects.

    `called` says that its phone does: a name that alone would be too little is then enough.
    """
    doubts = []
    if side.has("other_domain") and not side.has("same_stem"):
        doubts.append(f"another domain: {side.question.domain}, not {min(side.domains)}")
    if called:
        return doubts
    if side.has("one_word_abroad") and not side.has("same_legal_form"):
        doubts.append("one word in another country is not enough")
    if _is_part(side):
        doubts.append("it may be short for it, or another company")
    if side.has("aside"):
        doubts.append("only by a name in brackets or a former one")
    return doubts


def twins(one: Side, other: Side) -> bool:
    """Whether two accounts have the record's very name and nothing known tells them apart."""
    if not (one.has("same_core") and other.has("same_core")):
        return False
    return not any(
        (one.has(f"same_{field}") and not other.has(f"same_{field}"))
        or (other.has(f"other_{field}") and not one.has(f"other_{field}"))
        for field in APART
    )


def agreement(side: Side) -> float:
    """How much of a name the other explains, for a pair whose domain agrees; 0..1."""
    if side.has("initials") or side.has("stem_is_name") or side.of("beginning") > 0.99:
        return 1.0
    # A name that is the domain says no more than the domain does.
    if side.mine and side.mine.core == stem(side.question.domain or side.question.hosted):
        return 1.0
    rest = max(map(side.of, ("covers_mine", "covers_theirs", "ratio")))
    return max(0.8 * side.of("covers_least") + 0.2 * side.of("jaro"), rest if rest >= 0.6 else 0.0)


def _is_part(side: Side) -> bool:
    """Whether a record of one word has only one of the account's telling words, or hardly that."""
    return (
        side.mine is not None
        and len(side.mine.words) == 1
        and not side.has("same_core")
        and not any(map(side.has, ("initials", "same_country", "same_city", "same_legal_form")))
        and (side.of("lost_theirs") > TELLING or len(side.mine.core) < TOLD)
    )
