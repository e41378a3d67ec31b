"""Instants as text."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from accounts.columns import instant_text

BERLIN = ZoneInfo("Europe/Berlin")


def test_an_instant_has_one_text_of_one_width_whatever_its_zone() -> None:
    noon = datetime(2027, 3, 3, 12, tzinfo=UTC)
    assert instant_text(noon) == "2027-03-03 12:00:00.000000+00:00"
    assert instant_text(noon.astimezone(BERLIN)) == instant_text(noon)


def test_both_passes_of_an_autumn_hour_keep_their_own_texts() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    again = first.replace(fold=1)
    assert instant_text(first) == "2026-10-25 00:30:00.000000+00:00"
    assert instant_text(again) == "2026-10-25 01:30:00.000000+00:00"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="carry their zone"):
        instant_text(datetime(2027, 3, 3, 12))
