"""Fit the weights of `accounts.matching` and print them as `accounts/matching/weights.py`.

    python -m scripts.train_matcher [--write]

It reads accounts and queries of benchmarks/data/matching, whose README names their sources; the
columns `stratum` and `fields` are never looked at. Trained on:
the queries with their truth, with all fields, with the name alone, and with a city that in a
quarter of them is another one of the country, as a branch's is; the accounts under made-up
spellings (dropped, cut, misspelt, turned, translated words, initials, the stem of their domain,
slips anywhere, missing fields), asked of whole and of short lists, half of them with the true
account left out or with a telling word replaced, which makes them somebody else; and invented
institutions of the accounts' cities, in short lists. What
is printed on the way are figures of queries that the weights were not fitted on: five folds, parted
by account. Everything is decided by one seed; nothing but numpy is needed.

On lists of other sources, to which the weights were not fitted, about a third of the records being
of nobody in the list, F1 at the shipped threshold is as follows. All of them were looked at while
the lessons and the tables were made: misses were read, and kinds of mistakes and common words taken
from them, though no names. Of a list never seen expect a little less.
Register of the SEC beside names of exchanges
.973, with slips .962; European companies of two financial databases .960 by name, .975 with country
and city; aliases of AI companies .807 by name, .887 with country; universities of two lists .885;
institutions of ROR by aliases, acronyms, other languages and slips .772 by name, .843 with country
(half of the acronyms are those of several, or of no words of the name).
"""

from __future__ import annotations

import csv
import lzma
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accounts.matching import features, scoring
from accounts.matching.batch import Batch
from accounts.matching.blocking import Pieces
from accounts.matching.candidates import pairs
from accounts.matching.features import FEATURES, measure, word_weights
from accounts.matching.keys import asked, keys_of
from accounts.matching.table import Table
from accounts.matching.values import Candidate, Record, Rules
from scripts.matcher_lessons import Institutions, Question, Spelling, made_up, moved, thinned

SEED, FOLDS, RIDGE = 20261125, 5, 0.5
ACCEPT = Rules().accept
ROOT = Path(__file__).parents[1]
DATA, WEIGHTS = ROOT / "benchmarks/data/matching", ROOT / "accounts/matching/weights.py"

# How much a question counts: with all fields, with its name alone, made up, of institutions, with
# a city that may be another one.
WHOLE, NAMED, MADE_UP, INSTITUTIONS, MOVED = 1.0, 0.7, 0.12, 0.12, 0.3
Floats = NDArray[np.float64]


@dataclass
class Pairs:
    """All pairs of some questions: features, which question, whether true; weight of each."""

    x: Floats
    question: NDArray[np.int64]
    true: NDArray[np.bool_]
    asked: NDArray[np.bool_]  # per question: whether it has a true account
    group: NDArray[np.int64]  # fold of each question
    weight: Floats
    kind: NDArray[np.int64]  # per question: which of KINDS


def rows_of(name: str) -> list[dict[str, str]]:
    with lzma.open(DATA / f"{name}.csv.xz", "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def fold_of(group: str) -> int:
    return zlib.crc32(group.encode()) % FOLDS


# ------------------------------------------------------------------ measuring


class Lists:
    """A list of accounts, ready to be asked."""

    def __init__(self, accounts: Sequence[Candidate]) -> None:
        self.table, self.pieces = Table(), Pieces()
        self.table.extend(accounts)
        self.table.fold()
        self.pieces.fold(self.table)
        self.weights = word_weights(self.table)

    def ask(self, questions: Sequence[Question], weight: float, kind: int) -> Pairs:
        starts = range(0, len(questions), 1024)
        parts = [self._ask(questions[at : at + 1024]) for at in starts]
        question = np.concatenate([part[1] + at for part, at in zip(parts, starts, strict=True)])
        place = np.concatenate([part[2] for part in parts])
        truth = np.array([one.truth for one in questions])
        true = self.table.place["id"].values[place] == truth[question]
        return Pairs(
            np.concatenate([part[0] for part in parts]),
            question,
            true,
            truth >= 0,
            np.array([fold_of(one.group) for one in questions]),
            np.full(len(questions), weight),
            np.full(len(questions), kind),
        )

    def _ask(self, questions: Sequence[Question]):
        batch = Batch(self.table, asked([one.record for one in questions]))
        found = pairs(self.table, self.pieces, batch, [one.without for one in questions])
        near = found[found.compared]
        x = measure(self.table, self.weights, batch, near)
        return x, near.question.astype(np.int64), near.place


def joined(parts: Sequence[Pairs]) -> Pairs:
    first = np.cumsum([0] + [len(part.group) for part in parts])
    return Pairs(
        np.concatenate([p.x for p in parts]),
        np.concatenate([p.question + at for p, at in zip(parts, first, strict=False)]),
        *(
            np.concatenate([getattr(p, n) for p in parts])
            for n in ("true", "asked", "group", "weight", "kind")
        ),
    )


# ------------------------------------------------------------------ fitting


def logistic(x: Floats, y: NDArray, weight: Floats) -> tuple[Floats, float]:
    """Ridge-regularised logistic regression by Newton's method: (weights, bias)."""
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    w = np.zeros(x.shape[1])
    ridge = np.full(len(w), RIDGE)
    ridge[-1] = 1e-3
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        slope = x.T @ (weight * (y - p)) - ridge * w
        bend = (x * (weight * np.maximum(p * (1 - p), 1e-6))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        w = w + step
        if np.abs(step).max() < 1e-6:
            break
    return w[:-1], float(w[-1])


@dataclass
class Fitted:
    pair: Floats
    pair_bias: float
    best: Floats
    best_bias: float

    def use(self) -> None:
        """Let `scoring` work with these weights."""
        scoring.PAIR = self.pair
        scoring.weights.PAIR_BIAS = self.pair_bias
        scoring.BEST = self.best
        scoring.weights.BEST_BIAS = self.best_bias


def tops(data: Pairs, odds: Floats) -> tuple[NDArray, Floats]:
    """(the best pair of each question that has any, the odds of the next one)."""
    order = np.lexsort((-odds, data.question))
    own = data.question[order]
    first = np.ones(len(own), bool)
    first[1:] = own[1:] != own[:-1]
    at = np.flatnonzero(first)
    following = np.minimum(at + 1, len(own) - 1)
    rival = np.where(
        (own[following] == own[at]) & (following != at), odds[order[following]], -np.inf
    )
    return order[at], rival


def fit(data: Pairs, use: NDArray) -> Fitted:
    """Fit both regressions on the questions of `use` (a mask)."""
    chosen = use[data.question]
    w1, b1 = logistic(data.x[chosen], data.true[chosen], data.weight[data.question[chosen]])
    odds = data.x @ w1 + b1
    best, rival = tops(data, odds)
    keep = use[data.question[best]]
    best, rival = best[keep], rival[keep]
    both = np.concatenate([data.x[best], scoring.gaps(odds[best], rival)], axis=1)
    w2, b2 = logistic(both, data.true[best], data.weight[data.question[best]])
    return Fitted(w1, b1, w2, b2)


def judged(data: Pairs, fitted: Fitted) -> tuple[Floats, NDArray]:
    """Per question: (probability of its best account, whether that is the true one)."""
    fitted.use()
    odds = scoring.first_odds(data.x)
    best, rival = tops(data, odds)
    chance = np.zeros(len(data.group))
    right = np.zeros(len(data.group), bool)
    chance[data.question[best]] = scoring.probability(data.x[best], odds[best], rival)
    right[data.question[best]] = data.true[best]
    return chance, right


def figures(chance: Floats, right: NDArray, truth: NDArray, rival: float) -> str:
    """F1 at the best threshold, recall at precision .95, and what the threshold `rival` gives."""
    order = np.argsort(-chance, kind="stable")
    hits, said = np.cumsum(right[order]), np.arange(1, len(order) + 1)
    total = int(truth.sum())
    f1 = 2 * hits / (said + total)
    exact = hits / said
    sure = chance >= rival
    at = chance[order][int(f1.argmax())]
    recall = hits[exact >= 0.95].max() / total if (exact >= 0.95).any() else 0
    return (
        f"F1 {f1.max():.4f} at {at:.2f}, R95 {recall:.4f}; at {rival:.2f}: precision"
        f" {right[sure].sum() / max(sure.sum(), 1):.4f}, recall {right[sure].sum() / total:.4f},"
        f" false matches {(sure & ~truth).sum() / max((~truth).sum(), 1):.4f}"
    )


def common_words(accounts: Iterable[Candidate]) -> dict[str, float]:
    """The share of names that have a word, of the words that many names have."""
    seen: Counter[str] = Counter()
    size = 0
    for one in accounts:
        for key in keys_of(one.name)[:1]:
            seen.update(set(key.words))
            size += 1
    return {word: round(n / size, 5) for word, n in sorted(seen.items()) if n >= 12}


# ------------------------------------------------------------------ the whole

KINDS = ("all fields", "names only", "made up", "institutions", "other cities")


def given(rows: Sequence[dict[str, str]], ids: dict[str, int], *, whole: bool) -> list[Question]:
    """The queries with a name, as questions."""
    found = []
    for row in rows:
        if not keys_of(row["name"]):
            continue
        truth = ids.get(row["true_account_id"], -1)
        place = (row["domain"], row["email"], row["country"], row["city"]) if whole else ()
        group = f"a{truth}" if truth >= 0 else row["query_id"]
        found.append(Question(Record(row["name"], *place), truth, group))
    return found


def lessons() -> tuple[Pairs, list[Candidate]]:
    """Everything that is learned from, and the accounts."""
    rows, queries = rows_of("accounts"), rows_of("queries")
    accounts = [
        Candidate(at, r["name"], (r["domain"],) if r["domain"] else (), (), r["country"], r["city"])
        for at, r in enumerate(rows)
    ]
    ids = {row["account_id"]: at for at, row in enumerate(rows)}
    features.COMMON_WORDS.clear()
    features.COMMON_WORDS.update(common_words(accounts))
    rng = np.random.default_rng(SEED)
    spelling, whole = Spelling([one.name for one in accounts], rng), Lists(accounts)
    parts = [
        whole.ask(given(queries, ids, whole=True), WHOLE, 0),
        whole.ask(given(queries, ids, whole=False), NAMED, 1),
        whole.ask(moved(given(queries, ids, whole=True), accounts, rng), MOVED, 4),
        whole.ask(made_up(accounts, rng, 4_000, spelling), MADE_UP, 2),
    ]
    for size in (300, 300, 300, 2_000, 2_000):
        short = thinned(accounts, rng, size)
        questions = made_up(short, rng, min(2 * size, 1_500), spelling)
        parts.append(Lists(short).ask(questions, MADE_UP, 2))
    for _ in range(3):
        invented = Institutions(accounts, rng)
        parts.append(Lists(invented.list).ask(invented.questions(2_000), INSTITUTIONS, 3))
    return joined(parts), accounts


def report(data: Pairs) -> None:
    """Print what the weights of four folds say about the fifth."""
    chance, right = np.zeros(len(data.group)), np.zeros(len(data.group), bool)
    for fold in range(FOLDS):
        found = judged(data, fit(data, data.group != fold))
        held = data.group == fold
        chance[held], right[held] = found[0][held], found[1][held]
    print("on records with a name, by weights that were not fitted on them:")
    for kind, name in enumerate(KINDS):
        of = data.kind == kind
        print(f"{name}: {figures(chance[of], right[of], data.asked[of], ACCEPT)}")


def written(fitted: Fitted, common: dict[str, float]) -> str:
    """The weights as a module."""

    def table(name: str, names: Sequence[str], values: Iterable[float]) -> str:
        lines = "".join(f'    "{n}": {v:.4f},\n' for n, v in zip(names, values, strict=True))
        return f"{name} = {{\n{lines}}}\n"

    return (
        '"""What `scripts/train_matcher.py` learned; it writes this file, nobody else does."""\n\n'
        "# The share of names that have a word which hardly any company has.\nRARE = 1e-4\n\n"
        + table("PAIR", FEATURES, fitted.pair.tolist())
        + f"PAIR_BIAS = {fitted.pair_bias:.4f}\n\n"
        + table("BEST", FEATURES + scoring.GAPS, fitted.best.tolist())
        + f"BEST_BIAS = {fitted.best_bias:.4f}\n\n"
        "# The share of companies' names that have a word, of those that many have.\n"
        "COMMON_WORDS = {\n"
        + "".join(f'    "{word}": {share:.5f},\n' for word, share in common.items())
        + "}\n"
    )


def main() -> None:
    data, accounts = lessons()
    report(data)
    text = written(fit(data, np.ones(len(data.group), bool)), common_words(accounts))
    if "--write" in sys.argv[1:]:
        WEIGHTS.write_text(text, encoding="utf-8")
        print(f"wrote {WEIGHTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
