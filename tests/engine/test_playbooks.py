"""Playbook files become versions that never change, and nothing wrong becomes one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlmodel import select

from accounts.errors import AbmError, Problems
from orchestrator.clock import ManualClock
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.plays import playbooks
from orchestrator.language import check, from_canonical
from orchestrator.records import Playbook, PlaybookVersion
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from orchestrator.terms import Cap, Plan
from tests.support.cast import NOW, company, enrolled

AGREEMENT = """\
segments: {fintech: {sector: Financials}}
personas: {cfo: {titles: CFO, role: purse}}
account_team: {owner: sales, sdr: sales}
"""
PLAY = """\
name: opener
title: Prove the cost
for: {segment: fintech}
committee: {buyer: {role: purse, persona: cfo}}
steps:
  - {id: mail, email: {to: buyer, template: email/insight}, from: owner}
  - {id: ring, call: {to: buyer, script: call/ask}, by: sdr}
"""
TEMPLATES = {
    "email/insight": "---\nsubject: Costs\ninsight: It costs.\n---\nIt costs. {{ unsubscribe }}\n",
    "call/ask": "Ask {{ contact.first_name }}.\n",
}


@pytest.fixture
def ctx(migrated_url: str, tmp_path: Path) -> Iterator[Context]:
    """A project with an agreement and two templates, and its empty database."""
    for name, text in TEMPLATES.items():
        file = tmp_path / "templates" / f"{name}.j2"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    database = Database(migrated_url)
    ctx = Context(database, ManualClock(NOW), Settings(project=tmp_path), {})
    agreement.apply(ctx, AGREEMENT)
    yield ctx
    database.dispose()


def versions(ctx: Context) -> list[tuple[int, str]]:
    """(number, source) of every version stored."""
    with ctx.db.reading() as session:
        rows = session.exec(select(PlaybookVersion).order_by(PlaybookVersion.number)).all()  # type: ignore[arg-type]
        return [(row.number, row.source) for row in rows]


def current(ctx: Context) -> tuple[int, str]:
    """(current version, title) of the one playbook."""
    with ctx.db.reading() as session:
        row = session.exec(select(Playbook)).one()
        return row.current, row.title


def plan_of(ctx: Context, text: str) -> Plan:
    with ctx.db.reading() as session:
        return check(text, "opener.yaml", playbooks.vocabulary(ctx, session)).sound()


# ---------------------------------------------------------------- applying


def test_a_playbook_becomes_its_first_version(ctx: Context) -> None:
    applied = playbooks.apply(ctx, PLAY, "opener.yaml", "mia")
    assert (applied.playbook, applied.number, applied.changed) == ("opener", 1, True)
    assert current(ctx) == (1, "Prove the cost")
    with ctx.db.reading() as session:
        row = session.get_one(PlaybookVersion, applied.id)
        assert (row.source, row.created_by, row.created_at) == (PLAY, "mia", NOW)
        assert from_canonical(row.canonical) == plan_of(ctx, PLAY)


def test_a_playbook_that_sets_no_caps_has_those_of_the_workspace(ctx: Context) -> None:
    assert list(map(told, plan_of(ctx, PLAY).caps)) == ["3 per 7 days", "8 per 7 days"]
    own = plan_of(ctx, f"{PLAY}caps: {{contact: 1 per 2d, account: []}}\n")
    assert list(map(told, own.caps)) == ["1 per 2 days"]
    one = plan_of(ctx, f"{PLAY}caps: {{contact: 1 per 2d}}\n")
    assert list(map(told, one.caps)) == ["1 per 2 days", "8 per 7 days"]
    agreement.apply(ctx, f"{AGREEMENT}caps: {{account: 4 per 2w}}\n")
    assert list(map(told, plan_of(ctx, PLAY).caps)) == ["3 per 7 days", "4 per 2 weeks"]


def told(cap: Cap) -> str:
    return f"{cap.limit} per {cap.window}"


def test_the_same_content_again_changes_nothing(ctx: Context) -> None:
    first = playbooks.apply(ctx, PLAY, "opener.yaml", "mia")
    again = playbooks.apply(ctx, "# moved down a line\n" + PLAY, "elsewhere.yaml", "tom")
    assert (again.id, again.number, again.changed) == (first.id, 1, False)
    assert versions(ctx) == [(1, PLAY)]


def test_another_content_is_another_version(ctx: Context) -> None:
    changed = PLAY.replace("Prove the cost", "Prove it faster")
    playbooks.apply(ctx, PLAY, "opener.yaml")
    assert playbooks.apply(ctx, changed, "opener.yaml").number == 2
    assert versions(ctx) == [(1, PLAY), (2, changed)]
    assert current(ctx) == (2, "Prove it faster")


def test_going_back_makes_the_old_version_current_again(ctx: Context) -> None:
    changed = PLAY.replace("Prove the cost", "Prove it faster")
    first = playbooks.apply(ctx, PLAY, "opener.yaml")
    playbooks.apply(ctx, changed, "opener.yaml")
    back = playbooks.apply(ctx, PLAY, "opener.yaml")
    assert (back.id, back.number, back.changed) == (first.id, 1, True)
    assert len(versions(ctx)) == 2
    assert current(ctx) == (1, "Prove the cost")


def test_running_enrollments_stay_with_their_version(ctx: Context) -> None:
    first = playbooks.apply(ctx, PLAY, "opener.yaml")
    with ctx.db.writing() as session:
        version = session.get_one(PlaybookVersion, first.id)
        play = enrolled(session, company(session, "Acme"), version)
    playbooks.apply(ctx, PLAY.replace("Prove the cost", "Prove it faster"), "opener.yaml")
    with ctx.db.reading() as session:
        assert session.get_one(type(play), play.id).version_id == first.id
        assert session.get_one(PlaybookVersion, first.id).source == PLAY


SLIPS = {
    "ABM001": ("name: opener", "name: ["),
    "ABM203": ("template: email/insight", "template: email/insihgt"),
    "ABM204": ("role: purse", "role: martian"),
    "ABM205": ("persona: cfo", "persona: ceo"),
    "ABM206": ("segment: fintech", "segment: fintec"),
    "ABM207": ("by: sdr", "by: captain"),
    "ABM210": ("id: ring", "id: mail"),
}


def test_nothing_wrong_is_stored(ctx: Context) -> None:
    for code, (old, new) in SLIPS.items():
        with pytest.raises(Problems) as caught:
            playbooks.apply(ctx, PLAY.replace(old, new), "opener.yaml")
        assert [problem.code for problem in caught.value.problems] == [code]
    with ctx.db.reading() as session:
        assert session.exec(select(Playbook)).all() == []
    assert versions(ctx) == []


def test_a_mistake_leaves_the_current_version_as_it_is(ctx: Context) -> None:
    playbooks.apply(ctx, PLAY, "opener.yaml")
    with pytest.raises(Problems):
        playbooks.apply(ctx, PLAY.replace("to: buyer", "to: nobody"), "opener.yaml")
    assert current(ctx) == (1, "Prove the cost")


def test_warnings_are_told_and_refuse_nothing(ctx: Context) -> None:
    applied = playbooks.apply(ctx, PLAY.replace("by: sdr", "by: sdr, wait: 0d"), "opener.yaml")
    assert applied.changed
    assert [problem.code for problem in applied.warnings] == ["ABM506"]


def test_the_bytes_of_a_file_will_do(ctx: Context) -> None:
    data = b"\xef\xbb\xbf" + PLAY.replace("\n", "\r\n").encode()
    assert playbooks.apply(ctx, data, "opener.yaml").number == 1
    assert playbooks.apply(ctx, PLAY, "opener.yaml").changed is False


def test_two_who_apply_at_once_make_two_versions(ctx: Context) -> None:
    sources = [PLAY.replace("Prove the cost", f"Prove it {n} times") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        applied = list(
            pool.map(lambda one: playbooks.apply(ctx, one, "x.yaml"), [*sources, *sources])
        )
    assert {one.number for one in applied} == {1, 2, 3, 4}
    assert [number for number, _ in versions(ctx)] == [1, 2, 3, 4]


def test_what_runs_is_what_was_checked(ctx: Context) -> None:
    applied = playbooks.apply(ctx, PLAY, "opener.yaml")
    with ctx.db.reading() as session:
        plans = plans_of(ctx.db).of(session, [applied.id])
        assert plans == {applied.id: plan_of(ctx, PLAY)}
        with pytest.raises(AbmError, match="version 999 is not stored"):
            plans_of(ctx.db).of(session, [applied.id, 999])


# ---------------------------------------------------------------- what is known


def test_a_broken_template_is_told_where_it_is_used(ctx: Context) -> None:
    (ctx.settings.templates / "call/ask.j2").write_text("{{ contact.", encoding="utf-8")
    with pytest.raises(Problems) as caught:
        playbooks.apply(ctx, PLAY, "opener.yaml")
    [problem] = caught.value.problems
    assert (problem.line, problem.code) == (7, "ABM507")
    assert "call/ask" in problem.hint


def test_a_mail_must_say_how_to_get_no_more(ctx: Context) -> None:
    text = TEMPLATES["email/insight"].replace("{{ unsubscribe }}", "{{ contact.shoe_size }}")
    (ctx.settings.templates / "email/insight.j2").write_text(text, encoding="utf-8")
    with pytest.raises(Problems) as caught:
        playbooks.apply(ctx, PLAY, "opener.yaml")
    assert {problem.code for problem in caught.value.problems} == {"ABM502", "ABM503"}


def test_without_an_agreement_there_are_no_segments_but_the_usual_team(ctx: Context) -> None:
    agreement.apply(ctx, "holdout: 5%\n")
    with pytest.raises(Problems) as caught:
        playbooks.apply(ctx, PLAY, "opener.yaml")
    assert [one.code for one in caught.value.problems] == ["ABM206", "ABM204", "ABM205"]


# ---------------------------------------------------------------- files


def test_a_file_is_checked_with_and_without_a_project(ctx: Context, tmp_path: Path) -> None:
    file = tmp_path / "opener.yaml"
    file.write_text(PLAY.replace("segment: fintech", "segment: martians"), encoding="utf-8")
    [problem] = playbooks.check_file(ctx, file).problems
    assert str(problem).startswith(f"{file}:3:16: there is no segment 'martians' [ABM206]")
    assert playbooks.check_file(None, file).plan


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(AbmError, match="cannot be read"):
        playbooks.check_file(None, tmp_path / name)


def test_a_huge_file_is_refused_without_reading_it_whole(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with file.open("wb") as huge:
        huge.truncate(10**9)
    [problem] = playbooks.check_file(None, file).problems
    assert problem.code == "ABM003"
