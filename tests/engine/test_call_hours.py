"""When somebody picks up, from a table of calls."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orchestrator.engine.tasks.call_hours import best
from orchestrator.store.tasks.calls import Call


def calls(*told: tuple[int, int, int]) -> list[Call]:
    """(hour in UTC, calls, how many of them somebody answered)."""
    return [
        Call(datetime(2026, 3, 3, hour, 5, tzinfo=UTC), number < reached)
        for hour, made, reached in told
        for number in range(made)
    ]


@pytest.mark.parametrize(
    ("made", "zone", "found"),
    [
        ([], "UTC", None),
        ([(10, 5, 0)], "UTC", None),
        ([(10, 1, 1)], "UTC", (9, 11, 1, 1)),
        ([(10, 1, 1)], "Asia/Tokyo", (18, 20, 1, 1)),
        ([(9, 20, 1), (15, 4, 3)], "UTC", (14, 16, 3, 4)),
        ([(15, 1, 1), (9, 10, 8)], "UTC", (8, 10, 8, 10)),  # one call says less than ten
        ([(3, 9, 9)], "UTC", None),  # at night nobody is to be called, whoever answered
    ],
)
def test_the_best_hours_have_the_best_share_of_answers(
    made: list[tuple[int, int, int]], zone: str, found: tuple[int, ...] | None
):
    said = best(calls(*made), zone, theirs=True)
    assert (said and said[:4]) == found


def test_the_clock_is_the_other_sides():
    one = Call(datetime(2026, 3, 3, 10, tzinfo=UTC), True, "America/New_York")
    assert best([one], "UTC", theirs=False) is None  # five in the morning there
    late = one._replace(at=datetime(2026, 3, 3, 15, tzinfo=UTC))
    said = best([late], "UTC", theirs=False)
    assert said
    assert said.begins <= 10 < said.ends
