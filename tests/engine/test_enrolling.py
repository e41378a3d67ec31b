"""Who is enrolled, who is not and why: signed target accounts, within the plan, not held out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, func, select

from accounts.errors import AbmError
from accounts.records import Account, Suppression
from orchestrator.engine import agreement
from orchestrator.engine.plays import targets
from orchestrator.engine.plays.enrolling import enroll
from orchestrator.records import Enrollment, Playbook
from orchestrator.store.staff import users
from tests.engine.world import World
from tests.support import cast
from tests.support.cast import NOW

HOLDOUT = "holdout: 30%\nsegments:\n  banks: {country: DE}\n"


def sign(world: World, ids: list[int], list_name: str = "q1", *teams: str) -> None:
    """Put accounts on a list and have it signed by users of these teams, both by default."""
    with world.db.writing() as session:
        for name, team in (("dana", "marketing"), ("sam", "sales")):
            if users.named(session, name) is None:
                cast.user(session, name, team)
    targets.nominate(world.ctx, list_name, ids, "dana", "they asked at the fair")
    for team in teams or ("marketing", "sales"):
        targets.sign(world.ctx, list_name, {"marketing": "dana", "sales": "sam"}[team])


def test_only_what_both_teams_signed_is_enrolled(world: World):
    world.book(unsigned=False)
    acme, globex, initech = world.companies("Acme", "Globex", "Initech")
    sign(world, [acme])
    sign(world, [globex], "q2", "marketing")
    done = world.enroll("play", [acme, globex, initech], by="dana")
    assert done.accounts == (acme,)
    assert {one.account: one.rule for one in done.refused} == {
        "Globex": "unsigned",
        "Initech": "unsigned",
    }
    assert "not signed by sales" in done.refused[0].reason
    assert done.counts["unsigned"] == 2
    assert world.statuses() == {"Acme": "waiting"}
    assert world.log(acme, "enrolled") == ["enrolled in Play by dana; starts with the next tick"]


def test_a_signature_that_has_expired_enrolls_nobody(sqlite_world: World):
    world = sqlite_world
    world.book(unsigned=False)
    [acme] = world.companies("Acme")
    sign(world, [acme])
    world.clock.advance(timedelta(days=181))
    assert "expired" in world.enroll("play", [acme]).refused[0].reason


def test_a_play_for_unsigned_accounts_says_so_and_takes_them(sqlite_world: World):
    world = sqlite_world
    world.book(unsigned=True)
    ids = world.companies("Acme")
    assert world.enroll("play", ids).accounts == tuple(ids)


def rule(scope: str, value: str):
    return lambda session: session.add(
        Suppression(scope=scope, value=value, reason="legal", at=NOW)
    )


def merge(session: Session) -> None:
    session.get_one(Account, 1).merged_into = cast.company(session, "Bigger").id


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (rule("account", "1"), "suppressed", "the account is not to be contacted: legal"),
        (rule("domain", "acme.example"), "suppressed", "nobody at acme.example"),
        (rule("global", "*"), "suppressed", "nobody is contacted"),
        (merge, "merged", "merged into account 2"),
        (lambda session: setattr(session.get_one(Account, 1), "segment", "shops"), "segment",
         "it is in segment shops, the playbook is for banks"),
        (lambda session: setattr(session.get_one(Account, 1), "segment", ""), "segment",
         "it is in no segment"),
        (lambda session: setattr(session.get_one(Account, 1), "tier", 3), "tier",
         "it is of tier 3, the playbook is for 1, 2"),
    ],
)  # fmt: skip
def test_every_refusal_says_its_reason(sqlite_world: World, change, kind: str, words: str):
    world = sqlite_world
    world.book(segment="banks", tiers=(1, 2))
    [acme] = world.companies("Acme", segment="banks", tier=1)
    world.write(change)
    done = world.enroll("play", [acme])
    assert done.accounts == ()
    assert [(one.account, one.rule) for one in done.refused] == [("Acme", kind)]
    assert words in done.refused[0].reason
    assert world.statuses() == {}


def test_a_rule_about_one_person_leaves_the_account_free(sqlite_world: World):
    sqlite_world.book()
    ids = sqlite_world.companies("Acme")
    sqlite_world.write(rule("address", "ann.archer@acme.example"))
    assert sqlite_world.enroll("play", ids).accounts == tuple(ids)


def test_asking_again_changes_nothing_and_says_since_when(world: World):
    world.book()
    ids = world.companies("Acme", "Globex")
    world.enroll("play", ids)
    before = world.play(ids[0])
    world.clock.advance(timedelta(days=2))
    again = world.enroll("play", [*ids, ids[0]])
    assert again.accounts == ()
    assert {one.reason for one in again.refused} == {
        "enrolled already since 2026-03-03: waiting (starts with the next tick)"
    }
    assert world.play(ids[0]) == before
    assert len(world.log(ids[0], "enrolled")) == 1


def test_who_has_ended_may_be_enrolled_again(sqlite_world: World):
    world = sqlite_world
    world.book()
    [acme] = world.companies("Acme")
    world.enroll("play", [acme])
    first = world.play(acme).id
    world.write(lambda s: setattr(s.get_one(Enrollment, first), "status", "ended"))
    assert world.enroll("play", [acme]).accounts == (acme,)
    assert world.play(acme).id != first


def test_the_enrollment_is_pinned_to_the_version_that_is_current(sqlite_world: World):
    world = sqlite_world
    old = world.book(priority=1)
    acme, globex = world.companies("Acme", "Globex")
    assert world.enroll("play", [acme]).version == 1
    world.book(old.name, priority=5)
    assert world.enroll("play", [globex]).version == 2
    assert (world.play(acme).priority, world.play(globex).priority) == (1, 5)
    assert world.play(acme).version_id != world.play(globex).version_id


def test_a_dry_run_tells_the_same_and_writes_nothing(sqlite_world: World):
    world = sqlite_world
    agreement.apply(world.ctx, HOLDOUT)
    world.book()
    ids = world.companies(*(f"Company {n}" for n in range(20)))
    dry = world.enroll("play", ids, dry_run=True)
    assert world.statuses() == {}
    assert world.log(ids[0]) == []
    assert world.enroll("play", ids) == dry


def test_holdouts_stay_untouched_for_good_and_the_log_says_so_once(world: World):
    agreement.apply(world.ctx, HOLDOUT)
    world.book()
    ids = world.companies(*(f"Company {n}" for n in range(40)))
    done = world.enroll("play", ids)
    held = {one.account_id for one in done.refused}
    assert {one.rule for one in done.refused} == {"holdout"}
    assert 3 <= len(held) <= 24  # 30 % of 40, by a stable hash
    world.enroll("play", sorted(held))
    with world.db.reading() as session:
        marked = session.exec(select(Account.id).where(col(Account.holdout))).all()
    assert set(marked) == held
    for one in held:
        assert world.log(one) == ["held out of Play: left untouched on purpose"]
        assert world.play(one) is None


def test_who_is_refused_anyway_is_no_holdout(sqlite_world: World):
    """A control group is made of those who would have been played, and of nobody else."""
    world = sqlite_world
    agreement.apply(world.ctx, HOLDOUT)
    world.book(unsigned=False)
    ids = world.companies(*(f"Company {n}" for n in range(20)))
    assert {one.rule for one in world.enroll("play", ids).refused} == {"unsigned"}
    with world.db.reading() as session:
        assert not session.exec(select(Account).where(col(Account.holdout))).all()


def test_a_segment_and_a_list_are_enrolled_as_a_whole(world: World):
    world.book(unsigned=False)
    agreement.apply(world.ctx, "segments:\n  banks: {industry: Banks}\n")
    acme, globex, initech = world.companies("Acme", "Globex", "Initech")
    world.write(lambda s: setattr(s.get_one(Account, globex), "segment", "banks"))
    sign(world, [acme, globex])
    done = enroll(world.ctx, "play", segment="banks", list_name="q1", accounts=[initech])
    assert set(done.accounts) == {acme, globex}
    assert [one.account for one in done.refused] == ["Initech"]


@pytest.mark.parametrize(
    ("asked", "reason", "hint"),
    [
        ({"playbook": "plya"}, "no playbook 'plya'", "did you mean 'play'?"),
        ({"accounts": [99]}, "no account 99", ""),
        ({"by": "dna"}, "no user 'dna'", "dana"),
        ({"segment": "banks"}, "no segment 'banks'", ""),
        ({"list_name": "q9"}, "no list 'q9'", ""),
    ],
)
def test_what_does_not_exist_is_said_before_anything_is_written(
    sqlite_world: World, asked: dict[str, Any], reason: str, hint: str
):
    world = sqlite_world
    world.book()
    [acme] = world.companies("Acme")
    world.write(lambda session: cast.user(session, "dana", "marketing"))
    with pytest.raises(AbmError, match=reason) as error:
        enroll(world.ctx, **({"playbook": "play", "accounts": [acme]} | asked))
    assert hint in error.value.hint
    assert world.statuses() == {}


def test_as_many_statements_for_many_as_for_few(world: World):
    world.book(unsigned=False)
    agreement.apply(world.ctx, HOLDOUT)
    few = world.companies(*(f"Few {n}" for n in range(5)))
    with world.db.writing() as session:
        many = [cast.company(session, f"Many {n}").id or 0 for n in range(300)]
    sign(world, few, "few")
    sign(world, many, "many")
    counts = [statements(world, ids) for ids in (few, many)]
    assert counts[1] <= counts[0] + 2 < 30


def statements(world: World, ids: list[int]) -> int:
    said: list[str] = []

    def listen(_conn, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(world.db.engine, "before_cursor_execute", listen)
    done = world.enroll("play", ids)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    assert len(done.accounts) > len(ids) / 2
    return len(said)


def test_two_who_enroll_at_once_enroll_everybody_once(world: World):
    world.book()
    ids = world.companies(*(f"Company {n}" for n in range(30)))
    contexts = [world.context() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda ctx: enroll(ctx, "play", accounts=ids), contexts))
    assert sorted(len(one.accounts) for one in done) == [0, 0, 0, 30]
    with world.db.reading() as session:
        assert session.exec(select(func.count()).select_from(Enrollment)).one() == 30
        assert session.get_one(Playbook, "play").next_start_at == NOW
