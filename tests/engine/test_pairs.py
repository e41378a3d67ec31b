"""Two accounts that may be one: asked and answered once, remembered through merge and undo."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import SQLModel, col, select

from accounts.company_names import name_key
from accounts.errors import AbmError
from accounts.matching import Record, Verdict
from accounts.records import Alias, Decision, Review
from orchestrator.engine.companies.importing import import_accounts
from orchestrator.engine.companies.matching import match_records
from orchestrator.engine.review import pairs
from orchestrator.engine.review.deduping import doubles
from orchestrator.engine.review.merging import merge
from orchestrator.engine.review.parting import unmerge
from orchestrator.engine.review.questions import Question, questions
from orchestrator.engine.review.reviewing import Answer, decide
from orchestrator.engine.staff import users
from orchestrator.records import Activity
from tests.engine.world import World
from tests.support import cast

AERIS, OTHER, KELSO = 1, 2, 3


@pytest.fixture
def doubled(world: World) -> World:
    """Three accounts, two of which seem to be one; dana decides."""
    users.add(world.ctx, "dana", "sales", "dana@us.example")
    with world.db.writing() as session:
        for name, domain in (
            ("Aeris Resources Ltd", "aeris.com.au"),
            ("AERIS RESOURCES LIMITED", "aeris.com"),
            ("Kelso Insurance plc", "kelso.com"),
        ):
            cast.company(session, name, domain=domain, name_key=name_key(name).core)
    return world


def rows(world: World, table: type[SQLModel]) -> list[Any]:
    with world.db.reading() as session:
        return list(session.exec(select(table).order_by(col(table.id))))  # type: ignore[attr-defined]


def asked(world: World) -> Question:
    assert pairs.ask(world.ctx, doubles(world.ctx)) == 1
    (only,) = questions(world.ctx)
    return only


def said(world: World) -> list[tuple[str, str]]:
    return [(one.about, one.answer) for one in rows(world, Decision)]


def test_a_pair_is_asked_about_once(doubled: World):
    one = asked(doubled)
    assert (one.kind, one.candidate_id, one.double_id) == ("double", AERIS, OTHER)
    assert (one.label, one.candidate) == ("AERIS RESOURCES LIMITED", "Aeris Resources Ltd")
    assert one.because == "2 accounts wait"
    assert one.reasons
    assert pairs.ask(doubled.ctx, doubles(doubled.ctx)) == 0


def test_the_same_are_merged_and_the_log_says_why(doubled: World):
    one = asked(doubled)
    done = decide(doubled.ctx, one.id, Answer.SAME, "dana")
    assert (done.account_id, done.open) == (AERIS, False)
    assert not doubles(doubled.ctx)
    assert not questions(doubled.ctx)
    (line,) = [each for each in rows(doubled, Activity) if each.kind == "account.merged"]
    assert f"because {', '.join(one.reasons)}" in line.text
    assert said(doubled) == [("2", "same")]
    with pytest.raises(AbmError, match="is answered: same, by dana"):
        decide(doubled.ctx, one.id, Answer.NEVER, "dana")


@pytest.mark.parametrize("word", [Answer.NEVER, Answer.NEW])
def test_two_that_are_never_one_are_not_found_again(doubled: World, word: Answer):
    decide(doubled.ctx, asked(doubled).id, word, "dana")
    assert not doubles(doubled.ctx)
    assert not questions(doubled.ctx)
    assert pairs.ask(doubled.ctx, doubles(doubled.ctx)) == 0
    told = {each.account_id for each in rows(doubled, Activity) if each.kind == "account.apart"}
    assert told == {AERIS, OTHER}
    assert said(doubled) == [("2", "never")]


def test_whoever_is_parted_is_never_asked_about_again(doubled: World):
    one = asked(doubled)
    [done] = merge(doubled.ctx, AERIS, [OTHER], "dana")
    assert not questions(doubled.ctx)
    unmerge(doubled.ctx, done.id, "dana")
    assert not doubles(doubled.ctx)
    assert not questions(doubled.ctx)
    (review,) = rows(doubled, Review)
    assert (review.id, review.status) == (one.id, "never")
    assert said(doubled) == [("2", "same"), ("2", "never")]


def test_a_later_merge_is_warned_about_and_done(doubled: World):
    [first] = merge(doubled.ctx, AERIS, [OTHER], "dana")
    assert not first.ruled
    unmerge(doubled.ctx, first.id, "dana")
    [again] = merge(doubled.ctx, OTHER, [AERIS], "dana", dry_run=True)
    assert again.ruled == "they were ruled to be two companies on 2026-03-03, decided by dana"
    [again] = merge(doubled.ctx, AERIS, [OTHER], "dana")
    assert again.ruled
    unmerge(doubled.ctx, again.id, "dana")
    assert [one.kind for one in rows(doubled, Alias)].count("apart") == 1
    assert not doubles(doubled.ctx)


def test_what_one_of_the_two_is_the_other_is_not(doubled: World):
    [before] = match_records(doubled.ctx, [Record("Aeris Resources", "aeris.com")])
    assert before.runner_up_id == AERIS
    decide(doubled.ctx, asked(doubled).id, Answer.NEVER, "dana")
    [after] = match_records(doubled.ctx, [Record("Aeris Resources", "aeris.com")])
    assert (after.verdict, after.account_id) == (Verdict.ACCEPT, OTHER)
    assert after.runner_up_id != AERIS


def test_the_ruling_follows_an_account_into_the_one_that_it_lives_on_in(doubled: World):
    decide(doubled.ctx, asked(doubled).id, Answer.NEVER, "dana")
    [done] = merge(doubled.ctx, KELSO, [AERIS], "dana")
    assert not doubles(doubled.ctx)
    unmerge(doubled.ctx, done.id, "dana")
    assert not doubles(doubled.ctx)


def test_a_merge_overrules_an_older_never_and_its_undo_brings_it_back(doubled: World):
    row = b"name,website,city\nKELSO INSURANCE,kelso-group.io,\n"
    import_accounts(doubled.ctx, row)
    (one,) = questions(doubled.ctx)
    made = decide(doubled.ctx, one.id, Answer.NEVER, "dana").account_id
    assert made is not None
    candidate = one.candidate_id or 0
    [done] = merge(doubled.ctx, candidate, [made], "dana")
    record = Record("KELSO INSURANCE", "kelso-group.io")
    assert match_records(doubled.ctx, [record])[0].account_id == candidate
    more = row + b"KELSO INSURANCE,kelso-group.io,Ulm\n"
    assert import_accounts(doubled.ctx, more).counts["new"] == 0
    unmerge(doubled.ctx, done.id, "dana")
    [after] = match_records(doubled.ctx, [record])
    assert (after.verdict, after.account_id) == (Verdict.ACCEPT, made)


def test_who_does_not_exist_decides_nothing(doubled: World):
    one = asked(doubled)
    for word in Answer:
        with pytest.raises(AbmError, match="did you mean 'dana'"):
            decide(doubled.ctx, one.id, word, "dane")
    assert questions(doubled.ctx)
    assert not said(doubled)
