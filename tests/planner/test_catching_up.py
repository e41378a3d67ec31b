"""After a pause nobody gets a burst, whatever the play and however often it was paused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.simulate import Simulated
from orchestrator.terms import AccountFacts, Facts, Plan, Seat
from tests.planner import plans
from tests.planner.plans import MONDAY

SEATS = {"champion": Seat("champion", "champion", at_most=2)}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@st.composite
def lanes(draw: Any) -> Plan:
    """Mails and calls side by side and one after the other, some of which grow stale."""
    steps: list[Any] = []
    for number in range(draw(st.integers(2, 6))):
        above = [step.id for step in steps]
        options: dict[str, Any] = {
            "after": draw(st.lists(st.sampled_from(above), max_size=1)) if above else [],
            "wait": f"{draw(st.integers(0, 12))}d",
            "always": True,
        }
        if stale := draw(st.sampled_from((0, 0, 1, 5, 20))):
            options["max_lateness"] = f"{stale}d"
        kind = draw(st.sampled_from(("email", "email", "call")))
        options |= {"variants": (f"s{number}",)} if kind == "email" else {"due": "90d"}
        steps.append(plans.step(f"s{number}", kind, "champion", **options))
    return plans.plan(*steps, seats=SEATS)


@st.composite
def pauses(draw: Any) -> list[tuple[int, int]]:
    """Up to two pauses: from which day to which."""
    found, day = [], 0
    for _ in range(draw(st.integers(1, 2))):
        since = day + draw(st.integers(0, 6))
        day = since + draw(st.integers(1, 40))
        found.append((since, day))
    return found


def play(plan: Plan, stops: list[tuple[int, int]], people: int) -> Simulated:
    """Let it run to its end; every call is made within the hour."""
    there = tuple(plans.person(number) for number in range(1, 1 + people))
    facts = Facts(AccountFacts(1, "UTC", "", 0, 0.0, 0.0), there)
    run = Simulated(plan, facts, MONDAY, answer=lambda _task: ("done", HOUR))

    def pause() -> None:
        if run.ledger.status == "active":
            run.ledger.switch_off("the figures are wrong", None)

    def resume() -> None:
        if run.ledger.status == "paused":
            run.ledger.resume(run.now)

    for since, until in stops:
        run.at(MONDAY + since * DAY + HOUR, pause)
        run.at(MONDAY + until * DAY + 2 * HOUR, resume)
    return run.run(MONDAY + 400 * DAY)


def most_in_a_day(run: Simulated) -> int:
    """How often one person was approached within 24 hours, at most."""
    ledger = run.ledger
    came: dict[str, list[datetime]] = {}
    for at, _, who in ledger.sent:
        came.setdefault(who, []).append(at)
    for task in ledger.tasks.values():
        if task.purpose == "step" and not task.reason:
            came.setdefault(task.who, []).append(task.opened_at)
    return max(
        (sum(at <= other < at + DAY for other in ones) for ones in came.values() for at in ones),
        default=0,
    )


@settings(max_examples=60, deadline=None)
@given(plan=lanes(), stops=pauses(), people=st.integers(1, 2))
def test_nobody_is_approached_more_often_in_a_day_than_the_plan_would_ever_ask(
    plan: Plan, stops: list[tuple[int, int]], people: int
) -> None:
    paused, straight = play(plan, stops, people), play(plan, [], people)
    assert paused.ledger.status == "ended", "it is stuck"
    # What falls due by itself after the pause keeps its day and may meet one of those missed.
    assert most_in_a_day(paused) <= most_in_a_day(straight) + 1


@settings(max_examples=60, deadline=None)
@given(plan=lanes(), stops=pauses())
def test_nothing_is_sent_stale_or_twice(plan: Plan, stops: list[tuple[int, int]]) -> None:
    ledger = play(plan, stops, 1).ledger
    sent = [(step, who) for _, step, who in ledger.sent]
    assert len(sent) == len(set(sent))
    planned = {(one.step, one.who): one for one in ledger.planned.values()}
    for at, step, who in ledger.sent:
        late_at = planned[step, who].late_at
        assert late_at is None or at < late_at
