"""A new tier: what both teams agreed reaches the account, and its plays hear of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator.engine import agreement
from orchestrator.engine.companies import importing
from orchestrator.engine.plays import targets
from tests.engine.world import World
from tests.planner import plans as forms
from tests.support import cast


@pytest.fixture
def acme(sqlite_world: World) -> int:
    """A company, and one of each team that signs."""
    [acme] = sqlite_world.companies("Acme")
    with sqlite_world.db.writing() as session:
        cast.user(session, "mara", "marketing")
        cast.user(session, "dana", "sales")
    return acme


def agree(world: World, acme: int, list_name: str, tier: int) -> None:
    targets.nominate(world.ctx, list_name, [acme], "mara", "met at a fair", tier=tier)
    for by in ("mara", "dana"):
        targets.sign(world.ctx, list_name, by)
    world.tick()  # ends what is to begin anew
    world.tick()


def told(world: World, acme: int) -> list[str]:
    return world.log(acme, "account.tier")


@pytest.mark.parametrize(
    ("then", "status", "words"),
    [
        ("", "active", "goes on as it began"),
        ("stop", "ended", "stops"),
        ("restart", "active", "begins anew"),
    ],
)
def test_a_later_list_gives_a_target_another_tier(
    sqlite_world: World, acme: int, then: str, status: str, words: str
):
    agree(sqlite_world, acme, "q1", 2)
    sqlite_world.book("play", on_tier_change=then, unsigned=False)
    sqlite_world.enroll("play", [acme])
    sqlite_world.tick()
    first = sqlite_world.play(acme)
    agree(sqlite_world, acme, "q2", 1)
    assert told(sqlite_world, acme) == [
        "tier 2 now, none before",
        f"tier 1 now, tier 2 before; Play {words}",
    ]
    assert sqlite_world.play(acme).status == status
    assert (sqlite_world.play(acme).id != first.id) is (then == "restart")


def test_a_list_without_tiers_and_the_same_tier_again_say_nothing(sqlite_world: World, acme: int):
    agree(sqlite_world, acme, "q1", 2)
    agree(sqlite_world, acme, "q2", 0)
    agree(sqlite_world, acme, "q3", 2)
    assert told(sqlite_world, acme) == ["tier 2 now, none before"]


def test_one_signature_changes_no_tier(sqlite_world: World, acme: int):
    agree(sqlite_world, acme, "q1", 2)
    targets.nominate(sqlite_world.ctx, "q2", [acme], "mara", "met at a fair", tier=1)
    targets.sign(sqlite_world.ctx, "q2", "mara")
    assert len(told(sqlite_world, acme)) == 1


def test_a_play_that_is_not_for_the_new_tier_does_not_begin_anew(sqlite_world: World, acme: int):
    agree(sqlite_world, acme, "q1", 2)
    sqlite_world.book("play", on_tier_change="restart", tiers=(2, 3))
    sqlite_world.enroll("play", [acme])
    sqlite_world.tick()
    agree(sqlite_world, acme, "q2", 1)
    assert sqlite_world.play(acme).status == "ended"
    [told] = sqlite_world.log(acme, "not_enrolled")
    assert told.endswith("tier 1 now: it is of tier 1, the playbook is for 2, 3")


def test_what_has_not_begun_waits_on(sqlite_world: World, acme: int):
    sqlite_world.book("play", on_tier_change="stop")
    sqlite_world.enroll("play", [acme])
    agree(sqlite_world, acme, "q1", 2)
    assert sqlite_world.play(acme).status == "active"


@pytest.mark.parametrize(("then", "status"), [("", "active"), ("stop", "ended")])
def test_an_import_that_knows_the_tier_tells_the_play(sqlite_world: World, then: str, status: str):
    [acme] = sqlite_world.companies("Acme", domain="acme-works.com", name_key="acme")
    sqlite_world.book("play", on_tier_change=then)
    sqlite_world.enroll("play", [acme])
    sqlite_world.tick()
    rows = b"name,website,country,tier\nAcme,acme-works.com,DE,2\nBolt,bolt-works.com,DE,1\n"
    report = importing.import_accounts(sqlite_world.ctx, rows)
    assert (report.counts["changed"], report.counts["new"]) == (1, 1)
    sqlite_world.tick()
    [line] = told(sqlite_world, acme)
    assert line.startswith("tier 2 now, none before; Play ")
    assert sqlite_world.play(acme).status == status


@pytest.mark.parametrize(("tier", "hours"), [(1, 1), (2, 3)])
def test_a_hand_off_of_a_step_is_due_by_the_agreement_of_the_tier(
    sqlite_world: World, tier: int, hours: int
):
    agreement.apply(sqlite_world.ctx, "sla: {hand_off: {tier-1: 1h, otherwise: 3h}}")
    over = replace(forms.step("over", "hand_off", after=(), always=True), due=None)
    sqlite_world.book("play", over)
    sqlite_world.enroll("play", sqlite_world.companies("Acme", tier=tier))
    sqlite_world.tick()
    [task] = sqlite_world.tasks()
    assert task.due_at == task.opened_at + timedelta(hours=hours)
