"""Feeds everything that reads files with broken ones, made by chance from good ones.

    python scripts/fuzz.py [TARGET …] [--seconds 60] [--seed 1]

An exception that is no AbmError, more than a second or more than 256 MB are findings: the input
goes to tests/fuzz/kept, where a test reads it from then on. The same seed finds the same.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from tests.fuzz.targets import Target

MOST_SECONDS = 1.0  # of CPU
MOST_MEMORY = 256 * 1024 * 1024
MOST_BYTES = 128 * 1024
MOST_EXAMPLE = 8 * 1024  # of a good file: a part of a long one says as much, and is read sooner
STRANGE = (
    b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\r", b"\xc2\x85", b"\xe2\x80\xa8",
    b"\xed\xa0\x80",
    b"9" * 400, b"-1", b"1e999", b"\t", b"\n\n", "\U0001f600".encode(), "ﬀ".encode(), "İ".encode(),
    b"\xee\x80\x80" + b"0" + b"\xee\x80\x82",
)  # fmt: skip
TIMES = (2, 3, 30, 300, 3_000, 60_000)


class Slow(BaseException):
    """It worked for longer than it may; no `except Exception` on the way holds it up."""


def examples(target: Target) -> list[bytes]:
    """The beginnings of the good files of a target."""
    files = [path for pattern in target.examples for path in sorted(ROOT.glob(pattern))]
    return [path.read_bytes()[:MOST_EXAMPLE] for path in files]


def mutated(known: Sequence[bytes], target: Target, chance: random.Random) -> bytes:
    """One of the good files, made worse in one to eight ways."""
    data = chance.choice(known)
    for _ in range(chance.randint(1, 8)):
        data = _worse(data, known, target, chance)
    return data[:MOST_BYTES]


def _worse(data: bytes, known: Sequence[bytes], target: Target, chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    end = min(len(data), start + int(chance.expovariate(0.05)))
    match chance.randint(0, 6):
        case 0:  # leave something out
            return data[:start] + data[end:]
        case 1:  # say it again and again
            part = data[start:end] or b"x"
            most = max(1, MOST_BYTES // len(part))
            return data[:end] + part * min(chance.choice(TIMES), most) + data[end:]
        case 2:  # put a word of the language in
            word = chance.choice(target.words or ("x",)).encode("utf-8", "surrogatepass")
            return data[:start] + word * chance.choice((1, 1, 1, 2, 40, 4_000)) + data[end:]
        case 3:  # put in what no text holds
            return data[:start] + chance.choice(STRANGE) + data[end:]
        case 4:  # change a byte
            return data[:start] + bytes([chance.randrange(256)]) + data[start + 1 :]
        case 5:  # go on with another file
            other = chance.choice(known)
            return data[:start] + other[chance.randint(0, len(other)) :]
        case _:  # stop
            return data[:start] if chance.random() < 0.3 else data


def fuzz(name: str, target: Target, seconds: float, seed: int) -> int:
    """How many findings there are; each is told and kept once."""
    from accounts.errors import AbmError

    known, chance, ends = examples(target), random.Random(f"{name} {seed}"), Counter[str]()
    seen: set[str] = set()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        data = mutated(known, target, chance)
        try:
            with _Limits():
                target.read(data)
        except AbmError:
            ends["told"] += 1
        except (Exception, Slow) as error:  # noqa: BLE001 - that is what is looked for
            ends["found"] += 1
            _keep(name, data, error, seen)
        else:
            ends["read"] += 1
    print(f"{name}: {ends.total():,} inputs, {ends['told']:,} told, {len(seen)} findings")
    return len(seen)


class _Limits:
    """A second of CPU, and so much memory on top of what is used already."""

    def __enter__(self) -> None:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = self.before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + MOST_MEMORY, hard))
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, self.before)


def _give_up(*_: Any) -> NoReturn:
    raise Slow


def _keep(name: str, data: bytes, error: BaseException, seen: set[str]) -> None:
    """Tell a finding, once for each place where it broke."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if str(ROOT) in one.filename]
    last = frames[-1]
    place = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    if place in seen:
        return
    seen.add(place)
    file = ROOT / "tests" / "fuzz" / "kept" / name / hashlib.sha256(data).hexdigest()[:12]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    print(f"{name}: {place}: {str(error)[:200]}\n    kept as {file.relative_to(ROOT)}")
    print("".join(f"    {one.filename}:{one.lineno} {one.line}\n" for one in frames[-6:]))


def main() -> int:
    from tests.fuzz.targets import TARGETS

    told = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    told.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    told.add_argument("--seconds", type=float, default=60)
    told.add_argument("--seed", type=int, default=1)
    said = told.parse_args()
    if unknown := set(said.targets) - set(TARGETS):
        told.error(f"there is no {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    signal.signal(signal.SIGPROF, _give_up)
    wanted = said.targets or list(TARGETS)
    return bool(sum(fuzz(name, TARGETS[name], said.seconds, said.seed) for name in wanted))


if __name__ == "__main__":
    sys.exit(main())
