"""A do-not-contact rule binds what is planned, whatever the channel and whatever rule it is."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from accounts.consent import address_hash
from accounts.records import Contact, Suppression
from tests.engine.world import World
from tests.planner.plans import step
from tests.support.cast import NOW

WHERE = {
    "of their company's domain": ("domain", "acme.example"),
    "of the account": ("account", "1"),
    "of the whole workspace": ("global", "*"),
    "of the address": ("address", "ann@mail.acme-group.example"),
    "of an address that was erased": ("address", address_hash("ann@mail.acme-group.example")),
    "of a domain above the address's": ("domain", "acme-group.example"),
}


@pytest.mark.parametrize(("scope", "value"), WHERE.values(), ids=WHERE.keys())
@pytest.mark.parametrize("more", [0, 40], ids=["few rules", "more rules than people"])
def test_nobody_is_called_whom_a_rule_forbids_to_contact(
    sqlite_world: World, scope: str, value: str, more: int
) -> None:
    world = sqlite_world
    world.book("play", step("ring", "call", "champion", after=(), always=True))
    (acme,) = world.companies("Acme")
    world.write(lambda session: _address(session, "ann@mail.acme-group.example"))
    rules = [(scope, value), *(("address", f"p{n}@else.example") for n in range(more))]
    world.enroll("play", [acme])
    world.write(lambda session: session.add_all(map(_rule, rules)))
    world.tick("advance")
    assert world.play(acme).status == "active"
    assert _called(world) == []


def test_who_is_not_meant_by_any_rule_is_called(sqlite_world: World) -> None:
    world = sqlite_world
    world.book("play", step("ring", "call", "champion", after=(), always=True))
    ids = world.companies("Acme", "Globex")
    world.enroll("play", ids)
    world.write(lambda session: session.add(_rule(("domain", "acme.example"))))
    world.tick("advance")
    assert _called(world) == [ids[1]]


def _called(world: World) -> list[int | None]:
    return [task.account_id for task in world.tasks() if task.purpose == "step"]


def _rule(rule: tuple[str, str]) -> Suppression:
    return Suppression(scope=rule[0], value=rule[1], reason="manual", at=NOW)


def _address(session: Session, address: str) -> None:
    contact = session.get_one(Contact, 1)
    contact.email = contact.email_key = address
