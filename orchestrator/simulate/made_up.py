"""Accounts that nobody has: enough people for every seat of a plan, so that an empty project can
see what its playbook would do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from orchestrator.simulate.audience import Member
from orchestrator.simulate.chance import draws
from orchestrator.terms import AccountFacts, Facts, Person, Plan

# Assumed: everybody has an address for mail, four of five a phone, seven of ten a profile.
PHONES, PROFILES = 0.8, 0.7
EMPTY_SEATS = 0.1  # of every place but the first of a seat
KNOWN = timedelta(days=90)


def made_up(
    plan: Plan,
    number: int,
    now: datetime,
    zone: str,
    country: str,
    seed: int = 1,
    quiet: str = "",
) -> Iterator[Member]:
    """`number` accounts of the plan's tiers, all at our place, each with people for every seat."""
    tiers = plan.tiers or (1, 2, 3)
    for id_ in range(1, number + 1):
        people = tuple(_people(plan, id_, now - KNOWN, seed))
        tier = tiers[(id_ - 1) % len(tiers)]
        account = AccountFacts(id_, zone, country, tier, 50.0, 0.0)
        facts = Facts(
            account, people, workspace_zone=zone, workspace_country=country, workspace_quiet=quiet
        )
        names = {
            str(one.id): f"{one.role or one.persona or 'person'} {one.id}".replace("_", " ")
            for one in people
        }
        yield Member(plan, facts, f"Company {id_}", names)


def _people(plan: Plan, account_id: int, since: datetime, seed: int) -> Iterator[Person]:
    places = [seat for seat in plan.seats.values() for _ in range(seat.at_most)]
    for number, seat in enumerate(places):
        there, phone, profile, _ = draws(seed, "made up", account_id, number)
        first = number == 0 or places[number - 1] is not seat
        if not first and there < EMPTY_SEATS:
            continue
        has = {"email"}
        if phone < PHONES:
            has.add("phone")
        if profile < PROFILES:
            has.add("social")
        id_ = account_id * 100 + number
        yield Person(id_, seat.role, seat.persona, 0.0, since, "", "", frozenset(has))
