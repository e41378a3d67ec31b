"""Numbers that come from outside: none for which no database can be asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import Field

LARGEST = 2**63 - 1

Id = Annotated[int, Path(ge=1, le=LARGEST)]  # in an address
Number = Annotated[int, Field(ge=1, le=LARGEST)]  # in a question, a form or a body
Count = Annotated[int, Field(ge=0, le=LARGEST)]  # the same, or 0 for none


def number(text: str) -> int | None:
    """The id that a field of a form names; None for anything else."""
    return count(text.strip()) or None


def count(said: str) -> int | None:
    """The number that digits name, 0 too; None for anything else."""
    if not (said.isascii() and said.isdecimal()) or len(said) > len(str(LARGEST)):
        return None
    return found if (found := int(said)) <= LARGEST else None
