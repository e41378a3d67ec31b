"""A page names the place where the next one begins, and believes no other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orchestrator.web.numbers import LARGEST
from orchestrator.web.places import named, place
from tests.support.cast import NOW


@pytest.mark.parametrize(
    "where", [(NOW, 0), (NOW, 7), (datetime.min.replace(tzinfo=UTC), LARGEST)]
)  # fmt: skip
def test_a_place_is_read_as_it_was_named(where: tuple[datetime, int]):
    assert place(named(*where)) == where


@pytest.mark.parametrize(
    "said",
    ["", "~", "yesterday", "7", f"{NOW.isoformat()}", f"{NOW.isoformat()}~", "2026-01-01T00:00~7",
     "2026-01-01T00:00+01:00~7", f"{NOW.isoformat()}~-1", f"{NOW.isoformat()}~²",
     f"{NOW.isoformat()}~{LARGEST + 1}", f"{NOW.isoformat()}~{'9' * 60}", "2026-99-99~1",
     f"{NOW.isoformat()}~7~7", "\x00~\x00"],
)  # fmt: skip
def test_nothing_else_names_a_place(said: str):
    assert place(said) is None
