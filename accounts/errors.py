"""The two shapes in which anything in this house says that something is wrong.

`AbmError` is an expected failure: one line for a person, one line on how to mend it.
`Problem` is one finding at a position in a file; many are collected before any is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AbmError(Exception):
    """An expected failure with its reason and, where there is one, the way out.

    The command line prints both and exits 1; anything that is not an `AbmError` is a bug.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.reason} ({self.hint})" if self.hint else self.reason


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding: where (1-based line and column, 0 = the whole file), what, and the mend.

    A "warning" refuses nothing.
    """

    file: str
    line: int
    col: int
    message: str
    hint: str = ""
    code: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.col}" if self.line else self.file
        where += ": warning" if self.severity == "warning" else ""
        code = f" [{self.code}]" if self.code else ""
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{where}: {self.message}{code}{hint}"


class Problems(AbmError):
    """Raised with every problem of one source at once, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} found")

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
