"""Names as the matcher compares them: words that tell, joined letters, initials, legal forms.

One key is made per spelling and kept; a record or an account has one for its name and one for
every other name that stands in brackets or after "formerly".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from accounts.countries import country_key
from accounts.identity import (
    Name,
    domain_key,
    is_of_many,
    name_key,
    own_domain,
    whole_host,
)
from accounts.keeping import kept
from accounts.matching.values import Candidate, Record
from accounts.names_data import LEGAL_SAME, LEGAL_WORDS, ROMAN_NUMBERS, STOP_WORDS, TRANSLATIONS

# So many telling words of a name are compared; the rest still counts in the joined letters.
WORDS = 8

# The kinds of names: the account's or record's own, an alias, one in brackets or a former one.
OWN, ALIAS, ASIDE = 0, 1, 2

_DIGITS = re.compile(r"\d+")
_LEGAL_BIT = {
    form: 1 << at for at, form in enumerate(sorted({LEGAL_SAME.get(w, w) for w in LEGAL_WORDS}))
}


class Key(NamedTuple):
    """One name: `legal` is a set of bits, `initials` are of all words and of the telling ones."""

    core: str
    words: tuple[str, ...]
    initials: tuple[str, ...]
    legal: int
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


@kept
def keys_of(text: str) -> tuple[Key, ...]:
    """The keys of a name, its own first; () for what names no company."""
    name = name_key(text)
    if name.is_junk:
        return ()
    if not name.alternatives:
        return (_key(name, OWN),)
    return (_key(name, OWN), *(_key(other, ASIDE) for other in name.alternatives[:4]))


def _key(name: Name, kind: int) -> Key:
    tokens = [TRANSLATIONS.get(token, token) for token in name.tokens]
    words = [token for token in tokens if token not in STOP_WORDS] or tokens
    legal = 0
    for form in name.legal:
        legal |= _LEGAL_BIT.get(form, 0)
    return Key(
        name.core, tuple(words[:WORDS]), _initials(tokens, words), legal, _numbers(name), kind
    )


def _initials(tokens: list[str], words: list[str]) -> tuple[str, ...]:
    if len(tokens) < 2:
        return ()
    short = "".join([token[0] for token in words]) if len(words) > 1 else ""
    long = "".join([token[0] for token in tokens])
    found = (short,) if long == short else (short, long)
    return tuple([initials for initials in found if 2 < len(initials) < 9])


def _numbers(name: Name) -> tuple[int, ...]:
    """The numbers in a name, Roman ones too: Fund I and Fund II are two funds."""
    found = [ROMAN_NUMBERS[token] for token in name.tokens[1:] if token in ROMAN_NUMBERS]
    if not name.core.isalpha():
        found += [int(digits[:18]) for digits in _DIGITS.findall(name.core)]
    return tuple(sorted(set(found))) if found else ()


def keys_of_account(candidate: Candidate) -> tuple[Key, ...]:
    """The keys of every name of an account, each once; its own name first."""
    found: dict[tuple[str, tuple[str, ...]], Key] = {}
    for key in keys_of(candidate.name):
        found.setdefault((key.core, key.words), key)
    for alias in candidate.aliases:
        for key in keys_of(alias):
            known = key._replace(kind=ALIAS) if key.kind == OWN else key
            found.setdefault((key.core, key.words), known)
    return tuple(found.values())


def domains_of(candidate: Candidate) -> tuple[str, ...]:
    """The registrable domains that tell an account from others, in order, each once.

    A host of many is one only where the account is called by it, as Amazon is.
    """
    core = name_key(candidate.name).core
    return tuple(
        domain
        for domain in _registrable(candidate)
        if not is_of_many(domain) or core.startswith(stem(domain))
    )


def hosts_of(candidate: Candidate) -> tuple[str, ...]:
    """The hosts of many that an account is listed with, in order, each once."""
    return tuple(filter(is_of_many, _registrable(candidate)))


def _registrable(candidate: Candidate) -> Iterable[str]:
    keyed: Iterable[str | None] = map(domain_key, candidate.domains)
    return dict.fromkeys(domain for domain in keyed if domain)


def asked(record: Record) -> Asked:
    """What a record says, as keys; never raises, whatever it holds."""
    domain = hosted = ""
    if record.website or record.email:
        domain = own_domain(record.website, record.email) or ""
        hosted = "" if domain else whole_host(record.website) or ""
    return Asked(
        keys_of(record.name),
        domain,
        hosted,
        (country_key(record.country) or "") if record.country else "",
        city_key(record.city) if record.city else "",
        record.name,
        record.phone,
    )


def city_key(city: str) -> str:
    """A city as one word, under its English name where it has one; "" for none."""
    return "".join([TRANSLATIONS.get(token, token) for token in name_key(city).tokens])


def stem(domain: str) -> str:
    """acme of acme.co.uk, without the hyphens: what a domain has in common with a name."""
    return domain.partition(".")[0].replace("-", "")
