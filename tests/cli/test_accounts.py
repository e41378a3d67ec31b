"""Bringing accounts in, deciding, choosing and signing, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.cli import project
from orchestrator.engine.staff import access
from tests.cli.conftest import Abm

COMPANIES = """Firma,Webseite,Land,Kunde seit
Northwind Bank,northwind.com,Germany,2019
Kelso Insurance plc,kelso.com,United Kingdom,
Northwind Bank AG,northwind.com,,
self employed,,,
"""


@pytest.fixture
def file(abm: Abm) -> Path:
    """A file with two companies, one of them twice, and a row that names none."""
    path = abm.project / "companies.csv"
    path.write_text(COMPANIES, "utf-8")
    return path


def people(abm: Abm) -> None:
    """Somebody of each team that signs."""
    abm("user", "add", "dana", "--team", "sales", "--email", "dana@us.example", "--role", "sdr")
    abm("user", "add", "mara", "--team", "marketing", "--email", "mara@us.example")


def test_who_is_away_is_noted_shown_and_taken_back(abm: Abm):
    people(abm)
    told = abm("user", "away", "dana", "2040-03-01", "2040-03-12", "--cover", "mara")
    assert told == "dana is away from 2040-03-01 to 2040-03-12; mara stands in\n"
    assert "dana  2040-03-01  2040-03-12  mara" in abm("user", "away")
    assert json.loads(abm("user", "away", "--json"))[0]["cover"] == "mara"
    assert "to 2040-03-12 already" in abm("user", "away", "dana", "2040-03-05", code=1)
    assert abm("user", "back", "dana") == "dana is here\n"
    assert "nobody is away" in abm("user", "away")


# ---------------------------------------------------------------- import


def test_a_preview_shows_columns_counts_and_examples_and_writes_nothing(abm: Abm, file: Path):
    told = abm("import", "accounts", file)
    assert "companies.csv: 4 rows, utf-8, separated by ','" in told
    assert "name     Firma     another word for name" in told
    assert "no fields of ours, kept as they stand: Kunde seit" in told
    for words in ("2  new", "1  duplicate", "1  rejected", "'self employed' names no company"):
        assert words in told
    assert told.endswith("nothing is written yet: --commit writes it\n")
    assert not file.with_suffix(".rejects.csv").exists()
    assert "2  new" in abm("import", "accounts", file)


def test_ids_and_what_is_no_field_are_shown_before_and_read_after(abm: Abm, tmp_path: Path):
    crm = tmp_path / "export.csv"
    crm.write_text("Record ID,name,phone,country,T-shirt\n7,Acme,030 1234567,DE,M\n")
    told = abm("import", "accounts", crm, "--system", "HubSpot", "--commit")
    assert "external_id  Record ID" in told
    assert "kept as they stand: T-shirt" in told
    assert "ids are those of hubspot" in told
    read = json.loads(abm("log", "Acme", "--json"))
    assert (read["phone"], read["extra"]) == ("+49301234567", {"T-shirt": "M"})
    assert read["ids"] == [{"system": "hubspot", "id": "7"}]


def test_a_commit_writes_and_leaves_a_file_of_rejects(abm: Abm, file: Path):
    told = abm("import", "accounts", file, "--commit")
    assert told.endswith("written: 2 new, 0 changed\n")
    rejects = file.with_suffix(".rejects.csv").read_text("utf-8").splitlines()
    assert len(rejects) == 2
    assert rejects[1].startswith('"5","\'self employed\' names no company')
    again = abm("import", "accounts", file, "--commit")
    assert "this very content was imported at" in again
    assert again.endswith("written: 0 new, 0 changed\n")


def test_rejects_go_where_one_says(abm: Abm, file: Path, tmp_path: Path):
    abm("import", "accounts", file, "--commit", "--rejects", tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").is_file()
    assert not file.with_suffix(".rejects.csv").exists()


def test_columns_delimiter_and_encoding_may_be_said(abm: Abm):
    path = abm.project / "odd.csv"
    path.write_bytes("a;b\nMüller;Köln\n".encode("latin-1"))
    told = abm("import", "accounts", path, "--map", "name=A", "--map", "city=b",
               "--encoding", "latin-1", "--delimiter", ";", "--json")  # fmt: skip
    assert '"as you said"' in told
    assert '"new": 1' in told
    assert "Müller" in told


def test_json_asks_nothing_and_writes_only_what_is_committed(abm: Abm, file: Path):
    assert abm.json("import", "accounts", file)["committed"] is False
    report = abm.json("import", "accounts", file, "--commit")
    assert report["committed"] is True
    assert report["counts"] == {
        "new": 2, "changed": 0, "matched": 0, "same": 0, "duplicate": 1, "unsure": 0,
        "rejected": 1,
    }  # fmt: skip
    assert sum(report["counts"].values()) == report["rows"] == 4


def test_people_and_rules_come_in_too(abm: Abm, file: Path):
    abm("import", "accounts", file, "--commit")
    contacts = abm.project / "people.csv"
    contacts.write_text(
        "Name,E-mail,Job title\nAnn Archer,ann@northwind.com,CFO\nBo Brook,bo@zephyr.io,CTO\n"
    )
    assert "no account is 'zephyr.io'" in abm("import", "contacts", contacts)
    told = abm("import", "contacts", contacts, "--commit", "--new-accounts")
    assert told.endswith("written: 2 new, 0 changed\n")
    rules = abm.project / "do-not-contact.csv"
    rules.write_text("email,reason\nann@northwind.com,unsubscribed\n")
    assert "written: 1 new" in abm("import", "suppressions", rules, "--commit")
    assert "Ann Archer from people.csv" in abm("log", "Northwind Bank")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["import"], 2, "suppressions"),
        (["import", "account", "x.csv"], 2, "accounts"),
        (["import", "accounts"], 2, "FILE.csv"),
        (["import", "accounts", "nowhere.csv"], 1, "nowhere.csv cannot be read"),
        (["import", "accounts", "companies.csv", "--map", "name"], 1, "says no header"),
        (["import", "accounts", "companies.csv", "--map", "nmae=Firma"], 1, "did you mean 'name'"),
        (["import", "accounts", "companies.csv", "--map", "name=Frima"], 1, "'Firma'"),
        (["import", "accounts", "companies.csv", "--encoding", "klingon"], 1, "no encoding"),
        (["import", "contacts", "companies.csv", "--map", "company="], 1, "no column is one of"),
    ],
)
def test_what_goes_wrong_says_how_to_mend_it(
    abm: Abm, file: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, said: str
):
    monkeypatch.chdir(file.parent)
    assert said in abm(*words, code=code)


def test_a_file_that_steers_terminals_is_shown_as_text(abm: Abm):
    path = abm.project / "evil.csv"
    path.write_text("name,city\n\x1b[2JAcme\u202e,\x07Bern\n", "utf-8")
    assert "Acme" in abm("import", "accounts", path)


# ---------------------------------------------------------------- review


def test_questions_are_listed_and_answered(abm: Abm):
    people(abm)
    path = abm.project / "a.csv"
    path.write_text("name,website\nAeris Resources Ltd,aeris.com.au\n")
    abm("import", "accounts", path, "--commit")
    path.write_text("name,website\nAERIS RESOURCES,aeris-mining.io\n")
    assert abm("import", "accounts", path, "--commit").endswith("1 to decide: abm review\n")
    told = abm("review")
    assert told.startswith("1  AERIS RESOURCES, aeris-mining.io\n   Aeris Resources Ltd (1)? 0.")
    assert "1 row waits; worth " in told
    assert "another domain" in told
    (asked,) = abm.json("review")
    assert (asked["candidate"], asked["kind"]) == ("Aeris Resources Ltd", "account")
    assert "--by" in abm("review", "same", 1, code=2)
    assert "there is no user" in abm("review", "same", 1, "--by", "dane", code=1)
    assert abm("review", "same", 1, "--by", "dana") == "1: same, Aeris Resources Ltd (1)\n"
    assert "say one answer" in abm("review", 1, "--same", "--new", "--by", "dana", code=2)
    assert "is answered: same, by dana" in abm("review", 1, "--never", "--by", "dana", code=1)
    assert abm("review") == "nothing to decide\n"


def test_many_questions_are_shown_in_part_and_fit_the_screen(
    abm: Abm, monkeypatch: pytest.MonkeyPatch
):
    people(abm)
    path = abm.project / "a.csv"
    path.write_text("name,website\nAeris Resources Ltd,aeris.com.au\n")
    abm("import", "accounts", path, "--commit")
    rows = [f"AERIS RESOURCES,aeris-{at}.io" for at in range(300)]
    path.write_text("\n".join(["name,website,city", *(f"{row},{'x' * 300}" for row in rows)]))
    abm("import", "accounts", path, "--commit")
    monkeypatch.setenv("COLUMNS", "50")
    told = abm("review")
    assert "more are open: --limit 200\n" in told
    assert max(map(len, told.splitlines()[:-2])) <= 50
    assert told.count("Aeris Resources Ltd (1)?") == 20
    assert len(abm.json("review", "--limit", 1_000)) == 300
    assert abm.json("review") == abm.json("review")
    done = abm("review", *range(1, 8), "--never", "--by", "dana")
    assert len(done.splitlines()) == 7


def test_who_somebody_is_is_asked_by_name(abm: Abm):
    people(abm)
    path = abm.project / "a.csv"
    path.write_text("name,website\nNorthwind Bank,northwind.com\n")
    abm("import", "accounts", path, "--commit")
    rows = ["John Stone", "Jane Stone", "J. Stone"]
    path.write_text("\n".join(["name,company", *(f"{one},Northwind Bank" for one in rows)]) + "\n")
    told = abm("import", "contacts", path, "--commit")
    assert "may be Jane Stone: the initial J. fits Jane; John Stone may be meant, too" in told
    assert "   Jane Stone at Northwind Bank (1)? 0.40" in abm("review")
    assert "It is asked again" in abm("review", 1, "--never", "--by", "dana")
    assert "   John Stone at Northwind Bank (1)? 0.80" in abm("review")
    abm("review", 1, "--same", "--by", "dana")
    assert abm("review") == "nothing to decide\n"


# ---------------------------------------------------------------- users


def test_users_are_added_and_listed(abm: Abm):
    assert "nobody yet" in abm("user", "list")
    people(abm)
    assert [one["name"] for one in abm.json("user", "list")] == ["mara", "dana"]
    assert "dana  sales      sdr" in abm("user", "list")
    said = abm("user", "add", "dana", "--team", "sales", "--email", "d@us.example", code=1)
    assert "there is a user dana already" in said
    said = abm("user", "add", "x", "--team", "saless", "--email", "d@us.example", code=1)
    assert "did you mean 'sales'?" in said
    assert "--email" in abm("user", "add", "x", "--team", "sales", code=2)


# ---------------------------------------------------------------- nominate, sign


def test_a_list_goes_from_nomination_to_targets(abm: Abm, file: Path):
    people(abm)
    abm("import", "accounts", file, "--commit")
    assert "no list yet" in abm("nominate")
    told = abm("nominate", "q3", "Northwind Bank", "kelso.com", "--by", "mara", "--evidence",
               "both asked for a demo", "--tier", "1")  # fmt: skip
    assert told.startswith("2 accounts nominated for q3\n")
    assert "no targets yet: sales did not sign" in abm("sign", "q3", "--by", "mara")
    assert "not signed by sales" in abm("nominate", "q3")
    assert "2 new target accounts" in abm("sign", "q3", "--by", "dana")
    shown = abm.json("nominate", "q3")
    assert [one["target"] for one in shown["proposals"]] == [True, True]
    assert [one["by"] for one in shown["signatures"]] == ["mara", "dana"]
    assert "q3           2        2  marketing (mara), sales (dana)" in abm("nominate")
    told = abm("log", "Kelso Insurance")
    assert "tier 1, target" in told
    assert "both teams signed q3" in told


def test_lists_come_from_files_and_segments(abm: Abm, file: Path):
    people(abm)
    abm("import", "accounts", file, "--commit")
    names = abm.project / "names.txt"
    names.write_text("# the two\nnorthwind.com\n\nKelso Insurance plc\n")
    told = abm("nominate", "q3", "--file", names, "--by", "mara", "--evidence", "fair")
    assert told.startswith("2 accounts nominated")
    again = abm("nominate", "q3", "Northwind Bank", "--by", "dana", "--evidence", "again")
    assert "0 accounts nominated for q3; 1 stood on it already" in again
    said = abm("nominate", "q4", "--segment", "banks", "--by", "mara", "--evidence", "x", code=1)
    assert "the agreement has no segment 'banks'" in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nominate", "q3", "Kelzo Insurance plc", "--by", "mara", "--evidence", "x"], 1,
         "did you mean Kelso Insurance plc?"),
        (["nominate", "q3", "kelso.com", "--evidence", "x"], 2, "--by USER"),
        (["nominate", "q3", "kelso.com", "--by", "mara"], 1, "a nomination needs evidence"),
        (["nominate", "q3", "kelso.com", "--by", "mara", "--evidence", "x", "--tier", "9"], 2,
         "--tier"),
        (["nominate", "q3", "--file", "nowhere.txt", "--by", "mara", "--evidence", "x"], 1,
         "cannot be read"),
        (["nominate", "q3"], 1, "`abm nominate` makes one"),
        (["sign", "q3", "--by", "mara"], 1, "there is no list 'q3'"),
        (["sign", "q3"], 2, "--by"),
    ],
)  # fmt: skip
def test_wrong_lists_say_how_to_mend_them(
    abm: Abm, file: Path, words: list[str], code: int, said: str
):
    people(abm)
    abm("import", "accounts", file, "--commit")
    assert said in abm(*words, code=code)


def test_rights_change_end_and_come_back_and_the_log_says_so(abm: Abm):
    people(abm)
    assert "works in leader" in abm("user", "team", "dana", "leader")
    assert "did you mean 'sales'?" in abm("user", "team", "dana", "saless", code=1)
    assert "let in no more" in abm("user", "leave", "dana")
    assert "not active" in abm("user", "link", "dana", code=1)
    assert "may sign in again" in abm("user", "rejoin", "dana")
    assert "there is no provider" in abm("user", "identity", "dana", "--subject", "7", code=1)
    assert "--forget" in abm("user", "identity", "dana", code=2)
    abm("user", "identity", "dana", "--forget")
    told = [one["action"] for one in abm.json("audit", "list")][:4]
    assert told == ["user identity", "user rejoin", "user leave", "user team"]


def test_whom_somebody_lets_in_is_in_the_audit_log(abm: Abm):
    abm("user", "add", "kim", "--team", "sales", "--email", "kim@us.example")
    secret = abm("user", "link", "kim").strip().rpartition("/")[2]
    told = abm.json("audit", "list")
    assert [(one["action"], one["object"], one["via"]) for one in told] == [
        ("user link", "user kim", "cli"),
        ("user add", "user kim", "cli"),
        ("init", "", "cli"),
    ]
    assert secret not in abm("audit", "export")
    head = abm("audit", "verify").rpartition(" ")[2].strip()
    assert head.startswith("4:")  # who took the log out of the house stands in it, too
    assert "4 entries hold together" in abm("audit", "verify", "--head", head)
    assert "no head" in abm("audit", "verify", "--head", "x", code=1)


def test_sessions_are_shown_without_their_secrets_and_ended(abm: Abm):
    people(abm)
    with project.working() as app:
        entry = access.by_link(app.ctx, access.link(app.ctx, "dana"), "Firefox\x1b[2J")
        access.by_link(app.ctx, access.link(app.ctx, "mara"), "Chromium")
    shown = abm("user", "sessions", "dana") + abm("user", "sessions", "dana", "--json")
    assert shown.count("Firefox") == 2
    for hidden in ("Chromium", entry.secret, entry.csrf, "\x1b[2J"):
        assert hidden not in shown
    assert "nowhere any more" in abm("user", "sessions", "DANA", "--end")
    assert abm.json("user", "sessions", "dana") == []
    assert len(abm.json("user", "sessions", "mara")) == 1
    assert abm.json("audit", "list")[0]["action"] == "user sessions"
    assert "no user 'nobody'" in abm("user", "sessions", "nobody", code=1)


def test_an_agency_is_shown_single_accounts_and_they_are_taken_away(abm: Abm, file: Path):
    people(abm)
    abm("user", "add", "ady", "--team", "agency", "--email", "ady@ads.example")
    abm("import", "accounts", file, "--commit")
    assert "nothing: " in abm("user", "shares", "ady")
    said = abm("user", "share", "ady", "--account", "kelso.com", "--addresses")
    assert said == "ady may look at Kelso Insurance plc\n"
    (one,) = abm.json("user", "shares", "ady")
    assert (one["account"], one["playbook"], one["addresses"]) == ("Kelso Insurance plc", "", True)
    assert "sees every account" in abm("user", "share", "dana", "--account", "kelso.com", code=1)
    assert "no playbook" in abm(
        "user", "share", "ady", "--playbook", "x", "--account", "kelso.com", code=1
    )
    assert "--account" in abm("user", "share", "ady", code=2)
    assert abm("user", "unshare", "ady", one["id"]) == "ady may look at it no more\n"
    assert "was not given" in abm("user", "unshare", "ady", one["id"], code=1)
    told = [(line["action"], line["detail"]) for line in abm.json("audit", "list")][:2]
    assert told == [
        ("user unshare", f"share {one['id']}"),
        ("user share", "kelso.com, with addresses"),
    ]
