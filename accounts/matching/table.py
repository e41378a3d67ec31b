"""The accounts and their names as columns: what is compared often lies in arrays.

A row is one name of one account; a place is an account's position. Between folds both only grow,
and what was removed is marked and skipped; a fold lets go of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.countries import country_key
from accounts.identity import clean_text
from accounts.matching.clues import (
    CORE,
    INITIALS,
    LETTERS,
    STEM,
    Array,
    Clues,
    Ints,
    Longs,
    clues,
    starts,
)
from accounts.matching.keys import WORDS, Key, account_keys, city_key, domains_of, hosts_of, stem
from accounts.matching.phones import Phones, phone_of
from accounts.matching.pieces import Spelt, spelt
from accounts.matching.values import Candidate
from accounts.standing import Standing

Floats = NDArray[np.float64]

NOTHING = -1
_INITIALS = 3
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
        self._room = values
        self.values: Array = values

    def extend(self, more: NDArray[np.generic]) -> None:
        old, size = len(self.values), len(self.values) + len(more)
        if size > len(self._room):
            room = np.zeros((max(size, 2 * old, 64), *self._room.shape[1:]), self._room.dtype)
            room[:old] = self.values
            self._room = room
        self._room[old:size] = more
        self.values = self._room[:size]


class Words:
    """Every text that is compared, once, under a number; with what a comparison asks first.

    `letters` is the set of a text's letters and digits as bits, `length` how many it has.
    `as_array` holds the texts once more: many are taken out of it in a third of the time.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts: list[str] = []
        self.ids: dict[str, int] = {}
        self.letters = Column(np.zeros(0, np.int64))
        self.length = Column(np.zeros(0, np.int16))
        self.first = Column(np.zeros(0, np.int16))
        self.as_array = Column(np.zeros(0, object))
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

    def numbers(self, texts: Sequence[str]) -> Ints:
        """The numbers of texts, new ones for those that are new."""
        return np.fromiter(map(self.add, texts), np.int32, len(texts))

    @property
    def shapes(self) -> tuple[Array, Array, Array]:
        """(letters, lengths, first signs) by number."""
        return self.letters.values, self.length.values, self.first.values

    def note(self) -> None:
        """Bring the arrays up to the texts."""
        if self._noted < len(self.texts):
            new = self.texts[self._noted :]
            letters, length, first = shapes(new)
            self.as_array.extend(np.array(new, object))
            self.letters.extend(letters)
            self.length.extend(length)
            self.first.extend(first)
            self._noted = len(self.texts)


_BITS = np.zeros(256, np.int64)
_BITS[np.frombuffer(b"abcdefghijklmnopqrstuvwxyz0123456789", np.uint8)] = 1 << np.arange(36)


def shapes(texts: Sequence[str]) -> tuple[Array, Array, Array]:
    """(letters as bits, lengths, first signs) of texts."""
    signs = np.frombuffer("".join(texts).encode("ascii", "replace"), np.uint8)
    length = np.fromiter(map(len, texts), np.int64, len(texts))
    some = np.flatnonzero(length)
    start = (np.cumsum(length) - length)[some]
    letters, first = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int16)
    if len(some):
        letters[some] = np.bitwise_or.reduceat(_BITS[signs], start)
        first[some] = signs[start]
    return letters, np.minimum(length, 30_000).astype(np.int16), first


def key_columns(
    keys: Sequence[Key],
    number: dict[tuple[int, ...], int],
    numbers: Callable[[Sequence[str]], Ints],
) -> dict[str, Array]:
    """The keys as columns; `numbers` are those of texts, `number` is that of a set of numbers."""
    if not keys:
        return {name: np.zeros((0, *shape), kind) for name, (shape, kind) in _ROWS.items()}
    cores, words, _, initials, letters, legal, sides, figures, kinds = zip(*keys, strict=True)
    both = np.zeros((len(keys), 2), np.int64)
    for at, forms in enumerate(legal):
        if forms:
            both[at] = forms & _MASK, forms >> 63
    rows, size = len(keys), sum(map(len, words))
    found = numbers([*cores, *letters, *chain.from_iterable(words + initials)])
    of_words, of_initials = found[2 * rows : 2 * rows + size], found[2 * rows + size :]
    return {
        "words": _filled(words, WORDS, of_words),
        "initials": _filled(initials, _INITIALS, of_initials),
        "legal": both,
        "core": found[:rows],
        "numbers": np.array([number.setdefault(one, len(number)) for one in figures], np.int32),
        "letters": found[rows : 2 * rows],
        "sides": np.array(sides, np.int8),
        "kind": np.array(kinds, np.int8),
    }


def _filled(texts: Sequence[Sequence[str]], width: int, numbers: Ints) -> Ints:
    """The numbers of some texts each, from the left, `NOTHING` behind them."""
    size = np.fromiter(map(len, texts), np.int64, len(texts))
    found = np.full((len(texts), width), NOTHING, np.int32)
    found[np.arange(width) < size[:, None]] = numbers
    return found


_ROWS = {
    "words": ((WORDS,), np.int32),
    "initials": ((_INITIALS,), np.int32),
    "legal": ((2,), np.int64),
    "core": ((), np.int32),
    "numbers": ((), np.int32),
    "sorted": ((), np.int32),
    "letters": ((), np.int32),
    "sides": ((), np.int8),
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
    "owned": ((), np.int32),  # its first domain
}
_DOMAINS = {"domain": ((), np.int32), "stem": ((), np.int32), "place": ((), np.int32)}

_Columns = dict[str, Column]


def _columns(shapes: Mapping[str, tuple[tuple[int, ...], Any]]) -> _Columns:
    return {name: Column(np.zeros((0, *shape), kind)) for name, (shape, kind) in shapes.items()}


class Table:
    """Everything known about the accounts, found by place, by row or by the number of a text."""

    def __init__(self) -> None:
        self.words, self.sites = Words([""]), Words()
        self.words.note()
        self.numbers: dict[tuple[int, ...], int] = {(): 0}
        self.row, self.place, self.domain = _columns(_ROWS), _columns(_PLACES), _columns(_DOMAINS)
        self.labels: list[str] = []
        self.places: dict[int, int] = {}
        # By account, of the few that have any.
        self.parents: dict[int, int] = {}
        self.standing: dict[int, Standing] = {}
        self.phones = Phones()
        self.hosts: defaultdict[str, list[int]] = defaultdict(list)
        self.by_name, self.by_domain = Clues(), Clues()
        self.gone = False  # some were removed since the last fold

    def __len__(self) -> int:
        return len(self.places)

    @property
    def rows(self) -> int:
        return len(self.row["core"].values)

    def extend(self, candidates: Sequence[Candidate]) -> None:
        """Take these accounts in; `fold` or `link` makes them findable."""
        first, start = len(self.labels), self.rows
        keys: list[Key] = []
        places: list[int] = []
        for place, own in enumerate(account_keys(candidates), start=first):
            keys += own
            places += [place] * len(own)
        columns = key_columns(keys, self.numbers, self.words.numbers)
        in_order = self.words.numbers([key.sorted for key in keys])
        columns |= {"sorted": in_order, "place": np.array(places, np.int32)}
        _append(self.row, columns)
        sizes = np.bincount(np.array(places, np.int64) - first, minlength=len(candidates))
        self._note_places(candidates, {"names": sizes, "start": start + np.cumsum(sizes) - sizes})
        self.words.note()

    def _note_places(self, candidates: Sequence[Candidate], known: dict[str, Array]) -> None:
        found: defaultdict[str, list[int]] = defaultdict(list)
        owned: defaultdict[str, list[int]] = defaultdict(list)
        first, start, word = len(self.labels), len(self.domain["place"].values), self.words.add
        for place, one in enumerate(candidates, start=first):
            label = clean_text(one.name)[:80]
            self.labels.append(one.name if label == one.name else label)
            domains = domains_of(one)
            self.places[one.id] = place
            self._note_rest(place, one)
            stems = [word(stem(domain)) for domain in domains]
            owned["domain"] += map(self.sites.add, domains)
            owned["stem"] += stems
            owned["place"] += [place] * len(domains)
            found["id"].append(one.id)
            found["country"].append(word(country_key(one.country) or ""))
            found["city"].append(word(city_key(one.city) if one.city else ""))
            found["stem"].append(stems[0] if stems else 0)
            found["domains"].append(len(domains))
        size = np.array(found["domains"], np.int64)
        known |= {"owned": start + np.cumsum(size) - size, "alive": np.ones(len(size), bool)}
        _append(self.place, known | {name: np.array(found[name]) for name in found})
        _append(self.domain, {name: np.array(owned[name], np.int32) for name in _DOMAINS})

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

    def callers(self, phone: str, country: str) -> list[int]:
        """The accounts that have this number, dialled in this country; by id."""
        return self.phones.owners(phone_of(phone, country)) if phone and self.phones else []

    # ------------------------------------------------------------ finding

    def fold(self) -> None:
        """Let go of what was removed, and bring all that the rest is found by into order."""
        self._forget()
        self.settle()

    def settle(self) -> None:
        """Make every row and place findable; they keep their numbers."""
        self.by_name.fold(*self._clues(slice(0, None), slice(0, None)))
        self.by_domain.fold(self.domain["domain"].values, self.domain["place"].values)
        ids, alive = (self.place[name].values.tolist() for name in ("id", "alive"))
        self.places = {one: place for place, one in enumerate(ids) if alive[place]}

    def columns(self) -> dict[str, Column]:
        """Every column by its group and name."""
        groups = (("row", self.row), ("place", self.place), ("domain", self.domain))
        return {f"{group}.{name}": one for group, own in groups for name, one in own.items()}

    def link(self, row: int, place: int) -> None:
        """Make rows and places from these on findable until the next fold."""
        for index, clue, one in self._fresh_clues(row, self.rows, place, len(self.labels)):
            index.add(clue, one)

    def owners(self, domain: str) -> list[int]:
        """The places of the accounts that have a domain."""
        number = self.sites.ids.get(domain)
        alive = self.place["alive"].values
        found = [] if number is None else self.by_domain.of(number)
        return [place for place in found if alive[place]]

    def names(self, start: int, end: int) -> list[Spelt]:
        """(letters of the telling words, these words) of the names in these rows."""
        texts, words = self.words.texts, self.row["words"].values[start:end].tolist()
        return [spelt([texts[word] for word in found if word >= 0]) for found in words]

    def domains_of(self, place: int) -> tuple[str, ...]:
        """The domains of the account at a place, its first one first."""
        first = int(self.place["owned"].values[place])
        end = first + int(self.place["domains"].values[place])
        numbers = self.domain["domain"].values[first:end].tolist()
        return tuple([self.sites.texts[number] for number in numbers])

    def remove(self, account_id: int) -> range:
        """Forget an account: its rows; KeyError if there is none of this id."""
        place = self.places.pop(account_id)
        self.gone = True
        self.parents.pop(account_id, None)
        self.standing.pop(account_id, None)
        self.phones.remove(account_id)
        self.place["alive"].values[place] = False
        row = int(self.place["start"].values[place])
        end = row + int(self.place["names"].values[place])
        for index, clue, one in self._fresh_clues(row, end, place, place + 1):
            index.drop(clue, one)
        return range(row, end)

    def _fresh_clues(
        self, row: int, end_row: int, place: int, end_place: int
    ) -> Iterator[tuple[Clues, int, int]]:
        """(index, clue, row or place) of all that these rows and places are found by."""
        owned = int(self.place["owned"].values[place]) if place < end_place else 0
        links = slice(owned, owned + int(self.place["domains"].values[place:end_place].sum()))
        named, row_of = self._clues(slice(row, end_row), links)
        hosts, place_of = (self.domain[name].values[links] for name in ("domain", "place"))
        for index, clue, one in (
            (self.by_name, named, row_of),
            (self.by_domain, hosts, place_of),
        ):
            for found in zip(clue.tolist(), one.tolist(), strict=True):
                yield index, *found

    def _clues(self, rows: slice, links: slice) -> tuple[Longs, Ints]:
        """(clue, row) of these rows' names and of the domains of these links."""
        core, initials, words, letters = (
            self.row[name].values[rows] for name in ("core", "initials", "words", "letters")
        )
        row = np.arange(rows.start, rows.start + len(core), dtype=np.int32)
        place = self.domain["place"].values[links]
        named = self.place["names"].values[place] > 0
        stems = np.where(named, self.domain["stem"].values[links], NOTHING)
        found = [clues(CORE, core), *(clues(INITIALS, one) for one in initials.T)]
        many = (words[:, 1] >= 0) & (letters != 0)
        found += [clues(LETTERS, np.where(many, letters, NOTHING))]
        found += [starts(words), clues(STEM, stems)]
        clue = np.concatenate(found)
        place_row = self.place["start"].values[place]
        row = np.concatenate([*[row] * (len(found) - 1), place_row])
        return clue[clue >= 0], row[clue >= 0]

    def _forget(self) -> None:
        """Number places and rows anew without those that were removed."""
        alive, self.gone = self.place["alive"].values, False
        if alive.all():
            return
        number = (np.cumsum(alive) - 1).astype(np.int32)
        for columns in (self.row, self.domain):
            kept = alive[columns["place"].values]
            _keep(columns, kept)
            columns["place"] = Column(number[columns["place"].values])
        _keep(self.place, alive)
        for first, size in (("start", "names"), ("owned", "domains")):
            sizes = self.place[size].values.astype(np.int32)
            self.place[first] = Column(np.cumsum(sizes, dtype=np.int32) - sizes)
        self.labels = list(compress(self.labels, alive.tolist()))
        for host, places in self.hosts.items():
            self.hosts[host] = [int(number[place]) for place in places if alive[place]]


def _append(columns: _Columns, values: dict[str, Array]) -> None:
    for name, column in columns.items():
        column.extend(values[name])


def _keep(columns: _Columns, kept: Array) -> None:
    for name, column in columns.items():
        columns[name] = Column(column.values[kept])
