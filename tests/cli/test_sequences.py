"""import sequence: an export becomes files of the project, seen before they are written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Abm

GOLDEN = Path(__file__).parents[1] / "sequences" / "golden"
EXPORT = GOLDEN / "salesloft.csv"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_shows_what_would_be_written_and_what_is_lost(abm: Abm):
    before = files(abm.project)
    shown = abm("import", "sequence", EXPORT)
    assert "ops-leads, from Salesloft: 5 steps" in shown
    assert "not translated:" in shown
    assert "playbooks/ops-leads.yaml" in shown
    assert "nothing is written yet: --commit writes 5 files" in shown
    assert files(abm.project) == before


def test_what_it_writes_passes_the_check_and_can_be_drawn(abm: Abm):
    assert "written: 5 files" in abm("import", "sequence", EXPORT, "--commit")
    abm("check")
    assert "<svg" in abm("draw", abm.project / "playbooks" / "ops-leads.yaml")


def test_a_field_that_is_unknown_fails_the_check_at_its_line(abm: Abm):
    # A playbook of that name ships, too.
    abm("import", "sequence", GOLDEN / "hubspot.csv", "--commit", "--force")
    told = abm("check", code=1)
    assert "renewal.yaml:17:37: the template 'email/renewal-2' uses" in told
    assert "untranslated.placeholder_one_true_thing" in told


def test_it_overwrites_nothing_unless_forced(abm: Abm):
    abm("import", "sequence", EXPORT, "--commit")
    file = abm.project / "templates" / "email" / "ops-leads-1.j2"
    file.write_text("mine", "utf-8")
    (abm.project / "playbooks" / "ops-leads.yaml").unlink()
    told = abm("import", "sequence", EXPORT, "--commit", code=1)
    assert "ops-leads-1.j2 and 3 more exist" in told
    assert file.read_text("utf-8") == "mine"
    assert not (abm.project / "playbooks" / "ops-leads.yaml").exists()
    abm("import", "sequence", EXPORT, "--commit", "--force")
    assert "subject:" in file.read_text("utf-8")


def test_it_never_writes_through_a_link(abm: Abm, tmp_path: Path):
    aim = tmp_path / "aim.txt"
    aim.write_text("mine", "utf-8")
    (abm.project / "playbooks" / "ops-leads.yaml").symlink_to(aim)
    abm("import", "sequence", EXPORT, "--commit", code=1)
    abm("import", "sequence", EXPORT, "--commit", "--force")
    assert aim.read_text("utf-8") == "mine"


def test_another_folder_needs_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from orchestrator.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["import", "sequence", str(EXPORT), "--out", "new", "--commit", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["written"] is True
    (sequence,) = told["sequences"]
    assert sequence["playbook"] == "ops-leads"
    assert [step["kind"] for step in sequence["steps"]] == [
        "email", "call", "social", "email", "todo",
    ]  # fmt: skip
    assert {one["step"] for one in sequence["not_translated"]} == {"mail-4", "task-5"}
    assert files(tmp_path / "new") == {
        "playbooks/ops-leads.yaml",
        "templates/call/ops-leads-2.j2",
        "templates/email/ops-leads-1.j2",
        "templates/email/ops-leads-4.j2",
        "templates/social/ops-leads-3.j2",
    }


def test_json_without_commit_writes_nothing(abm: Abm):
    before = files(abm.project)
    told = abm.json("import", "sequence", GOLDEN / "outreach.csv")
    assert told["written"] is False
    assert [one["playbook"] for one in told["sequences"]] == ["cold-start", "warm-start"]
    assert files(abm.project) == before


@pytest.mark.parametrize("name", ["no-such-file.json", ".", "empty.json"])
def test_a_file_that_holds_nothing_is_one_clear_error(abm: Abm, tmp_path: Path, name: str):
    (tmp_path / "empty.json").touch()
    told = abm("import", "sequence", tmp_path / name, code=1)
    assert told.startswith("error: ")
