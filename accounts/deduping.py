"""Which rows of an account list are one company, and what the one that is kept is told.

Pure, and by the public names of `accounts.matching` alone: whatever the matcher knows about
names, domains and places holds here, too.

**Clusters without blind chaining.** If A is like B and B like C, the three are not yet one: chains
of likely pairs grow to heaps that no two ends of have anything in common. Pairs are taken the
surest first, and two groups become one only while the *mean* probability over all pairs across
them is at least `AGREE`; a pair that the matcher does not hold likely counts as 0. So a row joins a
group when it agrees with the group, not with one member of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from accounts.company_names import name_key
from accounts.errors import AbmError
from accounts.identity import clean_text, domain_key, own_domain
from accounts.matching import AccountIndex, Candidate, Match, Record, Rules, Verdict
from accounts.progress import Progress, unwatched

AGREE = 0.5
# How many likely doubles of one row are looked at; more are no doubles but a name of everybody's.
MOST = 12

Value = str | int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an account list. `domains` and `aliases` are what is known beside the record;
    a child and its parent are two companies, however alike."""

    id: int
    record: Record
    domains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    parent_id: int | None = None


class Member(NamedTuple):
    """A row of a cluster: how probably it belongs to the others, and why, in words."""

    id: int
    probability: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Rows that are one company, the one that agrees best with the others first.

    `probability` is the mean over all its pairs; `pairs` are those that are likely.
    """

    members: tuple[Member, ...]
    probability: float
    pairs: Mapping[frozenset[int], Pair]

    @property
    def ids(self) -> tuple[int, ...]:
        """The rows of its members."""
        return tuple(one.id for one in self.members)


class Pair(NamedTuple):
    """What the matcher says of two rows. `model` is its probability before any doubt, if any."""

    probability: float
    reasons: tuple[str, ...]
    model: float | None = None
    doubted: bool = False


_Pairs = Mapping[frozenset[int], Pair]


# ---------------------------------------------------------------- which rows are one


def dedupe(
    rows: Sequence[Row],
    progress: Progress | None = None,
    *,
    never: Collection[frozenset[int]] = (),
    rules: Rules | None = None,
) -> list[Cluster]:
    """The clusters of two rows or more, the surest first; ids must be unique.

    `progress(done, total)` is called after each row. `never` are pairs of ids that a person ruled
    to be two companies. Of the `rules` only the two probabilities count: a tie is one more double.
    """
    if len({row.id for row in rows}) != len(rows):
        raise AbmError("two rows have the same id", "give every row its own")
    index = AccountIndex(map(_candidate, rows), rules)
    pairs = _pairs(index, rows, progress or unwatched, never)
    groups = [group for group in _groups(pairs) if len(group) > 1]
    found = [_cluster(group, pairs) for group in groups]
    return sorted(found, key=lambda one: (-one.probability, min(one.ids)))


def _pairs(
    index: AccountIndex,
    rows: Sequence[Row],
    progress: Progress,
    never: Collection[frozenset[int]],
) -> _Pairs:
    """Every likely pair. Each of the two is asked about the other; the better answer counts."""
    found: dict[frozenset[int], Pair] = {}
    never = {
        *never,
        *(frozenset((row.id, row.parent_id)) for row in rows if row.parent_id is not None),
    }
    for id_, match in _near(index, rows, progress):
        key = frozenset((id_, match.account_id or 0))
        if key not in never and match.score > found.get(key, _NONE).probability:
            found[key] = Pair(match.score, match.reasons, match.probability, match.doubted)
    return found


_NONE = Pair(0.0, ())


def _near(
    index: AccountIndex, rows: Sequence[Row], progress: Progress
) -> Iterable[tuple[int, Match]]:
    """The likely doubles of every row, as (row, answer); some stand twice.

    A second double as close as the first is a doubt for whoever looks for *the* account; here it
    is one more double. So, where there are several, each is asked about without the others, too.
    """
    seen: dict[int, set[int]] = {row.id: {row.id} for row in rows}
    asked = list(rows)
    for _ in range(MOST):
        without = [frozenset(seen[row.id]) for row in asked]
        answers = index.match_many([row.record for row in asked], progress, without=without)
        likely = [pair for pair in zip(asked, answers, strict=True) if _is_likely(pair[1])]
        for row, match in likely:
            seen[row.id].add(match.account_id or 0)
            yield row.id, match
        asked, progress = [row for row, _ in likely], unwatched
    several = [row for row in rows if len(seen[row.id]) > 2]
    alone = [(row, id_) for row in several for id_ in sorted(seen[row.id] - {row.id})]
    others = [frozenset(seen[row.id] - {id_}) for row, id_ in alone]
    answers = index.match_many([row.record for row, _ in alone], without=others)
    for (row, id_), match in zip(alone, answers, strict=True):
        if match.account_id == id_ and _is_likely(match):
            yield row.id, match


def _is_likely(match: Match) -> bool:
    return match.account_id is not None and match.verdict is not Verdict.NONE


def _candidate(row: Row) -> Candidate:
    record = row.record
    own = own_domain(record.website, record.email)
    domains = dict.fromkeys((own, *row.domains) if own else row.domains)
    return Candidate(row.id, record.name, tuple(domains), row.aliases, record.country, record.city)


def _groups(pairs: _Pairs) -> list[set[int]]:
    """Groups of rows, by the rule of this module."""
    group_of: dict[int, set[int]] = {}
    for pair in sorted(pairs, key=lambda pair: (-pairs[pair].probability, sorted(pair))):
        one, other = (group_of.setdefault(id_, {id_}) for id_ in sorted(pair))
        if one is not other and _agree(one, other, pairs):
            one |= other
            group_of.update(dict.fromkeys(other, one))
    return list({id(group): group for group in group_of.values()}.values())


def _agree(one: Collection[int], other: Collection[int], pairs: _Pairs) -> bool:
    across = [pairs.get(frozenset((a, b)), _NONE).probability for a in one for b in other]
    return sum(across) / len(across) >= AGREE


def _cluster(group: set[int], pairs: _Pairs) -> Cluster:
    members = [_member(id_, group, pairs) for id_ in sorted(group)]
    members.sort(key=lambda one: (-one.probability, one.id))
    mean = sum(one.probability for one in members) / len(members)
    among = {pair: one for pair, one in pairs.items() if pair <= group}
    return Cluster(tuple(members), round(mean, 4), among)


def _member(id_: int, group: Collection[int], pairs: _Pairs) -> Member:
    theirs = [pairs.get(frozenset((id_, other)), _NONE) for other in group if other != id_]
    mean = sum(one.probability for one in theirs) / len(theirs)
    return Member(id_, round(mean, 4), max(theirs).reasons)


# ---------------------------------------------------------------- what the one is told


class Told(NamedTuple):
    """One field of the merged account: the value that wins, whose it is and why.

    `kept` says what becomes of the value that does not win: "alias", "other domain", "extra", or
    "" where nothing is left over.
    """

    field: str
    value: Value
    of: int
    why: str
    lost: Value = ""
    kept: str = ""


# Which fields of an account are told to the survivor where it does not know them itself.
FIELDS = (
    "website", "email", "phone", "country", "state", "city", "zone", "sector", "industry",
    "market_cap", "segment", "lost_reason", "tier",
)  # fmt: skip
_UNTOLD = {"stage": "identified"}


def preview(
    keep_id: int, keep: Mapping[str, object], other_id: int, other: Mapping[str, object]
) -> list[Told]:
    """Field by field what the account that is kept will say: its own word wins, gaps are filled.

    Nothing is dropped: another name becomes an alias, another domain one more domain, and every
    other word that differs stands in `extra`, as "phone of Acme Inc (7)".
    """
    told = [_name(keep_id, keep, other), *_domain(keep_id, keep, other_id, other)]
    for field in (*FIELDS, *_UNTOLD):
        mine, theirs = _value(keep, field), _value(other, field)
        if not theirs or mine == theirs:
            continue
        if not mine:
            told.append(Told(field, theirs, other_id, "only it says so"))
        else:
            kept = "extra" if field in FIELDS else ""
            told.append(Told(field, mine, keep_id, "the kept account's word stands", theirs, kept))
    return told


def extras(
    keep: Mapping[str, str], other: Mapping[str, str], told: Iterable[Told], label: str
) -> dict[str, str]:
    """`extra` of the merged account: both, and what the other said differently, under its name."""
    merged = {**other, **keep}
    differing = {
        f"{header} of {label}": value
        for header, value in other.items()
        if header in keep and keep[header] != value
    }
    said = {f"{one.field} of {label}": str(one.lost) for one in told if one.kept == "extra"}
    return {**differing, **said, **merged}


def _name(keep_id: int, keep: Mapping[str, object], other: Mapping[str, object]) -> Told:
    mine, theirs = str(keep["name"]), str(other["name"])
    if clean_text(mine) == clean_text(theirs):
        return Told("name", mine, keep_id, "both say so")
    same = name_key(mine).core == name_key(theirs).core
    why = "the kept account's spelling stands" if same else "the kept account's name stands"
    return Told("name", mine, keep_id, why, theirs, "alias")


def _domain(
    keep_id: int, keep: Mapping[str, object], other_id: int, other: Mapping[str, object]
) -> Iterable[Told]:
    mine, theirs = str(keep["domain"]), str(other["domain"])
    if not theirs or domain_key(mine) == domain_key(theirs):
        return
    if mine:
        why = "the kept account's domain stands"
        yield Told("domain", mine, keep_id, why, theirs, "other domain")
    else:
        yield Told("domain", theirs, other_id, "only it has one")


def _value(of: Mapping[str, object], field: str) -> Value:
    value = of.get(field) or ""
    if value == _UNTOLD.get(field) or not isinstance(value, str | int):
        return ""
    return value


def pairs_of(clusters: Iterable[Cluster]) -> set[frozenset[int]]:
    """Every pair of rows that some cluster holds to be one company."""
    return {frozenset(pair) for one in clusters for pair in combinations(one.ids, 2)}
