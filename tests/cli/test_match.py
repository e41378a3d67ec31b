"""Records matched against a workspace or a list, as users type them and adversaries send them."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from accounts.company_names import name_key
from orchestrator.cli import main
from orchestrator.cli.typed import records_of
from orchestrator.settings import load
from orchestrator.store.database import Database
from tests.cli.conftest import Abm
from tests.support import cast
from tests.support.hanging import ends

ACCOUNTS = """account_id,name,domain,country,city
a1,Kelso Insurance plc,kelso.com,GB,London
a2,Aeris Resources Ltd,aeris.com.au,AU,Brisbane
=a3,Zoller Werkzeugbau GmbH,zoller-werkzeugbau.de,DE,Ulm
"""
QUERIES = """query_id,name,domain,email,country,city
q1,KELSO INSURANCE,,,GB,
q2,,www.aeris.com.au/about,,,
q3,,,info@zoller-werkzeugbau.de,,
q4,Quite Another Company,,,FR,
"""


class Lists:
    """Two files and the command on them, in a folder without any project."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.out, self.rejects = folder / "out.csv", folder / "rejects.csv"

    def __call__(
        self,
        queries: str | bytes = QUERIES,
        accounts: str | bytes = ACCOUNTS,
        *more: object,
        code: int = 0,
    ) -> str:
        """Both streams of what it printed."""
        words = ["match"]
        for name, text in (("accounts", accounts), ("queries", queries)):
            file = self.folder / f"{name}.csv"
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
            words += [f"--{name}", str(file)]
        words += ["--out", str(self.out), "--rejects", str(self.rejects), *map(str, more)]
        self.capsys.readouterr()
        ended = main(words)
        out, err = self.capsys.readouterr()
        assert ended == code, f"exit {ended}\n{out}{err}"
        assert "\x1b" not in out + err
        return out + err

    def answers(self) -> list[dict[str, str]]:
        with self.out.open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))

    def rejected(self, name: str = "rejects.csv") -> list[tuple[str, str]]:
        """(line, reason) of each row."""
        with (self.folder / name).open(encoding="utf-8", newline="") as opened:
            return [(row["rejected_line"], row["reason"]) for row in csv.DictReader(opened)]


@pytest.fixture
def lists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Lists:
    monkeypatch.chdir(tmp_path)
    return Lists(tmp_path, capsys)


# ---------------------------------------------------------------- two lists


def test_a_list_is_answered_without_any_project(lists: Lists):
    told = lists()
    assert "4 records against 3 accounts: 3 accept, 0 review, 1 none; " in told
    assert told.endswith(f"a second: see {lists.out}\n")
    answers = lists.answers()
    heads = ["query_id", "account_id", "probability", "verdict", "runner_up", "reasons"]
    assert list(answers[0]) == heads
    assert [(one["query_id"], one["account_id"], one["verdict"]) for one in answers] == [
        ("q1", "a1", "accept"), ("q2", "a2", "accept"), ("q3", "'=a3", "accept"),
        ("q4", "", "none"),
    ]  # fmt: skip
    assert all(0 <= float(one["probability"]) <= 1 and one["reasons"] for one in answers)
    assert "same domain aeris.com.au" in answers[1]["reasons"]
    assert sorted(file.name for file in lists.folder.iterdir()) == [
        "accounts.csv", "out.csv", "queries.csv",
    ]  # fmt: skip


def test_the_summary_counts_verdicts_and_says_how_quick_it_was(lists: Lists):
    found = json.loads(lists(QUERIES, ACCOUNTS, "--json"))
    assert found["verdicts"] == {"accept": 3, "review": 0, "none": 1}
    assert (found["accounts"], found["records"], found["rejected"]) == (3, 4, 0)
    assert found["records_per_second"] > 0
    assert 0 < found["seconds"] < 60
    assert found["out"] == str(lists.out)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace(",", ";").encode("cp1252"),
        lambda text: ("sep=\t\r\n" + text.replace(",", "\t").replace("\n", "\r\n")).encode(),
    ],
    ids=["UTF-16", "UTF-8 with a mark", "semicolons in CP1252", "Excel with tabs"],
)
def test_any_encoding_and_delimiter_is_read(lists: Lists, encode: Callable[[str], bytes]):
    queries = QUERIES + "q5,Zöller Werkzeugbau,,,DE,\n"
    lists(encode(queries), encode(ACCOUNTS))
    assert [one["account_id"] for one in lists.answers()] == ["a1", "a2", "'=a3", "", "'=a3"]


def test_headers_are_known_by_other_names(lists: Lists):
    told = lists(
        "Query ID;Firma;Land\nq1;Kelso Insurance;GB\n",
        "Salesforce ID,Company Name,Webseite\n001,Kelso Insurance plc,https://kelso.com\n",
    )
    assert "note" not in told
    assert [(one["query_id"], one["account_id"]) for one in lists.answers()] == [("q1", "001")]


def test_a_list_without_ids_is_answered_by_line_and_says_so(lists: Lists):
    told = lists("company\nKelso Insurance\n", "name\nAeris Resources\nKelso Insurance plc\n")
    assert "no column is the query_id: the line stands for it" in told
    assert [(one["query_id"], one["account_id"]) for one in lists.answers()] == [("2", "3")]


def test_a_query_id_that_stands_twice_is_answered_twice(lists: Lists):
    lists("query_id,name\nq,Kelso Insurance\nq,Aeris Resources\n")
    assert [(one["query_id"], one["account_id"]) for one in lists.answers()] == [
        ("q", "a1"), ("q", "a2"),
    ]  # fmt: skip


def test_rows_that_say_nothing_are_rejected_with_line_and_reason(lists: Lists):
    told = lists(
        'query_id,name,domain\nq1,Kelso Insurance,\n,,\nq2,,\n,Aeris,\nq3,a,b,c\nq4,"open,\n',
        ACCOUNTS + "a4,,,FR,Paris\n",
    )
    assert "5 rows rejected, first line 3, because the row is empty: see " in told
    assert lists.rejected() == [
        ("3", "the row is empty"),
        ("4", "it has neither name nor domain nor e-mail"),
        ("5", "it has no query_id"),
        ("6", "4 cells, the header has 3"),
        ("7", "a quote is opened and never closed; double a quote that belongs to the text"),
    ]
    assert lists.rejected("rejects.accounts.csv") == [
        ("5", "it has neither name nor domain nor e-mail")
    ]
    assert [one["query_id"] for one in lists.answers()] == ["q1"]


def test_rejects_can_be_mended_and_given_again(lists: Lists):
    lists("query_id,name\n,Kelso Insurance\n")
    lists(lists.rejects.read_text("utf-8").replace('"2","it has no query_id",""', '"","","q9"'))
    assert [(one["query_id"], one["account_id"]) for one in lists.answers()] == [("q9", "a1")]


def test_no_cell_of_the_answer_runs_as_a_formula(lists: Lists):
    bad = ["=cmd|' /C calc'!A0", "+SUM(A1)", "@x", "-2+3", "\uff1dHYPERLINK(1)"]
    rows = "".join(f'"{one}","{one}"\n' for one in bad)
    lists(f"query_id,name\n{rows}", f"account_id,name\n{rows}")
    with lists.out.open(encoding="utf-8", newline="") as opened:
        cells = [cell for row in csv.reader(opened) for cell in row]
    assert len(lists.answers()) == len(bad)
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "@", "-", "\uff1d"}]


NASTY = {
    "10 kB of one word": "x" * 10_000,
    "10 kB of words": "kelso insurance " * 640,
    "10 kB of brackets": "(" * 10_000,
    "10 kB of commas": "kelso; " * 1_500,
    "10 kB of marks": "é\u0301" * 5_000,
    "NUL": "Kelso\0 Insurance",
    "a lone surrogate": "Kelso \ud800Insurance",
    "marks of direction": "\u202eKelso\u200f Insurance\u202c",
    "a formula": "=HYPERLINK(1)",
    "nothing but signs": "!!! --- ???",
    "an emoji": "\U0001f600",
}


@pytest.mark.parametrize("name", NASTY.values(), ids=list(NASTY))
def test_no_text_breaks_a_list_or_is_slow(lists: Lists, name: str):
    data = f'query_id,name\nq0,Kelso Insurance\nq1,"{name}"\n'.encode("utf-8", "surrogatepass")
    found = json.loads(lists(data, ACCOUNTS, "--json").partition("\n}")[0] + "\n}")
    assert found["records"] + found["rejected"] == 2
    assert found["seconds"] < 1
    assert lists.answers()[0]["account_id"] == "a1"


@pytest.mark.parametrize("name", ["NUL", "marks of direction"])
def test_marks_that_nobody_sees_change_no_answer(lists: Lists, name: str):
    lists(f'query_id,name\nq,"{NASTY[name]}"\n')
    assert [one["account_id"] for one in lists.answers()] == ["a1"]


def test_a_list_of_no_rows_is_an_answer_of_no_rows(lists: Lists):
    assert "0 records against 3 accounts" in lists("query_id,name\n")
    assert lists.answers() == []
    assert "1 record against 0 accounts" in lists("query_id,name\nq,Kelso\n", "account_id,name\n")
    assert [one["verdict"] for one in lists.answers()] == ["none"]


@pytest.mark.parametrize(
    ("queries", "accounts", "why"),
    [
        ("", ACCOUNTS, "queries.csv: the file is empty"),
        (QUERIES, " \n\n", "accounts.csv: the file is empty"),
        ("query_id\nq1\n", ACCOUNTS, "queries.csv: no column names a company: query_id"),
        ("query_id,nmae\nq1,x\n", ACCOUNTS, "did you mean 'name' by 'nmae'?"),
        ("q1,Kelso Insurance,kelso.com\n", ACCOUNTS, "the first line has to name the columns"),
        (QUERIES, "account_id,name\nx,A\ny,B\nx,C\n", "lines 2 and 4 both have the account_id 'x'"),
        (b"PK\x03\x04rest", ACCOUNTS, "queries.csv: this is a spreadsheet"),
        ("\ufeff".encode("utf-16") + b"\0", ACCOUNTS, "queries.csv: the file"),
    ],
)
def test_what_is_no_list_is_refused_in_a_line(
    lists: Lists, queries: str | bytes, accounts: str, why: str
):
    lists.out.write_text("as it was", "utf-8")
    told = lists(queries, accounts, code=1)
    assert why in told
    assert len([line for line in told.splitlines() if line.startswith("error: ")]) == 1
    assert lists.out.read_text("utf-8") == "as it was"
    assert not list(lists.folder.glob(".*"))


def test_files_that_cannot_be_used_are_named(lists: Lists):
    lists()
    words = ["--accounts", "accounts.csv", "--queries", "queries.csv", "--out"]
    for changed, why in (
        ([*words[:1], "nowhere.csv", *words[2:], "o.csv"], "nowhere.csv cannot be read: No such"),
        ([*words, "no/such/o.csv"], "no/such/o.csv cannot be written: No such"),
        ([*words, "."], ". cannot be written: Is a directory"),
        ([*words, "queries.csv"], "queries.csv would be written over another file"),
        ([*words, "o.csv", "--rejects", "./accounts.csv"], "would be written over another file"),
    ):
        assert main(["match", *changed]) == 1
        assert why in lists.capsys.readouterr().err
    assert (lists.folder / "queries.csv").read_text("utf-8") == QUERIES
    assert not list(lists.folder.glob(".*"))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--accounts", "a.csv"],
        ["Kelso", "--out", "o.csv"],
        ["Kelso", "--accounts", "a.csv", "--queries", "q.csv", "--out", "o.csv"],
        ["--queries", "q.csv", "--out", "o.csv"],
    ],
)
def test_half_a_command_is_wrong_usage(lists: Lists, words: list[str]):
    assert main(["match", *words]) == 2
    assert "say either records, or lists" in lists.capsys.readouterr().err


def _all_of(terminal: int) -> str:
    """Everything that is written to a terminal until nobody has it open any more."""
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while more := os.read(terminal, 65_536):
            shown += more
    return shown.decode()


def test_a_terminal_sees_a_bar_and_the_answer_stays_clean(lists: Lists):
    lists()
    ours, theirs = pty.openpty()
    run = "import sys; from orchestrator.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", run]
    words = ["match", "--accounts", "accounts.csv", "--queries", "queries.csv", "--out", "o.csv"]
    env = os.environ | {"TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[2])}
    with ThreadPoolExecutor(1) as reader:
        # A terminal holds a few kilobytes, and who shows a bar waits for whoever reads it.
        shown_later = reader.submit(_all_of, ours)
        ran = subprocess.run(
            [*command, *words], cwd=lists.folder, stdout=subprocess.PIPE, stderr=theirs, env=env,
            check=False, timeout=60,
        )  # fmt: skip
        os.close(theirs)
        shown = shown_later.result(timeout=60)
    os.close(ours)
    assert ran.returncode == 0, shown
    assert "matching queries.csv" in shown
    assert b"\x1b" not in ran.stdout


def test_a_pipe_takes_the_answer_as_it_comes(lists: Lists):
    lists()
    run = "import sys; from orchestrator.cli import main; sys.exit(main())"
    words = ["match", "--accounts", "accounts.csv", "--queries", "/dev/stdin", "--json"]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run(
        [sys.executable, "-c", run, *words, "--out", "/dev/stderr"], cwd=lists.folder,
        input="query_id,name\nq,Kelso Insurance\n", capture_output=True, text=True, env=env,
        check=True, timeout=60,
    )  # fmt: skip
    assert json.loads(ran.stdout)["records"] == 1
    assert ran.stderr.startswith("query_id,account_id,")
    assert "\nq,a1,0.9" in ran.stderr


# ---------------------------------------------------------------- the workspace


@pytest.fixture
def known(abm: Abm) -> Abm:
    """Three accounts."""
    database = Database(load(abm.project).database_url)
    with database.writing() as session:
        for name, domain in (
            ("Kelso Insurance plc", "kelso.com"),
            ("Aeris Resources Ltd", "aeris.com.au"),
            ("Zoller Werkzeugbau GmbH", ""),
        ):
            cast.company(session, name, domain=domain, name_key=name_key(name).core)
    database.dispose()
    return abm


def test_a_record_is_told_with_its_account_and_why(known: Abm):
    told = known("match", "Kelso Insurance")
    assert told.startswith("accept  Kelso Insurance plc (1), 0.9")
    assert "because same name as 'Kelso Insurance plc'" in told
    told = known("match", "Nobody We Know")
    assert told.startswith("none  no account, 0.")
    assert "because " in told


def test_each_word_is_a_record_and_pairs_go_together(known: Abm):
    found = known.json(
        "match", "Kelso Insurance", "aeris.com.au", "someone@kelso.com",
        "name=Zoller Werkzeugbau, country=DE", "firma=Kelso Insurance", "country=GB",
    )  # fmt: skip
    assert [one["account_id"] for one in found] == [1, 2, 1, 3, 1]
    assert [one["verdict"] for one in found] == ["accept"] * 5
    assert found[4]["record"]["country"] == "GB"
    assert all(0 < one["probability"] <= 1 and one["reasons"] for one in found)


def test_what_contradicts_itself_is_for_a_person(known: Abm):
    [one] = known.json("match", "name=Zoller Werkzeugbau, domain=kelso.com")
    assert one["verdict"] == "review"
    assert one["account"]


@pytest.mark.parametrize("name", NASTY.values(), ids=list(NASTY))
def test_no_word_breaks_the_command_or_takes_for_ever(known: Abm, name: str):
    with ends():
        [one] = known.json("match", f"name={name}")
    assert one["verdict"] in {"accept", "review", "none"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nmae=Kelso"], "'nmae' is no field"),
        (["contry=GB"], "did you mean 'country'?"),
        (["name=Kelso, tier=1"], "'tier' is no field (allowed: name, website"),
        ([""], "an empty record names no company"),
        (["\u202e"], "an empty record names no company"),
        (["country=GB", "city=Ulm"], "country=GB, city=Ulm names no company"),
        (["name="], "an empty record names no company"),
    ],
)
def test_what_is_no_record_is_refused(known: Abm, words: list[str], why: str):
    told = known("match", *words, code=1)
    assert why.partition(" (")[0] in told
    assert why.partition(" (")[2] in told


def test_a_name_may_hold_commas_dots_and_signs():
    names = ["Smith, Jones & Co., Ltd", "e.on", "E = mc2 GmbH?", "St. Gallen AG", "3M Co.", "=x"]
    for name in names[:2] + names[3:]:
        assert [one.name for one in records_of([name])] == [name]
    [one] = records_of(["name=Smith, Jones, Ltd; domain=smith.example"])
    assert (one.name, one.website) == ("Smith, Jones, Ltd", "smith.example")
    assert [one.name for one in records_of([f"name={names[2]}"])] == [names[2]]


def test_words_of_fields_go_with_the_record_before_them():
    found = records_of(["name=a", "name=b", "email=c@c.example", "d", "country=FR", "name=e"])
    assert [(one.name, one.email, one.country) for one in found] == [
        ("a", "", ""), ("b", "c@c.example", ""), ("d", "", "FR"), ("e", "", ""),
    ]  # fmt: skip


def test_a_workspace_without_accounts_knows_nobody(abm: Abm):
    [one] = abm.json("match", "Kelso Insurance")
    assert (one["verdict"], one["account_id"], one["runner_up_id"]) == ("none", None, None)


def test_what_was_merged_away_is_the_account_that_it_lives_on_in(known: Abm):
    known("user", "add", "dana", "--team", "sales", "--email", "dana@us.example")
    known("merge", 1, 3, "--by", "dana")
    assert [one["account_id"] for one in known.json("match", "Zoller Werkzeugbau")] == [1]


# ---------------------------------------------------------------- families, phones, settings

FAMILY = """account_id,name,domain,parent_id,phone
p,Kelso Group plc,kelso.com,,+442079460000
c,Kelso Robotics GmbH,kelso.com,p,
n,Kelso Textiles Ltd,,kelso group plc,
x,Umbra Optics,umbra.com,nobody,
"""
LEADS = """query_id,name,domain,phone
1,,kelso.com,
2,Kelso Textiles,kelso.com,
3,,,020 7946 0000
"""


def test_a_list_knows_families_and_phones(lists: Lists):
    lists(LEADS, FAMILY)
    found = {row["query_id"]: row for row in lists.answers()}
    assert [(one["verdict"], one["account_id"]) for one in found.values()] == [
        ("accept", "c"), ("accept", "n"), ("review", "p"),
    ]  # fmt: skip
    assert "'Kelso Robotics GmbH' is a child of 'Kelso Group plc'" in found["1"]["reasons"]


def test_in_a_project_its_settings_hold_for_lists_too(lists: Lists):
    (lists.folder / "abm.toml").write_text("[matching]\nroll_up = 'parent'\n", "utf-8")
    lists(LEADS, FAMILY)
    assert lists.answers()[0]["account_id"] == "p"
    (lists.folder / "abm.toml").write_text("[matching]\nroll_up = 'parnt'\n", "utf-8")
    assert "'child', 'parent' or 'ask'" in lists(LEADS, FAMILY, code=1)
