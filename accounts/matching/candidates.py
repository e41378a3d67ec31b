"""Which accounts are worth comparing with a record, and the few that are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from accounts.matching.batch import FEW, Batch
from accounts.matching.blocking import Found, Pieces, in_order, once, place_in_group
from accounts.matching.clues import (
    CORE,
    INITIALS,
    LETTERS,
    STEM,
    Array,
    Ints,
    Longs,
    begins,
    clues,
    firsts,
    ordered,
    sizes,
    starts,
)
from accounts.matching.keys import ASIDE
from accounts.matching.pieces import spelt
from accounts.matching.table import NOTHING, Floats, Table

# So many accounts are compared in full.
COMPARED = 6
# Who is less near than this share of the nearest one, by pieces and at a first look, is not it.
_OF_PIECES, _OF_NEAREST = 0.4, 0.7
# So many rows of a name are found by pieces; their cosines are rounded by less than this.
NEAREST, _ROUNDED = 12, 1e-5
# Nobody is nearer at a first look.
_FARTHEST = 16
# More of one kind (of one domain, of one name) than this are not looked at by that kind.
_MANY, _INITIALLED, _ALL = 12, 36, 1 << 30


@dataclass(slots=True)
class Pairs:
    """A question beside an account: `name` is the row of the batch, `row` that of the table.

    Both are -1 where nothing but a domain brought the two together. Pairs are in the order of
    questions, each question's by falling `near`, ties by the account's id.
    """

    question: Ints
    place: Ints
    name: Ints
    row: Ints
    cosine: Floats
    ratio: Floats
    near: Floats
    domain: NDArray[np.bool_]  # the account has the question's own domain
    far: NDArray[np.bool_]  # not to be compared: there only to be the next best

    def __getitem__(self, chosen: Array) -> Pairs:
        return Pairs(*[getattr(self, name)[chosen] for name in self.__slots__])

    @property
    def compared(self) -> Array:
        """Where the pairs are that have a name on both sides and are near."""
        return np.flatnonzero((self.name >= 0) & ~self.far)


def pairs(
    table: Table, pieces: Pieces, batch: Batch, without: Sequence[Collection[int]] | None = None
) -> Pairs:
    """The accounts that are worth a full comparison, at most `COMPARED` per question.

    How near the nearest is makes the others worth it or not; those that a question is `without`
    are not among them. The next best is named however far it is.
    """
    barred = _barred(table, without)
    name, row, cosine = _by_name(table, pieces, batch, barred)
    extra = _by_domain(table, batch)
    found = _joined(table, batch, name, row, cosine, *extra)
    return _pruned(table, batch, found, barred)


def _barred(table: Table, without: Sequence[Collection[int]] | None) -> Longs:
    """Each question beside the place of each account that it is not, as one number."""
    found = [
        question << 32 | place
        for question, ids in enumerate(without or ())
        for place in map(table.places.get, ids)
        if place is not None
    ]
    return np.array(found, np.int64)


def _may_be(table: Table, question: Ints, place: Ints, barred: Longs) -> NDArray[np.bool_]:
    """Whether the account of each pair is still there and not barred."""
    found: NDArray[np.bool_] = table.place["alive"].values[place]
    if len(barred):
        found = found & ~np.isin(question.astype(np.int64) << 32 | place, barred)
    return found


def _by_name(
    table: Table, pieces: Pieces, batch: Batch, barred: Longs
) -> tuple[Ints, Ints, Floats]:
    """(name of the batch, row, cosine): rows with like pieces, or found by a name's whole."""
    keys = batch.keys
    near = _nearest(table, pieces, batch, barred)
    columns = batch.columns
    core, initials = columns["core"], columns["initials"]
    asked = np.concatenate([
        clues(CORE, core), clues(STEM, core), starts(columns["words"]),
        *(clues(CORE, one) for one in initials.T), clues(CORE, batch.stem[batch.owner]),
    ])  # fmt: skip
    found = table.by_name.among(asked, _MANY)
    # Of many with the same initials the country tells, so more of them are looked at.
    alone = (columns["words"][:, 1] < 0) & (columns["letters"] != 0)
    letters = np.where(alone, columns["letters"], NOTHING)
    short = np.concatenate([clues(INITIALS, core), clues(LETTERS, letters)])
    more = table.by_name.among(short, _INITIALLED)
    name = np.concatenate([found[0], more[0]]) % max(len(keys), 1)
    row = np.concatenate([found[1], more[1]])
    return (
        np.concatenate([near[0], name.astype(np.int32)]),
        np.concatenate([near[1], row]),
        np.concatenate([near[2], np.zeros(len(row))]),
    )


def _nearest(
    table: Table, pieces: Pieces, batch: Batch, barred: Longs
) -> tuple[Ints, Ints, Floats]:
    """(name of the batch, row, cosine): rows with like pieces, the first two accounts' at least."""
    parts = [
        _worth_ordering(table, *_possible(table, batch, barred, *part))
        for part in pieces.sharing([spelt(key.words) for key in batch.keys])
    ]
    name, row, cosine = in_order(*map(np.concatenate, zip(*parts, strict=True)))
    kept = np.flatnonzero(place_in_group(name) < NEAREST)
    name, row, cosine = name[kept], row[kept], cosine[kept]
    place, first = table.row["place"].values[row], begins(name)
    others = np.flatnonzero(place != place[first])
    others = others[firsts(name[others])]
    second = np.full(len(batch.keys), np.inf)
    second[name[others]] = cosine[others]  # all that are as near, whatever the order of rows
    worth = cosine >= np.minimum(_OF_PIECES * cosine[first], second[name])
    return name[worth], row[worth], cosine[worth]


def _possible(table: Table, batch: Batch, barred: Longs, *found: *Found) -> Found:
    """What may be of the rows that were found."""
    name, row, near = found
    if not (table.gone or len(barred)):
        return found
    place = table.row["place"].values[row]
    kept = np.flatnonzero(_may_be(table, batch.owner[name], place, barred))
    return name[kept], row[kept], near[kept]


def _worth_ordering(table: Table, name: Ints, row: Ints, near: Array) -> Found:
    """The rows that are not far behind the nearest of their name: a tenth of all.

    Where these are of one account alone, all are worth it: one of them is the next best.
    """
    if not len(name):
        return name, row, near
    start = np.flatnonzero(firsts(name))
    size = sizes(start, len(name))
    least = np.maximum.reduceat(near, start) * _OF_PIECES - _ROUNDED
    worth = near >= np.repeat(least, size)
    at = np.flatnonzero(worth)
    place, first = table.row["place"].values[row[at]], begins(name[at])
    alone = np.ones(int(name[-1]) + 1, bool)
    alone[name[at[place != place[first]]]] = False
    if (lonely := alone[name[start]]).any():
        at = np.flatnonzero(worth | np.repeat(lonely, size))
    return name[at], row[at], near[at]


def _by_domain(table: Table, batch: Batch) -> tuple[Ints, Ints]:
    """(question, place) of all accounts that have a question's domain, or own its host."""
    question, place = table.by_domain.among(batch.domain, _ALL)
    if not table.hosts:
        return question.astype(np.int32), place
    own = [(at, table.hosts.get(one.hosted, ())) for at, one in enumerate(batch.questions)]
    at = [question for question, places in own for _ in places]
    more = [place for _, places in own for place in places]
    return (
        np.concatenate([question, np.array(at, np.int64)]).astype(np.int32),
        np.concatenate([place, np.array(more, np.int32)]),
    )


def _joined(
    table: Table,
    batch: Batch,
    name: Ints,
    row: Ints,
    cosine: Floats,
    question: Ints,
    place: Ints,
) -> Pairs:
    """Each name beside each row once, with how near they are at a first look."""
    share = few = question.astype(np.int64) << 32 | place
    if len(share):  # mostly a question alone has none
        share = np.unique(share)
        asked_by = share >> 32
        few = share[np.arange(len(share)) - np.searchsorted(asked_by, asked_by) < _MANY]
        more = _rows_of(table, batch, few)
        name = np.concatenate([name, more[0]])
        row = np.concatenate([row, more[1]])
        cosine = np.concatenate([cosine, np.zeros(len(more[0]))])
    name, row, cosine = once(name, row, cosine)
    theirs = table.row["place"].values[row]
    own = batch.owner[name]
    ratio = _ratios(table, batch, name, row)
    same = np.zeros(len(own), bool)
    if len(share):
        same = np.isin(own.astype(np.int64) << 32 | theirs, share)
    near = (
        cosine + ratio + same + 0.5 * (batch.columns["core"][name] == table.row["core"].values[row])
    )
    here = _agree(batch.country[own], table.place["country"].values[theirs])
    initials = _initialled(table, batch, name, row)
    anagram = _anagrams(table, batch, name, row) & ~initials
    near += 0.4 * initials + 0.3 * anagram + 0.3 * ((initials | anagram) & (here > 0))
    near += 0.5 * _is_stem(table, batch, name, theirs)
    near += 0.5 * _shared_words(table, batch, name, row)
    near -= 0.1 * (batch.columns["kind"][name] == ASIDE)
    near += 0.05 * here
    near += 0.05 * _agree(batch.city[own], table.place["city"].values[theirs])
    nameless = np.array([not one.keys for one in batch.questions], bool)
    alone = few[nameless[few >> 32] | (table.place["names"].values[few & 0xFFFFFFFF] == 0)]
    blank = np.full(len(alone), -1, np.int32)
    zero = np.zeros(len(alone))
    return Pairs(
        np.concatenate([own, (alone >> 32).astype(np.int32)]),
        np.concatenate([theirs, (alone & 0xFFFFFFFF).astype(np.int32)]),
        np.concatenate([name, blank]),
        np.concatenate([row, blank]),
        np.concatenate([cosine, zero]),
        np.concatenate([ratio, zero]),
        np.concatenate([near, zero + 1]),
        np.concatenate([same, zero == 0]),
        np.zeros(len(own) + len(alone), bool),
    )


def _rows_of(table: Table, batch: Batch, share: Array) -> tuple[Ints, Ints]:
    """(name, row): every name of a question beside every name of the accounts of its domain."""
    names: list[int] = []
    rows: list[int] = []
    start, size = table.place["start"].values, table.place["names"].values
    first = np.searchsorted(batch.owner, np.arange(len(batch.questions) + 1)).tolist()
    for one in share.tolist():
        question, place = one >> 32, one & 0xFFFFFFFF
        for name in range(first[question], first[question + 1]):
            theirs = range(int(start[place]), int(start[place] + size[place]))
            names += [name] * len(theirs)
            rows += theirs
    return np.array(names, np.int32), np.array(rows, np.int32)


def _ratios(table: Table, batch: Batch, name: Ints, row: Ints) -> Floats:
    return cpdist(
        batch.texts(batch.columns["core"][name]),
        batch.texts(table.row["core"].values[row]),
        scorer=Indel.normalized_similarity,
        dtype=np.float64,
    )


def _initialled(table: Table, batch: Batch, name: Ints, row: Ints) -> NDArray[np.bool_]:
    """Whether one name is the initials of the other."""
    core, other = batch.columns["core"][name], table.row["core"].values[row]
    found = np.zeros(len(name), bool)
    for mine in batch.columns["initials"].T:
        found |= mine[name] == other
    for theirs in table.row["initials"].values.T:
        found |= theirs[row] == core
    return found


def _anagrams(table: Table, batch: Batch, name: Ints, row: Ints) -> NDArray[np.bool_]:
    """Whether one name is a word of the other's initials in whatever order.

    A word put into English keeps its first letter more often than its place.
    """
    mine, theirs = batch.columns["letters"][name], table.row["letters"].values[row]
    one = batch.columns["words"][name, 1] < 0
    other = table.row["words"].values[row, 1] < 0
    found: NDArray[np.bool_] = (mine == theirs) & (mine != 0) & (one != other)
    return found


def _is_stem(table: Table, batch: Batch, name: Ints, place: Ints) -> NDArray[np.bool_]:
    """Whether a name is what the account's domain begins with: what most call it by."""
    stem = table.place["stem"].values[place]
    return np.asarray((stem == batch.columns["core"][name]) & (stem != 0))


def _shared_words(table: Table, batch: Batch, name: Ints, row: Ints) -> Floats:
    """How many of the longer name's words the other one has, too, 0..1."""
    words, theirs = batch.columns["words"], table.row["words"].values.take(row, axis=0)
    mine, others = (words >= 0).sum(axis=1)[name], (theirs >= 0).sum(axis=1)
    if len(name) < FEW:
        same = words[name][:, :, None] == np.where(theirs < 0, NOTHING - 1, theirs)[:, None]
        shared = same.any(axis=2).sum(axis=1)
    else:
        shared, columns = np.zeros(len(name)), np.ascontiguousarray(theirs.T)
        for at, own in enumerate(np.ascontiguousarray(words.T)[: mine.max(initial=0)]):
            some = np.flatnonzero(mine > at)
            word, found = own[name[some]], np.zeros(len(some), bool)
            for other in columns[: others.max(initial=0)]:
                found |= word == other[some]
            shared[some] += found
    return np.asarray(shared / np.maximum(np.maximum(mine, others), 1), np.float64)


def _agree(one: Ints, other: Ints) -> NDArray[np.int8]:
    """1 the same, -1 different, 0 unknown: what is not said is not agreement."""
    same = (one == other).view(np.int8) * 2 - 1
    return np.asarray(same * ((one != 0) & (other != 0)), np.int8)


def _pruned(table: Table, batch: Batch, found: Pairs, barred: Longs) -> Pairs:
    """One pair per account, the nearest accounts of each question."""
    order = np.flatnonzero(_may_be(table, found.question, found.place, barred))
    ids = table.place["id"].values[found.place[order]]
    far = np.rint((_FARTHEST - found.near[order]) * 1e9).astype(np.int64)
    order = order[ordered(found.question[order].astype(np.int64) << 40 | far, ids)]
    both = found.question[order].astype(np.int64) << 32 | found.place[order]
    _, first = np.unique(both, return_index=True)
    found = found[order[np.sort(first)]]
    own, near = found.question, found.near
    first = begins(own)
    found.far = (near < _OF_NEAREST * near[first]) & ~found.domain
    if table.parents:
        found.far &= batch.domain[own] < 0  # a parent may lend it
    place = np.arange(len(own)) - first
    return found[np.flatnonzero((place < COMPARED) & (~found.far | (place == 1)))]
