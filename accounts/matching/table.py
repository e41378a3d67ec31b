"""The accounts and their names as columns: what is compared often lies in arrays.

A row is one name of one account; a place is an account's position. Rows and places only grow;
what was removed is marked and skipped, and goes when the index is folded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.countries import country_key
from accounts.identity import clean_text
from accounts.matching.keys import WORDS, Key, city_key, domains_of, hosts_of, keys_of_account, stem
from accounts.matching.phones import Phones, phone_of
from accounts.matching.values import Candidate
from accounts.standing import Standing

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Array = NDArray[Any]

NOTHING = -1
_INITIALS = 2
_MASK = (1 << 63) - 1


# How much the words of all companies count beside those of the own list, in accounts.
_ELSEWHERE = 3_000


def weigh(often: Floats, common: Floats, rows: int) -> Floats:
    """-log of the share of names that have a word, 0.3..; 10 is a word that hardly any has.

    `often` is how many of the list's `rows` names have it, `common` the share among all companies.
    """
    share = (often + _ELSEWHERE * common) / (rows + _ELSEWHERE)
    return np.maximum(-np.log(share), 0.3)


class Column:
    """An array that grows at its end: `values` is what it holds, without a copy."""

    def __init__(self, values: NDArray[np.generic]) -> None:
        self._room, self._size = values, len(values)

    @property
    def values(self) -> Array:
        return self._room[: self._size]

    def extend(self, more: NDArray[np.generic]) -> None:
        size = self._size + len(more)
        if size > len(self._room):
            room = np.zeros(
                (max(size, 2 * self._size, 64), *self._room.shape[1:]), self._room.dtype
            )
            room[: self._size] = self.values
            self._room = room
        self._room[self._size : size] = more
        self._size = size


class Words:
    """Every text that is compared, once, under a number; with what a comparison asks first.

    `letters` is the set of a text's letters and digits as bits, `length` how many it has.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts: list[str] = []
        self.ids: dict[str, int] = {}
        self.letters = Column(np.zeros(0, np.int64))
        self.length = Column(np.zeros(0, np.int16))
        self.first = Column(np.zeros(0, np.int16))
        self._noted = 0
        for text in texts:
            self.add(text)

    def add(self, text: str) -> int:
        """The number of a text, a new one if it is new."""
        found = self.ids.get(text)
        if found is None:
            found = self.ids[text] = len(self.texts)
            self.texts.append(text)
        return found

    @property
    def shapes(self) -> tuple[Array, Array, Array]:
        """(letters, lengths, first signs) by number."""
        return self.letters.values, self.length.values, self.first.values

    def note(self) -> None:
        """Bring the arrays up to the texts."""
        if self._noted < len(self.texts):
            letters, length, first = shapes(self.texts[self._noted :])
            self.letters.extend(letters)
            self.length.extend(length)
            self.first.extend(first)
            self._noted = len(self.texts)


_BIT = {ord(sign): 1 << at for at, sign in enumerate("abcdefghijklmnopqrstuvwxyz0123456789")}


def shapes(texts: Sequence[str]) -> tuple[Array, Array, Array]:
    """(letters as bits, lengths, first signs) of texts."""
    letters = np.zeros(len(texts), np.int64)
    for at, text in enumerate(texts):
        bits = 0
        for sign in set(text):
            bits |= _BIT.get(ord(sign), 0)
        letters[at] = bits
    length = np.fromiter((min(len(text), 30_000) for text in texts), np.int16, len(texts))
    first = np.fromiter((ord(text[0]) if text else 0 for text in texts), np.int16, len(texts))
    return letters, length, first


def key_columns(
    keys: Sequence[Key], number: dict[tuple[int, ...], int], add: Callable[[str], int]
) -> dict[str, Array]:
    """The keys as columns; `add` gives a text's number, `number` that of a set of numbers."""
    size = len(keys)
    words = np.full((size, WORDS), NOTHING, np.int32)
    initials = np.full((size, _INITIALS), NOTHING, np.int32)
    for at, key in enumerate(keys):
        for place, word in enumerate(key.words):
            words[at, place] = add(word)
        for place, text in enumerate(key.initials):
            initials[at, place] = add(text)
    legal = np.zeros((size, 2), np.int64)
    for at, key in enumerate(keys):
        if key.legal:
            legal[at] = key.legal & _MASK, key.legal >> 63
    return {
        "words": words,
        "initials": initials,
        "legal": legal,
        "core": np.fromiter((add(key.core) for key in keys), np.int32, size),
        "numbers": np.fromiter(
            (number.setdefault(key.numbers, len(number)) for key in keys), np.int32, size
        ),
        "kind": np.fromiter((key.kind for key in keys), np.int8, size),
    }


_ROWS = {
    "words": ((WORDS,), np.int32),
    "initials": ((_INITIALS,), np.int32),
    "legal": ((2,), np.int64),
    "core": ((), np.int32),
    "numbers": ((), np.int32),
    "kind": ((), np.int8),
    "place": ((), np.int32),
}
_PLACES = {
    "id": ((), np.int64),
    "country": ((), np.int32),
    "city": ((), np.int32),
    "stem": ((), np.int32),
    "domains": ((), np.int16),
    "alive": ((), np.bool_),
    "start": ((), np.int32),  # its first row
    "names": ((), np.int32),  # how many rows it has
}


class Table:
    """Everything known about the accounts, found by place or by row."""

    def __init__(self) -> None:
        self.words = Words([""])
        self.numbers: dict[tuple[int, ...], int] = {(): 0}
        self.row = {n: Column(np.zeros((0, *shape), kind)) for n, (shape, kind) in _ROWS.items()}
        self.place = {n: Column(np.zeros((0, *s), kind)) for n, (s, kind) in _PLACES.items()}
        self.labels: list[str] = []
        self.domains: list[tuple[str, ...]] = []
        self.places: dict[int, int] = {}
        # By account, of the few that have any.
        self.parents: dict[int, int] = {}
        self.standing: dict[int, Standing] = {}
        self.phones = Phones()
        self.by_domain: defaultdict[str, list[int]] = defaultdict(list)
        self.hosts: defaultdict[str, list[int]] = defaultdict(list)
        self.by_stem: defaultdict[str, list[int]] = defaultdict(list)
        self.by_core: defaultdict[int, list[int]] = defaultdict(list)
        self.by_initials: defaultdict[int, list[int]] = defaultdict(list)
        self.by_start: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self.places)

    @property
    def rows(self) -> int:
        return len(self.row["core"].values)

    def extend(self, candidates: Sequence[Candidate]) -> list[Key]:
        """Know these accounts; the keys of the rows that they made, in the order of rows."""
        first = len(self.labels)
        keys: list[Key] = []
        places: list[int] = []
        for place, candidate in enumerate(candidates, start=first):
            own = keys_of_account(candidate)
            keys += own
            places += [place] * len(own)
        start = self.rows
        self._note_rows(keys, places)
        self._note_places(candidates, first)
        sizes = np.bincount(np.array(places, np.int64) - first, minlength=len(candidates))
        self.place["names"].values[first:] = sizes
        self.place["start"].values[first:] = start + np.cumsum(sizes) - sizes
        self.words.note()
        return keys

    def _note_rows(self, keys: list[Key], places: list[int]) -> None:
        start = self.rows
        columns = key_columns(keys, self.numbers, self.words.add)
        columns["place"] = np.array(places, np.int32)
        for name, values in columns.items():
            self.row[name].extend(values)
        self.link(start, columns)

    def link(self, start: int, columns: dict[str, Array]) -> None:
        """Make rows from `start` on findable by their whole name, initials and beginning."""
        words, initials = columns["words"].tolist(), columns["initials"].tolist()
        for at, core in enumerate(columns["core"].tolist()):
            row = start + at
            self.by_core[core].append(row)
            for text in initials[at]:
                if text != NOTHING:
                    self.by_initials[text].append(row)
            if words[at][1] != NOTHING:
                self.by_start[words[at][0], words[at][1]].append(row)

    def _note_places(self, candidates: Sequence[Candidate], first: int) -> None:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, one in enumerate(candidates, start=first):
            domains = domains_of(one)
            self.places[one.id] = place
            self._note_rest(place, one)
            self.labels.append(clean_text(one.name)[:80])
            self.domains.append(domains)
            self.link_domains(place, domains)
            found["id"].append(one.id)
            found["country"].append(self.words.add(country_key(one.country) or ""))
            found["city"].append(self.words.add(city_key(one.city) if one.city else ""))
            found["stem"].append(self.words.add(stem(domains[0]) if domains else ""))
            found["domains"].append(len(domains))
            found["alive"].append(True)
            found["start"].append(0)
            found["names"].append(0)
        for name, column in self.place.items():
            column.extend(np.array(found[name], column.values.dtype))

    def _note_rest(self, place: int, one: Candidate) -> None:
        """What few accounts have."""
        if one.parent_id is not None:
            self.parents[one.id] = one.parent_id
        if one.standing is not None:
            self.standing[one.id] = one.standing
        if phones := [found for text in one.phones if (found := phone_of(text, one.country))]:
            self.phones.add(one.id, phones)
        for host in hosts_of(one):
            self.hosts[host].append(place)

    def link_domains(self, place: int, domains: tuple[str, ...]) -> None:
        """Make an account findable by its domains and by their stems."""
        for domain in domains:
            self.by_domain[domain].append(place)
            known = self.by_stem[stem(domain)]
            if place not in known[-1:]:
                known.append(place)

    def callers(self, phone: str, country: str) -> list[int]:
        """The accounts that have this number, dialled in this country; by id."""
        return self.phones.owners(phone_of(phone, country)) if phone and self.phones else []

    def remove(self, account_id: int) -> None:
        """Forget an account; KeyError if there is none of this id."""
        place = self.places.pop(account_id)
        self.parents.pop(account_id, None)
        self.standing.pop(account_id, None)
        self.phones.remove(account_id)
        self.place["alive"].values[place] = False
