"""What two names and their places have in common, for all pairs of a batch at once.

Every column is about the pair, never about the question alone; what is unknown on one side counts
neither as agreement nor as its contrary.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, Indel, JaroWinkler, LCSseq, Prefix
from rapidfuzz.process import cpdist

from accounts.matching.batch import Batch
from accounts.matching.candidates import Pairs, _agree, _anagrams, _initialled, _is_stem
from accounts.matching.clues import CORE, LETTERS, Array, clues
from accounts.matching.keys import ASIDE, WORDS
from accounts.matching.table import Floats, Table, weigh
from accounts.matching.weights import COMMON_WORDS, RARE

# What an abbreviation or a slip of the finger still counts of a whole word.
BEGINNING, SHORT_BEGINNING, LETTERS_IN_ORDER, SLIP = 0.85, 0.75, 0.7, 0.75

# Pairs of names with as many words are compared together; of a few pairs all are.
_WIDTHS, _FEW = (-1, 2, 3, 4, WORDS), 64
# The weight of a word that hardly any company has.
_UNHEARD = 10.0
# So many of one domain, of one name, of the same initials are counted; more say no more.
_SHARING, _NAMESAKES, _INITIALLED = 32, 8, 54

FEATURES = (
    "covers_mine", "covers_theirs", "covers_least", "covers_most_high", "covers_least_high",
    "lost_mine", "lost_theirs", "clash", "clash_high",
    "ratio", "ratio_high", "jaro", "first_word", "same_core", "same_words", "cosine",
    "rarest", "matched", "beginning", "initials", "stem_is_name", "stem_like_name",
    "other_legal_form", "same_legal_form", "other_numbers", "one_has_numbers",
    "same_country", "other_country", "same_city", "other_city",
    "same_domain", "other_domain", "same_stem", "sharing",
    "one_word_abroad", "words_lost_mine", "words_lost_theirs", "aside", "lengths",
    "domain_and_name", "country_and_core", "namesakes",
    "anagram", "anagram_here", "initials_here", "initials_size", "initials_common",
    "other_side", "one_has_side", "common_abroad", "sorted_ratio", "sorted_high",
    "called_by_stem", "called_here", "called_size",
)  # fmt: skip


def word_weights(table: Table) -> Floats:
    """How telling each word is, by its number: rare in this list and among all companies."""
    words = table.row["words"].values
    often = np.bincount(words[words >= 0], minlength=len(table.words.texts)).astype(float)
    common = np.full(len(often), RARE)
    for word, share in COMMON_WORDS.items():
        number = table.words.ids.get(word)
        if number is not None:
            common[number] = share
    return weigh(often, common, len(words))


def measure(table: Table, weights: Floats, batch: Batch, pairs: Pairs) -> Floats:
    """What each pair has in common: pairs × FEATURES."""
    found = np.empty((len(pairs.name), len(FEATURES)))
    telling = batch.word_weights(weights, table.rows)
    # Whole rows are taken by `take`: by an index it takes ten times as long.
    known = batch.columns["words"].take(pairs.name, axis=0) >= 0
    known |= table.row["words"].values.take(pairs.row, axis=0) >= 0
    words = known.sum(axis=1)
    # Most names are short, and to compare each word with each is most of the work.
    widths = _WIDTHS if len(words) > _FEW else (-1, max(int(words.max(initial=0)), 1))
    for less, width in pairwise(widths):
        if len(at := np.flatnonzero((words > less) & (words <= width))):
            found[at] = _measured(table, weights, batch, pairs[at], telling[:, :width])
    return found


def _measured(table: Table, weights: Floats, batch: Batch, pairs: Pairs, telling: Floats) -> Floats:
    """The features of names of so many words as `telling` has weights of each of the batch's."""
    name, row, width = pairs.name, pairs.row, telling.shape[1]
    mine = np.ascontiguousarray(batch.columns["words"].take(name, axis=0)[:, :width].T)
    theirs = np.ascontiguousarray(table.row["words"].values.take(row, axis=0)[:, :width].T)
    close = _alike(table, batch, name, mine, theirs)
    same_core = batch.columns["core"][name] == table.row["core"].values[row]
    my_weight, their_weight = (
        telling.take(name, axis=0).T,
        np.where(theirs >= 0, weights[theirs], 0),
    )
    my_best, my_partner = _strongest(close.swapaxes(0, 1), their_weight)
    their_best, their_partner = _strongest(close, my_weight)
    # A misspelt word is as common as the word that it stands for.
    my_weight = np.where(my_best >= 0.6, np.minimum(my_weight, my_partner), my_weight)
    their_weight = np.where(
        their_best >= 0.6, np.minimum(their_weight, their_partner), their_weight
    )
    covers_mine, lost_mine = _covered(my_best, my_weight, same_core)
    covers_theirs, lost_theirs = _covered(their_best, their_weight, same_core)
    matched = np.where(my_best >= SLIP, np.minimum(my_weight, _UNHEARD) * my_best, 0)
    rarest = matched.max(axis=0) / _UNHEARD
    least = np.minimum(covers_mine, covers_theirs)
    clash = np.minimum(lost_mine, lost_theirs)
    ratio, jaro, beginning = _letters(table, batch, pairs)
    in_order = _sorted_ratio(table, batch, pairs)
    owner = pairs.question
    legal = batch.columns["legal"].take(name, axis=0)
    other_legal = table.row["legal"].values.take(row, axis=0)
    both_legal = legal.any(axis=1) & other_legal.any(axis=1)
    shared_legal = (legal & other_legal).any(axis=1)
    numbers, other_numbers = batch.columns["numbers"][name], table.row["numbers"].values[row]
    country = _agree(batch.country[owner], table.place["country"].values[pairs.place])
    city = _agree(batch.city[owner], table.place["city"].values[pairs.place])
    domain = _domains(table, batch, pairs)
    stem_is, stem_like = _stems(table, batch, pairs)
    my_words, their_words = (mine >= 0).sum(axis=0), (theirs >= 0).sum(axis=0)
    my_lost = ((my_best < 0.6) & (mine >= 0)).sum(axis=0) / np.maximum(my_words, 1)
    their_lost = ((their_best < 0.6) & (theirs >= 0)).sum(axis=0) / np.maximum(their_words, 1)
    initials = _initialled(table, batch, name, row)
    anagram = _anagrams(table, batch, name, row) & ~initials
    letters = initials | anagram
    called = _is_stem(table, batch, name, pairs.place) & ~same_core
    side, other_side = batch.columns["sides"][name], table.row["sides"].values[row]
    lengths = batch.core_length[name], table.words.shapes[1][table.row["core"].values[row]]
    shorter = np.minimum(*lengths)
    columns = [
        covers_mine, covers_theirs, least,
        np.maximum(np.maximum(covers_mine, covers_theirs) - 0.85, 0) / 0.15,
        np.maximum(least - 0.7, 0) / 0.3,
        lost_mine, lost_theirs, clash, np.maximum(clash - 0.4, 0),
        ratio, np.maximum(ratio - 0.8, 0) * 5, jaro, np.where(same_core, 1, close[0, 0]),
        same_core, ~same_core & (least > 0.999), pairs.cosine,
        rarest, np.minimum(_total(matched) / 30, 1),
        beginning, initials, stem_is, stem_like,
        both_legal & ~shared_legal, shared_legal,
        (numbers != other_numbers) & (numbers != 0) & (other_numbers != 0),
        (numbers != other_numbers) & ((numbers == 0) | (other_numbers == 0)),
        country > 0, country < 0, city > 0, city < 0,
        domain == 1, domain == -1, domain == -2,
        np.minimum(np.log(np.maximum(_sharing(table, batch, pairs), 1)) / 3, 1),
        ((my_words == 1) | (their_words == 1)) & (country < 0), my_lost, their_lost,
        (batch.columns["kind"][name] == ASIDE) | (table.row["kind"].values[row] == ASIDE),
        np.abs(lengths[0] - lengths[1]) / np.maximum(np.maximum(lengths[0], lengths[1]), 1),
        (domain == 1) * least, same_core & (country < 0), _namesakes(table, pairs),
        anagram, anagram & (country > 0), initials & (country > 0),
        letters * np.minimum(np.maximum(shorter - 3, 0), 4) / 4,
        _common_letters(table, batch, pairs, letters),
        (side != other_side) & (side != 0) & (other_side != 0),
        (side != other_side) & ((side == 0) | (other_side == 0)),
        (country < 0) * (1 - rarest),
        in_order, np.maximum(in_order - 0.8, 0) * 5,
        called, called & (country > 0), called * np.clip(lengths[0] - 3, 0, 4) / 4,
    ]  # fmt: skip
    features = np.empty((len(columns), len(name)))
    for at, column in enumerate(columns):
        features[at] = column
    return features.T


def _alike(table: Table, batch: Batch, name: Array, mine: Array, theirs: Array) -> Floats:
    """How alike each word of the one is to each of the other: words × words × pairs, 0..1."""
    one, other = mine[:, None], theirs[None]
    known = (one >= 0) & (other >= 0)
    close: Floats = ((one == other) & known).astype(np.float64)
    at = np.flatnonzero((known & (one != other)).ravel())
    if not len(at):
        return close
    place, pair = np.divmod(at, len(name))
    my_place, their_place = np.divmod(place, len(theirs))
    one = mine.take(my_place * len(name) + pair)
    other = theirs.take(their_place * len(name) + pair)
    asked = name.take(pair).astype(np.int64) * WORDS + my_place
    my_letters, my_length = batch.letters.take(asked), batch.length.take(asked)
    letters, length, first = (column[other] for column in table.words.shapes)
    shorter = my_length <= length
    short, long = np.where(shorter, one, other), np.where(shorter, other, one)
    size, full = np.minimum(my_length, length), np.maximum(my_length, length)
    apart = np.bitwise_count(my_letters ^ letters)
    within = np.where(shorter, my_letters & ~letters, letters & ~my_letters) == 0
    start = batch.first.take(asked) == first
    slips = full // 4
    slip = np.flatnonzero((full - size <= slips) & (slips > 0) & (apart <= 2 * slips))
    cut = np.flatnonzero(within & start & (size >= 2))
    values = np.zeros(len(at))
    if len(slip):
        values[slip] = cpdist(
            batch.texts(short[slip]), batch.texts(long[slip]),
            scorer=OSA.normalized_similarity, score_cutoff=SLIP, dtype=np.float64,
        )  # fmt: skip
    if len(cut):
        texts, longer = batch.texts(short[cut]), batch.texts(long[cut])
        common = cpdist(texts, longer, scorer=Prefix.similarity, dtype=np.float64)
        starts = common == size[cut]
        value = np.where(starts, np.where(size[cut] >= 4, BEGINNING, SHORT_BEGINNING), 0.0)
        loose = np.flatnonzero(~starts & (size[cut] >= 3) & (size[cut] <= 0.75 * full[cut]))
        if len(loose):
            order = cpdist(
                [texts[n] for n in loose.tolist()], [longer[n] for n in loose.tolist()],
                scorer=LCSseq.similarity, dtype=np.float64,
            )  # fmt: skip
            value[loose] = np.where(order == size[cut][loose], LETTERS_IN_ORDER, 0)
        values[cut] = np.maximum(values[cut], value)
    close.reshape(-1)[at] = values
    return close


def _strongest(close: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """(how alike the most alike word of the other side is, its weight): words × pairs each."""
    best, partner = close[0], np.zeros(close[0].shape) + weight[0]
    for one, its_weight in zip(close[1:], weight[1:], strict=True):
        more = one > best
        best, partner = np.where(more, one, best), np.where(more, its_weight, partner)
    return best, partner


def _covered(best: Floats, weight: Floats, same: Array) -> tuple[Floats, Floats]:
    """(how much of a name the other explains, how telling its worst unexplained word is)."""
    total = np.maximum(_total(weight), 1e-9)
    covered = np.where(same, 1.0, _total(best * weight) / total)
    lost = np.where(same, 0.0, ((1 - best) * weight).max(axis=0) / _UNHEARD)
    return covered, lost


def _total(of_words: Floats) -> Floats:
    """The sum over the words, always in their order: a pair's is the same in any batch."""
    total: Floats = of_words[0]
    for one in of_words[1:]:
        total = total + one
    return total


def _letters(table: Table, batch: Batch, pairs: Pairs) -> tuple[Floats, Floats, Floats]:
    """(ratio, Jaro-Winkler, how much of the shorter one begins the longer one) of whole names."""
    core = batch.columns["core"][pairs.name]
    other = table.row["core"].values[pairs.row]
    mine, theirs = batch.texts(core), batch.texts(other)
    jaro = cpdist(mine, theirs, scorer=JaroWinkler.similarity, dtype=np.float64)
    begins = cpdist(mine, theirs, scorer=Prefix.similarity, dtype=np.float64)
    shorter = np.maximum(np.minimum(batch.core_length[pairs.name], table.words.shapes[1][other]), 1)
    return pairs.ratio, jaro, np.minimum(begins / shorter, 1)


def _sorted_ratio(table: Table, batch: Batch, pairs: Pairs) -> Floats:
    """How alike the names are once their words are in English and in the same order."""
    mine = np.array([key.sorted for key in batch.keys], object)
    return cpdist(
        mine[pairs.name].tolist(), batch.texts(table.row["sorted"].values[pairs.row]),
        scorer=Indel.normalized_similarity, dtype=np.float64,
    )  # fmt: skip


def _domains(table: Table, batch: Batch, pairs: Pairs) -> NDArray[np.int8]:
    """1 the account's own, 0 unknown, -1 another one, -2 another one with the same stem."""
    stem, other = batch.stem[pairs.question], table.place["stem"].values[pairs.place]
    known = (stem != 0) & (other != 0)
    return np.where(pairs.domain, 1, np.where(known, np.where(stem == other, -2, -1), 0)).astype(
        np.int8
    )


def _stems(table: Table, batch: Batch, pairs: Pairs) -> tuple[Floats, Floats]:
    """Whether the account's domain is the name, and how much it is like it; 0 for no domain."""
    stem = table.place["stem"].values[pairs.place]
    core = batch.columns["core"][pairs.name]
    known = np.flatnonzero(stem != 0)
    like = np.zeros(len(stem))
    if len(known):
        like[known] = cpdist(
            batch.texts(core[known]), batch.texts(stem[known]),
            scorer=JaroWinkler.similarity, dtype=np.float64,
        )  # fmt: skip
    initials = batch.columns["initials"].take(pairs.name, axis=0) == stem[:, None]
    stem_is = (core == stem) | initials.any(axis=1)
    return stem_is.astype(np.float64), np.maximum(like - 0.8, 0) * 5


def _sharing(table: Table, batch: Batch, pairs: Pairs) -> Array:
    """How many accounts have a domain that agrees, the most that count being enough."""
    if not pairs.domain.any():
        return np.zeros(len(pairs.domain))
    which, place = table.by_domain.among(batch.domain, _SHARING)
    alive = table.place["alive"].values[place]
    return np.bincount(which, alive, len(batch.domain))[pairs.question] * pairs.domain


def _namesakes(table: Table, pairs: Pairs) -> Floats:
    """How many more rows have the account's very name, 0..1."""
    core = table.row["core"].values[pairs.row]
    which, row = table.by_name.among(clues(CORE, core), _NAMESAKES)
    alive = table.place["alive"].values[table.row["place"].values[row]]
    more = np.bincount(which, alive.astype(np.float64), len(core)) - 1
    return np.minimum(more, 4) / 4


def _common_letters(table: Table, batch: Batch, pairs: Pairs, agree: Array) -> Floats:
    """How many rows have the initials that the question's name could stand for, 0..1.

    It is asked where initials `agree` alone.
    """
    if not agree.any():
        return np.zeros(len(agree))
    letters = batch.columns["letters"]
    letters = np.where(letters == 0, -1, letters)
    which, _ = table.by_name.among(clues(LETTERS, letters), _INITIALLED)
    rows = np.bincount(which, minlength=len(letters))
    return np.asarray(agree * np.minimum(np.log1p(rows) / 4, 1)[pairs.name])
