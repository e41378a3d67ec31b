"""Names as the matcher compares them: words that tell, joined letters, initials, legal forms.

One key is made per spelling and kept; a record or an account has one for its name and one for
every other name that stands in brackets or after "formerly".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from accounts.company_names import Name, by_all_rules, is_junk, name_key, told_apart
from accounts.countries import country_key
from accounts.identity import domain_key, is_of_many, own_domain, whole_host
from accounts.keeping import kept_each
from accounts.matching.values import Candidate, Record
from accounts.names_data import (
    LEGAL_IN_ENGLISH,
    LEGAL_SAME,
    LEGAL_WORDS,
    ROMAN_NUMBERS,
    SIDES,
    STOP_WORDS,
)
from accounts.translations import foreign_words, translated

# So many telling words of a name are compared; the rest still counts in the joined letters.
WORDS = 8

# The kinds of names: the account's or record's own, an alias, one in brackets or a former one.
OWN, ALIAS, ASIDE = 0, 1, 2

_DIGITS = re.compile(r"\d+")
_OWN_BIT = {
    form: 1 << at for at, form in enumerate(sorted({LEGAL_SAME.get(w, w) for w in LEGAL_WORDS}))
}
# A form has the bits of those, too, that it is called by in English.
_LEGAL_BIT = {
    form: bit | sum(_OWN_BIT[one] for one in LEGAL_IN_ENGLISH.get(form, "").split())
    for form, bit in _OWN_BIT.items()
}


class Key(NamedTuple):
    """One name as it is compared.

    `sorted` are the words in English in the order of the alphabet, joined.
    `initials` are of all words and of the telling ones, `letters` those of the telling ones in
    English, sorted, or the letters of a short name of one word: UNAM is the National Autonomous
    University of Mexico. `legal` and `sides` (north, south, east, west) are sets of bits.
    """

    core: str
    words: tuple[str, ...]
    sorted: str
    initials: tuple[str, ...]
    letters: str
    legal: int
    sides: int
    numbers: tuple[int, ...]
    kind: int


class Asked(NamedTuple):
    """A record with its keys.

    `domain` can identify a company; `hosted` is a host that many share and the website is the whole
    of, where no other domain is known. `phone` is as it was written.
    """

    keys: tuple[Key, ...]
    domain: str
    hosted: str
    country: str
    city: str
    label: str
    phone: str


def keys_of(text: str) -> tuple[Key, ...]:
    """The keys of a name, its own first; () for what names no company."""
    return keys_of_each([text])[0]


@kept_each
def keys_of_each(texts: Sequence[str]) -> list[tuple[Key, ...]]:
    """The keys of many names, which are read together."""
    return [
        _keys(by_all_rules(text)) if told is None else _keys_alone(*told)
        for text, told in zip(texts, told_apart(texts), strict=True)
    ]


def _keys_alone(words: Sequence[str], legal: tuple[str, ...]) -> tuple[Key, ...]:
    """The keys of a name beside which there is no other in the text."""
    core = "".join(words)
    if not (_meaning().isdisjoint(words) and core.isalpha()) or len(words[-1]) < len(words):
        return _keys(Name(core, tuple(words), legal))
    return () if is_junk(core) else (_plain_key(core, words, legal, OWN),)


def _keys(name: Name) -> tuple[Key, ...]:
    if name.is_junk:
        return ()
    if not name.alternatives and len(name.tokens[-1]) >= len(name.tokens):
        return (_key(name, OWN),)
    name, *others = _without_acronym(name)
    own = _key(name, OWN)
    if not others:
        return (own,)
    # What only shortens the name beside it is no other name.
    kinds = [ALIAS if _shortens(other.core, own) else ASIDE for other in others[:4]]
    return (own, *map(_key, others, kinds))


def _shortens(other: str, own: Key) -> bool:
    """Whether a word is made of a name's letters in their order: UNICAMP, ...dade de Campinas."""
    if other in own.initials or own.core.endswith(other) or own.core.startswith(other):
        return True
    rest = iter(own.core)
    starts = other[0] in {word[0] for word in own.words}
    return 2 < len(other) < 9 and starts and all(letter in rest for letter in other)


def _without_acronym(name: Name) -> tuple[Name, ...]:
    """The name and its alternatives, among them initials that stand behind it: ... Denmark, SDU."""
    *words, last = name.tokens
    if 2 < len(last) <= len(words) and last in _initials(words, words):
        whole = Name("".join(words), tuple(words), name.legal)
        return (whole, Name(last, (last,)), *name.alternatives)
    return (name, *name.alternatives)


def _key(name: Name, kind: int) -> Key:
    if _meaning().isdisjoint(name.tokens) and name.core.isalpha():
        return _plain_key(name.core, name.tokens, name.legal, kind)
    tokens = translated(name.tokens)
    words = _telling(tokens) or tokens
    sides = 0
    if not SIDES.keys().isdisjoint(words):
        for word in words:
            sides |= SIDES.get(word, 0)
    return Key(
        name.core,
        tuple(words[:WORDS]),
        "".join(sorted(words)),
        _initials(name.tokens, words),
        _letters(name.core, words),
        _bits(name.legal),
        sides,
        _numbers(name),
        kind,
    )


def _plain_key(core: str, words: Sequence[str], legal: tuple[str, ...], kind: int) -> Key:
    """The key of a name whose words are nothing but words."""
    size, letters = len(words), ""
    initials: tuple[str, ...] = ()
    if size == 1:
        letters = "".join(sorted(core)) if 2 < len(core) < 8 else ""
    elif 2 < size < 9:
        begun = "".join([word[0] for word in words])
        initials = (begun,)
        letters = "".join(sorted(begun)) if size < 8 else ""
    in_order = "".join(sorted(words))
    bits = _bits(legal) if legal else 0
    # As a tuple it is made in a third of the time; there are as many as names.
    words = tuple(words[:WORDS])
    return tuple.__new__(Key, (core, words, in_order, initials, letters, bits, 0, (), kind))


@cache
def _bits(legal: tuple[str, ...]) -> int:
    found = 0
    for form in legal:
        found |= _LEGAL_BIT.get(form, 0)
    return found


@cache
def _meaning() -> frozenset[str]:
    """The words that are something else, too: a number, a side, an English word."""
    return STOP_WORDS | {*SIDES, *ROMAN_NUMBERS, *foreign_words()}


def _telling(tokens: Sequence[str]) -> Sequence[str]:
    if STOP_WORDS.isdisjoint(tokens):
        return tokens
    return [token for token in tokens if token not in STOP_WORDS]


def _initials(tokens: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    """Of the telling words, of all, and of the telling ones in English."""
    if len(tokens) < 2:
        return ()
    telling = _telling(tokens)
    # Mostly all three are the same words.
    some = (telling,) if telling is tokens is words else (telling, tokens, words)
    found = ["".join([word[0] for word in one]) for one in some]
    return tuple([one for one in dict.fromkeys(found) if 2 < len(one) < 9])


def _letters(core: str, words: Sequence[str]) -> str:
    letters = core if len(words) == 1 else "".join([word[0] for word in words])
    return "".join(sorted(letters)) if 2 < len(letters) < 8 and letters.isalpha() else ""


def _numbers(name: Name) -> tuple[int, ...]:
    """The numbers in a name, Roman ones too: Fund I and Fund II are two funds."""
    # A letter alone inside a name is a word of some language more often than a number.
    found: list[int] = []
    if not ROMAN_NUMBERS.keys().isdisjoint(name.tokens):
        found = [
            ROMAN_NUMBERS[token]
            for at, token in enumerate(name.tokens)
            if at and token in ROMAN_NUMBERS and (len(token) > 1 or at == len(name.tokens) - 1)
        ]
    if not name.core.isalpha():
        found += [int(digits[:18]) for digits in _DIGITS.findall(name.core)]
    return tuple(sorted(set(found))) if found else ()


def account_keys(candidates: Sequence[Candidate]) -> list[tuple[Key, ...]]:
    """The keys of every name of each account, each once; its own name first."""
    own = keys_of_each([one.name for one in candidates])
    return [
        keys if len(keys) == 1 and not one.aliases else _each_once(keys, one.aliases)
        for keys, one in zip(own, candidates, strict=True)
    ]


def _each_once(own: Sequence[Key], aliases: Sequence[str]) -> tuple[Key, ...]:
    found: dict[tuple[str, tuple[str, ...]], Key] = {}
    for key in own:
        found.setdefault((key.core, key.words), key)
    for keys in keys_of_each(aliases):
        for key in keys:
            known = key._replace(kind=ALIAS) if key.kind == OWN else key
            found.setdefault((key.core, key.words), known)
    return tuple(found.values())


def domains_of(candidate: Candidate) -> tuple[str, ...]:
    """The registrable domains that tell an account from others, in order, each once.

    A host of many is one only where the account is called by it, as Amazon is.
    """
    return tuple(
        domain
        for domain in _registrable(candidate)
        if not is_of_many(domain) or name_key(candidate.name).core.startswith(stem(domain))
    )


def hosts_of(candidate: Candidate) -> tuple[str, ...]:
    """The hosts of many that an account is listed with, in order, each once."""
    return tuple(filter(is_of_many, _registrable(candidate)))


def _registrable(candidate: Candidate) -> Iterable[str]:
    keyed: Iterable[str | None] = map(domain_key, candidate.domains)
    return dict.fromkeys(domain for domain in keyed if domain)


def asked(records: Sequence[Record]) -> list[Asked]:
    """What records say, as keys; never raises, whatever they hold."""
    return list(map(_asked, records, keys_of_each([record.name for record in records])))


def _asked(record: Record, keys: tuple[Key, ...]) -> Asked:
    domain = hosted = ""
    if record.website or record.email:
        domain = own_domain(record.website, record.email) or ""
        hosted = "" if domain else whole_host(record.website) or ""
    country = (country_key(record.country) or "") if record.country else ""
    city = city_key(record.city) if record.city else ""
    # As a tuple it is made in a third of the time.
    return tuple.__new__(Asked, (keys, domain, hosted, country, city, record.name, record.phone))


def city_key(city: str) -> str:
    """A city as one word, under its English name where it has one; "" for none."""
    return "".join(translated(name_key(city).tokens))


def stem(domain: str) -> str:
    """acme of acme.co.uk, without the hyphens: what a domain has in common with a name."""
    return domain.partition(".")[0].replace("-", "")
