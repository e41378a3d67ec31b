"""The accounts, ready to be asked; arrays and their libraries load with the first index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from accounts.collecting import uncollected
from accounts.matching.values import Candidate, Match, Record, Rules

if TYPE_CHECKING:
    from accounts.matching.engine import Engine

# So many records are asked at once; the answers do not depend on it. They have at most five names
# each, and the engine takes less than 2**15.
_BATCH = 4_096


class AccountIndex:
    """The accounts, ready to be asked. What is added is found by the next question."""

    def __init__(self, candidates: Iterable[Candidate] = (), rules: Rules | None = None) -> None:
        from accounts.matching.engine import Engine

        self._engine: Engine = Engine(rules or Rules())
        with uncollected(acyclic=True):
            self._engine.extend(list(candidates))
            self._engine.fold()

    def __len__(self) -> int:
        return len(self._engine)

    @property
    def rules(self) -> Rules:
        """From which probabilities on it answers, and asks."""
        return self._engine.rules

    def add(self, candidate: Candidate) -> None:
        """Know one more account from now on; one with a known id takes the place of the old."""
        self.update(candidate)

    def update(self, candidate: Candidate) -> None:
        """Know an account as it is now, whether or not it was known before."""
        if candidate.id in self._engine:
            self._engine.remove(candidate.id)
        self._engine.extend([candidate])

    def remove(self, account_id: int) -> None:
        """Forget an account; KeyError if there is none of this id."""
        self._engine.remove(account_id)

    def match(self, record: Record, without: Collection[int] = ()) -> Match:
        """Which account this record is; never raises, whatever the record holds.

        `without` are the accounts that a person ruled it never is.
        """
        return self._engine.answers([record], [without])[0]

    def match_many(
        self,
        records: Sequence[Record],
        progress: Callable[[int, int], None] | None = None,
        *,
        without: Sequence[Collection[int]] | None = None,
    ) -> list[Match]:
        """One answer per record, in order; `progress(done, total)` is called after each.

        `without` says for each record which accounts it is not, as `match` is told of one.
        """
        answers: list[Match] = []
        for first in range(0, len(records), _BATCH):
            batch = slice(first, first + _BATCH)
            with uncollected(acyclic=True):
                answers += self._engine.answers(records[batch], without[batch] if without else None)
            if progress:
                for done in range(first + 1, len(answers) + 1):
                    progress(done, len(records))
        return answers

    def save(self, path: Path) -> None:
        """Write the index to one file; `load` reads it faster than it could be built."""
        from accounts.matching.saving import save

        save(self._engine, path)

    @classmethod
    def load(cls, path: Path, rules: Rules | None = None) -> AccountIndex:
        """The index that `save` wrote; AbmError if it is none, or of another version."""
        from accounts.matching.saving import load

        index = cls.__new__(cls)
        index._engine = load(path, rules or Rules())
        return index
