"""The matchers that are measured: ours and its peers, each behind one small function.

A build takes the accounts (and queries without their truth, for those that train on both sides)
and gives a function that answers queries; a join gives the pairs within one list. Each peer gets
what its own documentation asks for: raw names where it cleans them itself, cleaned ones where it
says to clean first. Settings are its documented defaults or its own example, on one core. A peer's
package is imported by its build, so that only what is measured is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

from accounts.deduping import Row, dedupe
from accounts.matching import AccountIndex, Candidate, Record, Verdict
from benchmarks.matching_data import Company
from benchmarks.matching_metrics import Answer, Pair

Asker = Callable[[Sequence[Company]], list[Answer]]
Build = Callable[[Sequence[Company], Sequence[Company]], Asker]
Join = Callable[[Sequence[Company]], list[Pair]]

# Below this no peer is near its best threshold; fewer pairs to hand over make all of them faster.
LEAST = 0.5


def cleaned(name: str) -> str:
    """Lower case, words and single spaces: what most guides tell one to do first."""
    return " ".join(re.findall(r"\w+", name.lower()))


# Ours


def index_of(accounts: Sequence[Company]) -> AccountIndex:
    """Our index, in which an account's id is its place."""
    return AccountIndex(
        Candidate(place, one.name, (one.website,) if one.website else (), (), one.country, one.city)
        for place, one in enumerate(accounts)
    )


def record_of(query: Company) -> Record:
    """What our matcher is asked."""
    return Record(query.name, query.website, query.email, query.country, query.city)


def ours(accounts: Sequence[Company], _: Sequence[Company]) -> Asker:
    """The probability of every best guess, whatever its verdict."""
    index = index_of(accounts)

    def ask(queries: Sequence[Company]) -> list[Answer]:
        matches = index.match_many([record_of(query) for query in queries])
        return [(match.account_id, match.score) for match in matches]

    return ask


def ours_shipped(accounts: Sequence[Company], queries: Sequence[Company]) -> list[int | None]:
    """What our matcher accepts without asking anybody, at the thresholds it ships with."""
    matches = index_of(accounts).match_many([record_of(query) for query in queries])
    return [match.account_id if match.verdict is Verdict.ACCEPT else None for match in matches]


def ours_pairs(rows: Sequence[Company]) -> list[Pair]:
    """The pairs within the clusters that our deduping proposes, as sure as their cluster is."""
    clusters = dedupe([Row(place, record_of(row)) for place, row in enumerate(rows)])
    return [
        (one, other, cluster.probability)
        for cluster in clusters
        for one, other in combinations(sorted(cluster.ids), 2)
    ]


# rapidfuzz: one choice after the other


def extract_one(scorer: str) -> Build:
    """`process.extractOne` over names cleaned once by rapidfuzz's own `default_process`."""

    def build(accounts: Sequence[Company], _: Sequence[Company]) -> Asker:
        from rapidfuzz import process, utils

        names = [utils.default_process(account.name) for account in accounts]
        measure, full = _scorer(scorer)

        def ask(queries: Sequence[Company]) -> list[Answer]:
            asked = (utils.default_process(query.name) for query in queries)
            found = (process.extractOne(name, names, scorer=measure) for name in asked)
            return [(one[2], one[1] / full) if one else (None, 0.0) for one in found]

        return ask

    return build


def jaro_winkler_pairs(rows: Sequence[Company]) -> list[Pair]:
    """Everybody beside everybody by `process.cdist`, a strip of rows at a time."""
    import numpy as np
    from rapidfuzz import process, utils
    from rapidfuzz.distance import JaroWinkler

    names = [utils.default_process(row.name) for row in rows]
    pairs: list[Pair] = []
    for start in range(0, len(names), 512):
        strip = process.cdist(
            names[start : start + 512], names[start:], scorer=JaroWinkler.similarity,
            score_cutoff=0.8, dtype=np.float32, workers=1,
        )  # fmt: skip
        ones, others = np.nonzero(strip)
        keep = ones < others
        pairs += [
            (start + int(one), start + int(other), float(strip[one, other]))
            for one, other in zip(ones[keep], others[keep], strict=True)
        ]
    return pairs


def _scorer(name: str) -> tuple[Any, float]:
    """The function of rapidfuzz, and its score for equal names."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import JaroWinkler

    return (fuzz.WRatio, 100.0) if name == "WRatio" else (JaroWinkler.similarity, 1.0)


# TF-IDF of three letters, and the sparse product that keeps the best


def tfidf(accounts: Sequence[Company], _: Sequence[Company]) -> Asker:
    """The recipe of sparse_dot_topn's own page: scikit-learn's vectors, top 1 of a row."""
    from sparse_dot_topn import sp_matmul_topn

    vectors = _vectors()
    known = vectors.fit_transform([cleaned(account.name) for account in accounts]).T.tocsr()

    def ask(queries: Sequence[Company]) -> list[Answer]:
        asked = vectors.transform([cleaned(query.name) for query in queries])
        return list(_tops(sp_matmul_topn(asked, known, top_n=1)))

    return ask


def tfidf_pairs(rows: Sequence[Company]) -> list[Pair]:
    """The same product of a list with itself."""
    from sparse_dot_topn import sp_matmul_topn

    known = _vectors().fit_transform([cleaned(row.name) for row in rows])
    found = sp_matmul_topn(known, known.T.tocsr(), top_n=20, threshold=LEAST).tocoo()
    return _pairs(found.row, found.col, found.data)


def _vectors() -> Any:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char", ngram_range=(3, 3), lowercase=False, dtype=np.float32)


def _tops(found: Any) -> Iterator[Answer]:
    """The one entry of each row of a sparse matrix, if it has one."""
    for start, end in pairwise(found.indptr):
        if end > start:
            yield int(found.indices[start]), float(found.data[start])
        else:
            yield None, 0.0


def _pairs(ones: Any, others: Any, scores: Any) -> list[Pair]:
    triples = zip(ones.tolist(), others.tolist(), scores.tolist(), strict=True)
    return [(one, other, score) for one, other, score in triples if one < other]


# string_grouper cleans by itself; it has no index and fits both lists in every call


def string_grouper(accounts: Sequence[Company], _: Sequence[Company]) -> Asker:
    """`match_strings` with its own regex and n-grams, the best one of each."""
    import pandas as pd
    from string_grouper import match_strings

    master = pd.Series([account.name for account in accounts])

    def ask(queries: Sequence[Company]) -> list[Answer]:
        asked = pd.Series([query.name for query in queries])
        found = match_strings(
            master, asked, max_n_matches=1, min_similarity=LEAST, number_of_processes=1
        )
        rows = zip(found["right_index"], found["left_index"], found["similarity"], strict=True)
        return best_of(len(queries), ((int(a), int(b), float(c)) for a, b, c in rows))

    return ask


def string_grouper_pairs(rows: Sequence[Company]) -> list[Pair]:
    """`match_strings` of one list."""
    import pandas as pd
    from string_grouper import match_strings

    found = match_strings(
        pd.Series([row.name for row in rows]), min_similarity=LEAST, number_of_processes=1
    )
    return _pairs(found["left_index"], found["right_index"], found["similarity"])


# name_matching cleans by itself


def name_matching(accounts: Sequence[Company], _: Sequence[Company]) -> Asker:
    """`NameMatcher` with its own measures, counting legal forms and common words less.

    That was the most exact of its documented settings; ten candidates instead of fifty make it
    five times as fast and no worse.
    """
    import pandas as pd
    from name_matching.name_matcher import NameMatcher

    matcher = NameMatcher(legal_suffixes=True, common_words=True, top_n=10, verbose=False)
    known = pd.DataFrame({"name": [account.name for account in accounts]})
    matcher.load_and_process_master_data(column="name", df_matching_data=known, transform=True)

    def ask(queries: Sequence[Company]) -> list[Answer]:
        asked = pd.DataFrame({"name": [query.name for query in queries]})
        found = matcher.match_names(to_be_matched=asked, column_matching="name")
        found = found.dropna(subset=["match_index"])
        rows = zip(found.index, found["match_index"], found["score"], strict=True)
        return best_of(len(queries), ((int(a), int(b), c / 100) for a, b, c in rows))

    return ask


def best_of(number: int, rows: Iterator[tuple[int, int, float]]) -> list[Answer]:
    """For each of `number` queries its highest (query, account, score); the first among equals."""
    best: list[Answer] = [(None, 0.0)] * number
    for query, account, score in rows:
        place, highest = best[query]
        if place is None or score > highest or (score == highest and account < place):
            best[query] = (account, score)
    return best
