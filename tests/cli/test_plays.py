"""check, apply, enroll, pause, resume, stop: of the real command, in a real project."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from orchestrator.records import Activity, Enrollment
from orchestrator.settings import load
from orchestrator.store.database import Database
from tests.cli.conftest import Abm
from tests.support import cast

PLAY = """\
name: hello
title: Say hello
for: {signed: no}
committee:
  champion: {role: champion}
steps:
  - id: ring
    call: {to: champion}
    title: Ring and say hello
    overdue: [proceed]
"""
WRONG = PLAY.replace("[proceed]", "[procede]")  # in line 10
DOUBTFUL = PLAY.replace("committee:", "committee:\n  buyer: {role: economic_buyer}")


@pytest.fixture
def file(abm: Abm) -> Path:
    """The playbook of these tests, in the project."""
    path = abm.project / "playbooks" / "hello.yaml"
    path.write_text(PLAY)
    return path


@pytest.fixture
def played(abm: Abm, file: Path) -> Abm:
    """A project with that playbook applied, two companies and dana."""
    abm("apply", file)
    database = Database(load(abm.project).database_url)
    with database.writing() as session:
        cast.user(session, "dana", "marketing")
        for name in ("Acme", "Globex"):
            cast.person(session, cast.company(session, name), "Ann Archer", role="champion")
    database.dispose()
    return abm


def rows(abm: Abm, table):
    database = Database(load(abm.project).database_url)
    with database.reading() as session:
        found = list(session.exec(select(table)))
    database.dispose()
    return found


# ---------------------------------------------------------------- check


def test_what_every_project_starts_with_has_no_problem(abm: Abm):
    out = abm("check")
    assert out.strip().endswith("files checked: nothing to mend")
    assert int(out.split()[0]) >= 3


def test_a_problem_shows_its_line_a_caret_and_the_mend(abm: Abm, file: Path):
    file.write_text(WRONG)
    out = abm("check", file, code=1).splitlines()
    assert out[0].startswith(f"{file}:10:")
    assert "procede" in out[0]
    assert out[1].endswith("overdue: [procede]")
    assert out[2].index("^") == out[1].index("procede")
    assert "did you mean" in out[3]
    assert out[-1] == "1 file checked: 1 error"


def test_a_warning_refuses_nothing(abm: Abm, file: Path):
    file.write_text(DOUBTFUL)
    out = abm("check", file)
    assert ": warning: " in out
    assert out.endswith("1 file checked: 1 warning\n")
    assert "^" in abm("apply", file)


def test_all_problems_of_all_files_are_told_at_once(abm: Abm, file: Path):
    file.write_text(WRONG)
    agreement = abm.project / "agreement.yml"
    agreement.write_text(agreement.read_text() + "\nsegmnts: {}\n")
    out = abm("check", code=1)
    assert "segmnts" in out
    assert "procede" in out


def test_check_prints_json(abm: Abm, file: Path):
    file.write_text(WRONG)
    out = abm("check", file, "--json", code=1)
    assert '"line": 10' in out
    assert '"severity": "error"' in out


def test_names_are_those_of_the_agreement_as_it_is_written(abm: Abm, file: Path):
    """Nothing is applied yet: a fresh clone can be checked."""
    file.write_text(PLAY.replace("{signed: no}", "{signed: no, segment: banks}"))
    assert "banks" in abm("check", file, code=1)
    agreement = abm.project / "agreement.yml"
    text = agreement.read_text().replace("segments:\n", "segments:\n  banks: {country: DE}\n", 1)
    agreement.write_text(text)
    assert "nothing to mend" in abm("check", file)


def test_editors_find_the_schema_that_the_playbooks_name(abm: Abm):
    schema = abm.project / ".abm" / "playbook.schema.json"
    for file in (abm.project / "playbooks").glob("*.yaml"):
        first = file.read_text("utf-8").partition("\n")[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (file.parent / named).resolve() == schema.resolve()
    assert json.loads(schema.read_text("utf-8")) == json.loads(abm("schema"))
    schema.write_text("{}", "utf-8")
    abm("check")
    assert json.loads(schema.read_text("utf-8")) == json.loads(abm("schema"))


def test_check_annotates_a_change_on_github(abm: Abm):
    odd = abm.project / "100%, a:b.yaml"
    odd.write_text("name: x\nsteps:\n  - {id: a, emial: {to: b}}\n", "utf-8")
    lines = abm("check", odd, "--format", "github", code=1).splitlines()
    place = f"file={abm.project}/100%25%2C a%3Ab.yaml,title=ABM101,line=3,col=13"
    assert f"::error {place}::a step has no key 'emial'%0Adid you mean 'email'?" in lines
    assert all(line.startswith("::") for line in lines)


def test_check_writes_what_code_scanners_read(abm: Abm, file: Path):
    file.write_text(file.read_text("utf-8").replace("champion", "chmpion", 1), "utf-8")
    told = json.loads(abm("check", file, "--format", "sarif", code=1))
    (run,) = told["runs"]
    assert told["version"] == "2.1.0"
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {one["ruleId"] for one in run["results"]} <= rules
    (place,) = run["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == file.as_uri()
    assert place["physicalLocation"]["region"]["startLine"] >= 1


def test_a_check_loads_nothing_of_a_database(abm: Abm):
    asked = (
        "import sys; from orchestrator.cli import main; code = main(['check']); "
        "sys.exit(code or len([one for one in ('sqlalchemy', 'numpy') if one in sys.modules]))"
    )
    command = [sys.executable, "-c", asked]
    done = subprocess.run(command, cwd=abm.project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_single_file_can_be_checked_outside_any_project(tmp_path: Path):
    file = tmp_path / "hello.yaml"
    file.write_text(WRONG)
    command = [str(Path(sys.executable).with_name("abm")), "check", "hello.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("hello.yaml:10:")


@pytest.mark.parametrize(
    ("content", "word"), [(b"\xff\xfe\x00", "UTF-8"), (b"", ""), (b"steps: [", "")]
)
def test_a_file_that_is_no_playbook_is_a_finding_and_no_bug(
    abm: Abm, file: Path, content: bytes, word: str
):
    file.write_bytes(content)
    assert word in abm("check", file, code=1)


def test_a_missing_file_is_one_line(abm: Abm):
    assert "error: nowhere.yaml cannot be read" in abm("check", "nowhere.yaml", code=1)


def test_a_project_without_playbooks_says_where_they_stand(abm: Abm):
    shutil.rmtree(abm.project / "playbooks")
    (abm.project / "agreement.yml").unlink()
    assert "playbooks stand in playbooks/" in abm("check", code=1)


# ---------------------------------------------------------------- apply


def test_apply_stores_versions_and_the_same_again_is_none(abm: Abm, file: Path):
    assert "hello is at version 1 now" in abm("apply", file)
    assert "hello is at version 1 as before" in abm("apply", file)
    file.write_text(PLAY.replace("Say hello", "Say good day"))
    assert "hello is at version 2 now" in abm("apply", file)
    file.write_text(PLAY)
    assert "hello is at version 1 now" in abm("apply", file)


def test_the_agreement_is_applied_before_the_plays_that_speak_of_it(abm: Abm, file: Path):
    file.write_text(PLAY.replace("{signed: no}", "{signed: no, segment: mid-market-financials}"))
    out = abm("apply", file, abm.project / "agreement.yml")
    assert out.index("in force from now on") < out.index("hello is at version 1")
    assert "in force already" in abm("apply", abm.project / "agreement.yml")


def test_the_agreement_is_known_by_what_it_says(abm: Abm):
    other = abm.project / "next-year.yml"
    other.write_text("segments:\n  banks: {country: DE}\n")
    assert "in force from now on" in abm("apply", other)


def test_a_wrong_file_is_not_applied(abm: Abm, file: Path):
    file.write_text(WRONG)
    out = abm("apply", file, code=1)
    assert f"{file}:10:" in out
    assert "^" in out
    assert "was not applied" in out
    assert rows(abm, Enrollment) == []
    assert "no playbook yet" in abm("status")


# ---------------------------------------------------------------- enroll


def test_enroll_says_who_was_enrolled_and_who_was_not_and_why(played: Abm):
    assert played("enroll", "hello", "Acme", "--by", "dana").splitlines() == [
        "1 account enrolled in hello, version 1"
    ]
    out = played("enroll", "hello", "acme.example", "2", "--by", "dana").splitlines()
    assert out[0] == "1 account enrolled in hello, version 1"
    assert out[1] == "1 account left out: running 1"
    assert out[3].startswith("Acme     enrolled already since")


def test_a_dry_run_changes_nothing(played: Abm):
    out = played("enroll", "hello", "Acme", "--dry-run")
    assert out.startswith("1 account would be enrolled")
    assert rows(played, Enrollment) == []


def test_enroll_prints_json(played: Abm):
    played("enroll", "hello", "Acme")
    found = played.json("enroll", "hello", "Acme", "Globex")
    assert found["enrolled"] == [2]
    assert found["counts"] == {"running": 1}
    assert found["refused"][0]["account"] == "Acme"
    assert found["dry_run"] is False


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["enroll", "hello"], 2, "say which accounts"),
        (["plan", "agreement.yml"], 1, "is the agreement, and no playbook"),
        (["enroll", "helo", "Acme"], 1, "did you mean 'hello'?"),
        (["enroll", "hello", "Acne"], 1, "did you mean Acme?"),
        (["enroll", "hello", "Acme", "--by", "dna"], 1, "did you mean 'dana'?"),
        (["pause", "account", "Acne"], 1, "did you mean Acme?"),
        (["pause", "playbook", "helo"], 1, "did you mean 'hello'?"),
        (["pause", "account", "Acme", "--until", "soon"], 1, "write it as 2026-03-02"),
        (["pause", "account", "Acme", "--until", "2001-01-01"], 1, "has passed"),
        (["pause", "contact", "Ann"], 2, "playbook"),
        (["stop", "account", "Acme", "--play", "hello"], 1, "does not run"),
    ],
)
def test_what_cannot_be_is_said_with_the_way_out(
    played: Abm, words: list[str], code: int, said: str
):
    assert said in played(*words, code=code)
    assert rows(played, Enrollment) == []


# ---------------------------------------------------------------- pause, resume, stop


def test_pause_resume_and_stop_say_what_they_did_and_the_log_says_who(played: Abm):
    played("enroll", "hello", "Acme", "Globex")
    played("tick", "--once")
    out = played("pause", "playbook", "hello", "--by", "dana", "--reason", "the script is old")
    assert out.strip() == "Say hello: 2 of 2 plays paused"
    assert "the script is old (dana)" in played("status")
    out = played("pause", "account", "Acme", "--until", "2099-01-01")
    assert out.strip() == "Acme: 0 of 1 plays paused until 2099-01-01 00:00 UTC"
    assert played("resume", "playbook", "hello").strip() == "Say hello: 1 of 2 plays resumed"
    assert {one.account_id: one.status for one in rows(played, Enrollment)} == {
        1: "paused",
        2: "active",
    }
    out = played("stop", "account", "Acme", "--play", "hello", "--by", "dana")
    assert out.strip() == "Acme, Say hello: 1 of 1 plays stopped"
    played("tick", "--once")
    assert {one.account_id: one.status for one in rows(played, Enrollment)} == {
        1: "ended",
        2: "active",
    }
    told = [one.text for one in rows(played, Activity) if one.kind == "paused"]
    assert told.count("Say hello paused: the script is old (dana)") == 2
    assert "stopped by hand (dana)" in played("log", "Acme")
