"""Doubles found, merged and parted again, as a user types it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from accounts.company_names import name_key
from orchestrator.settings import load
from orchestrator.store.database import Database
from tests.cli.conftest import Abm
from tests.support import cast

LIST = """row_id,name,domain,country
a,Kelso Insurance plc,kelso.com,GB
b,KELSO INSURANCE PLC,kelso.com,GB
c,Aeris Resources Ltd,aeris.com.au,AU
"=cmd()",Other Works,,
"""


@pytest.fixture
def doubled(abm: Abm) -> Abm:
    """Three accounts, two of them one company; dana decides."""
    abm("user", "add", "dana", "--team", "sales", "--email", "dana@us.example")
    database = Database(load(abm.project).database_url)
    with database.writing() as session:
        for name, domain, phone in (
            ("Aeris Resources Ltd", "aeris.com.au", ""),
            ("AERIS RESOURCES LIMITED", "aeris.com", "+61730346200"),
            ("Kelso Insurance plc", "kelso.com", ""),
        ):
            cast.company(session, name, domain=domain, phone=phone, name_key=name_key(name).core)
    database.dispose()
    return abm


def test_doubles_are_shown_with_what_merging_them_would_say(doubled: Abm):
    told = doubled("dedupe")
    assert "keep Aeris Resources Ltd (1): " in told
    assert "AERIS RESOURCES LIMITED (2) " in told
    assert "phone: +61730346200 (only it says so)" in told
    assert "aeris.com is kept as other domain" in told
    assert "abm merge 1 2 --by USER" in told
    assert "Kelso" not in told
    [one] = doubled.json("dedupe")
    assert (one["survivor_id"], [other["id"] for other in one["others"]]) == (1, [2])


def test_doubles_are_put_into_the_queue_and_answered_there(doubled: Abm):
    assert doubled("dedupe", "--ask").endswith("1 new question: abm review\n")
    assert doubled("dedupe", "--ask").endswith("0 new questions: abm review\n")
    told = doubled("review")
    assert told.startswith("1  AERIS RESOURCES LIMITED (2)\n   Aeris Resources Ltd (1)? 0.")
    assert "2 accounts wait; worth 1." in told
    told = doubled("review", 1, "--same", "--by", "dana")
    assert told == "1: same, Aeris Resources Ltd (1)\n"
    assert "no two accounts seem to be one company" in doubled("dedupe")
    doubled("unmerge", 1, "--by", "dana")
    assert "no two accounts seem to be one company" in doubled("dedupe")
    [again] = doubled.json("merge", 1, 2, "--by", "dana")
    assert "they were ruled to be two companies on" in again["ruled"]
    assert again["ruled"] in doubled("log", 1)


def test_which_to_keep_is_ones_own_choice_of_words(doubled: Abm):
    assert "it has the lowest id" in doubled("dedupe", "--keep", "tier")
    assert "known are most_contacts, oldest" in doubled("dedupe", "--keep", "size", code=1)


def test_a_merge_is_tried_out_done_told_and_undone(doubled: Abm):
    tried = doubled("merge", 1, "aeris.com", "--by", "dana", "--dry-run")
    assert "AERIS RESOURCES LIMITED (2) lives on in Aeris Resources Ltd (1)" in tried
    assert tried.endswith("nothing is written yet: the same without --dry-run writes it\n")
    assert "merged" not in doubled("log", 2)

    done = doubled("merge", 1, 2, "--by", "dana")
    assert "to part them again: abm unmerge 1 --by USER" in done
    for said in ("2", "aeris.com"):
        told = doubled("log", said)
        assert told.startswith("Aeris Resources Ltd (")
        assert "AERIS RESOURCES LIMITED (2) was merged into it at " in told
        assert "account.merged" in told
    assert "no two accounts seem to be one company" in doubled("dedupe")
    again = doubled("merge", 1, 2, "--by", "dana", code=1)
    assert "was merged into Aeris Resources Ltd (1) already" in again
    assert "cannot be merged with itself" in doubled("merge", 1, 1, "--by", "dana", code=1)

    parted = doubled("unmerge", 1, "--by", "dana")
    assert "AERIS RESOURCES LIMITED is an account of its own again" in parted
    assert doubled("log", 2).startswith("AERIS RESOURCES LIMITED (")
    assert "merge 1 was undone" in doubled("unmerge", 1, "--by", "dana", code=1)
    assert "there is no merge 9" in doubled("unmerge", 9, "--by", "dana", code=1)
    assert "there is no user 'nobody'" in doubled("merge", 1, 2, "--by", "nobody", code=1)


def test_an_import_finds_the_survivor_under_the_names_of_the_merged(doubled: Abm, tmp_path: Path):
    doubled("merge", 1, 2, "--by", "dana")
    file = tmp_path / "later.csv"
    file.write_text("name,website,city\nAeris Resources,aeris.com,Perth\n", "utf-8")
    doubled("import", "accounts", file, "--commit")
    assert doubled.json("log", 1)["name"] == "Aeris Resources Ltd"
    found = [one["text"] for one in doubled.json("log", 1)["entries"]]
    assert any("city" in text for text in found), found


def test_a_list_is_sorted_without_any_project(abm: Abm, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file, out = tmp_path / "list.csv", tmp_path / "sorted.csv"
    file.write_text(LIST, "utf-8")
    (abm.project / "abm.toml").unlink()
    told = abm("dedupe", file, "--out", out)
    assert told == f"4 rows, 1 cluster of doubles, 1 pair: see {out}\n"
    with out.open(encoding="utf-8", newline="") as opened:
        rows = {row["row_id"]: row for row in csv.DictReader(opened)}
    assert list(rows) == ["a", "b", "c", "'=cmd()"]
    clusters = [row["cluster_id"] for row in rows.values()]
    assert clusters == [clusters[0], clusters[0], "c", "'=cmd()"]
    assert all(0.5 <= float(row["probability"]) <= 1 for row in rows.values())
    assert rows["a"]["reasons"]
    shown = abm("dedupe", file)
    assert "KELSO INSURANCE PLC" in shown


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("colour,size\nred,9\n", "no column names a company: colour, size"),
        ("row_id,name\n1,Kelso\n1,Aeris\n", "two rows have the same row_id"),
    ],
)
def test_what_is_no_list_of_accounts_is_refused(abm: Abm, tmp_path: Path, text: str, why: str):
    file = tmp_path / "list.csv"
    file.write_text(text, "utf-8")
    assert why in abm("dedupe", file, code=1)
    assert "cannot be read" in abm("dedupe", tmp_path / "nowhere.csv", code=1)
    assert "--out is for a file" in abm("dedupe", "--out", file, code=2)


def test_the_matcher_is_corrected_by_ones_own_decisions(doubled: Abm):
    none = doubled("match", "calibrate")
    assert none.startswith("0 decisions; 0 of them about what the matcher itself had asked\n")
    assert "nothing to change: too few decisions" in none
    assert doubled("calibrate") == none
    doubled("dedupe", "--ask")
    doubled("review", 1, "--never", "--by", "dana")
    told = doubled("match", "calibrate")
    assert told.startswith("1 decision: 1 never; 1 of them about")
    assert "now: the matcher as it was shipped" in told
    assert "Brier score" in told
    assert doubled.json("match", "calibrate")["answers"] == {"never": 1}
    assert "too few decisions" in doubled("match", "calibrate", "--apply", "--by", "dana", code=1)
    assert "as it was shipped" in doubled("match", "calibrate", "--reset", "--by", "dana", code=1)
    assert "--by USER" in doubled("match", "calibrate", "--apply", code=2)
    assert "none" in doubled("match", "calibrate GmbH")
