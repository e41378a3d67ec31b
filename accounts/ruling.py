"""An answer with its reason: what every yes-or-no rule of this house returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ruling:
    """Allowed or not, and why, in words that stand on the activity log."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed
