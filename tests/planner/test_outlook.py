"""What a task's end leads to, told before it is chosen: a table of ends."""

from __future__ import annotations

import pytest

from orchestrator.planner.outlook import Turn, outlook
from orchestrator.terms import StopRule
from tests.planner.plans import plan, step
from tests.support.cast import NOW

PLAY = plan(
    step("ring", "call", "champion", attempts=3, every="2d"),
    step("missed", "email", "champion", after=("ring",), when="outcome('ring') == 'not_reached'"),
    step(
        "thanks", "email", "champion", after=("ring",), wait="1d",
        when="outcome('ring') == 'reached' and account.engagement >= 40",
    ),
    step("gift", "direct_mail", "champion", after=("thanks",)),
    stops=(StopRule("reply.interested", "hand_off", frozenset({"ads"})),),
)  # fmt: skip


def ahead(disposition: str, occurrence: int = 1, of: str = "ring") -> str:
    return outlook(Turn(PLAY, of, occurrence, "Acme", "Ann Archer", 7), disposition, NOW)


@pytest.mark.parametrize(
    ("disposition", "occurrence", "said"),
    [
        ("no_answer", 1, "again in 2 days (attempt 2 of 3)"),
        ("voicemail", 2, "again in 2 days (attempt 3 of 3)"),
        ("no_answer", 3, "mail 'missed'"),
        ("connected", 1, "mail 'thanks' after 1 day, if account.engagement >= 40"),
        ("wrong_number", 1, "no step follows on this one"),
        ("not_interested", 1, "nothing more goes to Ann Archer"),
        (
            "not_now", 1,
            (
                "Acme rests until the day they name, or for three months; "
                "mail 'thanks' after 1 day, if account.engagement >= 40"
            ),
        ),
        (
            "interested", 1,
            "all outreach to Acme stops, ads goes on; a task for sales: Take over Acme",
        ),
        (
            "do_not_contact", 1,
            "nothing more goes to Ann Archer; the address is never used again",
        ),
        ("sold", 1, ""),
    ],
)  # fmt: skip
def test_an_end_says_what_it_leads_to(disposition: str, occurrence: int, said: str):
    assert ahead(disposition, occurrence) == said


def test_a_step_that_another_version_had_says_nothing_of_steps():
    assert ahead("connected", of="gone") == ""


def test_a_condition_that_more_is_asked_for_stays_a_condition():
    """`any` may become true by somebody else, and `not` turns what is known about."""
    play = plan(
        step("ring", "call", "champion"),
        step("a", "email", "champion", after=("ring",), when="any.outcome('ring') == 'reached'"),
        step("b", "email", "champion", after=("ring",), when="not outcome('ring') == 'reached'"),
        step("c", "email", "champion", after=("ring",), when="outcome('ring') == 'refused' or "
             "outcome('ring') == 'not_reached'"),
    )  # fmt: skip
    turn = Turn(play, "ring", 1, "Acme", "Ann", 7)
    assert outlook(turn, "no_answer", NOW) == (
        "mail 'a', if any.outcome('ring') == 'reached'; mail 'b'; mail 'c'"
    )
    assert outlook(turn, "connected", NOW) == "mail 'a'"
