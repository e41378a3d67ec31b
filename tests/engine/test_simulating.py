"""What a dry run reads of the workspace: who could begin, who works for them, what was answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.errors import AbmError
from accounts.records import Account, AccountTeam
from orchestrator.engine.plays import simulating
from orchestrator.engine.plays.forecast_rates import from_history
from orchestrator.records import Activity, Touch
from orchestrator.simulate import Rates, simulate
from orchestrator.terms import Plan
from tests.engine.world import World
from tests.planner.plans import plan, step
from tests.support import cast
from tests.support.cast import NOW

MAIL = plan(step("hello", "email", "champion", variants=("hello",)), unsigned=True)


def load(world: World, of: Plan = MAIL, **said: Any) -> simulating.Loaded:
    return simulating.load(world.ctx, of, days=30, **said)


def sent(loaded: simulating.Loaded) -> dict[str, int]:
    """How many mails each account gets in the first run."""
    lines = simulate(loaded.setting, Rates()).lines
    names = {member.account for member in loaded.setting.members}
    return {name: sum(one.account == name and one.kind == "touch.sent" for one in lines)
            for name in sorted(names)}  # fmt: skip


def test_it_writes_nothing(world: World):
    world.companies("Acme")
    before = world.statuses()
    simulate(load(world).setting, Rates(), runs=2)
    assert world.statuses() == before == {}


def test_whoever_could_not_be_enrolled_is_left_out_with_the_reason(world: World):
    world.companies("Acme", "Globex")
    signed = replace(MAIL, unsigned=False)
    with pytest.raises(AbmError, match="there is no account that the playbook is for") as caught:
        load(world, signed)
    assert "--made-up" in caught.value.hint
    ids = world.companies("Initech")
    with pytest.raises(AbmError, match="1 unsigned"):
        load(world, signed, accounts=ids)


def test_an_account_that_another_play_drives_waits_and_says_so(sqlite_world: World):
    world = sqlite_world
    [acme, _globex] = world.companies("Acme", "Globex")
    with world.db.writing() as session:
        account = session.get_one(Account, acme)
        cast.enrolled(session, account, cast.version(session, replace(MAIL, name="other")))
    loaded = load(world)
    assert sent(loaded) == {"Acme": 0, "Globex": 1}
    lines = simulate(loaded.setting, Rates()).lines
    assert any("another play drives the account" in one.text for one in lines)


def test_who_runs_it_already_is_shown_as_if_they_began_now(sqlite_world: World):
    world = sqlite_world
    [acme] = world.companies("Acme")
    with world.db.writing() as session:
        cast.enrolled(session, session.get_one(Account, acme), cast.version(session, MAIL))
    loaded = load(world)
    assert loaded.running == 1
    assert sent(loaded) == {"Acme": 1}


def test_caps_count_what_reached_people_before(sqlite_world: World):
    from orchestrator.calendar import parse_span
    from orchestrator.terms import Cap

    world = sqlite_world
    [acme] = world.companies("Acme")
    capped = replace(MAIL, caps=(Cap("account", 1, parse_span("7d")),))
    with world.db.writing() as session:
        account = session.get_one(Account, acme)
        play = cast.enrolled(session, account, cast.version(session, replace(MAIL, name="old")),
                             status="ended")  # fmt: skip
        person = cast.person(session, account, "Zoe", role="user")
        cast.touch(session, play, person, "hello", status="sent", intent_at=NOW, ended_at=NOW)
    lines = simulate(load(world, capped).setting, Rates()).lines
    assert [one.at for one in lines if one.kind == "touch.sent"] >= [NOW + timedelta(days=7)]


def test_a_rep_of_the_account_gets_the_work_and_the_settings_say_how_much(sqlite_world: World):
    world = sqlite_world
    [acme] = world.companies("Acme")
    with world.db.writing() as session:
        dana = cast.user(session, "dana", "sales", role="owner")
        assert dana.id
        session.add(AccountTeam(account_id=acme, role="owner", user_id=dana.id))
    off = ((date(2026, 3, 4), date(2026, 3, 6)),)
    said = world.ctx.settings.model_copy(update={"capacity": {"dana": 3}, "away": {"dana": off}})
    world.ctx = replace(world.ctx, settings=said)
    setting = load(world, plan(step("ring", "call", "champion"), unsigned=True)).setting
    assert setting.reps["dana"].capacity == 3
    assert setting.reps["dana"].off == off
    lines = simulate(setting, Rates()).lines
    assert {one.by for one in lines if one.kind == "task.done"} <= {"dana"}


def test_a_capacity_of_nobody_is_refused(sqlite_world: World):
    world = sqlite_world
    world.companies("Acme")
    said = world.ctx.settings.model_copy(update={"capacity": {"saels": 3}})
    world.ctx = replace(world.ctx, settings=said)
    with pytest.raises(AbmError, match="'saels', who is no team and no user") as caught:
        load(world)
    assert "sales" in caught.value.hint


def test_rates_are_learned_from_what_happened(world: World):
    [acme] = world.companies("Acme")
    with world.db.writing() as session:
        account = session.get_one(Account, acme)
        play = cast.enrolled(session, account, cast.version(session, MAIL))
        for n in range(100):
            person = cast.person(session, account, f"Person {n}")
            clicked = NOW if n < 50 else None
            row: Touch = cast.touch(session, play, person, "hello", status="sent", ended_at=NOW,
                                    opened_at=clicked, clicked_at=clicked)  # fmt: skip
            call = {"step": "ring", "status": "done", "ended_at": NOW}
            cast.task(session, play, person, disposition="connected" if n < 20 else "voicemail",
                      **call)  # fmt: skip
            if n < 10:
                session.add(Activity(at=NOW, id=n + 1, account_id=acme, contact_id=person.id,
                                     enrollment_id=row.enrollment_id, step="hello",
                                     kind="reply.refusal", team="contact"))  # fmt: skip
    made, base = from_history(world.ctx), Rates()
    assert made.email["clicked"] == pytest.approx((50 + 50 * base.email["clicked"]) / 150)
    assert made.email["reply.refusal"] == pytest.approx((10 + 50 * 0.01) / 150)
    assert made.call["connected"] == pytest.approx((20 + 50 * base.call["connected"]) / 150)
    assert made.social == base.social


def test_a_workspace_without_a_history_has_the_defaults(sqlite_world: World):
    assert from_history(sqlite_world.ctx) == Rates()
