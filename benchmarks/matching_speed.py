"""How fast one matcher is on a list of one size: measured in a process of its own, on one core."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

from accounts.collecting import uncollected
from accounts.keeping import forget
from benchmarks.matching_adapters import Asker
from benchmarks.matching_data import Company, grown, messy, questions
from benchmarks.matching_peers import PEERS

T = TypeVar("T")

# Queries that are ready to be asked; a round asks as many of them as its time allows.
POOL = 10_000
_FIRST, _WARM = 16, 1_000


@dataclass(frozen=True, slots=True)
class Speed:
    """CPU seconds unless said otherwise; `asked` queries a round, `peak` MB above the bare list."""

    size: int
    rate: float
    asked: int
    build: float
    one: float | None
    peak: float | None


def measured(name: str, size: int, rounds: int, seconds: float) -> Speed:
    """One matcher on the first `size` accounts, in a fresh process, about `seconds` a round."""
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(1, initializer=one_core) as pool:
        speed = pool.apply(_measure, (name, size, rounds, seconds))
        pool.close()
        pool.join()
    return speed


def one_core() -> None:
    """Keep this process and whatever it starts on one core, and the libraries at one thread."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def pool_of(accounts: Sequence[Company]) -> list[Company]:
    """What is asked at every size: the real queries, and misspelt names of these very accounts."""
    real = list(questions().queries)
    mixed = real + messy(accounts, POOL - len(real))
    return [mixed[at * 7_919 % POOL] for at in range(POOL)]  # both kinds in every stretch


def _measure(name: str, size: int, rounds: int, seconds: float) -> Speed:
    peer = next(one for one in PEERS if one.name == name)
    accounts = grown(questions().accounts, size)
    queries = pool_of(accounts)
    if not peer.fields:  # a name each is less work: peers are measured at their fastest
        accounts, queries = [one.bare for one in accounts], [one.bare for one in queries]
    queries = [query for query in queries if query.name]
    bare = _memory("VmRSS")
    peer.named(accounts[:_WARM], queries[:3_500])  # whatever is imported is imported now
    _forget_peak()
    build, asker = _timed(lambda: peer.named(accounts, queries[:3_500]))
    number = len(queries) if peer.together else _affordable(asker, queries, seconds)
    times = [_cold(lambda: asker(queries[:number])) for _ in range(rounds)]
    one = None if peer.name == "splink" else _latency(asker, queries[-60:], seconds)
    peak = _memory("VmHWM")
    above = peak - bare if peak is not None and bare is not None else None
    return Speed(size, number / median(times), number, build, one, above)


def _affordable(asker: Asker, queries: Sequence[Company], seconds: float) -> int:
    """How many queries fit into a round, by trying more and more of them from the end."""
    number = _FIRST
    while True:
        took, _ = _timed(lambda: asker(queries[-number:]))  # noqa: B023  (called at once)
        if took > seconds / 8 or number >= len(queries):
            return max(_FIRST, min(len(queries), int(number * seconds / took)))
        number *= 4


def _latency(asker: Asker, queries: Sequence[Company], seconds: float) -> float:
    """The median of CPU seconds for a query alone."""
    forget()
    times: list[float] = []
    for query in queries:
        times.append(_timed(lambda: asker([query]))[0])  # noqa: B023  (called at once)
        if sum(times) > seconds:
            break
    return median(times)


def _cold(work: Callable[[], T]) -> float:
    """The time of a round in which every name is read for the first time."""
    forget()
    return _timed(work)[0]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    with uncollected():  # for everybody, as `timeit` has it; ours would rest the collector anyway
        started = process_time()
        result = work()
        return process_time() - started, result


def _memory(field: str) -> float | None:
    """A figure of this process in MB; None where there is no /proc."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
    return None


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")
