"""Which of several accounts stands before the others, by tie-breakers in one's own order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.errors import AbmError
from accounts.standing import TIE_BREAKERS, Standing, ahead, survivor

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def standing(id_: int, **fields) -> Standing:
    known = {"owner": False, "tier": 0, "open_opportunity": False, "contacts": 0}
    return Standing(id_, **(known | {"created_at": SINCE} | fields))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"owner": True}, "owner"),
        ({"tier": 1}, "tier"),
        ({"open_opportunity": True}, "opportunity"),
        ({"contacts": 3}, "contacts"),
        ({"created_at": SINCE - timedelta(days=1)}, "oldest"),
    ],
)
def test_each_tie_breaker_decides_and_is_named(fields: dict, why: str):
    id_, because = survivor([standing(1), standing(2, **fields)])
    assert id_ == 2
    assert why in because


def test_the_order_of_tie_breakers_is_ones_own():
    owned, big = standing(1, owner=True), standing(2, contacts=9)
    assert survivor([owned, big])[0] == 1
    assert survivor([owned, big], ["most_contacts", "owner"])[0] == 2
    assert survivor([big, owned], ["oldest"]) == (
        1, "nothing else tells them apart: it has the lowest id",
    )  # fmt: skip
    assert survivor([standing(3, tier=3), standing(4, tier=1), standing(5)])[0] == 4
    with pytest.raises(AbmError) as refused:
        survivor([owned, big], ["size"])
    assert refused.value.hint == f"known are {', '.join(sorted(TIE_BREAKERS))}"


def test_nobody_is_ahead_of_equals_or_without_a_tie_breaker():
    one, other = standing(1), standing(2)
    assert ahead([one, other], TIE_BREAKERS) is None
    assert ahead([one, standing(2, owner=True)], []) is None
    assert ahead([standing(1, owner=True), other], ["owner"]) == (1, "it has an owner")


def test_the_lowest_id_is_kept_among_those_that_are_best():
    owned = [standing(id_, owner=True) for id_ in (2, 3)]
    assert survivor([standing(1), *owned])[0] == 2
    assert ahead([standing(1), *owned], TIE_BREAKERS) is None
