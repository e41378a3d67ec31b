"""What the planner decides, each rule of the language with a small play in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.calendar import parse_span
from orchestrator.planner import decide
from orchestrator.simulate import Simulated
from orchestrator.terms import (
    Cap,
    Event,
    How,
    OpenTask,
    Plan,
    Reach,
    Seat,
    State,
    StopMark,
)
from tests.planner.plans import MONDAY, SEATS, facts, person, plan, step

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANN, BOB, CEO = person(1), person(2), person(3, "economic_buyer")


def run(of: Plan, *people, days: int = 60, **options) -> Simulated:
    return Simulated(of, facts(*people), MONDAY, **options).run(MONDAY + days * DAY)


def sends(play: Simulated) -> list[tuple[str, str, str]]:
    return [(f"{at:%a %d %H:%M}", step, who) for at, step, who in play.ledger.sent]


def stop(play: Simulated, mark: StopMark) -> None:
    play.ledger.stops.append(mark)
    play.ledger.wake(play.now)


def never(_task: OpenTask) -> None:
    return None


# ---------------------------------------------------------------- 1 graph


def test_steps_follow_each_other_and_the_play_completes() -> None:
    play = run(
        plan(
            step("one", "email", "buyer"),
            step("two", "email", "buyer", after=["one"], wait="3 business days"),
        ),
        CEO,
    )
    assert sends(play) == [("Mon 01 09:00", "one", "3"), ("Thu 04 09:00", "two", "3")]
    assert (play.ledger.status, play.ledger.outcome) == ("ended", "completed")


def test_any_goes_on_after_the_first_and_all_after_the_last() -> None:
    steps = (
        step("fast", "email", "buyer"),
        step("slow", "email", "buyer", wait="2 business days"),
        step("first", "email", "buyer", after=["fast", "slow"], any=True, wait="1h"),
        step("last", "email", "buyer", after=["fast", "slow"], wait="1h"),
    )
    assert sends(run(plan(*steps), CEO)) == [
        ("Mon 01 09:00", "fast", "3"),
        ("Mon 01 10:00", "first", "3"),
        ("Wed 03 09:00", "slow", "3"),
        ("Wed 03 10:00", "last", "3"),
    ]


# ---------------------------------------------------------------- 2, 3 seats and threads


def test_a_seat_takes_the_most_engaged_then_the_oldest_and_keeps_them() -> None:
    warm, old = person(5, engagement=9.0), person(6, since=MONDAY - DAY)
    play = Simulated(
        plan(
            step("one", "email", "champion"),
            step("two", "email", "champion", after=["one"], wait="1d"),
        ),
        facts(ANN, BOB, warm, old),
        MONDAY,
    )
    play.at(MONDAY + HOUR, lambda: play.learn(ANN._replace(engagement=99.0), warm, old))
    play.run(MONDAY + 9 * DAY)
    assert [who for _, _, who in play.ledger.sent] == ["5", "6", "5", "6"]


def test_a_thread_follows_its_own_person_and_a_whole_step_waits_for_all() -> None:
    """Ann's call takes a day, Bob's takes three: Ann's mail does not wait for Bob's."""

    def answer(task: OpenTask) -> tuple[str, timedelta]:
        return "done", DAY if task.who == "1" else 3 * DAY

    play = run(
        plan(
            step("ring", "call", "champion", due="9 business days"),
            step("note", "email", "champion", after=["ring"]),
            step("buyer", "email", "buyer", after=["ring"]),
        ),
        ANN, BOB, CEO,
        answer=answer,
    )  # fmt: skip
    assert sends(play) == [
        ("Tue 02 09:00", "note", "1"),
        ("Thu 04 09:00", "buyer", "3"),
        ("Thu 04 09:00", "note", "2"),
    ]


def test_an_open_seat_ends_the_step_and_asks_for_coverage_once() -> None:
    play = run(
        plan(
            step("one", "email", "buyer"),
            step("two", "email", "buyer", after=["one"]),
            step("three", "email", "champion", after=["two"]),
        ),
        ANN,
    )
    assert [task.purpose for task in play.ledger.tasks.values()] == ["cover"]
    assert [step for _, step, _ in play.ledger.sent] == ["three"]
    assert play.ledger.outcome == "completed"


def test_the_contact_of_another_step_is_threaded_on_it() -> None:
    reach = Reach(How.STEP, (), "ring")
    play = run(
        plan(
            step("ring", "call", "champion", "buyer", how=How.FIRST),
            step("missed", "email", reach=reach, after=["ring"],
                 when="outcome('ring') == 'not_reached'"),
        ),
        ANN._replace(addresses=frozenset({"email"})), CEO,
        answer=lambda _task: ("no_answer", HOUR),
    )  # fmt: skip
    assert sends(play) == [("Mon 01 10:00", "missed", "3")]


# ---------------------------------------------------------------- 4, 5 done, waits, conditions


def test_a_false_condition_skips_at_its_due_and_the_next_step_counts_from_there() -> None:
    play = run(
        plan(
            step("one", "email", "buyer"),
            step("two", "email", "buyer", after=["one"], wait="2 business days",
                 when="clicked('one')"),
            step("three", "email", "buyer", after=["two"], wait="1 business day"),
        ),
        CEO,
    )  # fmt: skip
    assert sends(play) == [("Mon 01 09:00", "one", "3"), ("Thu 04 09:00", "three", "3")]
    assert "two: its condition was false" in [note.text for note in play.ledger.log]


def test_a_condition_sees_what_happened_before_its_due() -> None:
    play = Simulated(
        plan(
            step("one", "email", "buyer"),
            step("two", "email", "buyer", after=["one"], wait="2d", when="clicked('one')"),
        ),
        facts(CEO),
        MONDAY,
    )
    play.at(MONDAY + HOUR, lambda: play.happen(Event("clicked", play.now, 3, step="one")))
    assert [step for _, step, _ in play.run(MONDAY + 9 * DAY).ledger.sent] == ["one", "two"]


def test_attempts_follow_only_who_was_not_reached() -> None:
    outcomes = iter(["no_answer", "voicemail", "connected"])
    play = run(
        plan(step("ring", "call", "buyer", attempts=3, every="2 business days")),
        CEO,
        answer=lambda _task: (next(outcomes), HOUR),
    )
    opened = [(task.occurrence, f"{task.opened_at:%a %d}") for task in play.ledger.tasks.values()]
    assert opened == [(1, "Mon 01"), (2, "Wed 03"), (3, "Fri 05")]
    assert play.ledger.outcome == "completed"


def test_an_overdue_chain_escalates_then_proceeds_and_never_stalls() -> None:
    play = run(
        plan(
            step("ring", "call", "buyer", due="8 business hours"),
            step("note", "email", "buyer", after=["ring"]),
        ),
        CEO,
        answer=never,
    )
    assert [task.purpose for task in play.ledger.tasks.values()] == ["step", "escalate"]
    assert sends(play) == [("Wed 03 09:00", "note", "3")]
    assert play.ledger.outcome == "completed"


# ---------------------------------------------------------------- 7 reach


def test_nobody_reachable_asks_to_find_the_number_then_gives_up() -> None:
    mute = CEO._replace(addresses=frozenset({"email"}))
    play = run(
        plan(step("ring", "call", "buyer"), step("note", "email", "buyer", after=["ring"])),
        mute,
        answer=lambda _task: ("skipped", DAY),
    )
    assert [task.purpose for task in play.ledger.tasks.values()][:1] == ["find"]
    assert any("unreachable: no phone" in note.text for note in play.ledger.log)
    assert [step for _, step, _ in play.ledger.sent] == ["note"]


def test_a_found_number_lets_the_call_go_on() -> None:
    mute = CEO._replace(addresses=frozenset({"email"}))
    play = Simulated(plan(step("ring", "call", "buyer")), facts(mute), MONDAY)
    play.at(MONDAY + HOUR, lambda: play.learn(CEO))
    play.run(MONDAY + 9 * DAY)
    assert [task.purpose for task in play.ledger.tasks.values() if task.status == "open"] == [
        "find",
        "step",
    ]


# ---------------------------------------------------------------- 8 leave and join


def test_who_opts_out_ends_their_thread_and_a_newcomer_starts_at_the_first_step() -> None:
    play = Simulated(
        plan(
            step("one", "email", "buyer"),
            step("two", "email", "buyer", after=["one"], wait="2d"),
            step("late", "email", "champion", after=["two"], wait="30d"),
        ),
        facts(CEO, ANN),
        MONDAY,
    )
    gone = CEO._replace(refused="asked not to be contacted")
    fresh = person(9, "economic_buyer")
    play.at(MONDAY + HOUR, lambda: play.learn(gone, ANN))
    play.at(MONDAY + 7 * DAY, lambda: play.learn(gone, ANN, fresh))
    play.run(MONDAY + 60 * DAY)
    assert [(step, who) for _, step, who in play.ledger.sent if who != "1"] == [
        ("one", "3"), ("one", "9"), ("two", "9"),
    ]  # fmt: skip
    assert any(note.kind == "seat.left" for note in play.ledger.log)
    assert play.ledger.outcome == "completed"


def test_who_joins_an_occupied_seat_takes_part_in_later_steps_only() -> None:
    play = Simulated(
        plan(
            step("one", "email", "champion"),
            step("two", "email", "champion", after=["one"], wait="7d"),
        ),
        facts(ANN),
        MONDAY,
    )
    play.at(MONDAY + DAY, lambda: play.learn(ANN, BOB))
    play.run(MONDAY + 30 * DAY)
    assert [(step, who) for _, step, who in play.ledger.sent] == [
        ("one", "1"),
        ("two", "1"),
        ("two", "2"),
    ]


# ---------------------------------------------------------------- 9, 10 stop


def test_a_stop_of_the_account_ends_outreach_but_not_what_it_keeps() -> None:
    play = Simulated(
        plan(
            step("air", "ads"),
            step("ring", "call", "buyer"),
            step("note", "email", "buyer", after=["ring"], wait="9d"),
        ),
        facts(CEO),
        MONDAY,
        answer=lambda task: ("done", 5 * DAY) if task.kind == "ads" else None,
    )
    mark = StopMark(None, None, "asked for a meeting", frozenset({"ads"}), MONDAY + HOUR)
    play.at(MONDAY + HOUR, lambda: stop(play, mark))
    play.run(MONDAY + 4 * HOUR)
    assert play.ledger.status == "active", "air cover goes on"
    play.run(MONDAY + 30 * DAY)
    assert (play.ledger.outcome, play.ledger.sent) == ("stopped", [])


def test_a_stop_of_one_person_leaves_the_others_alone() -> None:
    play = Simulated(
        plan(
            step("one", "email", "champion"),
            step("two", "email", "champion", after=["one"], wait="2d"),
        ),
        facts(ANN, BOB),
        MONDAY,
    )
    mark = StopMark(1, None, "replied", frozenset(), MONDAY + HOUR)
    play.at(MONDAY + HOUR, lambda: stop(play, mark))
    play.run(MONDAY + 30 * DAY)
    assert [(step, who) for _, step, who in play.ledger.sent] == [
        ("one", "1"),
        ("one", "2"),
        ("two", "2"),
    ]
    assert play.ledger.outcome == "completed"


def test_an_auto_reply_delays_its_person_only() -> None:
    play = Simulated(
        plan(
            step("one", "email", "champion"),
            step("two", "email", "champion", after=["one"], wait="1d"),
        ),
        facts(ANN, BOB),
        MONDAY,
    )
    back = MONDAY + 9 * DAY
    mark = StopMark(1, None, "on holiday", frozenset(), MONDAY + HOUR, back)
    play.at(MONDAY + HOUR, lambda: stop(play, mark))
    play.run(MONDAY + 30 * DAY)
    assert sends(play)[2:] == [("Tue 02 09:00", "two", "2"), ("Wed 10 09:00", "two", "1")]


# ---------------------------------------------------------------- 16 clock, 18 caps, 19 split


def test_mail_leaves_in_the_recipients_hours_on_both_sides_of_a_weekend() -> None:
    tokyo = CEO._replace(zone="Asia/Tokyo")
    play = Simulated(
        plan(
            step("one", "email", "buyer"),
            step("two", "email", "buyer", after=["one"], wait="3d"),
        ),
        facts(tokyo),
        datetime(2027, 3, 3, 12, 0, tzinfo=UTC),
    )
    assert sends(play.run(MONDAY + 30 * DAY)) == [
        ("Thu 04 00:00", "one", "3"),
        ("Mon 08 00:00", "two", "3"),
    ]


def test_caps_count_mail_and_calls_together_and_say_so() -> None:
    caps = (Cap("contact", 2, parse_span("7d")),)
    play = run(
        plan(
            step("one", "email", "buyer"),
            step("ring", "call", "buyer", after=["one"], wait="1d"),
            step("two", "email", "buyer", after=["ring"], wait="1d"),
            caps=caps,
        ),
        CEO,
    )
    assert [step for _, step, _ in play.ledger.sent] == ["one", "two"]
    assert play.ledger.sent[1][0] >= MONDAY + 7 * DAY
    held = [note.text for note in play.ledger.log if note.kind == "touch.held"]
    assert held == ["two: held, the contact was reached 2 times in 7 days"]


def test_an_unanswered_call_does_not_count_to_caps() -> None:
    caps = (Cap("contact", 1, parse_span("7d")),)
    play = run(
        plan(
            step("ring", "call", "buyer"), step("one", "email", "buyer", after=["ring"]), caps=caps
        ),
        CEO,
        answer=lambda _task: ("no_answer", HOUR),
    )
    assert sends(play) == [("Mon 01 10:00", "one", "3")]


def test_what_waits_too_long_is_dropped_as_late() -> None:
    caps = (Cap("contact", 1, parse_span("7d")),)
    play = run(
        plan(
            step("one", "email", "buyer"),
            step("two", "email", "buyer", after=["one"], wait="1h", max_lateness="2d"),
            caps=caps,
        ),
        CEO,
    )
    assert [step for _, step, _ in play.ledger.sent] == ["one"]
    assert any("too late" in note.text for note in play.ledger.log)
    assert play.ledger.outcome == "completed"


def test_a_split_is_stable_for_the_account_and_uses_both_arms() -> None:
    split = plan(step("one", "email", "buyer", variants=["a", "b"]))
    arms = set()
    for account in range(40):
        given = facts(CEO)
        given = given._replace(account=given.account._replace(id=account))
        state = State(1, account, "active", MONDAY)
        first, again = (decide(split, state, given, MONDAY).touches[0].variant for _ in "ab")
        assert first == again
        arms.add(first)
    assert arms == {"a", "b"}


@pytest.mark.parametrize("seat", [Seat("buyer", "economic_buyer", "cfo")])
def test_a_persona_that_does_not_match_leaves_the_seat_open(seat: Seat) -> None:
    seats = SEATS | {"buyer": seat}
    play = run(plan(step("one", "email", "buyer"), seats=seats), CEO._replace(persona="cto"))
    assert play.ledger.sent == []
    assert play.ledger.outcome == "unreachable"


def test_deciding_twice_gives_the_same_and_an_empty_look_changes_nothing() -> None:
    of = plan(step("one", "email", "champion"), step("two", "email", "buyer", after=["one"]))
    state = State(1, 7, "active", MONDAY)
    given = facts(ANN, CEO)
    assert decide(of, state, given, MONDAY) == decide(of, state, given, MONDAY)
    saturday = datetime(2027, 3, 6, 12, 0, tzinfo=UTC)
    early = decide(of, state._replace(activated_at=saturday), given, saturday)
    assert early.touches == []
    assert early.next_due == datetime(2027, 3, 8, 9, 0, tzinfo=UTC)


# ---------------------------------------------------------------- 14 tiers


def test_the_tier_of_the_day_of_enrolling_binds_to_the_end() -> None:
    special = plan(step("one", "email", "buyer", tiers=(1,)))
    known = facts(CEO)
    moved = known._replace(account=known.account._replace(tier=3))
    state = State(1, 7, "active", MONDAY, tier=1)
    assert [one.step for one in decide(special, state, moved, MONDAY).touches] == ["one"]
    assert not decide(special, state._replace(tier=3), known, MONDAY).touches
