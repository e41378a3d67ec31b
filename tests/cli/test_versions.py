"""What applying a playbook would change, and what there was before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Abm

PLAY = """\
name: hello
for: {signed: no}
committee: {buyer: {role: champion}}
steps:
  - {id: ring, call: {to: buyer}, wait: 3 business days}
"""
LATER = PLAY.replace("3 business", "4 business")


@pytest.fixture
def file(abm: Abm) -> Path:
    """A playbook that is applied and that one account runs."""
    path = abm.project / "playbooks" / "hello.yaml"
    path.write_text(PLAY, "utf-8")
    abm("user", "add", "mona", "--team", "marketing", "--email", "mona@ours.example")
    abm("apply", path, "--by", "mona")
    rows = abm.project / "rows.csv"
    rows.write_text("name,domain\nKelso Werke,kelso.com\n", "utf-8")
    abm("import", "accounts", rows, "--commit")
    abm("enroll", "hello", "Kelso Werke", "--by", "mona")
    return path


def test_a_plan_tells_what_changes_and_who_stays_and_writes_nothing(abm: Abm, file: Path):
    assert "nothing would change" in abm("plan", file)
    file.write_text(LATER, "utf-8")
    told = abm("plan", file)
    assert "version 2 would follow, after version 1" in told
    assert "step ring  wait: 4 business days, was 3 business days" in told
    assert "1 account on version 1 would stay with it" in told
    assert [one["number"] for one in abm.json("versions", "hello")] == [1]
    [plan] = abm.json("plan", file)
    assert (plan["current"], plan["number"], len(plan["changes"])) == (1, 2, 1)


def test_versions_are_listed_compared_printed_and_brought_back(abm: Abm, file: Path):
    file.write_text(LATER, "utf-8")
    abm("apply", file, "--by", "mona")
    new, old = abm.json("versions", "hello")
    assert (new["number"], new["current"], new["accounts"]) == (2, True, {})
    assert (old["number"], old["created_by"], sum(old["accounts"].values())) == (1, "mona", 1)
    assert "4 business days, was 3 business days" in abm("versions", "hello", "--diff", 1, 2)
    assert "the two say the same" in abm("versions", "hello", "--diff", 2, 2)
    file.write_text(abm("versions", "hello", "--show", 1), "utf-8")
    assert file.read_text("utf-8") == PLAY
    assert "version 1 would come back, after version 2" in abm("plan", file)
    assert "is at version 1 now" in abm("apply", file)


def test_a_new_playbook_and_a_wrong_one(abm: Abm, file: Path):
    file.write_text(PLAY.replace("hello", "other"), "utf-8")
    assert "other is new: version 1" in abm("plan", file)
    file.write_text(PLAY.replace("champion", "chmpion"), "utf-8")
    wrong = abm("plan", file, code=1)
    assert "did you mean 'champion'?" in wrong
    assert "could not be applied: 1 problem found" in wrong
    assert "no playbook 'nope'" in abm("versions", "nope", code=1)
    assert "there are: 1" in abm("versions", "hello", "--show", 9, code=1)
    assert "there are: 1" in abm("versions", "hello", "--diff", 1, 9, code=1)


def test_a_version_keeps_the_groups_that_it_includes(abm: Abm, file: Path):
    group = abm.project / "playbooks" / "groups" / "again.yaml"
    group.parent.mkdir()
    text = "parameters: {to: seat}\nsteps:\n  - {id: ring, call: {to: $to}}\n"
    group.write_text(text, "utf-8")
    file.write_text(PLAY + "  - {id: then, include: again, with: {to: buyer}}\n", "utf-8")
    assert "step then-ring  is new: call" in abm("plan", file)
    assert "version 2" in abm("apply", file)
    group.write_text("gone", "utf-8")
    assert f"--- # groups/again.yaml\n{text}".rstrip() in abm("versions", "hello", "--show", "2")


def test_groups_are_checked_by_themselves_too(abm: Abm, file: Path):
    group = abm.project / "playbooks" / "groups" / "again.yaml"
    group.parent.mkdir()
    group.write_text("steps:\n  - {id: ring, call: {to: $too}}\n", "utf-8")
    told = abm("check", code=1)
    assert "again.yaml:2:27: the group has no parameter 'too'" in told
    assert "2 |   - {id: ring, call: {to: $too}}" in told


def test_a_plan_says_who_could_move_and_migrate_moves_them(abm: Abm, file: Path):
    file.write_text(LATER.replace("id: ring", "id: phone, was: ring"), "utf-8")
    assert "1 could move after it is applied: `abm migrate hello --from 1`" in abm("plan", file)
    abm("apply", file, "--by", "mona")
    told = abm("migrate", "hello")
    assert "1 account would move to hello, version 2" in told
    assert "phone  ring" in told
    assert "nothing was changed" in told
    assert "1 account moved to hello, version 2" in abm("migrate", "hello", "--yes", "--by", "mona")
    assert [one["accounts"] for one in abm.json("versions", "hello")] == [{"waiting": 1}, {}]
    assert "moved by mona" in abm("log", "Kelso Werke")
    assert abm.json("migrate", "hello", "--account", "Kelso Werke")["moved"] == []


def test_migrate_says_how_to_name_two_steps(abm: Abm, file: Path):
    assert "--map old=new" in abm("migrate", "hello", "--map", "ring", code=1)
    file.write_text(LATER.replace("id: ring", "id: phone"), "utf-8")
    abm("apply", file)
    assert "phone  ring" in abm("migrate", "hello", "--map", "ring=phone")
    assert "its steps are: ring" in abm("migrate", "hello", "--map", "rang=phone", code=1)


def test_a_rollback_is_a_new_version_that_says_what_an_old_one_says(abm: Abm, file: Path):
    file.write_text(LATER, "utf-8")
    abm("apply", file)
    assert "is at version 3 now" in abm("versions", "hello", "--rollback", 1, "--by", "mona")
    newest, *_ = found = abm.json("versions", "hello")
    assert (newest["number"], newest["current"], newest["created_by"]) == (3, True, "mona")
    assert [one["accounts"] for one in found] == [{}, {}, {"waiting": 1}]
    assert "the two say the same" in abm("versions", "hello", "--diff", 1, 3)
    file.write_text(PLAY, "utf-8")
    assert "nothing would change" in abm("plan", file)
    assert "is in force" in abm("versions", "hello", "--rollback", 3, code=1)
    assert "there are: 1, 2, 3" in abm("versions", "hello", "--rollback", 9, code=1)


def test_what_is_wrong_only_under_the_agreement_in_force_says_so(abm: Abm, file: Path):
    agreed = abm.project / "agreement.yml"
    agreed.write_text("segments: {fintech: {sector: Financials}}\n", "utf-8")
    file.write_text(PLAY.replace("{signed: no}", "{signed: no, segment: fintech}"), "utf-8")
    assert "nothing to mend" in abm("check", file)
    for command in ("plan", "apply"):
        out = abm(command, file, code=1)
        assert "[ABM206]" in out
        assert "agreement.yml is not in force yet: `abm apply agreement.yml`" in out
    assert "is at version 2 now" in abm("apply", file, agreed)
