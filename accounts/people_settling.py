"""Everybody whom a file tells of against everybody who is known at the same account.

Nobody is chosen by the place in a file: rows and people may come in any order. What is sure holds
first; a likeness that is not sure holds where all who are alike are one person and at most one of
them is known. Anything else is a question, which names the likeliest and the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from accounts.people_matching import (
    OTHER,
    Likeness,
    Person,
    Verdict,
    full_name,
    said_name,
    same_person,
)
from accounts.people_names import blocks, spelt

# So many of those whose names begin alike are compared each with each: the square is what it costs.
# The same name to the letter, and the same address, are found among however many.
CROWD = 60

_Group = frozenset[int]


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a row, and why: SAME as, or ASK about, number `known` or row number `new`.

    A row that is somebody new is the SAME as itself, or as another row about the same person.
    """

    verdict: Verdict
    probability: float = 1.0
    reasons: tuple[str, ...] = ()
    known: int | None = None
    new: int | None = None


def settle(known: Sequence[Person], rows: Sequence[Person]) -> list[Settled]:
    """What becomes of each row about a person of one account, in order.

    Who is known stays who they are: two of them are never taken for one here.
    """
    if len(rows) == 1 and not known:
        return [Settled(Verdict.SAME, new=0)]
    crowd = _Crowd(known, rows)
    groups = [frozenset({at}) for at in crowd.near]
    for sure in (True, False):
        groups = list(crowd.joined(groups, sure=sure))
    settled = dict(crowd.settled(groups))
    return [settled[at] if at in settled else crowd.new(at) for at in crowd.node_of]


class _Crowd:
    """People who are known and rows as nodes; rows that are the same to the letter are one."""

    def __init__(self, known: Sequence[Person], rows: Sequence[Person]) -> None:
        self._known = len(known)
        self.people = list(known)
        self.node_of: list[int] = []
        self._row_of: dict[int, int] = {}
        nodes: dict[tuple[str, str], int] = {}
        for number, row in enumerate(rows):
            at = nodes.setdefault((said_name(row).key, row.email), len(self.people))
            if at == len(self.people):
                self.people.append(row)
            if self.people[at] is row or _rank(row) < _rank(self.people[at]):
                self.people[at], self._row_of[at] = row, number
            self.node_of.append(at)
        self._likeness: dict[tuple[int, int], Likeness] = {}
        self.near: defaultdict[int, list[int]] = defaultdict(list)
        for one, other in self._pairs():
            found = same_person(self.people[one], self.people[other])
            if found.verdict is not Verdict.OTHER:
                self._likeness[one, other] = found
                self.near[one].append(other)
                self.near[other].append(one)

    # ------------------------------------------------------------ who may be whom

    def _pairs(self) -> set[tuple[int, int]]:
        """Pairs that may be one person, but for two who are known: the lower number first."""
        blocks_: defaultdict[str, list[int]] = defaultdict(list)
        names = [full_name(one) for one in self.people]
        for at, (one, name) in enumerate(zip(self.people, names, strict=True)):
            if one.email:
                blocks_[one.email].append(at)
            for key in {f"={name.key}", *blocks(name)} if name else ():
                blocks_[key].append(at)
        if not all(name.family and name.given for name in names):
            for at, name in enumerate(names):  # a single name may be either of two
                first = name.given[0] if name.given else ""
                for word in {spelt(first), first[:1], spelt("".join(name.family))} - {""}:
                    blocks_[f"~{word}"].append(at)
        crowded = (block for block in blocks_.values() if len(block) > 1)
        return {pair for block in crowded for pair in self._within(block)}

    def _within(self, block: list[int]) -> Iterator[tuple[int, int]]:
        rows = [at for at in block if at >= self._known]
        if len(rows) * len(block) > CROWD * CROWD:
            block = sorted(block, key=self._order)[:CROWD]
            rows = [at for at in block if at >= self._known]
        for row in rows:
            yield from ((other, row) for other in block if other < row)

    def _order(self, at: int) -> tuple[bool, _Rank]:
        """Who is known first, then the fullest name."""
        return at >= self._known, _rank(self.people[at])

    def like(self, one: int, other: int) -> Likeness:
        """How alike two nodes are."""
        return self._likeness.get((min(one, other), max(one, other)), OTHER)

    # ------------------------------------------------------------ who is one

    def joined(self, groups: Sequence[_Group], *, sure: bool) -> Iterator[_Group]:
        """Groups, joined where all in them are alike and at most one is known."""
        of = {at: group for group in groups for at in group}
        for found in self._hanging_together(of, sure=sure):
            whole = frozenset(at for group in found for at in group)
            if len(found) == 1 or self._is_one(whole, of, sure=sure):
                yield whole
            else:
                yield from found

    def _hanging_together(self, of: dict[int, _Group], *, sure: bool) -> Iterator[set[_Group]]:
        """Groups that hang together by a likeness, if by a chain of them."""
        done: set[_Group] = set()
        for start in of.values():
            found: set[_Group] = set()
            waiting = [] if start in done else [start]
            while waiting:
                group = waiting.pop()
                if group not in found:
                    found.add(group)
                    waiting += [
                        of[other] for at in group for other in self.near[at]
                        if _holds(self.like(at, other), sure=sure)
                    ]  # fmt: skip
            if found:
                done |= found
                yield found

    def _is_one(self, whole: _Group, of: dict[int, _Group], *, sure: bool) -> bool:
        """Whether each of them is like each other one; no chain, and nobody else to be meant."""
        if sum(at < self._known for at in whole) > 1:
            return False
        alike = all(
            of[one] is of[other] or self.like(one, other).verdict is Verdict.SAME
            for one, other in combinations(whole, 2)
        )
        return alike and (
            sure or all(whole.issuperset(self.near[at]) for at in whole if at >= self._known)
        )

    # ------------------------------------------------------------ what becomes of rows

    def new(self, at: int) -> Settled:
        """Somebody who is like nobody."""
        return Settled(Verdict.SAME, new=self._row_of[at])

    def settled(self, groups: Sequence[_Group]) -> Iterator[tuple[int, Settled]]:
        """What becomes of each node that is a row; the fullest names have the first word."""
        there: dict[int, int] = {}  # node -> who stands for its group, or is asked about for it
        heads = sorted(((min(group, key=self._order), group) for group in groups),
                       key=lambda one: self._order(one[0]))  # fmt: skip
        for head, group in heads:
            asked = self._likeliest(group, there) if head >= self._known else []
            there |= dict.fromkeys(group, asked[0][0] if asked else head)
            for at in group:
                if at >= self._known:
                    yield at, self._asked(asked) if asked else self._same(at, head)

    def _likeliest(self, group: _Group, there: dict[int, int]) -> list[tuple[int, Likeness]]:
        """Who is there and may be the group's person, the likeliest first.

        Who is like somebody that is asked about may be whom that one may be.
        """
        ties = [
            (-self.like(at, other).probability, self._order(other), self._order(at), at, other)
            for at in group for other in self.near[at] if other in there
        ]  # fmt: skip
        found: dict[int, Likeness] = {}
        for *_, at, other in sorted(ties):
            found.setdefault(there[other], self.like(at, other))
        return list(found.items())

    def _asked(self, asked: list[tuple[int, Likeness]]) -> Settled:
        (head, like), *others = asked
        more: tuple[str, ...] = ()
        if others:
            more = (f"{', '.join(self.people[at].name for at, _ in others[:3])} may be meant, too",)
        elif like.verdict is Verdict.SAME:
            more = ("somebody else is like one of the two",)
        chance = round(like.probability / len(asked), 4)
        return self._at(head, Verdict.ASK, chance, (*like.reasons, *more))

    def _same(self, at: int, head: int) -> Settled:
        like = self.like(at, head) if at != head else Likeness(Verdict.SAME, 1.0)
        return self._at(head, Verdict.SAME, round(like.probability, 4), like.reasons)

    def _at(self, head: int, verdict: Verdict, chance: float, why: tuple[str, ...]) -> Settled:
        if head < self._known:
            return Settled(verdict, chance, why, known=head)
        return Settled(verdict, chance, why, new=self._row_of[head])


_Rank = tuple[bool, int, str, Person]


def _rank(one: Person) -> _Rank:
    """The fullest name first, then by content: never by the place in a file."""
    name = said_name(one)
    return name.is_short, -len(name.key), name.key, one


def _holds(like: Likeness, *, sure: bool) -> bool:
    return like.sure if sure else like.verdict is Verdict.SAME
