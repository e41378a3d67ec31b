"""How well and how fast records find their account, ours beside its peers.

    python -m benchmarks.matching [--quick] [--sizes 1k,10k,50k] [--large] [--peers abm,TF-IDF]
                                  [--chart matching.svg]

One run, one table. Accuracy: real names with known truth (`benchmarks/data/matching`), by names
alone and with all fields; F1 at the best threshold of each, recall at a precision of .95, and how
many records that have no account were given one; then ours at the thresholds that it ships with;
then the pairs found in a list with repeats. Speed: queries per CPU second on one core, and past
14,507 accounts the list grows by names recombined from the real ones. `--quick` asks a fifth of the
queries and stops at 10,000 accounts; `--large` adds 500,000 for ours and for the fast peers.

Everybody is asked the same queries and is timed alike. In the time of a round is all that makes one
answer of each query: its text read and cleaned, tables and vectors of the queries, the product or
the link, the choice of the best. Not in it is what was made of the accounts before: their vectors,
their cleaned names, the model that splink trained and its table of accounts. Nothing is kept from
the round before: ours forgets every name, and splink links in a new database, which is how it takes
new records. All have one core and one thread, DuckDB too, and the garbage collector rests for all:
ours rests it by itself, so that it would cost the peers alone.

Ours are the weights and thresholds as shipped, which were made with these lists among others: how
it does across folds and on other lists is what `scripts/train_matcher.py` prints.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.matching_adapters import Build, ours_pairs, ours_shipped
from benchmarks.matching_chart import Bar, Point, draw, drawable
from benchmarks.matching_data import Questions, Repeats, questions, repeats
from benchmarks.matching_metrics import (
    Score,
    as_shipped,
    best,
    best_pairs,
    pairs_as_shipped,
    recall_at,
)
from benchmarks.matching_peers import OURS, PEERS, Peer
from benchmarks.matching_speed import Speed, measured, one_core
from benchmarks.rig import show

PRECISION = 0.95
LARGE = 500_000


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One matcher on one kind of query."""

    best: Score
    recall: float


@dataclass
class Result:
    """What was measured of one matcher; what was not is missing."""

    peer: Peer
    named: Accuracy | None = None
    whole: Accuracy | None = None
    pairs: Score | None = None
    speeds: dict[int, Speed] = field(default_factory=dict)


def accuracy(build: Build, asked: Questions) -> Accuracy:
    """Ask everything once, and look where the threshold would be best."""
    answers = build(asked.accounts, asked.queries)(asked.queries)
    return Accuracy(best(answers, asked.truth), recall_at(PRECISION, answers, asked.truth))


def pairs(peer: Peer, rows: Repeats) -> Score | None:
    """The pairs within a list, for those that look for any."""
    return best_pairs(peer.join(rows.rows), rows.clusters) if peer.join else None


def installed(names: Sequence[str] | None) -> list[Peer]:
    """The chosen matchers that are here; the others are named on stderr.

    Raises `SystemExit` for a name that nobody has.
    """
    known = {peer.name.casefold(): peer for peer in PEERS}
    chosen = [name.casefold() for name in names] if names else list(known)
    if unknown := [name for name in chosen if name not in known]:
        raise SystemExit(f"no such peer: {', '.join(unknown)}; there are {', '.join(known)}")
    for peer in (known[name] for name in chosen):
        if peer.missing:
            print(
                f"SKIPPED: {peer.name}, for want of {', '.join(peer.missing)};"
                " install the extra `bench`",
                file=sys.stderr,
            )
    return [known[name] for name in chosen if not known[name].missing]


def run(peers: Sequence[Peer], sizes: Sequence[int], quick: bool) -> list[Result]:
    """Measure everybody, one after the other."""
    asked, rows = questions().every(5 if quick else 1), repeats()
    results = [Result(peer) for peer in peers]
    for result in results:
        if result.peer.timed:
            continue
        print(f"{result.peer.name}: names, fields, repeats ...", flush=True)
        result.named = accuracy(result.peer.named, asked.named)
        result.whole = accuracy(result.peer.whole, asked)
        result.pairs = pairs(result.peer, rows)
    for size in sizes:
        for result in results:
            if size < LARGE or result.peer.large:
                print(f"{result.peer.name}: {size:,} accounts ...", flush=True)
                result.speeds[size] = measured(result.peer.name, size, *_effort(quick))
    return results


def _effort(quick: bool) -> tuple[int, float]:
    """Rounds, and CPU seconds of each."""
    return (1, 1.0) if quick else (3, 4.0)


def table(results: Sequence[Result], sizes: Sequence[int]) -> list[list[object]]:
    """One column for each matcher, one row for each figure."""
    rows: list[list[object]] = [["", *(result.peer.name for result in results)]]
    rows += _accuracy_rows("names", [result.named for result in results])
    rows += _accuracy_rows("all fields", [result.whole for result in results])
    rows.append(["repeats: pair F1", *(_cell(_f1(result.pairs), 3) for result in results)])
    rows += [_speed_row(f"{size:,}: queries/s", results, size, _rate, 0) for size in sizes]
    for size in sizes:
        rows += [
            _speed_row(f"{size:,}: build, CPU s", results, size, _build, 2),
            _speed_row(f"{size:,}: one record, CPU ms", results, size, _milliseconds, 2),
            _speed_row(f"{size:,}: memory, MB", results, size, _peak, 0),
        ]
    return rows


def _accuracy_rows(title: str, found: Sequence[Accuracy | None]) -> list[list[object]]:
    figures: dict[str, Callable[[Accuracy], float]] = {
        "best F1": lambda one: one.best.f1,
        f"recall at precision {PRECISION}": lambda one: one.recall,
        "no-match wrongly accepted": lambda one: one.best.wrongly,
    }
    return [
        [f"{title}: {name}", *(_cell(figure(one) if one else None, 3) for one in found)]
        for name, figure in figures.items()
    ]


def _rate(speed: Speed) -> float:
    return speed.rate


def _build(speed: Speed) -> float:
    return speed.build


def _peak(speed: Speed) -> float | None:
    return speed.peak


def _milliseconds(speed: Speed) -> float | None:
    return None if speed.one is None else 1_000 * speed.one


def _speed_row(
    title: str, results: Sequence[Result], size: int,
    figure: Callable[[Speed], float | None], digits: int,
) -> list[object]:  # fmt: skip
    speeds = (result.speeds.get(size) for result in results)
    return [title, *(_cell(figure(speed) if speed else None, digits) for speed in speeds)]


def _f1(score: Score | None) -> float | None:
    return score.f1 if score else None


def _cell(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def report(results: Sequence[Result], sizes: Sequence[int], quick: bool) -> None:
    """Print the table, what ours accepts as shipped, and how much was asked."""
    rounds, _ = _effort(quick)
    show(f"matching: medians of {rounds}, one core", table(results, sizes))
    if any(result.peer is OURS for result in results):
        show("abm as shipped", shipped(questions().every(5 if quick else 1), repeats()))
    print("\n  queries a round, of which a slow matcher gets a sample:")
    for result in results:
        asked = (f"{size:,}: {one.asked:,}" for size, one in result.speeds.items())
        print(f"    {result.peer.name}: {', '.join(asked)}")
    print(
        "  all but abm are timed on names alone, and nobody remembers a name of the round before;\n"
        "  a rate of string_grouper has its build in it, that of splink the link of both tables\n"
        "  without the training"
    )


def shipped(asked: Questions, rows: Repeats) -> list[list[object]]:
    """What ours does without a person, at the thresholds that it ships with."""
    scores = {
        title: as_shipped(ours_shipped(one.accounts, one.queries), one.truth)
        for title, one in (("names", asked.named), ("all fields", asked))
    }
    scores["repeats: pairs"] = pairs_as_shipped(ours_pairs(rows.rows), rows.clusters)
    head: list[object] = ["", "F1", "precision", "recall", "no-match wrongly accepted"]
    return [head, *(_shipped_row(title, score) for title, score in scores.items())]


def _shipped_row(title: str, score: Score) -> list[object]:
    wrongly = None if title.startswith("repeats") else score.wrongly  # all rows have a true answer
    figures = (score.f1, score.precision, score.recall, wrongly)
    return [title, *(_cell(figure, 3) for figure in figures)]


def _bars(results: Sequence[Result]) -> list[Bar]:
    return [
        Bar(result.peer.name, kind, score.f1)
        for result in results
        for kind, score in (
            ("names", result.named and result.named.best),
            ("all fields", result.whole and result.whole.best),
            ("repeats (pairs)", result.pairs),
        )
        if score
    ]


def _lines(results: Sequence[Result]) -> list[Point]:
    return [
        Point(result.peer.name, size, speed.rate)
        for result in results
        for size, speed in result.speeds.items()
    ]


def size_of(text: str) -> int:
    """10k is 10,000.

    Raises `ValueError` for what is no number.
    """
    number = text.strip().lower()
    return int(number.removesuffix("k")) * (1_000 if number.endswith("k") else 1)


def sizes_of(text: str) -> list[int]:
    """Sizes parted by commas."""
    return [size_of(size) for size in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="a fifth of the queries, one round")
    parser.add_argument("--sizes", type=sizes_of, help="accounts, as in 1k,10k,50k")
    parser.add_argument("--large", action="store_true", help="500k accounts, too")
    parser.add_argument("--peers", type=lambda text: text.split(","), help="only these")
    parser.add_argument("--chart", type=Path, help="an .svg or .png to write")
    options = parser.parse_args()
    sizes = options.sizes or ([1_000, 10_000] if options.quick else [1_000, 10_000, 50_000])
    sizes = [*sizes, *([LARGE] if options.large and LARGE not in sizes else [])]
    one_core()
    results = run(installed(options.peers), sizes, options.quick)
    report(results, sizes, options.quick)
    if options.chart and drawable():
        draw(_bars(results), _lines(results), options.chart)
        print(f"  drawn: {options.chart}")


if __name__ == "__main__":
    main()
