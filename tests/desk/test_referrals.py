"""Somebody names a colleague: the task has the address, the log has only the name."""

from __future__ import annotations

from datetime import UTC, datetime

from orchestrator.planner.apply import apply
from orchestrator.terms import Event, Scene

NOW = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)


def words(referral: str) -> tuple[str, str]:
    event = Event("reply.referral", NOW, 1, referral=referral)
    effects = apply(event, Scene("Acme", "Ann Archer"))
    return effects.text, effects.tasks[0].title


def test_the_log_and_the_title_name_the_colleague_without_the_address():
    for text in words("Robin Sand robin.sand@acme.example"):
        assert "Robin Sand" in text
        assert "@" not in text


def test_an_address_alone_is_a_colleague():
    for text in words("robin.sand@acme.example"):
        assert "a colleague" in text
