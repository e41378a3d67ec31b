"""Collects what is wrong with one source."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from accounts.errors import Problem, Problems
from accounts.nearest import nearest
from orchestrator.language.codes import Code

MOST = 100  # findings of one source that are shown; nobody reads more
LONGEST_SHOWN = 40
MOST_COMPARED = 50_000  # letters that are looked through for the words that were meant


class Origin(NamedTuple):
    """Another file that the source takes in, and who does: "included as 'x' in y.yaml:3:5"."""

    file: str = ""
    how: str = ""


OWN = Origin()  # the source itself


class Place(Protocol):
    """Anything with a position in the source: 1-based line and column, and in which file."""

    @property
    def line(self) -> int: ...
    @property
    def col(self) -> int: ...
    @property
    def origin(self) -> Origin: ...


class Spot(NamedTuple):
    """A bare position; line 0 means the whole file."""

    line: int = 0
    col: int = 0
    origin: Origin = OWN


class Findings:
    """The problems of one source. The first MOST errors and warnings are kept, others counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        self.errors = 0
        self._compared = 0
        self._kept: list[Problem] = []

    def add(self, at: Place, code: Code, message: str, hint: str = "") -> None:
        self.count += 1
        self.errors += code.severity == "error"
        same = self.errors if code.severity == "error" else self.count - self.errors
        if same <= MOST:
            place = (at.origin.file or self.file, at.line, at.col)
            hint = "; ".join(filter(None, (hint, at.origin.how)))
            self._kept.append(Problem(*place, message, hint, code.value, code.severity))

    def drop(self, at: Place, codes: Collection[str]) -> int:
        """Forget the warnings with these codes in a line; how many there were."""
        where = (at.origin.file or self.file, at.line)
        left = [
            one
            for one in self._kept
            if (one.file, one.line) != where or one.code not in codes or one.severity == "error"
        ]
        dropped = len(self._kept) - len(left)
        self._kept, self.count = left, self.count - dropped
        return dropped

    def nearest(self, word: str, allowed: Iterable[str]) -> str:
        """A hint for an unknown word; "" once there are more of them than anybody reads."""
        words = tuple(allowed)
        self._compared += sum(map(len, words))
        enough = self.errors >= MOST or self._compared > MOST_COMPARED
        return "" if enough else nearest(word, words)

    def problems(self) -> tuple[Problem, ...]:
        """All findings in file order, and a last one that counts those not kept."""
        more = self.count - len(self._kept)
        message = f"{more} more problems; mend these first"
        severity = "error" if self.errors > MOST else "warning"
        rest = [Problem(self.file, 0, 0, message, severity=severity)] if more else []
        return (*sorted(set(self._kept)), *rest)

    def raise_if_any(self) -> None:
        """Raise Problems with all that was found."""
        if self.count:
            raise Problems(self.problems())


def shown(text: object) -> str:
    """A text short enough for a message."""
    text = str(text)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
