"""`abm simulate`: what a playbook would do, told before anything is done."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.cli import main
from tests.cli.conftest import Abm

PLAY = "playbooks/supplier-trust.yaml"
LIMITS = "[mail]\nper_day = 2\nsender = 'team@us.example'\n[capacity]\nsales = 5\nmarketing = 5\n"
MARCH = ("--runs", 1, "--from", "2027-03-01", "--made-up")


def test_an_empty_project_simulates_accounts_that_are_made_up(abm: Abm):
    said = abm("simulate", abm.project / PLAY, "--from", "2027-03-01", "--made-up", 20, "--runs", 3)
    assert said.startswith("supplier-trust: 20 accounts, 2027-03-01 to 2027-05-29, 3 runs, seed 1")
    assert "reach the goal" in said
    assert "pace: 15 accounts per week" in said


def test_one_account_is_told_day_by_day(abm: Abm):
    said = abm("simulate", abm.project / PLAY, *MARCH, 1)
    assert "Company 1, in the first run" in said
    assert "2027-03-01 09:00" in said
    assert "insight: sent" in said


def test_the_same_seed_tells_the_same_and_another_one_something_else(abm: Abm):
    told = [
        abm("simulate", abm.project / PLAY, *MARCH, 30, "--seed", seed, "--format", "csv")
        for seed in (1, 1, 2)
    ]
    assert told[0] == told[1] != told[2]


def test_the_calendar_is_a_table_for_programs(abm: Abm):
    told = abm("simulate", abm.project / PLAY, *MARCH, 2, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(told)))
    assert {"touch.sent", "task.opened", "task.done", "started"} <= {row["kind"] for row in rows}
    assert {row["account"] for row in rows} == {"Company 1", "Company 2"}


def test_the_numbers_are_json_for_programs(abm: Abm):
    told = json.loads(abm("simulate", abm.project / PLAY, *MARCH, 40, "--format", "json"))
    assert told["accounts"] == 40
    assert told["reached"].keys() == {"p10", "p50", "p90"}
    assert {row["step"] for row in told["steps"]} >= {"insight", "ring"}
    assert told["calendar"]


def test_a_report_is_one_file_that_fetches_nothing(abm: Abm):
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    out = abm.project / "report.html"
    abm("simulate", abm.project / PLAY, *MARCH, 30, "--html", out)
    text = out.read_text("utf-8")
    assert "default-src 'none'" in text
    sources = re.findall(r"(?:src|href|srcset)=(.{6})", text)
    assert set(sources) == {'"data:'}
    assert "<script" not in text
    assert text.count("<picture>") >= 4
    assert "Accounts that reach the goal" in text


def test_a_report_without_anything_to_draw_with_says_what_to_install(
    abm: Abm, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setitem(sys.modules, "altair", None)
    out = abm.project / "report.html"
    said = abm("simulate", abm.project / PLAY, *MARCH, 3, "--html", out, code=1)
    assert "pip install altair vl-convert-python" in said
    assert not out.exists()


def test_every_table_is_written_as_csv(abm: Abm):
    (abm.project / "abm.toml").write_text(LIMITS, "utf-8")
    folder = abm.project / "out" / "tables"
    abm("simulate", abm.project / PLAY, *MARCH, 30, "--csv", folder)
    tables = {
        file.stem: list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
        for file in folder.glob("*.csv")
    }
    assert len(tables) == 10
    assert {name for name, rows in tables.items() if not rows} <= {"money", "holds", "events"}
    mails = sum(float(row["total"]) for row in tables["mailboxes"])
    assert mails > 0
    assert {row["limit"] for row in tables["mails-by-day"]} == {"2"}
    assert tables["accounts"][0]["end"] == "goal"
    assert {row["step"] for row in tables["steps"]} > {"insight"}
    assert {row["a_day"] for row in tables["people-by-day"]} == {"5", ""}


def test_tables_go_nowhere_that_cannot_be_written(abm: Abm):
    file = abm.project / "taken"
    file.write_text("", "utf-8")
    said = abm("simulate", abm.project / PLAY, *MARCH, 2, "--csv", file, code=1)
    assert "cannot be written" in said


def test_what_a_name_says_is_only_text_on_the_page():
    from orchestrator.cli.simulation_charts import Drawn
    from orchestrator.cli.simulation_page import page
    from orchestrator.simulate import Rates, made_up, simulate
    from orchestrator.simulate.running import crewless
    from orchestrator.simulate.summary import summary
    from tests.planner.plans import MONDAY, plan, step

    play = plan(step("hello", "email", "champion", variants=("hello",)))
    evil = [
        replace(one, account="<script>alert(1)</script>")
        for one in made_up(play, 2, MONDAY, "UTC", "")
    ]
    made = simulate(crewless(play, evil, MONDAY, MONDAY + timedelta(days=30)), Rates())
    text = page(made, summary(made), [Drawn("<b>", "<i>", "<svg/>", "<svg/>")], ["<u>"])
    for tag in ("<script", "<b>&", "<i>", "<u>"):
        assert tag not in text
    assert "&lt;script&gt;" in text


def test_without_any_project_made_up_accounts_still_run(
    abm: Abm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    play = tmp_path / "alone" / "play.yaml"
    play.parent.mkdir()
    play.write_text("name: p\nsteps:\n  - {id: visit, todo: {text: go}}\n", "utf-8")
    monkeypatch.chdir(play.parent)
    assert main(["simulate", "play.yaml", "--made-up", "3"]) == 0
    assert "p: 3 accounts" in capsys.readouterr().out


def test_a_project_without_targets_says_how_to_go_on(abm: Abm):
    said = abm("simulate", abm.project / PLAY, code=1)
    assert "there is no account that the playbook is for" in said
    assert "--made-up 100" in said


def test_rates_come_from_a_file_and_mistakes_in_it_are_shown_where_they_stand(abm: Abm):
    rates = abm.project / "rates.yaml"
    rates.write_text("email: {clicked: 100%}\n", "utf-8")
    said = abm("simulate", abm.project / PLAY, *MARCH, 1, "--rates", rates, "--format", "csv")
    assert "clicked" in said
    rates.write_text("email:\n  cliked: 5%\n", "utf-8")
    said = abm("simulate", abm.project / PLAY, *MARCH, 1, "--rates", rates, code=1)
    assert "rates.yaml:2:3" in said
    assert "did you mean 'clicked'?" in said


def test_rates_come_from_the_history_of_the_workspace(abm: Abm):
    said = abm("simulate", abm.project / PLAY, *MARCH, 3, "--rates", "history")
    assert said.startswith("supplier-trust: 3 accounts")


@pytest.mark.parametrize(
    "words",
    [("--made-up", 3, "--accounts", "Acme"), ("--days", 0), ("--made-up", -1)],
)
def test_what_makes_no_sense_is_refused(abm: Abm, words: tuple[object, ...]):
    abm("simulate", abm.project / PLAY, *words, code=2)


def test_a_time_off_that_is_none_is_shown_where_it_stands(abm: Abm):
    toml = abm.project / "abm.toml"
    toml.write_text(toml.read_text("utf-8") + '\n[away]\ndana = ["2027-03-05..2027-03-01"]\n')
    said = abm("simulate", abm.project / PLAY, *MARCH, 3, code=1)
    assert "ends before it begins" in said
    assert "abm.toml:" in said
