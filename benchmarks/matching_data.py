"""The lists of the matching benchmark: real ones with their truth, and longer ones made of them.

Sources, licences and how the truth was made: `benchmarks/data/matching/README.md`.
"""

from __future__ import annotations

import csv
import lzma
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "matching"
SEED = 20261121

# How often a made name keeps a word of the real name it starts from.
_KEPT = 0.5


@dataclass(frozen=True, slots=True)
class Company:
    """What a list says of a company: an account, a query or a row of a messy list."""

    name: str
    website: str = ""
    email: str = ""
    country: str = ""
    city: str = ""

    @property
    def bare(self) -> Company:
        """Its name alone."""
        return Company(self.name)


@dataclass(frozen=True, slots=True)
class Questions:
    """Queries, and for each the place of its true account in `accounts`, or None."""

    accounts: tuple[Company, ...]
    queries: tuple[Company, ...]
    truth: tuple[int | None, ...]

    @property
    def named(self) -> Questions:
        """Names alone on both sides; queries that give none are left out."""
        asked = [at for at, query in enumerate(self.queries) if query.name]
        return Questions(
            tuple(account.bare for account in self.accounts),
            tuple(self.queries[at].bare for at in asked),
            tuple(self.truth[at] for at in asked),
        )

    def every(self, step: int) -> Questions:
        """One query of `step`, of all accounts."""
        return replace(self, queries=self.queries[::step], truth=self.truth[::step])


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows of which some are the same company: `clusters` says which, row by row."""

    rows: tuple[Company, ...]
    clusters: tuple[str, ...]


def questions() -> Questions:
    """The accounts and what is asked of them; `stratum` and `fields` are not read."""
    accounts, queries = list(_rows("accounts")), list(_rows("queries"))
    places = {row["account_id"]: place for place, row in enumerate(accounts)}
    return Questions(
        tuple(map(_company, accounts)),
        tuple(map(_company, queries)),
        tuple(places[true] if (true := row["true_account_id"]) else None for row in queries),
    )


def repeats() -> Repeats:
    """A list of accounts with the same companies in it again."""
    rows = list(_rows("dedupe"))
    return Repeats(tuple(map(_company, rows)), tuple(row["cluster_id"] for row in rows))


def grown(accounts: Sequence[Company], size: int) -> list[Company]:
    """`size` accounts: the first of the real ones, and past them made ones, always the same.

    A made name keeps half the words of a real one and takes the others from real names at the same
    place (the end from an end), so that words stay as common as they are; no name comes twice.
    """
    if size <= len(accounts):
        return list(accounts[:size])
    chance = random.Random(SEED)
    real = [(account, account.name.split()) for account in accounts if account.name]
    seen = {account.name for account in accounts}
    longer = list(accounts)
    while len(longer) < size:
        name = " ".join(_recombined(real, chance))
        if name not in seen:
            seen.add(name)
            place = chance.choice(accounts)
            longer.append(Company(name, _domain(name, chance), "", place.country, place.city))
    return longer


def messy(accounts: Sequence[Company], number: int) -> list[Company]:
    """`number` queries that are accounts with one slip and another case, always the same ones."""
    chance = random.Random(SEED + number)
    return [_slipped(chance.choice(accounts), chance) for _ in range(number)]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with lzma.open(FOLDER / f"{name}.csv.xz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _company(row: dict[str, str]) -> Company:
    return Company(row["name"], row["domain"], row.get("email", ""), row["country"], row["city"])


def _recombined(real: Sequence[tuple[Company, list[str]]], chance: random.Random) -> list[str]:
    words = list(chance.choice(real)[1])
    for place in range(len(words)):
        if chance.random() > _KEPT:
            other = chance.choice(real)[1]
            last = place == len(words) - 1
            words[place] = other[-1] if last else other[min(place, len(other) - 1)]
    return words if len(words) > 1 else [*words, chance.choice(real)[1][-1]]


def _domain(name: str, chance: random.Random) -> str:
    """A host that the name could have; none if its first words have no Latin letters."""
    stem = "".join(filter(str.isalnum, "".join(name.lower().split()[:2])))
    ends = ("com", "de", "co.uk", "com.au", "in", "net")
    return f"{stem}.{chance.choice(ends)}" if stem and stem.isascii() else ""


def _slipped(account: Company, chance: random.Random) -> Company:
    at = chance.randrange(len(account.name))
    letter = chance.choice(("", "e", "n", account.name[at] * 2))
    name = account.name[:at] + letter + account.name[at + 1 :]
    case = chance.choice((str.upper, str.lower, str))
    website = account.website if chance.random() < 0.3 else ""
    return Company(case(name), website, "", account.country)
