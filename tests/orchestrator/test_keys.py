"""Names that stay."""

from __future__ import annotations

import re

import pytest

from orchestrator.terms import enrollment_of, message_key


@pytest.mark.parametrize("enrollment_id", [1, 255, 16_777_216, 2**40])
def test_a_message_key_names_its_enrollment(enrollment_id: int) -> None:
    key = message_key(enrollment_id, "mail", "12", 1)
    assert re.fullmatch(r"[0-9a-f]{32}", key)
    assert enrollment_of(key) == enrollment_id


def test_whatever_differs_in_a_message_gives_it_another_key() -> None:
    keys = {
        message_key(play, step, who, time)
        for play in (1, 11)
        for step in ("a", "b")
        for who in ("1", "11")
        for time in (1, 2)
    }
    assert len(keys) == 16
