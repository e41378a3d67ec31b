"""The same person at two accounts that are one: who it is, and what is known of the one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.people_matching import Person, Verdict
from accounts.people_settling import settle

Row = Mapping[str, Any]

# What is told to the one who is kept where that row does not know it itself.
_FIELDS = (
    "first_name", "email", "email_key", "phone", "social", "title", "role", "persona", "country",
    "zone", "language",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """A contact of ours and one of the other account who are one person, and why."""

    mine: Row
    theirs: Row
    reasons: tuple[str, ...]

    def words(self, verb: str) -> str:
        """Bob Smith is Robert Smith (Bob is short for Robert)."""
        return f"{self.theirs['name']} {verb} {self.mine['name']} ({', '.join(self.reasons)})"


def same_people(mine: Sequence[Row], theirs: Sequence[Row]) -> tuple[list[Pair], list[Pair]]:
    """(pairs of contacts that are one person, pairs of which a person should look at); nobody is
    in two of the first.

    By address and name, as rows of a file are. Whoever has left is the same by the address only.
    """
    pairs: list[Pair] = []
    unsure: list[Pair] = []
    ends = settle([_person(one) for one in mine], [_person(one) for one in theirs])
    best = sorted(
        zip(ends, theirs, strict=True), key=lambda one: (-one[0].probability, one[1]["id"])
    )
    taken: set[int] = set()
    for end, other in best:
        if end.known is None:
            continue
        pair = Pair(mine[end.known], other, end.reasons)
        same = end.verdict is Verdict.SAME and pair.mine["id"] not in taken
        if same and (_same_address(pair) or not (pair.mine["left_at"] or other["left_at"])):
            taken.add(pair.mine["id"])
            pairs.append(pair)
        else:
            unsure.append(pair)
    return pairs, unsure


def _person(one: Row) -> Person:
    return Person(
        one["name"], one["email_key"], one["phone"], one["title"], one["left_at"] is not None
    )


def _same_address(pair: Pair) -> bool:
    return bool(pair.mine["email_key"]) and pair.mine["email_key"] == pair.theirs["email_key"]


def fold(kept: Row, double: Row, label: str) -> dict[str, Any]:
    """What the kept contact becomes: its own words, and the other's where it has none.

    A refusal, and having left, are the person's whichever row says so; what differs stands in
    `extra` as "phone of LABEL".
    """
    made: dict[str, Any] = {
        name: double[name] for name in _FIELDS if double[name] and not kept[name]
    }
    if "refused" in (kept["consent"], double["consent"]):
        made["consent"] = "refused"
    elif kept["consent"] == "unknown":
        made["consent"] = double["consent"]
    if double["left_at"] and not kept["left_at"]:
        made |= {name: double[name] for name in ("left_at", "left_reason")}
    differing = {
        f"{name} of {label}": str(double[name])
        for name in ("phone", "social", "title", "role")
        if double[name] and kept[name] and double[name] != kept[name]
    }
    made["extra"] = {**double["extra"], **differing, **kept["extra"]}
    return made
