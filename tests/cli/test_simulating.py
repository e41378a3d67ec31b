"""`abm simulate`: what a playbook would do, told before anything is done."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from orchestrator.cli import main
from tests.cli.conftest import Abm

PLAY = "playbooks/supplier-trust.yaml"
MARCH = ("--from", "2027-03-01", "--made-up")


def test_an_empty_project_simulates_accounts_that_are_made_up(abm: Abm):
    said = abm("simulate", abm.project / PLAY, *MARCH, 20, "--runs", 3)
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
