"""Which roles of the buying committee have somebody, and which are still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A contact as coverage sees them; whoever left the company fills no role."""

    contact_id: int
    role: str
    left: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """`filled`: role -> contact ids in ascending order; `open`: roles without anybody, as asked."""

    filled: Mapping[str, tuple[int, ...]]
    open: tuple[str, ...]

    @property
    def share(self) -> float:
        """0..1: how many of the wanted roles are filled; 1.0 when none is wanted."""
        wanted = len(self.filled) + len(self.open)
        return len(self.filled) / wanted if wanted else 1.0


def coverage(roles_wanted: Iterable[str], contacts: Iterable[Member]) -> Coverage:
    """Fill each wanted role with the contacts who have it; other roles are no matter here."""
    present: dict[str, set[int]] = {}
    for member in contacts:
        if not member.left:
            present.setdefault(member.role, set()).add(member.contact_id)
    wanted = list(dict.fromkeys(roles_wanted))
    return Coverage(
        {role: tuple(sorted(present[role])) for role in wanted if role in present},
        tuple(role for role in wanted if role not in present),
    )
